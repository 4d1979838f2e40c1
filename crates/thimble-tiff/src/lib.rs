//! TIFF, as it is written rather than as it is specified, and what else is made of its
//! directories: camera raw files, and the orientation in EXIF.
//!
//! The directory is read here rather than by a crate because so much of the format is
//! optional: the common viewers accept more than the specification has. A page is read band
//! by band, a row of strips or tiles each, and its rows are handed out as they come, so that
//! a caller who averages them never has them all.
//!
//! | | |
//! |---|---|
//! | dialects | TIFF and BigTIFF, in both orders of bytes; the first page |
//! | storage | strips and tiles, planes together or apart, 1 to 64 bits a sample, integers and floating point |
//! | compressions | none, PackBits, LZW (of old, too), Deflate, fax of groups 3 and 4, JPEG (of old, too) |
//! | colors | gray, palettes, RGB, YCbCr, CIE L\*a\*b\*, CMYK, alpha |
//! | profile | handed out as bytes, not applied: rows of [`Colors::Cmyk`] are inks |
//! | depth | rows of 8 bits, or of 16 where a profile has a use for them ([`Page::deep_rows`]) |
//! | [`raw`] | the largest JPEG in a file of nine makers |
//! | [`exif`] | the orientation |
//!
//! ```
//! use thimble_tiff::{Colors, Error, Header, Page};
//!
//! // Two gray pixels at the end of a directory of five entries.
//! let mut source = b"II*\0\x08\0\0\0\x05\0".to_vec();
//! for (tag, value) in [(256, 2), (257, 1), (258, 8), (262, 1), (273, 74_u32)] {
//!     source.extend([u16::to_le_bytes(tag), [4, 0], [1, 0], [0, 0]].concat());
//!     source.extend(value.to_le_bytes());
//! }
//! source.extend([0, 0, 0, 0, 10, 200]);
//!
//! let header = Header::read(&source)?;
//! assert_eq!((header.width, header.height, header.pages()), (2, 1, 1));
//! let mut page = Page::open(&header, 1_000_000)?;
//! assert_eq!(page.colors(), Colors::Gray);
//! let mut rows = Vec::new();
//! let is_whole = page.rows(|row| {
//!     rows.extend_from_slice(row.samples);
//!     Ok::<(), Error>(())
//! })?;
//! assert!(is_whole);
//! assert_eq!(rows, [10, 200]);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits
//!
//! [`Header::read`] allocates a list of the entries that the file has room for: check the
//! sides that it claims before [`Page::open`], which needs memory for a strip or a tile, or
//! for a row of tiles. Those may take 512 MB, and all of them together have no more pixels
//! than the caller allows. A page has 200,000 strips or tiles at most, a pixel 32 samples;
//! compressed bytes are read for a few times the length of the file. JPEG 2000, Zstandard
//! and other compressions of later years are refused by name.
//!
//! # Errors
//!
//! [`Error`] says what a caller can do. Damage costs the strip or tile that it is in: its
//! pixels are gaps of their rows, and an error is left for a page without any. A page that
//! stands for another one has a [`Warning`].
//!
//! # The way through the files
//!
//! `directory` looks up the values of a `tag`, and `layout` checks how samples are stored.
//! `extents` finds the bytes of strips and tiles, `chunk` decompresses them (`fax` and `jpeg`
//! have files of their own, `compression` names what is not decoded), `sample` and `convert` make colors of them (`ycbcr`, `lab`),
//! and `page` puts their rows together. `sensor` tells camera raw files from others.
//!
//! The fuzz targets are `tiff` and `raw`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod chunk;
mod colors;
mod compression;
mod convert;
mod directory;
mod error;
pub mod exif;
mod extents;
mod fax;
mod header;
mod inflated;
mod jpeg;
mod lab;
mod layout;
mod page;
pub mod raw;
mod sample;
mod sensor;
mod tag;
mod ycbcr;

pub use colors::Colors;
pub use error::{Error, Warning};
pub use header::{Header, is_tiff};
pub use page::Page;
pub use thimble_picture::Row;
