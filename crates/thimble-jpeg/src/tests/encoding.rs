//! Files that are written, and how they are decoded by others.

use thimble_picture::{Model, Picture, Plane};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

use crate::{Effort, Options, Transformed, encode};

/// A picture of gradients, edges and noise; `halved` has fewer color differences.
fn picture(width: usize, height: usize, halved: bool) -> Picture {
    let part = |side: usize| if halved { side.div_ceil(2) } else { side };
    let plane = |number: usize, (width, height): (usize, usize)| {
        let sample = |index: usize| {
            let (x, y) = (index % width, index / width);
            let noise = index.wrapping_mul(0x9E37_79B1).wrapping_mul(number + 3) >> 13 & 31;
            let edge = if x / 11 % 2 == 0 { 60 } else { 0 };
            ((x * 3 + y * 2 + edge + noise * (y / 8 % 3)) % 256) as u8
        };
        Plane {
            channels: 1,
            width,
            height,
            extent: (width as f64, height as f64),
            samples: (0..width * height).map(sample).collect(),
        }
    };
    let differences = (part(width), part(height));
    Picture {
        model: Model::Ycbcr,
        planes: vec![
            plane(0, (width, height)),
            plane(1, differences),
            plane(2, differences),
        ],
    }
}

fn options() -> impl Iterator<Item = Options> {
    (0..32_u8).map(|bits| Options {
        quality: [1, 30, 75, 95][usize::from(bits % 4)],
        progressive: bits & 4 != 0,
        subsampled: true,
        optimal: bits & 8 == 0,
        effort: if bits & 16 == 0 {
            Effort::Fast
        } else {
            Effort::Small
        },
    })
}

#[test]
fn a_transformed_picture_is_encoded_as_the_picture_itself() {
    for options in options() {
        for sides in [(1, 1), (8, 8), (17, 9), (64, 40), (70, 33)] {
            let file = encode(picture(sides.0, sides.1, true), &options).unwrap();
            let other = Options {
                quality: 50,
                ..options
            };
            let transformed = Transformed::new(picture(sides.0, sides.1, true), &other).unwrap();
            assert_eq!(
                transformed.encode(options.quality),
                file,
                "{sides:?} {options:?}"
            );
        }
    }
}

#[test]
fn others_decode_what_was_chosen_among() {
    for options in options() {
        for sides in [(1, 1), (17, 9), (64, 40)] {
            let file = encode(picture(sides.0, sides.1, false), &options).unwrap();
            let mut decoder = JpegDecoder::new(ZCursor::new(&file));
            let pixels = decoder.decode().unwrap();
            assert_eq!(pixels.len(), sides.0 * sides.1 * 3, "{sides:?} {options:?}");
        }
    }
}

/// Files of rounded coefficients are what they have always been: who asks for them may
/// compare digests.
#[test]
fn rounded_files_are_known() {
    let fast = options().filter(|options| options.effort == Effort::Fast);
    let files = fast.map(|options| encode(picture(70, 33, true), &options).unwrap());
    let digest = files
        .flatten()
        .fold(0xCBF2_9CE4_8422_2325_u64, |digest, byte| {
            (digest ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
        });
    assert_eq!(digest, 0x5C94_611E_B037_DCB7, "{digest:#018x}");
}

#[test]
fn effort_costs_few_bytes_even_for_noise() {
    for quality in [10, 50, 75, 90, 95] {
        let size = |effort| {
            let options = Options {
                quality,
                progressive: false,
                subsampled: true,
                optimal: true,
                effort,
            };
            encode(picture(256, 192, true), &options).unwrap().len()
        };
        let (fast, small) = (size(Effort::Fast), size(Effort::Small));
        assert!(small < fast * 5 / 4, "{small} of {fast} bytes at {quality}");
    }
}
