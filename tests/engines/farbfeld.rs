//! An engine with a codec in JavaScript, `codecs/farbfeld`. `make farbfeld-test` builds the
//! codec and runs them: building it takes npm.

use std::sync::OnceLock;

use image::{ImageFormat, RgbaImage};
use tests::{spec, with_codec};
use thimble::contract::{Limits, Output, Spec};
use thimble::wasm::{Error, SandboxedEngine};

use crate::built::{file, picture, plain, runtime};

/// The engine with the codec.
fn engine() -> &'static SandboxedEngine {
    static ENGINE: OnceLock<SandboxedEngine> = OnceLock::new();
    ENGINE.get_or_init(|| with_codec("farbfeld", runtime()).1)
}

fn make(source: &[u8], presets: &[&str]) -> Result<Output, Error> {
    let specs: Vec<Spec> = presets.iter().map(|preset| spec(preset)).collect();
    engine().generate_blocking(source, &specs, &Limits::default(), None)
}

/// The header of a file of this size.
fn header(width: u32, height: u32) -> Vec<u8> {
    let sides = [width, height].map(u32::to_be_bytes);
    [b"farbfeld", sides.as_flattened()].concat()
}

/// A picture as a file, the lower bytes of its samples at random.
fn farbfeld(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = header(picture.width(), picture.height());
    let mut lower = 7_u8;
    for sample in picture.as_raw() {
        lower = lower.wrapping_mul(5).wrapping_add(3);
        bytes.extend([*sample, lower]);
    }
    bytes
}

/// A picture whose pixels are more or less transparent.
fn sheer(width: u32, height: u32) -> RgbaImage {
    let mut sheer = image::DynamicImage::from(picture(width, height)).to_rgba8();
    for (x, y, pixel) in sheer.enumerate_pixels_mut() {
        pixel.0[3] = (255 - 3 * (x / 8 + y / 8) % 256) as u8;
    }
    sheer
}

#[test]
#[ignore = "needs the codec: make farbfeld-test"]
fn thumbnails_of_a_farbfeld_are_those_of_the_same_pixels_as_png() {
    assert!(engine().info().version.ends_with("+farbfeld.0.1.0"));
    let presets = [
        "64x64,png",
        "100x40,cover,jpeg",
        "640x640,webp",
        "32x32,thumbhash",
    ];
    for (width, height) in [(120, 80), (1, 1), (333, 7)] {
        let picture = sheer(width, height);
        let made = make(&farbfeld(&picture), &presets).unwrap();
        assert_eq!(made.source.media_type, "image/x-farbfeld");
        let mut png = Vec::new();
        let mut png_file = std::io::Cursor::new(&mut png);
        picture.write_to(&mut png_file, ImageFormat::Png).unwrap();
        let wanted = plain().make(&png, &presets).unwrap();
        assert_eq!(made.thumbnails, wanted.thumbnails, "{width}x{height}");
        assert!(made.warnings.is_empty(), "{:?}", made.warnings);
    }
}

#[test]
#[ignore = "needs the codec: make farbfeld-test"]
fn a_farbfeld_that_is_cut_short_is_shown_as_far_as_it_goes() {
    let picture = sheer(120, 80);
    let source = farbfeld(&picture);
    let shown = |length: usize| {
        let made = make(&source[..length], &["120x80,png"]).unwrap();
        assert_eq!(made.warnings, ["the source is truncated"], "{length}");
        let thumbnail = &made.thumbnails[0].data;
        image::load_from_memory(thumbnail).unwrap().to_rgba8()
    };
    let half = shown(source.len() / 2);
    assert_eq!(half.get_pixel(60, 30), picture.get_pixel(60, 30));
    assert_eq!(half.get_pixel(60, 50).0, [0; 4]);
    // A pixel that is there in part is missing.
    for missing in [1, 2, 3, 7] {
        let nearly = shown(source.len() - missing);
        assert_eq!(nearly.get_pixel(118, 79), picture.get_pixel(118, 79));
        assert_eq!(nearly.get_pixel(119, 79).0, [0; 4], "{missing}");
    }
}

#[test]
#[ignore = "needs the codec: make farbfeld-test"]
fn a_malformed_farbfeld_ends_in_a_typed_error() {
    let most = u32::MAX;
    for (source, reason) in [
        (header(20, 20)[..10].to_vec(), "malformed-source"),
        (header(20, 20)[..15].to_vec(), "malformed-source"),
        (header(20, 20), "malformed-source"),
        (header(0, 20), "malformed-source"),
        (header(most, most), "limit-exceeded"),
        (header(most, 1), "limit-exceeded"),
        (b"farbfled".to_vec(), "unsupported-format"),
    ] {
        let error = make(&source, &["64x64"]).unwrap_err();
        assert_eq!(error.kind(), reason, "{source:?}: {error}");
    }
}

#[test]
#[ignore = "needs the codec: make farbfeld-test"]
fn a_codec_that_is_not_needed_changes_no_thumbnail() {
    let source = file(&picture(300, 200), ImageFormat::Jpeg);
    let presets = ["64x64,jpeg", "100x40,cover,png"];
    let wanted = plain().make(&source, &presets).unwrap();
    assert_eq!(make(&source, &presets).unwrap(), wanted);
}
