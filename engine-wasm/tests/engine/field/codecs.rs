//! Damage, refusals and profiles of formats whose codecs have tests of their own: what
//! becomes of them in the engine.

use image::{ImageFormat, Rgba};
use moxcms::ColorProfile;
use testkit::sources::encoded;
use thimble_engine::contract::{Error, Limits};

use super::shown::{HEIGHT, Shown, WIDTH, color, pixels};
use super::tiff_writer::Tiff;
use crate::support::{decoded, generate};

/// The picture as a TIFF of two strips.
fn tiff() -> Tiff {
    let pixels = pixels();
    let strips = pixels.chunks(pixels.len() / 2).map(|half| half.concat());
    Tiff::new(WIDTH, HEIGHT, vec![])
        .chunks(strips.collect())
        .short(258, &[8, 8, 8])
        .short(259, &[1])
        .short(262, &[2])
        .short(277, &[3])
        .long(278, &[HEIGHT / 2])
}

#[test]
fn pixels_that_are_missing_are_transparent_and_there_is_a_warning() {
    let half = |format| {
        let mut source = encoded(format);
        source.truncate(source.len() / 2);
        source
    };
    let packed = pixels()[..(WIDTH * HEIGHT / 2) as usize].concat();
    let packed = packed
        .chunks(100)
        .flat_map(|piece| [&[piece.len() as u8 - 1], piece].concat());
    let lost = tiff().chunks(vec![packed.collect(), vec![]]);
    let lost = lost.short(259, &[32_773]).finish();
    for (source, words) in [
        (half(ImageFormat::Bmp), "truncated"),
        (half(ImageFormat::Gif), "ends early"),
        (lost, "damaged"),
    ] {
        let (picture, warnings) = decoded(&source);
        let alphas = picture.pixels().map(|Rgba([.., alpha])| *alpha);
        let clear = alphas.clone().filter(|alpha| *alpha == 0).count();
        let opaque = alphas.filter(|alpha| *alpha == 255).count();
        assert!(clear > 50 && opaque > 50, "{words}: {clear} and {opaque}");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains(words), "{warnings:?}");
    }
}

#[test]
fn the_picture_of_a_tiff_is_shown_and_a_preview_is_called_one() {
    Shown::of(&tiff().finish()).expect_whole(0);
    let shown = Shown::of(&tiff().bytes(50_706, &[1, 4, 0, 0]).finish());
    shown.expect_rows(0..HEIGHT, 0);
    shown.expect_warning("preview of a camera raw file");
}

#[test]
fn a_refusal_names_the_format_and_says_whether_it_is_damage() {
    let bmp = {
        let mut source = encoded(ImageFormat::Bmp);
        source[30] = 5;
        source
    };
    let frameless = b"GIF89a\x01\0\x01\0\0\0\0;";
    let icon = b"\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x16\0\0\0";
    let unsupported = |reason: &str| Error::UnsupportedFormat(reason.into());
    let malformed = |reason: &str| Error::MalformedSource(reason.into());
    for (source, wanted) in [
        (
            tiff().short(259, &[34_712]).finish(),
            unsupported("image/tiff: compression 34712 (JPEG 2000) is not decoded"),
        ),
        (
            tiff().without(257).finish(),
            malformed("image/tiff: no width or no height"),
        ),
        (
            tiff().long(278, &[0]).finish(),
            malformed("image/tiff: strips without rows"),
        ),
        (bmp, unsupported("image/bmp: a PNG within")),
        (frameless.to_vec(), malformed("image/gif: no frame")),
        (
            icon.to_vec(),
            malformed("image/vnd.microsoft.icon: no picture in the directory"),
        ),
    ] {
        let refused = generate(&source, &Limits::default());
        assert_eq!(refused.unwrap_err().to_string(), wanted.to_string());
    }
}

#[test]
fn tiles_of_more_pixels_than_the_limit_are_refused() {
    let page = tiff().listed_under((324, 325)).short(259, &[1]);
    let page = page.long(322, &[65_536]).long(323, &[65_536]).finish();
    let limits = Limits {
        max_pixels: 65_536 * u64::from(HEIGHT) - 1,
        ..Limits::default()
    };
    let refused = generate(&page, &limits);
    assert!(
        matches!(refused, Err(Error::LimitExceeded(_))),
        "{refused:?}"
    );
    assert!(generate(&page, &Limits::default()).is_ok());
}

#[test]
fn the_profile_of_a_bitmap_counts() {
    // sRGB whose red is green, and whose green is red.
    let srgb = ColorProfile::new_srgb();
    let mut swapped = ColorProfile::new_display_p3();
    (swapped.red_colorant, swapped.green_colorant) = (srgb.green_colorant, srgb.red_colorant);
    swapped.blue_colorant = srgb.blue_colorant;
    let profile = swapped.encode().unwrap();
    let pixels = (0..HEIGHT)
        .rev()
        .flat_map(|y| (0..WIDTH).map(move |x| color(x, y)));
    let stored: Vec<u8> = pixels
        .flat_map(|[red, green, blue]| [blue, red, green])
        .collect();
    let mut header = vec![0; 124];
    let embedded = u32::from_be_bytes(*b"MBED");
    for (at, value) in [
        (0, 124),
        (4, WIDTH),
        (8, HEIGHT),
        (12, 1 | 24 << 16),
        (56, embedded),
        (112, 124 + stored.len() as u32),
        (116, profile.len() as u32),
    ] {
        header[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }
    let file = b"BM\0\0\0\0\0\0\0\0\x8a\0\0\0".as_slice();
    let source = [file, &header, &stored, &profile].concat();
    Shown::of(&source).expect_whole(2);
}
