//! JPEG XL: every kind of file in `testkit/jxl`, and files that are broken.

use image::Rgba;
use testkit::jxl::{FILES, file};
use thimble_engine::contract::{Error, Limits};

use crate::gradient::{has_alpha, has_frames, is_of_display_p3, is_of_hdr, pixels, psnr};
use crate::support::{decoded, generate};

/// The color of the picture that every file shows.
fn color(x: u32, y: u32, (width, height): (u32, u32)) -> [u8; 3] {
    let share = |at: u32, side: u32| (at * 255 / (side - 1)) as u8;
    let stripes = ((x + 2 * y) % 64).abs_diff(32) * 4;
    let blue = if width == 640 { stripes as u8 } else { 128 };
    [share(x, width), share(y, height), blue]
}

/// Sides of the picture in a file of this name.
fn sides(name: &str) -> (u32, u32) {
    match name.split('-').next() {
        Some("odd") => (37, 3),
        Some("large") => (640, 400),
        _ => (96, 64),
    }
}

/// Files whose colors are taken for others, or that are turned.
fn shows_another(name: &str) -> bool {
    let others = [
        "gray", "p3", "profile", "curve", "deep-", "turned", "frames", "layers",
    ];
    name != "deep-lossy" && others.iter().any(|other| name.starts_with(other))
}

#[test]
fn every_way_to_store_the_picture_shows_the_same_picture() {
    for (name, source) in FILES.iter().filter(|(name, _)| !shows_another(name)) {
        let made = pixels(source);
        assert_eq!(made.dimensions(), sides(name), "{name}");
        let likeness = psnr(&made, |x, y| color(x, y, sides(name)));
        let least = match *name {
            // Encoded at half of the sides, or at the usual quality.
            "lossy-resampled" => 26.0,
            "odd-lossy" | "large-lossy" | "large-progressive" | "jpeg" => 36.0,
            _ if name.contains("lossy") => 42.0,
            _ => 50.0,
        };
        assert!(likeness > least, "{name}: {likeness:.1} dB");
    }
}

#[test]
fn what_has_no_colors_is_gray() {
    for name in ["gray", "gray-lossy", "gray-alpha", "gray-16"] {
        let (_, warnings) = decoded(file(name));
        assert!(warnings.is_empty(), "{name}: {warnings:?}");
        let made = pixels(file(name));
        let gray = |x, y| {
            let [red, green, blue] = color(x, y, (96, 64)).map(f64::from);
            let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
            [if name == "gray-16" {
                red as u8
            } else {
                luma as u8
            }; 3]
        };
        let likeness = psnr(&made, gray);
        assert!(likeness > 42.0, "{name}: {likeness:.1} dB");
    }
}

#[test]
fn alpha_is_kept() {
    for name in ["alpha", "alpha-lossy", "gray-alpha"] {
        has_alpha(name, file(name), 2);
    }
}

#[test]
fn a_picture_is_turned_once() {
    for orientation in 2..=8 {
        let name = format!("turned-{orientation}");
        let made = pixels(file(&name));
        let turned = orientation > 4;
        assert_eq!(
            made.dimensions(),
            if turned { (64, 96) } else { (96, 64) },
            "{name}"
        );
        let likeness = psnr(&made, |x, y| {
            let (x, y) = match orientation {
                2 => (95 - x, y),
                3 => (95 - x, 63 - y),
                4 => (x, 63 - y),
                5 => (y, x),
                6 => (y, 63 - x),
                7 => (95 - y, 63 - x),
                _ => (95 - y, x),
            };
            color(x, y, (96, 64))
        });
        assert!(likeness > 40.0, "{name}: {likeness:.1} dB");
    }
}

#[test]
fn colors_are_converted_to_srgb_as_a_profile_or_code_points_say() {
    for name in ["p3", "p3-lossy", "profile"] {
        is_of_display_p3(name, file(name));
    }
    // Of a lossy one the decoder computes other colors than those that it is stored in.
    for name in ["profile", "curve"] {
        let exact = pixels(file(name));
        let likeness = psnr(&pixels(file(&format!("{name}-lossy"))), |x, y| {
            let Rgba([red, green, blue, _]) = *exact.get_pixel(x, y);
            [red, green, blue]
        });
        assert!(likeness > 36.0, "{name}: {likeness:.1} dB");
    }
    let linear = pixels(file("deep-linear"));
    let Rgba([red, green, ..]) = *linear.get_pixel(48, 6);
    assert!(
        red.abs_diff(188) < 3 && green.abs_diff(88) < 4,
        "{red} {green}"
    );
}

