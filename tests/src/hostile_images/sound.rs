//! Sound pictures, one for each way to store one: what is broken on purpose.

use image::ImageFormat;
use testkit::{avif, jxl, raw};

use super::picture::{self, encoded};
use super::{bmp, jpeg, plain, psd, tiff};

/// A sound picture of each format, by the format's usual extension.
#[must_use]
pub fn sources() -> Vec<(&'static str, Vec<u8>)> {
    let raw = |ending: &str| {
        let mut files = raw::files().into_iter();
        let found = files.find(|(other, ..)| *other == ending);
        found.map(|(.., source)| source).unwrap_or_default()
    };
    vec![
        ("jpg", picture::jpeg()),
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
        ("psd", psd::sound().file()),
        ("deep.psd", psd::deep().file()),
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
