//! Decoded pictures: planes of 8-bit samples.
//!
//! Every decoder ends in a [`Picture`] and every encoder begins with one, so that
//! the work between them (turning, resizing, cropping, padding) is written once,
//! plane by plane, whatever the color model. The crate depends on nothing: it is
//! what codecs and engine share.
//!
//! | model | planes | channels of a plane |
//! |---|---|---|
//! | [`Model::Gray`] | luma | 1 |
//! | [`Model::Rgb`] | pixels | 3 |
//! | [`Model::Rgba`] | pixels, color not premultiplied | 4 |
//! | [`Model::Ycbcr`] | luma, blue difference, red difference | 1 each |
//!
//! [`within`] searches for the quality of a file that may not be large, for any encoder.
//! [`orient`] turns a picture upright, and [`from_ycbcr`] is the color of a pixel. A decoder that holds no picture as a whole hands
//! out each [`Row`] as it comes.
//!
//! A plane may store more samples than the picture has, whole blocks for example,
//! and color differences may be sampled more coarsely than luma:
//!
//! ```
//! use thimble_picture::Plane;
//!
//! // Color differences of a picture 5 pixels wide, at half of its resolution, as
//! // a codec stores them: in blocks of four samples.
//! let plane = Plane {
//!     channels: 1,
//!     width: 4,
//!     height: 4,
//!     extent: (2.5, 1.0),
//!     samples: vec![128; 16],
//! };
//! assert_eq!(plane.covered(), (3, 1));
//! ```
//!
//! # Limits
//!
//! Samples have 8 bits; [`narrow`] rounds 16 bits to them. Nothing here fails, and
//! nothing checks that a plane holds as many samples as it says: whoever makes one
//! does.
//!
//! No bench and no fuzz target: the crate is a type, with a few lines of arithmetic
//! that the benches and the targets of every codec run through.

#![forbid(unsafe_code)]

pub mod orient;
mod search;

use std::ops::Range;

pub use search::within;

/// Meaning of the samples of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// One plane of one channel: luma.
    Gray,
    /// One plane of three interleaved channels.
    Rgb,
    /// One plane of four interleaved channels; color is not premultiplied.
    Rgba,
    /// Three planes of one channel each, full range as in JFIF. The two planes
    /// of color differences may have fewer samples than luma has.
    Ycbcr,
}

/// A rectangle of samples that covers a picture, or nearly: a decoder may store
/// more samples than the picture has (whole blocks), and color differences may
/// be sampled more coarsely.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Interleaved channels of a sample: 1, 3 or 4.
    pub channels: usize,
    /// Samples in a stored row.
    pub width: usize,
    /// Stored rows.
    pub height: usize,
    /// Columns and rows of samples that cover the picture exactly. A picture 5
    /// pixels wide with color differences at half the resolution has an extent of
    /// 2.5 and a width of at least 3.
    pub extent: (f64, f64),
    /// `width * height * channels` bytes, row by row.
    pub samples: Vec<u8>,
}

/// A picture, decoded at full size or at a fraction of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Meaning of the samples.
    pub model: Model,
    /// One plane, or three for [`Model::Ycbcr`].
    pub planes: Vec<Plane>,
}

impl Plane {
    /// Columns and rows of samples that the picture needs: the extent, rounded up.
    /// Samples stored beyond them belong to no pixel.
    #[must_use]
    pub fn covered(&self) -> (usize, usize) {
        let (columns, rows) = self.extent;
        (
            (columns.ceil() as usize).min(self.width),
            (rows.ceil() as usize).min(self.height),
        )
    }
}

/// A row of a picture, as a decoder hands it out.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r, S> {
    /// The samples of its pixels; none if the row is not there at all.
    pub samples: &'r [S],
    /// Columns that are not there, and whose samples mean nothing.
    pub gaps: &'r [Range<usize>],
}

impl<S> Row<'_, S> {
    /// Nothing of the row is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.samples.is_empty()
    }
}

/// A sample of 16 bits as one of 8, rounded: 65,535 / 257 is 255.
///
/// There is no division, and nothing wider than 16 bits, so that compilers narrow eight
/// samples at a time.
///
/// ```
/// assert_eq!([0, 128, 129, 65_535].map(thimble_picture::narrow), [0, 0, 1, 255]);
/// ```
#[inline]
#[must_use]
pub fn narrow(sample: u16) -> u8 {
    let rounded = sample.saturating_add(128);
    ((rounded - (rounded >> 8)) >> 8) as u8
}

/// JFIF's luma, blue difference and red difference as red, green and blue, in 16 bits of
/// fraction.
///
/// ```
/// assert_eq!(thimble_picture::from_ycbcr(76, 85, 255), [254, 0, 0]);
/// ```
#[inline]
#[must_use]
pub fn from_ycbcr(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = (i32::from(luma) << 16) + (1 << 15);
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let channel = |value: i32| (value >> 16).clamp(0, 255) as u8;
    [
        channel(luma + 91_881 * red),
        channel(luma - 22_554 * blue - 46_802 * red),
        channel(luma + 116_130 * blue),
    ]
}
