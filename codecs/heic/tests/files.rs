//! The files of `testkit/heic`, which all show one picture of our own: red grows to the right,
//! and green downwards.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;

use heic_codec::{Color, Error, Guest, Header, Heic, Limits, Model, Picture, Wanted};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testkit/heic");

const LIMITS: Limits = Limits {
    max_pixels: 1 << 20,
    max_side: 1 << 10,
    max_profile: 1 << 16,
};

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FOLDER}/{name}.heic")).unwrap()
}

/// The header of a file and its picture, as large as it is.
fn decoded(source: &[u8]) -> Result<(Header, Picture), Error> {
    assert_eq!(Heic::recognize(source.into()), Some(0));
    let header = Heic::read_header(0, source.into(), LIMITS)?;
    let wanted = Wanted {
        width: header.width,
        height: header.height,
    };
    let picture = Heic::decode(0, source.into(), wanted, LIMITS)?;
    assert_eq!((picture.columns_averaged, picture.rows_averaged), (1, 1));
    Ok((header, picture))
}

/// Pixels, of three or four channels.
fn pixels(picture: &Picture) -> Vec<Vec<u8>> {
    let [plane] = picture.planes.as_slice() else {
        panic!("{} planes", picture.planes.len());
    };
    let samples: Vec<u8> = plane
        .words
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let channels = match picture.model {
        Model::Rgba => 4,
        Model::Rgb => 3,
        other => panic!("{other:?}"),
    };
    let samples = &samples[..plane.length as usize];
    samples.chunks_exact(channels).map(<[u8]>::to_vec).collect()
}

/// The color of the picture that every file shows.
fn color(x: usize, y: usize, (width, height): (usize, usize)) -> [u8; 3] {
    [
        (x * 255 / (width - 1)) as u8,
        (y * 255 / (height - 1)) as u8,
        128,
    ]
}

#[track_caller]
fn assert_near(found: &[u8], wanted: [u8; 3]) {
    let apart = found
        .iter()
        .zip(wanted)
        .map(|(one, other)| one.abs_diff(other));
    assert!(apart.max() <= Some(16), "{found:?}, not {wanted:?}");
}

#[test]
fn every_subsampling_depth_and_range_shows_the_same_picture() {
    for name in ["420-8", "422-10", "444-8", "alpha", "pq"] {
        let (header, picture) = decoded(&file(name)).unwrap();
        assert_eq!((header.width, header.height, header.frames), (96, 64, 1));
        assert_eq!(picture.warnings, Vec::<String>::new(), "{name}");
        for (at, pixel) in pixels(&picture).iter().enumerate() {
            let (x, y) = (at % 96, at / 96);
            match pixel.get(3) {
                Some(alpha) => assert!(alpha.abs_diff((x * 255 / 95) as u8) <= 8),
                None => assert_near(pixel, color(x, y, (96, 64))),
            }
        }
        match &picture.color {
            Color::Srgb => assert!(name != "pq"),
            Color::Described(points) => {
                assert!(name == "pq");
                assert_eq!((points.primaries, points.transfer), (9, 16));
            }
            Color::Icc(_) => panic!("{name} has no profile"),
        }
    }
}

#[test]
fn what_has_no_colors_is_gray() {
    let (_, picture) = decoded(&file("gray")).unwrap();
    let are_alike = |pixel: &Vec<u8>| pixel.iter().all(|sample| *sample == pixel[0]);
    assert!(pixels(&picture).iter().all(are_alike));
}

#[test]
fn a_grid_is_averaged_as_far_as_that_is_enough() {
    let source = file("grid");
    let (header, picture) = decoded(&source).unwrap();
    assert_eq!(
        (header.width, header.height, header.orientation),
        (160, 128, 8)
    );
    for (at, pixel) in pixels(&picture).iter().enumerate() {
        assert_near(pixel, color(at % 160, at / 160, (160, 128)));
    }
    let wanted = Wanted {
        width: 35,
        height: 30,
    };
    let small = Heic::decode(0, source[..].into(), wanted, LIMITS).unwrap();
    assert_eq!((small.columns_averaged, small.rows_averaged), (4, 4));
    for (at, pixel) in pixels(&small).iter().enumerate() {
        assert_near(
            pixel,
            color(4 * (at % 40) + 2, 4 * (at / 40) + 2, (160, 128)),
        );
    }
}

#[test]
fn pictures_of_an_overlay_lie_on_top_of_each_other() {
    let (header, picture) = decoded(&file("overlay")).unwrap();
    assert_eq!((header.width, header.height), (96, 64));
    for (at, pixel) in pixels(&picture).iter().enumerate() {
        let (x, y) = (at % 96, at / 96);
        let wanted = match (x, y) {
            (40.., 30..) => color(80 + x - 40, 64 + y - 30, (160, 128)),
            (..64, 8..) => color(x + 16, y - 8, (160, 128)),
            _ => {
                assert_eq!(pixel, &[0; 4]);
                continue;
            }
        };
        assert_near(&pixel[..3], wanted);
    }
}

#[test]
fn a_file_that_is_cut_off_is_malformed_or_lacks_a_part() {
    let mut shown = BTreeSet::new();
    for name in ["420-8", "alpha", "grid", "overlay"] {
        let source = file(name);
        for length in (24..source.len()).step_by(13) {
            match decoded(&source[..length]) {
                Ok((_, picture)) => {
                    let told = match name {
                        "grid" => "the source is truncated, the rest of it is missing",
                        // Its colors come first, and a cut tile is none.
                        "alpha" => "its alpha cannot be read, and is left out",
                        _ => panic!("{name}, {length}: decoded"),
                    };
                    assert_eq!(picture.warnings, [told], "{name}, {length}");
                    shown.insert(name);
                }
                Err(Error::MalformedSource(_)) => {}
                Err(other) => panic!("{name}, {length}: {other:?}"),
            }
        }
    }
    assert_eq!(shown, BTreeSet::from(["alpha", "grid"]));
}

#[test]
fn limits_are_checked_before_anything_is_decoded() {
    for name in ["420-8", "grid", "overlay"] {
        let few = Limits {
            max_pixels: 1000,
            ..LIMITS
        };
        let short = Limits {
            max_side: 95,
            ..LIMITS
        };
        for limits in [few, short] {
            let wanted = Wanted {
                width: 8,
                height: 8,
            };
            let refused = Heic::decode(0, file(name)[..].into(), wanted, limits);
            assert!(
                matches!(refused, Err(Error::LimitExceeded(_))),
                "{name}: {refused:?}"
            );
        }
    }
}
