//! Pictures that are little more than their pixels: those of Netpbm, and TGA.
//!
//! Programs write them for other programs, and games and scanners for people. Rows are handed
//! out from the top, so that a caller who averages them never has them all.
//!
//! | | |
//! |---|---|
//! | Netpbm | bitmaps, graymaps, pixmaps and arbitrary maps, as text and as bytes; samples of any size up to 16 bits |
//! | TGA | palettes of 15 to 32 bits, colors of 15 to 32 bits, grays with and without alpha; in runs or not; from each of the four corners |
//! | alpha | of Netpbm's arbitrary maps; of a TGA, where its pixels have room for one that is not 0 everywhere, and its extension does not take it back |
//! | frames | the first picture of a file of Netpbm |
//! | colors | taken for sRGB by a caller: nothing in these files describes them |
//!
//! ```
//! use thimble_plain::{Error, Netpbm};
//!
//! let picture = Netpbm::read(b"P2 2 1 15 0 15")?;
//! assert_eq!((picture.width, picture.height, picture.channels), (2, 1, 1));
//! let mut samples = Vec::new();
//! let is_whole = picture.rows(|row| {
//!     samples.extend_from_slice(row.samples);
//!     Ok::<(), Error>(())
//! })?;
//! assert!(is_whole);
//! assert_eq!(samples, [0, 255]);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits
//!
//! A header allocates nothing: check the sides that it claims before the rows, which need
//! memory for one of them, or for all pixels of a TGA if they are in runs.
//!
//! # Errors
//!
//! [`Error`], if a header cannot be read or there is no pixel at all. Of a file that is cut
//! off, the pixels that are there can be had.
//!
//! No bench: nothing is computed here. The fuzz targets are `netpbm` and `tga`, in `fuzz/` of
//! the repository.

#![forbid(unsafe_code)]

mod error;
mod line;
mod pnm;
mod tga;

pub use error::Error;
pub use pnm::{Netpbm, is_netpbm};
pub use tga::{Targa, is_targa};
