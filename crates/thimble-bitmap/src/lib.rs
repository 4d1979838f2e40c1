//! BMP and the icons of Windows, row by row.
//!
//! Both hold device-independent bitmaps: a BMP one with a file header before it, an icon
//! several with a mask behind each, any of which may be a whole PNG instead. Rows are handed
//! out from the top, so that a caller who averages them never has them all.
//!
//! | | |
//! |---|---|
//! | headers | of OS/2 and of Windows, all versions |
//! | pixels | 1, 2, 4 and 8 bits with a palette, runs of 4 and 8 bits, 16, 24 and 32 bits, with masks or without |
//! | alpha | where the header announces it, or an icon has it; else the mask of an icon |
//! | icons | ICO and CUR: the largest picture; a PNG is handed out as bytes ([`Icon::Png`]) |
//! | profile | handed out as bytes, not applied |
//! | calibration, linked profiles | named, not handed out ([`Overlooked`]) |
//! | JPEG or PNG within a BMP, runs of 24 bits | refused by name |
//!
//! ```
//! use thimble_bitmap::{Bitmap, Error};
//!
//! // One pixel of 24 bits, behind the headers of OS/2.
//! let source = [
//!     b"BM\0\0\0\0\0\0\0\0\x1a\0\0\0".as_slice(),
//!     b"\x0c\0\0\0\x01\0\x01\0\x01\0\x18\0",
//!     &[10, 20, 30, 0],
//! ]
//! .concat();
//! let bitmap = Bitmap::of_file(&source)?;
//! assert_eq!((bitmap.width, bitmap.height), (1, 1));
//! let mut colors = Vec::new();
//! let is_whole = bitmap.rows(|pixels, there| {
//!     colors.extend(pixels[..there].iter().map(|[red, green, blue, _]| [*red, *green, *blue]));
//!     Ok::<(), Error>(())
//! })?;
//! assert!(is_whole);
//! assert_eq!(colors, [[30, 20, 10]]);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits
//!
//! Reading a header allocates a palette of 256 colors at most: check the sides that it claims
//! before [`Bitmap::rows`], which needs memory for a row, or for a byte of each pixel if
//! there are runs.
//!
//! # Errors
//!
//! [`Error`], if a header cannot be read or there is no pixel at all. Of a file that is cut
//! off, the pixels that are there can be had.
//!
//! The fuzz targets are `bmp` and `ico`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod bitmap;
mod error;
mod file;
mod header;
mod icon;

pub use bitmap::Bitmap;
pub use error::{Error, Overlooked};
pub use file::is_bmp;
pub use icon::{Icon, is_icon};
