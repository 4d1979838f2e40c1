//! PNG: as few channels as the picture needs.

use png::{BitDepth, ColorType, DeflateCompression, Filter};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::{Model, Picture};
use crate::settings::Compression;

/// Encodes a picture, with its alpha if it has any.
pub(super) fn encode(
    picture: Picture,
    dimensions: Dimensions,
    compression: Compression,
) -> Result<Vec<u8>, Error> {
    let (color, samples) = layout(picture);
    let (deflate, filter) = effort(compression);
    let mut data = Vec::new();
    let mut encoder = png::Encoder::new(&mut data, dimensions.width, dimensions.height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_deflate_compression(deflate);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&samples).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(data)
}

fn effort(compression: Compression) -> (DeflateCompression, Filter) {
    match compression {
        Compression::Fast => (DeflateCompression::FdeflateUltraFast, Filter::Adaptive),
        Compression::Balanced => (DeflateCompression::Level(6), Filter::Adaptive),
        Compression::Small => (DeflateCompression::Level(9), Filter::Adaptive),
    }
}

/// Gray stays gray, and color that is gray becomes it, with alpha or without.
fn layout(picture: Picture) -> (ColorType, Vec<u8>) {
    match picture.model {
        Model::Gray => (ColorType::Grayscale, samples(&picture).to_vec()),
        Model::Rgba => gray_and_alpha(&picture)
            .map(|samples| (ColorType::GrayscaleAlpha, samples))
            .unwrap_or_else(|| (ColorType::Rgba, samples(&picture).to_vec())),
        Model::Rgb | Model::Ycbcr => {
            let picture = model::to_rgb(picture);
            match model::to_gray(&picture) {
                Some(gray) => (ColorType::Grayscale, samples(&gray).to_vec()),
                None => (ColorType::Rgb, samples(&picture).to_vec()),
            }
        }
    }
}

/// Gray and alpha of an RGBA picture in which every visible pixel is gray.
fn gray_and_alpha(picture: &Picture) -> Option<Vec<u8>> {
    let (pixels, _) = samples(picture).as_chunks::<4>();
    pixels
        .iter()
        .all(|[red, green, blue, _]| red == green && green == blue)
        .then(|| {
            pixels
                .iter()
                .flat_map(|[gray, _, _, alpha]| [*gray, *alpha])
                .collect()
        })
}
