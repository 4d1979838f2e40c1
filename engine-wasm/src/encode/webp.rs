//! WebP: lossy, with alpha kept to the bit, or lossless.

use image_webp::{ColorType, WebPEncoder};
use thimble_webp::{self as webp, Prepared, container};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::{Model, Picture, within};

/// The longest side that a lossless picture can have.
const MAX_LOSSLESS_SIDE: u32 = 16_384;

/// Encodes the planes of a picture as they are, or what RGB becomes as planes;
/// its alpha, if it has any, without loss.
pub(super) fn encode(
    picture: &Picture,
    dimensions: Dimensions,
    quality: u8,
    most: Option<usize>,
) -> Result<Vec<u8>, Error> {
    admit(dimensions, webp::MAX_SIDE)?;
    let too_large = || Error::invalid_spec("the picture is too large for a lossy WebP");
    let prepared = Prepared::new(picture).ok_or_else(too_large)?;
    let header = container::extended_header(dimensions.width, dimensions.height);
    let alpha = (picture.model == Model::Rgba)
        .then(|| alpha(picture, dimensions))
        .transpose()?;
    within(most.unwrap_or(usize::MAX), quality, |quality| {
        let frame = prepared.encode(quality).ok_or_else(too_large)?;
        match &alpha {
            None => container::write(&[(*b"VP8 ", &frame)]),
            Some(alpha) => {
                container::write(&[(*b"VP8X", &header), (*b"ALPH", alpha), (*b"VP8 ", &frame)])
            }
        }
        .map_err(failed)
    })
}

/// Encodes every pixel as it is.
pub(super) fn encode_lossless(picture: Picture, dimensions: Dimensions) -> Result<Vec<u8>, Error> {
    admit(dimensions, MAX_LOSSLESS_SIDE)?;
    let (picture, color) = match picture.model {
        Model::Gray => (picture, ColorType::L8),
        Model::Rgba => (picture, ColorType::Rgba8),
        Model::Rgb | Model::Ycbcr => (model::to_rgb(picture), ColorType::Rgb8),
    };
    lossless(&samples(picture), dimensions, color)
}

fn lossless(samples: &[u8], dimensions: Dimensions, color: ColorType) -> Result<Vec<u8>, Error> {
    let mut data = Vec::new();
    WebPEncoder::new(&mut data)
        .encode(samples, dimensions.width, dimensions.height, color)
        .map_err(failed)?;
    Ok(data)
}

fn admit(dimensions: Dimensions, longest: u32) -> Result<(), Error> {
    if dimensions.width.max(dimensions.height) > longest {
        return Err(Error::invalid_spec(format!(
            "a WebP has no side of more than {longest} pixels"
        )));
    }
    Ok(())
}

/// The content of an `ALPH` chunk (RFC 9649, section 2.7.1.2): a byte of flags,
/// then a lossless picture without its header whose green is the alpha, or the
/// alpha itself where that is shorter.
fn alpha(picture: &Picture, dimensions: Dimensions) -> Result<Vec<u8>, Error> {
    const STORED: u8 = 0;
    const LOSSLESS: u8 = 1;
    let pixels = picture
        .planes
        .iter()
        .flat_map(|plane| plane.samples.as_chunks::<4>().0);
    let levels: Vec<u8> = pixels.map(|&[_, _, _, alpha]| alpha).collect();
    let file = lossless(&levels, dimensions, ColorType::L8)?;
    let (flags, content) = match container::lossless_content(&file) {
        Some(content) if content.len() < levels.len() => (LOSSLESS, content),
        _ => (STORED, &levels[..]),
    };
    Ok([&[flags], content].concat())
}
