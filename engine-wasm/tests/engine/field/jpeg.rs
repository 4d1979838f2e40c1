//! JPEG that breaks the rules as cameras and old programs do.

use jpeg_encoder::{ChromaSubsamplingMethod, ColorType, Encoder, SamplingFactor};
use moxcms::ColorProfile;
use thimble_engine::contract::{Fit, Limits, Output};

use super::shown::{HEIGHT, Shown, WIDTH, expect_unsupported, pixels};
use crate::support::{spec, with_type};

fn stream(sampling: SamplingFactor, is_progressive: bool) -> Vec<u8> {
    let mut stream = vec![];
    let mut encoder = Encoder::new(&mut stream, 95);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(is_progressive);
    let (width, height) = (WIDTH as u16, HEIGHT as u16);
    encoder
        .encode(pixels().as_flattened(), width, height, ColorType::Rgb)
        .unwrap();
    stream
}

/// Position of a marker.
fn find(stream: &[u8], marker: u8) -> usize {
    stream
        .windows(2)
        .position(|two| two == [0xff, marker])
        .unwrap()
}

/// Gives the components names of their own, in the frame and in the only scan.
fn rename(stream: &mut [u8], names: &[u8]) {
    let (frame, scan) = (find(stream, 0xc0), find(stream, 0xda));
    for (index, name) in names.iter().enumerate() {
        stream[frame + 10 + 3 * index] = *name;
        stream[scan + 5 + 2 * index] = *name;
    }
}

#[test]
fn components_may_share_a_name() {
    for names in [[1, 1, 1], [0, 0, 0], [1, 2, 1], [7, 7, 1]] {
        let mut source = stream(SamplingFactor::F_1_1, false);
        rename(&mut source, &names);
        Shown::of(&source).expect_whole(8);
    }
}

#[test]
fn inks_may_share_a_name() {
    let inks: Vec<u8> = pixels()
        .iter()
        .flat_map(|[red, green, blue]| [255 - red, 255 - green, 255 - blue, 0])
        .collect();
    let mut source = vec![];
    Encoder::new(&mut source, 97)
        .encode(&inks, WIDTH as u16, HEIGHT as u16, ColorType::Cmyk)
        .unwrap();
    rename(&mut source, &[1, 2, 3, 1]);
    Shown::of(&source).expect_whole(12);
}

/// A picture of one color, larger than the other.
fn another() -> Vec<u8> {
    let mut stream = vec![];
    Encoder::new(&mut stream, 90)
        .encode(&[255; 3 * 80 * 80], 80, 80, ColorType::Rgb)
        .unwrap();
    stream
}

#[test]
fn a_second_picture_is_not_painted_over_an_unfinished_one() {
    for is_progressive in [false, true] {
        let whole = stream(SamplingFactor::F_1_1, is_progressive);
        let without_end = [&whole[..whole.len() - 2], &another()].concat();
        let shown = Shown::of(&without_end);
        shown.expect_rows(0..HEIGHT, 8);
    }
    let whole = stream(SamplingFactor::F_1_1, false);
    let scan = find(&whole, 0xda);
    let half = &whole[..scan + (whole.len() - scan) / 2];
    let shown = Shown::of(&[half, &another()].concat());
    shown.expect_rows(0..8, 8);
    assert!(!shown.warnings.is_empty());
}

#[test]
fn jpeg_ls_and_lossless_are_named() {
    let mut source = stream(SamplingFactor::F_1_1, false);
    let frame = find(&source, 0xc0);
    for (marker, name) in [(0xf7, "JPEG-LS"), (0xc3, "lossless"), (0xc9, "arithmetic")] {
        source[frame + 1] = marker;
        expect_unsupported(&source, name);
    }
}

/// A thumbnail that is not as wide as the source.
fn thumbnail(source: &[u8], width: u32) -> image::RgbaImage {
    let spec = with_type("image/png", spec(width, None, Fit::Inside));
    let Output { thumbnails, .. } =
        thimble_engine::generate(source, &[spec], &Limits::default()).unwrap();
    image::load_from_memory(&thumbnails[0].data)
        .unwrap()
        .to_rgba8()
}

#[test]
fn color_differences_of_a_photo_with_a_profile_are_averaged_at_every_scale() {
    // Columns, or rows, of two colors whose mean is gray.
    let (width, height) = (960, 320);
    let stripes = |vertical: bool| -> Vec<u8> {
        let color = |x: usize, y: usize| {
            let stripe = if vertical { x } else { y };
            if stripe.is_multiple_of(4) || stripe % 4 == 1 {
                [128, 160, 90]
            } else {
                [128, 96, 166]
            }
        };
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| color(x, y)));
        rows.flatten().collect()
    };
    let profile = ColorProfile::new_display_p3().encode().unwrap();
    let samplings = [
        SamplingFactor::F_2_2,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_4_1,
    ];
    for sampling in samplings {
        for vertical in [false, true] {
            let mut source = vec![];
            let mut encoder = Encoder::new(&mut source, 97);
            encoder.set_sampling_factor(sampling);
            encoder.set_chroma_subsampling_method(ChromaSubsamplingMethod::Average);
            encoder.add_icc_profile(&profile).unwrap();
            encoder
                .encode(
                    &stripes(vertical),
                    width as u16,
                    height as u16,
                    ColorType::Rgb,
                )
                .unwrap();
            for wanted in [60, 120, 180] {
                for pixel in thumbnail(&source, wanted).pixels() {
                    let [red, green, blue, _] = pixel.0;
                    let spread = red.max(green).max(blue) - red.min(green).min(blue);
                    assert!(spread <= 14, "{pixel:?} at {wanted} columns, {sampling:?}");
                }
            }
        }
    }
}
