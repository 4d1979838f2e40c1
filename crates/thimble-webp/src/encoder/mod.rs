//! Encoding: a key frame (RFC 6386), chosen macroblock by macroblock.
//!
//! Of every way to predict a macroblock it is worked out what would be shown and
//! how many bits that takes, and the one with the best balance is kept. The
//! decisions are counted meanwhile and written at the end, with probabilities
//! that fit them. The balance, and what rounds where, is that of libwebp's
//! default method, so that a quality means the same here and there.

mod band;
mod boolean_writer;
mod choice;
mod contexts;
mod cost;
mod entropy;
mod frame;
mod modes;
mod pair;
mod quantizer;
mod source;
mod statistics;
mod subblocks;
mod tokens;

use thimble_picture::Picture;

/// The longest side that the format can express.
pub const MAX_SIDE: u32 = 16_383;

/// Encodes the colors of a picture as the content of a `VP8 ` chunk, with a
/// quality from 1 to 100. Planes are taken as they are; color differences may
/// have all, or a half of luma's columns and rows. Alpha is left out.
///
/// `None` if a side has no pixels or more than [`MAX_SIDE`], or if there are more
/// macroblocks than a frame can describe.
#[must_use]
pub fn encode(picture: &Picture, quality: u8) -> Option<Vec<u8>> {
    Prepared::new(picture)?.encode(quality)
}

/// A picture as planes of macroblocks, to be encoded more than once.
#[derive(Debug)]
pub struct Prepared(source::Source);

impl Prepared {
    /// Prepares a picture as [`encode`] does.
    ///
    /// `None` if a side has no pixels or more than [`MAX_SIDE`].
    #[must_use]
    pub fn new(picture: &Picture) -> Option<Self> {
        let source = source::Source::new(picture)?;
        let longest = source.width.max(source.height);
        (longest <= MAX_SIDE as usize).then_some(Prepared(source))
    }

    /// Encodes the picture with a quality from 1 to 100, and to the byte as [`encode`]
    /// does.
    ///
    /// `None` if there are more macroblocks than a frame can describe.
    #[must_use]
    pub fn encode(&self, quality: u8) -> Option<Vec<u8>> {
        frame::encode(&self.0, quality)
    }
}
