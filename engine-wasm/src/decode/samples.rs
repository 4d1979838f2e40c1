//! From the samples a decoding crate hands out to a [`Picture`] of 8 bits.

use crate::contract::Error;
use crate::decode::Header;
use crate::picture::{Model, Picture, Plane};

/// Room for `channels` bytes a pixel, all zero.
///
/// # Errors
///
/// `limit-exceeded` if there is not that much memory.
pub(crate) fn allocate(width: u32, height: u32, channels: usize) -> Result<Vec<u8>, Error> {
    let length = u64::from(width) * u64::from(height) * channels as u64;
    let exceeded = || {
        Error::LimitExceeded(format!(
            "{width}x{height} pixels: more than there is memory for"
        ))
    };
    let length = usize::try_from(length).map_err(|_| exceeded())?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(length).map_err(|_| exceeded())?;
    samples.resize(length, 0);
    Ok(samples)
}

/// A picture of the header's size from interleaved samples: 1 channel is gray,
/// 2 are gray and alpha, 3 red, green and blue, 4 the same with alpha.
///
/// # Errors
///
/// As [`allocate`], since gray with alpha has to be spread out.
pub(crate) fn picture(
    header: &Header,
    channels: usize,
    samples: Vec<u8>,
) -> Result<Picture, Error> {
    let (model, samples) = match channels {
        1 => (Model::Gray, samples),
        2 => (Model::Rgba, spread_gray(header, &samples)?),
        3 => (Model::Rgb, samples),
        _ => (Model::Rgba, samples),
    };
    let channels = if channels == 2 { 4 } else { channels };
    let (width, height) = (header.width as usize, header.height as usize);
    let extent = (f64::from(header.width), f64::from(header.height));
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

fn spread_gray(header: &Header, samples: &[u8]) -> Result<Vec<u8>, Error> {
    let mut spread = allocate(header.width, header.height, 4)?;
    let (pixels, _) = spread.as_chunks_mut::<4>();
    let (pairs, _) = samples.as_chunks::<2>();
    for (pixel, &[gray, alpha]) in pixels.iter_mut().zip(pairs) {
        *pixel = [gray, gray, gray, alpha];
    }
    Ok(spread)
}

/// 16 bits to 8, rounded: 65,535 / 257 is 255.
pub(crate) fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

/// Leaves the fourth channel of each pixel behind.
pub(crate) fn drop_alpha(samples: &mut Vec<u8>) {
    let pixels = samples.len() / 4;
    for index in 1..pixels {
        samples.copy_within(4 * index..4 * index + 3, 3 * index);
    }
    samples.truncate(3 * pixels);
}
