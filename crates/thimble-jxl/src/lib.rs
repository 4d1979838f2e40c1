//! JPEG XL, read for thumbnails: its header, and the pixels of its first frame.
//!
//! The pixels are those of the crate `jxl`, the decoder of the makers of the format. Here it
//! is asked for as few bytes a pixel as will do, and for the pixels that are there if a file
//! ends early; and the header is read before it has allocated anything.
//!
//! | | |
//! |---|---|
//! | files | bare codestreams, and boxes |
//! | pictures | lossy and lossless, progressive or not, and JPEGs that were packed again |
//! | samples | integers and floats, handed out in 8 bits or 16 |
//! | colors | gray, RGB and CMYK; profiles and code points are handed out, not applied |
//! | alpha | not premultiplied; of several the first |
//! | frames | counted; the first is decoded, with all its layers |
//! | turns | left to the caller |
//!
//! ```
//! use thimble_jxl::{Depth, Header, Image};
//!
//! fn brightest(source: &[u8]) -> Result<u8, thimble_jxl::Error> {
//!     let header = Header::read(source)?;
//!     // Check the sides before this.
//!     let samples = header.width as usize * header.height as usize * 4;
//!     let image = Image::open(source, samples)?;
//!     let pixels = image.decode(Depth::Eight)?;
//!     Ok(pixels.row(0).iter().copied().max().unwrap_or(0))
//! }
//! assert!(brightest(b"no picture").is_err());
//! ```
//!
//! # Limits
//!
//! [`Header::read`] allocates next to nothing, unless the file is an animation: then its profile
//! is read as well, which may be of 256 MB. [`Image::open`] takes the most samples that a frame
//! may have, all channels included.
//!
//! # Errors
//!
//! [`Error`], if no pixel can be had. The decoder has assertions; one that fails is a panic.
//!
//! The decoder computes in floating point, without fused multiplications and in vectors of
//! four numbers, on every machine that has SSE 4.2 or the vectors of WebAssembly: that it
//! gives the same bytes there is tested, and not promised.
//!
//! No bench: nearly all of the time is spent by another project's decoder. The fuzz target is
//! `jxl`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod bits;
mod container;
mod error;
mod header;
mod image;
mod pixels;

use jxl::api::{AlphaMode, JxlDecoderOptions, ProfileLevel};

pub use container::is_jxl;
pub use error::Error;
pub use header::Header;
pub use image::{Colors, Depth, Image, Profile};
pub use pixels::Pixels;

/// Options of the decoder, for frames of at most so many samples.
fn options(most_samples: usize) -> JxlDecoderOptions {
    let mut options = JxlDecoderOptions::default();
    options.adjust_orientation = false;
    options.alpha_mode = AlphaMode::Unpremultiplied;
    options.max_profile_level = ProfileLevel::Main10;
    // The decoder refuses what has exactly as many.
    options.sample_limit = Some(most_samples.saturating_add(1));
    options
}
