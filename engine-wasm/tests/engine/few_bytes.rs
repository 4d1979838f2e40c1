//! Thumbnails of few bytes: a bound on their size, and effort.

use image::RgbaImage;
use proptest::prelude::*;
use testkit::likeness::Likeness;
use testkit::pixels::{Pixels, test_picture};
use thimble_engine::contract::{Encoding, Error, Fit, Limits, Output, Setting, Spec};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

use crate::support::spec;

fn asked(media_type: Option<&str>, quality: u8, settings: &[(&str, &str)]) -> Spec {
    let setting = |(name, value): &(&str, &str)| Setting {
        name: (*name).into(),
        value: (*value).into(),
    };
    Spec {
        encoding: Encoding {
            media_type: media_type.map(Into::into),
            quality: Some(quality),
        },
        settings: settings.iter().map(setting).collect(),
        ..spec(200, 200, Fit::Inside)
    }
}

fn made(source: &[u8], spec: Spec) -> Result<Output, Error> {
    thimble_engine::generate(source, &[spec], &Limits::default())
}

fn file(source: &[u8], spec: Spec) -> Vec<u8> {
    made(source, spec).unwrap().thumbnails.remove(0).data
}

/// Width and height by decoders of others, which see a whole picture.
fn sides(media_type: &str, file: &[u8]) -> (usize, usize) {
    if media_type == "image/jpeg" {
        let mut decoder = JpegDecoder::new(ZCursor::new(file));
        decoder.decode().unwrap();
        return decoder.dimensions().unwrap();
    }
    let picture = image::load_from_memory(file).unwrap();
    (picture.width() as usize, picture.height() as usize)
}

/// Flat areas, noise, and everything between.
fn picture(width: usize, height: usize, noise: u8, seed: u32) -> Vec<u8> {
    let random = move |x: usize, y: usize| {
        let place = x as u32 * 0x9E37 + y as u32 * 0x85EB;
        let mixed = place.wrapping_add(seed).wrapping_mul(0xC2B2_AE35);
        (mixed >> 24) as usize * usize::from(noise) / 256
    };
    Pixels::new(width, height, |x, y| {
        let shade = random(x, y);
        [
            (x + shade) as u8,
            (y + shade / 2) as u8,
            (x / 9 * 9 + y) as u8,
            255,
        ]
    })
    .to_png()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The thumbnail is the very file of some quality up to the one that was asked for, and
    /// that of the next quality would be too large.
    #[test]
    fn a_bounded_thumbnail_is_the_best_that_fits(
        (width, height) in (1..90_usize, 1..90_usize),
        (noise, seed) in any::<(u8, u32)>(),
        (quality, most) in (1..=100_u8, 100..6000_usize),
        webp in any::<bool>(),
        small in any::<bool>(),
    ) {
        let source = picture(width, height, noise, seed);
        let media_type = if webp { "image/webp" } else { "image/jpeg" };
        let effort = ("jpeg.effort", if small { "small" } else { "fast" });
        let bound = most.to_string();
        let output = made(
            &source,
            asked(Some(media_type), quality, &[effort, ("max-bytes", &bound)]),
        )
        .unwrap();
        let found = &output.thumbnails[0].data;
        prop_assert_eq!(sides(media_type, found), (width, height));
        let plain = |quality| file(&source, asked(Some(media_type), quality, &[effort]));
        let files: Vec<_> = (1..=quality).map(plain).collect();
        let place = files.iter().position(|file| file == found);
        prop_assert!(place.is_some(), "a file of no quality up to {quality}");
        if found.len() > most {
            // The lowest quality is tried last: it does not fit either.
            prop_assert!(files[0].len() >= found.len());
            let [warning] = &output.warnings[..] else {
                panic!("{:?}", output.warnings);
            };
            let told = format!(
                "a thumbnail of {width}x{height} has {} bytes, more than max-bytes={most}: no \
                 quality makes it smaller",
                found.len()
            );
            prop_assert_eq!(warning, &told);
        } else {
            prop_assert_eq!(&output.warnings, &[""; 0]);
            let last = files.iter().rposition(|file| file == found).unwrap();
            let next = files.get(last + 1);
            prop_assert!(next.is_none_or(|file| file.len() > most));
        }
    }
}

