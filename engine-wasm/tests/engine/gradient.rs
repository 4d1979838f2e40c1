//! Parts of the tests of AVIF and JPEG XL, whose files all show one picture of our own: red
//! grows to the right, and green downwards.

use image::{Rgba, RgbaImage};
use thimble_engine::contract::{Fit, Limits};

use crate::support::{make, spec, with_type};

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

/// Checks what a header says: the format, and a number of frames.
pub(crate) fn has_frames(source: &[u8], media_type: &str, frames: u32) {
    let read = thimble_engine::generate(source, &[], &Limits::default()).unwrap();
    assert_eq!(read.source.media_type, media_type);
    assert_eq!(read.source.frames, frames);
}

/// Checks that alpha grows to the right, within a tolerance.
pub(crate) fn has_alpha(name: &str, source: &[u8], tolerance: u8) {
    let made = pixels(source);
    let width = made.width();
    for (x, _, Rgba([.., alpha])) in made.enumerate_pixels() {
        let wanted = (x * 255 / (width - 1)) as u8;
        let far = alpha.abs_diff(wanted);
        assert!(far <= tolerance, "{name}: {alpha} at {x}");
    }
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
