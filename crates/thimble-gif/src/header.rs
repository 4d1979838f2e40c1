//! The header: sides of the canvas, and the number of frames.

use thimble_bytes::Bytes;

use crate::error::Error;
use crate::walk::Walk;

/// The header of a GIF.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Columns of the canvas, or of a first frame that reaches beyond it.
    pub width: u32,
    /// Rows of the canvas, or of a first frame that reaches beyond it.
    pub height: u32,
    /// Frames, at least 1.
    pub frames: u32,
}

impl Header {
    /// Walks over the blocks without decoding any of them.
    ///
    /// # Errors
    ///
    /// [`Error::NoFrame`] if no frame has any pixels.
    pub fn read(source: &[u8]) -> Result<Self, Error> {
        let bytes = Bytes::little_endian(source);
        let mut walk = Walk::new(&bytes).ok_or(Error::NoFrame)?;
        let mut frames = 0;
        let first = loop {
            frames += 1;
            let frame = walk.next_frame().ok_or(Error::NoFrame)?;
            if frame.has_pixels() {
                break frame;
            }
        };
        let canvas = |at| usize::from(bytes.u16(at).unwrap_or_default());
        let width = canvas(6).max(first.left + first.width) as u32;
        let height = canvas(8).max(first.top + first.height) as u32;
        while walk.next_frame().is_some() {
            frames += 1;
        }
        Ok(Header {
            width,
            height,
            frames,
        })
    }
}
