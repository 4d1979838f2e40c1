//! WebP, lossless.

use image_webp::{ColorType, WebPEncoder};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::{Model, Picture};

/// The longest side that the format can express.
const MAX_SIDE: u32 = 16_384;

/// Encodes a picture, with its alpha if it has any.
pub(super) fn encode(picture: Picture, dimensions: Dimensions) -> Result<Vec<u8>, Error> {
    let Dimensions { width, height } = dimensions;
    if width.max(height) > MAX_SIDE {
        return Err(Error::invalid_spec(format!(
            "a WebP has no side of more than {MAX_SIDE} pixels"
        )));
    }
    let (picture, color) = match picture.model {
        Model::Gray => (picture, ColorType::L8),
        Model::Rgba => (picture, ColorType::Rgba8),
        Model::Rgb | Model::Ycbcr => (model::to_rgb(picture), ColorType::Rgb8),
    };
    let mut data = Vec::new();
    WebPEncoder::new(&mut data)
        .encode(&samples(picture), width, height, color)
        .map_err(failed)?;
    Ok(data)
}
