//! Sources made for the tests, and what a stock decoder makes of them.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::{self as jpeg, Chroma, Header, Scale};
use thimble_picture::Plane;

/// Encoding of a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Recipe {
    pub(super) color: ColorType,
    pub(super) sampling: SamplingFactor,
    pub(super) progressive: bool,
    /// Columns and rows.
    pub(super) sides: (u16, u16),
    /// Optimal tables; the stock encoder then writes a scan for each component.
    pub(super) optimal: bool,
    /// MCUs between restart markers; 0 for none.
    pub(super) interval: u16,
    pub(super) quality: u8,
}

impl Default for Recipe {
    fn default() -> Self {
        Recipe {
            sides: (101, 67),
            color: ColorType::Rgb,
            sampling: SamplingFactor::R_4_2_0,
            progressive: false,
            optimal: false,
            interval: 0,
            quality: 90,
        }
    }
}

/// A picture with soft colors, some edges and some texture.
pub(super) fn pixels(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let mut pixels = vec![];
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            let texture = (x * 7 + y * 13) % 23;
            let edge = if (x / 24 + y / 16) % 2 == 0 { 60 } else { 0 };
            let color = [
                40 + x % 150 + texture,
                30 + y % 170 + edge,
                200 - (x + y) % 130,
                x % 90,
            ];
            let gray = color.map(|channel| channel.min(255) as u8);
            pixels.extend_from_slice(&gray[..channels]);
        }
    }
    pixels
}

/// Encode with the stock encoder.
pub(super) fn encode(recipe: Recipe) -> Vec<u8> {
    let channels = match recipe.color {
        ColorType::Luma => 1,
        ColorType::Rgb | ColorType::Ycbcr => 3,
        _ => 4,
    };
    let mut source = vec![];
    let mut encoder = Encoder::new(&mut source, recipe.quality);
    encoder.set_sampling_factor(recipe.sampling);
    encoder.set_progressive(recipe.progressive);
    encoder.set_optimized_huffman_tables(recipe.optimal);
    if recipe.interval > 0 {
        encoder.set_restart_interval(recipe.interval);
    }
    let pixels = pixels(recipe.sides.0, recipe.sides.1, channels);
    encoder
        .encode(&pixels, recipe.sides.0, recipe.sides.1, recipe.color)
        .unwrap();
    source
}

/// Decode to whole pixels, with the warnings there were.
pub(super) fn decode(source: &[u8], scale: Scale) -> Result<(Plane, Vec<String>), jpeg::Error> {
    let header = Header::read(source)?;
    let decoded = jpeg::decode(&header, scale, Chroma::Full)?;
    let warnings = decoded.warnings.iter().map(ToString::to_string).collect();
    Ok((decoded.into_pixels()?, warnings))
}

/// Decode with the stock decoder.
pub(super) fn stock(source: &[u8]) -> Vec<u8> {
    stock_or_refusal(source).unwrap().2
}

/// Width, height and pixels by the stock decoder, unless it refuses the source.
pub(super) fn stock_or_refusal(source: &[u8]) -> Option<(usize, usize, Vec<u8>)> {
    let mut decoder = JpegDecoder::new(ZCursor::new(source));
    decoder.decode_headers().ok()?;
    let space = match decoder.input_colorspace()? {
        ColorSpace::YCbCr => ColorSpace::RGB,
        other => other,
    };
    decoder.set_options(DecoderOptions::default().jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().ok()?;
    let (width, height) = decoder.dimensions()?;
    Some((width, height, pixels))
}

/// Peak signal-to-noise ratio, in decibels.
pub(super) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len(), "as many samples in both");
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let error = a.iter().zip(b).map(square).sum::<f64>() / a.len() as f64;
    if error == 0.0 {
        99.0
    } else {
        10.0 * (255.0 * 255.0 / error).log10()
    }
}

/// The place of the first marker of a kind.
pub(super) fn place_of(marker: u8, source: &[u8]) -> usize {
    let place = source.windows(2).position(|two| two == [0xFF, marker]);
    place.expect("a marker")
}