#[test]
fn a_bound_is_kept_for_photographs() {
    let source = test_picture(400, 300, false).to_png();
    for media_type in ["image/jpeg", "image/webp"] {
        for most in [5000, 8000] {
            let bound = most.to_string();
            let bounded = asked(Some(media_type), 95, &[("max-bytes", &bound)]);
            let output = made(&source, bounded).unwrap();
            let size = output.thumbnails[0].data.len();
            assert!(
                size <= most && size > most / 2,
                "{media_type}: {size} of {most}"
            );
            assert_eq!(output.warnings, [""; 0]);
        }
        let plain = file(&source, asked(Some(media_type), 80, &[]));
        let wide = asked(Some(media_type), 80, &[("max-bytes", "4294967295")]);
        assert_eq!(file(&source, wide), plain);
    }
}

#[test]
fn a_format_without_quality_is_refused_where_it_is_named() {
    let source = test_picture(40, 30, false).to_png();
    let bound = ("max-bytes", "2000");
    let lossless = [bound, ("webp.lossless", "true")];
    for spec in [
        asked(Some("image/png"), 80, &[bound]),
        asked(Some("image/gif"), 80, &[bound]),
        asked(Some("image/x-thumbhash"), 80, &[bound]),
        asked(Some("image/webp"), 80, &lossless),
    ] {
        match made(&source, spec) {
            Err(Error::InvalidSpec(detail)) => {
                assert!(
                    detail.starts_with("max-bytes lowers the quality"),
                    "{detail}"
                );
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_format_of_the_source_without_quality_is_made_with_a_warning() {
    let source = test_picture(160, 120, false).to_png();
    let output = made(&source, asked(None, 80, &[("max-bytes", "300")])).unwrap();
    assert_eq!(output.thumbnails[0].media_type, "image/png");
    let [warning] = &output.warnings[..] else {
        panic!("{:?}", output.warnings);
    };
    assert!(
        warning.ends_with("its format has no quality that could be lower"),
        "{warning}"
    );
    let photo = file(&source, asked(Some("image/jpeg"), 90, &[]));
    let output = made(&photo, asked(None, 90, &[("max-bytes", "2000")])).unwrap();
    assert_eq!(output.thumbnails[0].media_type, "image/jpeg");
    assert!(output.thumbnails[0].data.len() <= 2000);
}

#[test]
fn a_bound_is_a_number_of_bytes() {
    let source = test_picture(40, 30, false).to_png();
    for value in ["0", "-1", "+1", "20k", "", "1.5", "4294967296", "many"] {
        match made(&source, asked(None, 80, &[("max-bytes", value)])) {
            Err(Error::InvalidSpec(detail)) => {
                assert!(detail.contains("from 1 to 4294967295"), "{detail}");
            }
            other => panic!("{value}: {other:?}"),
        }
    }
}

/// Bytes and structural similarity of a JPEG of a picture.
fn judged(pixels: &Pixels, quality: u8, effort: &str) -> (usize, f64) {
    let source = pixels.to_png();
    let asked = asked(Some("image/jpeg"), quality, &[("jpeg.effort", effort)]);
    let file = file(&source, asked);
    let shown = image::load_from_memory(&file).unwrap().to_rgba8();
    let rgba = pixels.rgba.as_flattened().to_vec();
    let expected = RgbaImage::from_raw(shown.width(), shown.height(), rgba).unwrap();
    (file.len(), Likeness::of(&shown, &expected).unwrap().ssim)
}

#[test]
fn effort_makes_a_smaller_file_that_looks_the_same() {
    let pixels = test_picture(200, 150, false);
    for quality in [50, 60, 70, 80, 90] {
        let (fast, plain) = judged(&pixels, quality, "fast");
        let (small, chosen) = judged(&pixels, quality, "small");
        // Below a quality of 70, edges like these have as many bytes, and look better.
        let most = if quality < 70 { fast * 51 / 50 } else { fast };
        assert!(small < most, "{small} of {fast} bytes at {quality}");
        assert!(chosen > plain, "{chosen} for {plain} at {quality}");
    }
    assert_eq!(judged(&pixels, 100, "small"), judged(&pixels, 100, "fast"));
}
