//! Lossy WebP, read and written for thumbnails: key frames of VP8 (RFC 6386), in the
//! planes of luma and color differences that they are stored in.
//!
//! Decoding ([`decode`]) never makes a picture of full size if a smaller one is
//! wanted: each row of macroblocks is reduced while it is in the cache. Both
//! directions are integer arithmetic and depend on nothing but their arguments.
//!
//! | | |
//! |---|---|
//! | read | the frame of an opaque still picture, whole or at a half, a quarter or an eighth |
//! | written | such frames, of quality 1 to 100, sides up to [`MAX_SIDE`] |
//! | container | [`container`]: finds a frame that this codec can read, and writes chunks |
//! | cut off | the rows there are, of [`lossless`] pictures as well |
//! | lossless, transparent | whole ones by [`still`], which leaves them to a crate that knows all of WebP |
//! | animated | the first frame, as a [`layer`] on its canvas |
//!
//! ```
//! use thimble_picture::{Model, Picture, Plane};
//! use thimble_webp::{Detail, decode, encode};
//!
//! let gray = Plane {
//!     channels: 1,
//!     width: 64,
//!     height: 48,
//!     extent: (64.0, 48.0),
//!     samples: vec![200; 64 * 48],
//! };
//! let picture = Picture { model: Model::Gray, planes: vec![gray] };
//! let frame = encode(&picture, 80).ok_or("too large for the format")?;
//!
//! let small = decode(&frame, Detail::for_size((16, 12), (64, 48)))?;
//! assert_eq!(small.model, Model::Ycbcr);
//! assert_eq!(small.planes[0].extent, (16.0, 12.0));
//! assert!(small.planes[0].samples[0].abs_diff(200) < 3);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Limits
//!
//! A frame says its sides in its first ten bytes: check them before [`decode`], which
//! needs memory for the planes at the size that is wanted, and for one row of
//! macroblocks at full size.
//!
//! # Errors
//!
//! [`Damage`] names the reason for which a frame cannot be decoded. Of a frame that is
//! cut off [`decode_partly`] gives the rows there are.
//!
//! The fuzz targets are `webp` and `webp_encode`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod boolean_reader;
pub mod container;
mod decoder;
mod encoder;
mod header;
mod interval;
pub mod layer;
mod loop_filter;
pub mod lossless;
mod macroblock;
mod modes;
mod pair;
mod planes;
mod predict;
mod probabilities;
mod quantizer;
mod range;
mod reconstruct;
mod residue;
mod square;
pub mod still;
mod tables;
mod transform;
mod upsample;

use std::fmt::{self, Display, Formatter};
use std::iter;

use thimble_picture::{Model, Picture};

pub use container::opaque_frame;
pub use decoder::Detail;
pub use encoder::{MAX_SIDE, Prepared, encode};
pub use planes::Reduction;

/// A reason for which a frame cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// The data ends before the picture does.
    Truncated,
    /// The data does not begin with a key frame of VP8.
    NoKeyFrame,
    /// The picture has no pixels.
    Empty,
}

impl Display for Damage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Truncated => "the data ends before the picture does",
            Damage::NoKeyFrame => "the picture is not a key frame of VP8",
            Damage::Empty => "the picture has no pixels",
        })
    }
}

impl std::error::Error for Damage {}

/// Decodes a frame, as found in a `VP8 ` chunk, into planes of full range. At
/// full scale color differences have the resolution of luma.
///
/// # Errors
///
/// If the frame is damaged or cut off.
pub fn decode(frame: &[u8], detail: Detail) -> Result<Picture, Damage> {
    match decode_partly(frame, detail)? {
        (picture, true) => Ok(picture),
        (_, false) => Err(Damage::Truncated),
    }
}

/// Decodes as much of a frame as there is, and tells a whole picture from one that is no
/// higher than the rows there are.
///
/// # Errors
///
/// If there are none.
pub fn decode_partly(frame: &[u8], detail: Detail) -> Result<(Picture, bool), Damage> {
    let frame = decoder::decode_frame(frame, detail)?;
    let size = (usize::from(frame.width), usize::from(frame.height));
    let [mut luma, mut blue, mut red] = frame.planes;
    range::expand_luma(&mut luma.samples);
    range::expand_chroma(&mut blue.samples);
    range::expand_chroma(&mut red.samples);
    let luma = luma.into_plane(size, 1);
    let differences = [blue, red].map(|plane| {
        let plane = plane.into_plane(size, 2);
        if detail.is_full() {
            upsample::double(&plane, size)
        } else {
            plane
        }
    });
    let picture = Picture {
        model: Model::Ycbcr,
        planes: iter::once(luma).chain(differences).collect(),
    };
    Ok((picture, frame.is_whole))
}

/// Width and height of a frame, if it begins as one.
#[must_use]
pub fn dimensions(frame: &[u8]) -> Option<(u32, u32)> {
    let tag = header::FrameTag::read(frame).ok()?;
    Some((tag.width.into(), tag.height.into()))
}
