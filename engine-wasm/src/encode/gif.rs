//! GIF: at most 256 colors, each pixel either opaque or not there at all.

use gif::{Encoder, Frame};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::Picture;

/// From 1, the best choice of colors, to 30, the quickest.
const SPEED: i32 = 10;

/// Encodes a picture as a GIF of one frame.
pub(super) fn encode(picture: Picture, dimensions: Dimensions) -> Result<Vec<u8>, Error> {
    let (width, height) = (side(dimensions.width)?, side(dimensions.height)?);
    let mut samples = samples(model::to_rgba(picture));
    let (pixels, _) = samples.as_chunks_mut::<4>();
    for [_, _, _, alpha] in pixels {
        *alpha = if *alpha < 128 { 0 } else { 255 };
    }
    let frame = Frame::from_rgba_speed(width, height, &mut samples, SPEED);
    let mut data = Vec::new();
    let mut encoder = Encoder::new(&mut data, width, height, &[]).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    drop(encoder);
    Ok(data)
}

fn side(pixels: u32) -> Result<u16, Error> {
    u16::try_from(pixels)
        .map_err(|_| Error::invalid_spec("a GIF has no side of more than 65535 pixels"))
}
