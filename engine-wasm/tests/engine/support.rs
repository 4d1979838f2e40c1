//! Specs, and the engine's answer to them.

use image::{ImageFormat, RgbaImage};
use thimble_engine::contract::{
    Bounds, Encoding, Error, Fit, Limits, Output, Setting, Spec, Thumbnail,
};

pub(crate) fn spec(
    width: impl Into<Option<u32>>,
    height: impl Into<Option<u32>>,
    fit: Fit,
) -> Spec {
    Spec {
        bounds: Bounds {
            width: width.into(),
            height: height.into(),
        },
        fit,
        ..Spec::default()
    }
}

pub(crate) fn with_type(media_type: &str, spec: Spec) -> Spec {
    let encoding = Encoding {
        media_type: Some(media_type.into()),
        quality: None,
    };
    Spec { encoding, ..spec }
}

pub(crate) fn with_setting(name: &str, value: &str, spec: Spec) -> Spec {
    Spec {
        settings: vec![Setting {
            name: name.into(),
            value: value.into(),
        }],
        ..spec
    }
}

pub(crate) fn make(source: &[u8], specs: &[Spec]) -> Vec<Thumbnail> {
    thimble_engine::generate(source, specs, &Limits::default())
        .unwrap()
        .thumbnails
}

/// A PNG thumbnail as large as the source, if that is small.
pub(crate) fn generate(source: &[u8], limits: &Limits) -> Result<Output, Error> {
    let spec = with_type("image/png", spec(64, 64, Fit::Inside));
    thimble_engine::generate(source, &[spec], limits)
}

/// The pixels of what the engine makes of a source, and its warnings.
pub(crate) fn decoded(source: &[u8]) -> (RgbaImage, Vec<String>) {
    let output = generate(source, &Limits::default()).unwrap();
    let thumbnail = &output.thumbnails[0].data;
    let picture = image::load_from_memory_with_format(thumbnail, ImageFormat::Png).unwrap();
    (picture.to_rgba8(), output.warnings)
}
