//! JPEG.

use jpeg_encoder::{ColorType, SamplingFactor};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::{Model, Picture};
use crate::settings::Settings;

/// Encodes a picture without alpha.
pub(super) fn encode(
    picture: Picture,
    dimensions: Dimensions,
    quality: u8,
    settings: &Settings,
) -> Result<Vec<u8>, Error> {
    let (picture, color) = match picture.model {
        Model::Gray => (picture, ColorType::Luma),
        _ => (model::to_rgb(picture), ColorType::Rgb),
    };
    let mut data = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut data, quality);
    encoder.set_optimized_huffman_tables(settings.jpeg_optimize);
    encoder.set_progressive(settings.jpeg_progressive);
    encoder.set_sampling_factor(if settings.jpeg_subsampling {
        SamplingFactor::F_2_2
    } else {
        SamplingFactor::F_1_1
    });
    encoder
        .encode(
            samples(&picture),
            side(dimensions.width)?,
            side(dimensions.height)?,
            color,
        )
        .map_err(failed)?;
    Ok(data)
}

fn side(pixels: u32) -> Result<u16, Error> {
    u16::try_from(pixels)
        .map_err(|_| Error::invalid_spec("a JPEG has no side of more than 65535 pixels"))
}
