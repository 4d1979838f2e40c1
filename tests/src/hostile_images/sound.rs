//! Sound pictures, one for each way to store one: what is broken on purpose.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbImage};
use testkit::{Numbers, avif, jxl, raw};

use super::{bmp, jpeg, plain, tiff};

/// A sound picture of each format, by the format's usual extension.
#[must_use]
pub fn sources() -> Vec<(&'static str, Vec<u8>)> {
    let raw = |ending: &str| {
        let mut files = raw::files().into_iter();
        let found = files.find(|(other, ..)| *other == ending);
        found.map(|(.., source)| source).unwrap_or_default()
    };
    vec![
        ("jpg", jpeg()),
        ("png", encoded(ImageFormat::Png)),
        ("gif", encoded(ImageFormat::Gif)),
        ("webp", encoded(ImageFormat::WebP)),
        ("bmp", encoded(ImageFormat::Bmp)),
        ("tiff", tiff::strip_of_noise()),
        ("ico", encoded(ImageFormat::Ico)),
        ("avif", avif::file("alpha").to_vec()),
        ("grid.avif", avif::file("grid-alpha").to_vec()),
        ("deep.avif", avif::file("pq").to_vec()),
        ("jxl", jxl::file("lossy").to_vec()),
        ("lossless.jxl", jxl::file("alpha").to_vec()),
        ("deep.jxl", jxl::file("deep-pq").to_vec()),
        (
            "netpbm",
            b"P6 12 8 255\n".iter().copied().cycle().take(300).collect(),
        ),
        (
            "text.netpbm",
            format!("P2 # text\n12 4 99\n{}", "7 98 ".repeat(24)).into(),
        ),
        ("tga", plain::targa(10, (64, 48), 24)),
        ("nef.raw", raw("nef")),
        ("orf.raw", raw("orf")),
        ("raf.raw", raw("raf")),
        ("cr3.raw", raw("cr3")),
        ("progressive.jpg", jpeg::progressive(64, 64, 8)),
        ("runs.bmp", bmp::runs(64, 48, &[64, 1, 0, 0, 0, 1])),
    ]
}

/// The picture of an extension.
pub(super) fn source(extension: &str) -> Vec<u8> {
    let mut sources = sources().into_iter();
    let found = sources.find(|(name, _)| *name == extension);
    found.map(|(_, source)| source).unwrap_or_default()
}

/// Noise on a gradient: nothing of it compresses to nothing.
fn picture() -> RgbImage {
    let mut random = Numbers::default();
    RgbImage::from_fn(96, 64, |x, y| {
        let noise = random.next() as u8 & 31;
        image::Rgb([x as u8 * 2 + noise, y as u8 * 3 + noise, 128 ^ noise])
    })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut source = Cursor::new(Vec::new());
    let written = DynamicImage::from(picture()).write_to(&mut source, format);
    written.map(|()| source.into_inner()).unwrap_or_default()
}

fn jpeg() -> Vec<u8> {
    let mut source = Vec::new();
    let written = JpegEncoder::new_with_quality(&mut source, 90).encode_image(&picture());
    written.map(|()| source).unwrap_or_default()
}
