//! AVIF, decoded a row of tiles at a time.
//!
//! [`thimble_heif`] finds the tiles of a picture and of its alpha, and [`thimble_av1`] decodes
//! each of them. Here they are put together, color differences become red, green and blue, and
//! rows are handed out as they come, so that no more than a row of tiles is held.
//!
//! | | |
//! |---|---|
//! | depths | 8, 10 and 12 bits, handed out in 8 or 16 |
//! | color differences | halved ones are interpolated, within a tile |
//! | matrices | those of ITU-T H.273 that do not depend on more than a pixel, identity and YCgCo |
//! | range | full and limited |
//! | alpha | divided out if colors were multiplied by it |
//! | profiles, primaries, transfers | handed out, not applied |
//! | turns, crops | the crop is applied, the turn is left to the caller |
//!
//! ```
//! use thimble_avif::Image;
//! use thimble_heif::{Coded, Picture};
//!
//! fn brightest(source: &[u8]) -> Result<u8, Box<dyn std::error::Error>> {
//!     let picture = Picture::read(source, Coded::Av1)?;
//!     // Check the sides before this.
//!     let mut image = Image::open(&picture, false)?;
//!     let mut brightest = 0;
//!     image.rows(|row| {
//!         brightest = row.samples.iter().copied().fold(brightest, u8::max);
//!         Ok::<(), thimble_avif::Error>(())
//!     })?;
//!     Ok(brightest)
//! }
//! assert!(brightest(b"no picture").is_err());
//! ```
//!
//! # Limits
//!
//! [`Image::open`] decodes a row of tiles, as large as [`Picture`](thimble_heif::Picture) says
//! they are: check that before, and [`held_a_pixel`]. A tile of another size is none.
//!
//! # Errors
//!
//! [`Error`], if none of the first tiles can be decoded or colors are not known. Other tiles
//! that are damaged are gaps of their rows.
//!
//! No bench: nearly all of the time is spent by another project's decoder. The fuzz target is
//! `avif`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod colors;
mod error;
mod image;
mod memory;
mod mosaic;
mod stretch;

pub use colors::Sample;
pub use error::Error;
pub use image::Image;
pub use memory::held_a_pixel;
