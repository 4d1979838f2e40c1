//! Our JPEG decoder beside a stock one: pictures that a stock encoder makes have
//! to look the same.
//!
//! The input chooses how the picture is encoded, and its pixels. Bytes that are
//! no whole JPEG are left to the target `jpeg`: there the two differ rightly.
//! Ours shows what is left of a damaged source, the stock one refuses it, or
//! fills in something else; where coefficients overflow, one wraps and the other
//! clips. So do restart markers and a scan for each component, which the stock
//! decoder gets wrong at some sizes, and colors at a lower resolution, which each
//! decoder interpolates in its own way: they are not chosen here.
#![no_main]

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use libfuzzer_sys::fuzz_target;
use thimble_jpeg::{Chroma, Header, Scale, decode};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

/// The least likeness, in decibels.
const LEAST: f64 = 40.0;

fuzz_target!(|input: (u8, u8, u8, bool, &[u8])| {
    let (width, height, quality, gray, noise) = input;
    let sides = (u16::from(width % 96) + 1, u16::from(height % 96) + 1);
    let channels = if gray { 1 } else { 3 };
    let count = usize::from(sides.0) * usize::from(sides.1) * channels;
    let pixels: Vec<u8> = noise
        .iter()
        .copied()
        .chain([128])
        .cycle()
        .take(count)
        .collect();
    let mut source = vec![];
    let mut encoder = Encoder::new(&mut source, 50 + quality % 50);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    let color = if gray {
        ColorType::Luma
    } else {
        ColorType::Rgb
    };
    encoder
        .encode(&pixels, sides.0, sides.1, color)
        .expect("the stock encoder takes any pixels");
    let ours = ours(&source);
    let stock = stock(&source, gray);
    assert_eq!(ours.len(), stock.len(), "as many samples");
    let likeness = likeness(&ours, &stock);
    assert!(likeness >= LEAST, "{likeness} dB");
});

fn ours(source: &[u8]) -> Vec<u8> {
    let header = Header::read(source).expect("a header");
    let decoded = decode(&header, Scale::Full, Chroma::Full).expect("a picture");
    assert_eq!(decoded.warnings, []);
    decoded.into_pixels().expect("few pixels").samples
}

fn stock(source: &[u8], gray: bool) -> Vec<u8> {
    let color = if gray {
        ColorSpace::Luma
    } else {
        ColorSpace::RGB
    };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(color);
    JpegDecoder::new_with_options(ZCursor::new(source), options)
        .decode()
        .expect("the stock decoder takes what the stock encoder makes")
}

fn likeness(one: &[u8], other: &[u8]) -> f64 {
    let squares = one
        .iter()
        .zip(other)
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let error = squares.sum::<f64>() / one.len().max(1) as f64;
    10.0 * (255.0 * 255.0 / error).log10()
}