#[test]
fn light_of_hdr_is_mapped_to_a_screen() {
    for name in ["deep-pq", "deep-pq-lossy", "deep-hlg"] {
        is_of_hdr(name, file(name));
    }
}

#[test]
fn the_frames_of_an_animation_are_counted_and_the_first_is_shown() {
    has_frames(file("animation"), "image/jxl", 3);
    has_frames(file("layers"), "image/jxl", 1);
    has_frames(file("lossy"), "image/jxl", 1);
}

#[test]
fn half_a_file_is_half_a_picture_or_a_coarse_one() {
    for name in ["large-lossy", "large-progressive"] {
        let source = file(name);
        let source = &source[..source.len() * 3 / 4];
        let (_, warnings) = decoded(source);
        assert!(warnings[0].contains("truncated"), "{name}: {warnings:?}");
        let likeness = psnr(&pixels(source), |x, y| color(x, y, (640, 400)));
        assert!(likeness > 30.0, "{name}: {likeness:.1} dB");
    }
    // Groups of 256 by 256 pixels, from the top to the bottom.
    let source = file("large");
    let source = &source[..source.len() * 3 / 4];
    let (_, warnings) = decoded(source);
    assert!(warnings[0].contains("truncated"), "{warnings:?}");
    let made = pixels(source);
    let corners = [(2, 2), (637, 397)].map(|(x, y)| made.get_pixel(x, y).0[3]);
    assert_eq!(corners, [255, 0]);
    let likeness = psnr(&made, |x, y| color(x, y, (640, 400)));
    assert!(likeness > 50.0, "{likeness:.1} dB");
}

/// Fields of a frame of blocks, and of one that is lossless, up to its sections.
const BLOCKS: &[(u32, u32)] = &[(1, 1)];
const LOSSLESS: &[(u32, u32)] = &[
    (0, 3),
    (1, 1),
    (0, 2),
    (0, 1),
    (0, 2),
    (1, 2),
    (0, 2),
    (0, 1),
    (0, 2),
    (1, 1),
    (0, 2),
    (1, 1),
    (0, 2),
];

/// A picture of so many rows and columns, of 16 bits, whose sections are empty.
fn empty(side: u32, is_narrow: bool, frame: &[(u32, u32)]) -> Vec<u8> {
    let sides = [(0, 1), (1, 2), (side - 1, 13), (1, 3)];
    let depth = [(0, 3), (3, 2), (15, 6), (is_narrow.into(), 1)];
    let colors = [(0, 2), (0, 1), (1, 1), (0, 2), (1, 1)];
    let mut bytes = vec![0xff, 0x0a];
    for fields in [&[&sides, depth.as_slice(), &colors].concat(), frame] {
        let mut place = 0;
        for (value, count) in fields {
            for bit in 0..*count {
                if place % 8 == 0 {
                    bytes.push(0);
                }
                *bytes.last_mut().unwrap() |= ((value >> bit & 1) as u8) << (place % 8);
                place += 1;
            }
        }
    }
    bytes.extend([0; 2000]);
    bytes
}

#[test]
fn a_picture_is_refused_for_what_it_may_hold_and_not_for_what_it_holds_nothing_of() {
    let files = [
        ("blocks", empty(6400, false, BLOCKS), false),
        (
            "16 bits hold its numbers",
            empty(6400, true, LOSSLESS),
            false,
        ),
        (
            "32 bits hold its numbers",
            empty(6400, false, LOSSLESS),
            true,
        ),
    ];
    for (name, source, is_over) in files {
        let error = generate(&source, &Limits::default()).unwrap_err();
        let is_limit = matches!(error, Error::LimitExceeded(_));
        assert_eq!(is_limit, is_over, "{name}: {error:?}");
    }
}
