//! Parts of the tests of AVIF and JPEG XL, whose files all show one picture of our own: red
//! grows to the right, and green downwards.

use image::{Rgba, RgbaImage};
use thimble_engine::contract::{Error, Fit, Limits};

use crate::support::{generate, make, spec, with_type};

/// Signal over noise, in decibels: the colors of opaque pixels beside those of the picture.
pub(crate) fn psnr(made: &RgbaImage, wanted: impl Fn(u32, u32) -> [u8; 3]) -> f64 {
    let (mut error, mut count) = (0.0, 0.0);
    for (x, y, Rgba([red, green, blue, alpha])) in made.enumerate_pixels() {
        if *alpha < 64 {
            continue;
        }
        for (made, wanted) in [*red, *green, *blue].into_iter().zip(wanted(x, y)) {
            error += (f64::from(made) - f64::from(wanted)).powi(2);
            count += 1.0;
        }
    }
    10.0 * (255.0 * 255.0 * count / f64::max(error, 1.0)).log10()
}

/// The pixels of a file at full size.
pub(crate) fn pixels(source: &[u8]) -> RgbaImage {
    let asked = with_type("image/png", spec(640, 640, Fit::Inside));
    let made = make(source, &[asked]);
    image::load_from_memory(&made[0].data).unwrap().to_rgba8()
}

/// Checks a file in Display P3, whose reddest is beyond sRGB's, and so is its greenest.
pub(crate) fn is_of_display_p3(name: &str, source: &[u8]) {
    let Rgba([red, green, ..]) = *pixels(source).get_pixel(64, 12);
    assert!(red > 172 + 8 && green < 48, "{name}: {red} {green}");
}

/// Checks a file whose light is that of HDR: dark is dark on a screen, and bright is white.
pub(crate) fn is_of_hdr(name: &str, source: &[u8]) {
    let made = pixels(source);
    let (dark, bright) = (made.get_pixel(2, 2).0, made.get_pixel(93, 61).0);
    assert!(
        dark[0] < 40 && bright[1] > 240,
        "{name}: {dark:?} {bright:?}"
    );
}

/// Checks that each file is refused by limits.
pub(crate) fn are_over(limits: &Limits, files: &[(&str, &[u8])]) {
    for (name, source) in files {
        let refused = generate(source, limits);
        assert!(
            matches!(refused, Err(Error::LimitExceeded(_))),
            "{name}: {refused:?}"
        );
    }
}

/// Checks that files cut off from so many bytes on, at every so many, are shown or refused for
/// one of the reasons that are right.
pub(crate) fn answer_when_cut_off(
    files: &[(&str, &[u8])],
    (least, step): (usize, usize),
    is_right: fn(&Error) -> bool,
) {
    for (name, source) in files {
        for length in (least..source.len()).step_by(step) {
            if let Err(error) = generate(&source[..length], &Limits::default()) {
                assert!(is_right(&error), "{name}, {length} bytes: {error:?}");
            }
        }
    }
}
