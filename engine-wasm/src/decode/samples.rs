//! From the samples a decoding crate hands out to a [`Picture`] of 8 bits.

use crate::contract::Error;
use crate::picture::{Model, Picture, Plane};

/// Room for `channels` bytes a pixel, all zero.
///
/// # Errors
///
/// `limit-exceeded` if there is not that much memory.
pub(crate) fn allocate(width: u32, height: u32, channels: usize) -> Result<Vec<u8>, Error> {
    let mut samples = reserve(width, height, channels)?;
    samples.resize(width as usize * height as usize * channels, 0);
    Ok(samples)
}

/// Room for `channels` bytes a pixel, to be filled.
///
/// # Errors
///
/// `limit-exceeded` if there is not that much memory.
pub(crate) fn reserve(width: u32, height: u32, channels: usize) -> Result<Vec<u8>, Error> {
    let length = u64::from(width) * u64::from(height) * channels as u64;
    let exceeded = || too_large(width, height);
    let length = usize::try_from(length).map_err(|_| exceeded())?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(length).map_err(|_| exceeded())?;
    Ok(samples)
}

/// Room for so many bytes, to be filled.
///
/// # Errors
///
/// `limit-exceeded` if there is not that much memory.
pub(crate) fn reserve_bytes(length: usize) -> Result<Vec<u8>, Error> {
    let mut samples = Vec::new();
    samples
        .try_reserve_exact(length)
        .map_err(|_| Error::LimitExceeded("the picture takes more memory than there is".into()))?;
    Ok(samples)
}

/// A picture from interleaved samples: 1 channel is gray, 2 are gray and alpha, 3 red,
/// green and blue, 4 the same with alpha. `extent` is how many columns and rows of samples
/// cover the picture.
///
/// # Errors
///
/// As [`allocate`], since gray with alpha has to be spread out.
pub(crate) fn picture(
    extent: (f64, f64),
    channels: usize,
    samples: Vec<u8>,
) -> Result<Picture, Error> {
    let (width, height) = (extent.0.ceil() as u32, extent.1.ceil() as u32);
    let (model, samples) = match channels {
        1 => (Model::Gray, samples),
        2 => (Model::Rgba, spread_gray(width, height, &samples)?),
        3 => (Model::Rgb, samples),
        _ => (Model::Rgba, samples),
    };
    let channels = if channels == 2 { 4 } else { channels };
    let (width, height) = (width as usize, height as usize);
    Ok(Picture {
        model,
        planes: vec![Plane {
            channels,
            width,
            height,
            extent,
            samples,
        }],
    })
}

fn spread_gray(width: u32, height: u32, samples: &[u8]) -> Result<Vec<u8>, Error> {
    let mut spread = allocate(width, height, 4)?;
    let (pixels, _) = spread.as_chunks_mut::<4>();
    let (pairs, _) = samples.as_chunks::<2>();
    for (pixel, &[gray, alpha]) in pixels.iter_mut().zip(pairs) {
        *pixel = [gray, gray, gray, alpha];
    }
    Ok(spread)
}

/// There is no memory for a picture of this size.
pub(crate) fn too_large(width: u32, height: u32) -> Error {
    Error::LimitExceeded(format!(
        "{width}x{height} pixels: more than there is memory for"
    ))
}
