//! Decoded pictures: planes of 8-bit samples.
//!
//! Every decoder ends in a [`Picture`] and every encoder begins with one, so
//! that what lies between (turning, resizing, cropping, padding) is written
//! once, plane by plane, whatever the color model.

#![forbid(unsafe_code)]

/// What the samples of a picture mean.
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
    /// How many interleaved channels a sample has: 1, 3 or 4.
    pub channels: usize,
    /// Samples in a stored row.
    pub width: usize,
    /// Stored rows.
    pub height: usize,
    /// How many columns and rows of samples cover the picture exactly. A
    /// picture 5 pixels wide with color differences at half the resolution has
    /// an extent of 2.5 and a width of at least 3.
    pub extent: (f64, f64),
    /// `width * height * channels` bytes, row by row.
    pub samples: Vec<u8>,
}

/// A picture, decoded at full size or at a fraction of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// What the samples mean.
    pub model: Model,
    /// One plane, or three for [`Model::Ycbcr`].
    pub planes: Vec<Plane>,
}

impl Plane {
    /// How many columns and rows of samples the picture needs. What is stored
    /// beyond them belongs to no pixel.
    #[must_use]
    pub fn covered(&self) -> (usize, usize) {
        let (columns, rows) = self.extent;
        (
            (columns.ceil() as usize).min(self.width),
            (rows.ceil() as usize).min(self.height),
        )
    }
}

/// 16 bits to 8, rounded: 65,535 / 257 is 255.
#[inline]
#[must_use]
pub fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}
