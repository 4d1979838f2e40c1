//! A picture that is no kind of its own, encoded by a stock encoder.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbImage};
use testkit::Numbers;

/// Noise on a gradient: nothing of it compresses to nothing.
fn picture() -> RgbImage {
    let mut random = Numbers::default();
    RgbImage::from_fn(96, 64, |x, y| {
        let noise = random.next() as u8 & 31;
        image::Rgb([x as u8 * 2 + noise, y as u8 * 3 + noise, 128 ^ noise])
    })
}

pub(super) fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut source = Cursor::new(Vec::new());
    let written = DynamicImage::from(picture()).write_to(&mut source, format);
    written.map(|()| source.into_inner()).unwrap_or_default()
}

pub(super) fn jpeg() -> Vec<u8> {
    let mut source = Vec::new();
    let written = JpegEncoder::new_with_quality(&mut source, 90).encode_image(&picture());
    written.map(|()| source).unwrap_or_default()
}
