//! The resampler against one that other people wrote, byte for byte.

use fast_image_resize::images::{TypedCroppedImage, TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct Case {
    plane: Plane,
    across: (f64, f64),
    down: (f64, f64),
    size: (u32, u32),
}

/// Planes of all numbers of channels, with samples beyond the picture; a part of
/// them, at whole samples or between; to larger and to smaller sizes.
fn case() -> impl Strategy<Value = Case> {
    let shape = (1_usize..150, 1_usize..90, 0_usize..9, 0_usize..9);
    let parts = (
        0.0..0.9,
        0.05..=1.0,
        0.0..0.9,
        0.05..=1.0,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    );
    let channels = prop_oneof![Just(1_usize), Just(3), Just(4)];
    (
        shape,
        parts,
        channels,
        (1_u32..120, 1_u32..90),
        any::<u64>(),
    )
        .prop_map(
            |((columns, rows, right, below), parts, channels, size, seed)| {
                let (width, height) = (columns + right, rows + below);
                let part = |samples: usize, start: f64, length: f64| {
                    let samples = samples as f64;
                    let (start, length) = (start * samples, length * samples);
                    if parts.4 {
                        (0.0, samples)
                    } else {
                        (start, length.min(samples - start))
                    }
                };
                Case {
                    plane: Plane {
                        channels,
                        width,
                        height,
                        extent: (columns as f64, rows as f64),
                        samples: noise(width * height * channels, seed),
                    },
                    across: part(columns, parts.0, parts.1),
                    down: part(rows, parts.2, parts.3),
                    size,
                }
            },
        )
}

/// Bytes that are often the extremes, where sums overflow first.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match state >> 60 {
            0..=4 => 0,
            5..=9 => 255,
            _ => (state >> 20) as u8,
        }
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn theirs<P: PixelTrait>(case: &Case) -> Vec<u8> {
    let (columns, rows) = case.plane.covered();
    let Plane { width, height, .. } = case.plane;
    let stored =
        TypedImageRef::<P>::from_buffer(width as u32, height as u32, &case.plane.samples).unwrap();
    let source = TypedCroppedImage::new(stored, 0, 0, columns as u32, rows as u32).unwrap();
    let (across, down) = (case.across, case.down);
    let mut samples = vec![0; (case.size.0 * case.size.1) as usize * case.plane.channels];
    let mut target = TypedImage::<P>::from_buffer(case.size.0, case.size.1, &mut samples).unwrap();
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(across.0, down.0, across.1, down.1)
        .use_alpha(false);
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .unwrap();
    samples
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn every_sample_is_what_another_resampler_makes_of_it(case in case()) {
        let (columns, rows) = case.plane.covered();
        let across = Side::new(columns, case.across.0, case.across.1, case.size.0).unwrap();
        let down = Side::new(rows, case.down.0, case.down.1, case.size.1).unwrap();
        let ours = Resampler::new().resample(&case.plane, across, down);
        let theirs = match case.plane.channels {
            1 => theirs::<U8>(&case),
            3 => theirs::<U8x3>(&case),
            _ => theirs::<U8x4>(&case),
        };
        prop_assert_eq!(ours, Ok(theirs));
    }
}
