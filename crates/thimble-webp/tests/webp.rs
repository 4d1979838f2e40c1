//! Lossy WebP through the public surface of its codec.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use thimble_picture::{Model, Picture, Plane};
use thimble_webp::{self as webp, Damage, Detail};

/// A key frame of 16x16 pixels whose partitions are missing.
const EMPTY_FRAME: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0];

fn full() -> Detail {
    Detail::for_size((16, 16), (16, 16))
}

#[test]
fn a_frame_that_ends_early_is_truncated() {
    for length in 0..EMPTY_FRAME.len() {
        let damage = webp::decode(&EMPTY_FRAME[..length], full()).err();
        assert_eq!(damage, Some(Damage::Truncated), "{length} bytes");
    }
    let announced = [0x30, 1, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0];
    assert_eq!(
        webp::decode(&announced, full()).err(),
        Some(Damage::Truncated)
    );
}

/// A lossless picture as another encoder writes it, without its container.
fn lossless_frame(pixels: &image::RgbaImage) -> Vec<u8> {
    let mut file = std::io::Cursor::new(vec![]);
    pixels
        .write_to(&mut file, image::ImageFormat::WebP)
        .unwrap();
    let file = file.into_inner();
    assert_eq!(&file[12..16], b"VP8L");
    file[20..].to_vec()
}

/// The color at a column and a row, with noise.
type Drawing = fn(u32, u32, u8) -> [u8; 4];

#[test]
fn a_lossless_picture_has_its_rows_up_to_where_it_ends() {
    let seed = noise(64 * 48 * 4);
    let pictures: [Drawing; 4] = [
        |x, y, noise| [(4 * x) as u8, (5 * y) as u8, noise, 255],
        |x, y, noise| [x as u8, y as u8, (x + y) as u8, noise],
        |x, y, _| [[9, 0, 200, 255], [7, 80, 30, 90]][(x / 5 + y / 3) as usize % 2],
        |_, _, noise| [noise % 4, 0, 0, 255],
    ];
    for (index, color) in pictures.into_iter().enumerate() {
        let pixels = image::RgbaImage::from_fn(64, 48, |x, y| {
            image::Rgba(color(x, y, seed[(y * 64 + x) as usize]))
        });
        let frame = lossless_frame(&pixels);
        let (width, height, _) = webp::lossless::header(&frame).unwrap();
        assert_eq!((width, height), (64, 48));
        let mut rows = vec![];
        for length in 0..=frame.len() {
            let Some(there) = webp::lossless::decode_partly(&frame[..length]) else {
                continue;
            };
            let made = there.pixels.as_flattened();
            assert_eq!(made, &pixels.as_raw()[..made.len()], "{index}: {length}");
            rows.push(there.pixels.len() / 64);
        }
        assert!(rows.is_sorted());
        assert_eq!(rows.last(), Some(&48), "{index}");
        assert!(rows.len() > 1, "{index}");
    }
}

proptest! {
    #[test]
    fn lossless_data_that_make_no_sense_end_nothing(
        data in prop::collection::vec(any::<u8>(), 0..300),
        flips in prop::collection::vec((0..400_usize, any::<u8>()), 0..5),
    ) {
        let header = [&[0x2f, 40, 0x40, 1, 0], &data[..]].concat();
        let _ = webp::lossless::decode_partly(&header);
        let pixels = image::RgbaImage::from_fn(20, 20, |x, y| {
            image::Rgba([(x * y) as u8, x as u8, 3, y as u8])
        });
        let mut frame = lossless_frame(&pixels);
        for (at, value) in flips {
            let length = frame.len();
            frame[5 + at % (length - 5)] ^= value;
        }
        let there = webp::lossless::decode_partly(&frame);
        prop_assert!(there.is_none_or(|there| there.pixels.len() <= 400));
    }
}

#[test]
fn what_does_not_begin_with_a_key_frame_is_refused() {
    let mut interframe = EMPTY_FRAME;
    interframe[0] |= 1;
    assert_eq!(
        webp::decode(&interframe, full()).err(),
        Some(Damage::NoKeyFrame)
    );
    let mut other = EMPTY_FRAME;
    other[3] = 0;
    assert_eq!(webp::decode(&other, full()).err(), Some(Damage::NoKeyFrame));
}

#[test]
fn a_frame_without_pixels_is_refused() {
    let mut flat = EMPTY_FRAME;
    flat[8] = 0;
    assert_eq!(webp::decode(&flat, full()).err(), Some(Damage::Empty));
}

/// Numbers that look random and are the same in every run (Marsaglia, "Xorshift
/// RNGs", 2003).
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(next).collect()
}

fn picture(
    model: Model,
    channels: usize,
    (width, height): (usize, usize),
    samples: Vec<u8>,
) -> Picture {
    let extent = (width as f64, height as f64);
    let planes = vec![Plane {
        channels,
        width,
        height,
        extent,
        samples,
    }];
    Picture { model, planes }
}

/// A gray slope with a bump on it.
fn slope((width, height): (usize, usize)) -> Picture {
    let sample = |index: usize| {
        let (x, y) = (index % width, index / width);
        (60 + 2 * (x % 50) + (y % 40) + 20 * usize::from((x / 9 + y / 7) % 3 == 0)) as u8
    };
    let samples = (0..width * height).map(sample).collect();
    picture(Model::Gray, 1, (width, height), samples)
}

/// Decodes a frame in full.
fn shown(frame: &[u8], (width, height): (usize, usize)) -> Picture {
    let size = (width as u32, height as u32);
    webp::decode(frame, Detail::for_size(size, size)).unwrap()
}

/// The luma of a decoded picture without what lies beyond its edge.
fn luma(picture: &Picture) -> Vec<u8> {
    let plane = &picture.planes[0];
    let (columns, rows) = plane.covered();
    let rows = plane.samples.chunks(plane.width).take(rows);
    rows.flat_map(|row| row[..columns].to_vec()).collect()
}

fn mean_squared_error(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let square = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    a.iter().zip(b).map(square).sum::<f64>() / a.len() as f64
}

/// The file of a frame, read by another decoder.
fn pixels_of(frame: &[u8]) -> image::RgbImage {
    let padding = &[0][..frame.len() % 2];
    let length = (12 + frame.len() + padding.len()) as u32;
    let file = [
        b"RIFF",
        &length.to_le_bytes()[..],
        b"WEBPVP8 ",
        &(frame.len() as u32).to_le_bytes(),
        frame,
        padding,
    ]
    .concat();
    let format = image::ImageFormat::WebP;
    image::load_from_memory_with_format(&file, format)
        .unwrap()
        .to_rgb8()
}

#[test]
fn every_size_is_encoded_and_shows_what_it_should() {
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100];
    for width in sides {
        for height in sides {
            let size = (width, height);
            let source = slope(size);
            let frame = webp::encode(&source, 90).unwrap();
            let made = shown(&frame, size);
            assert_eq!(made.planes[0].covered(), size);
            let error = mean_squared_error(&luma(&made), &luma(&source));
            assert!(error < 20.0, "{width}x{height}: {error}");
        }
    }
}

/// A picture without what lies beyond its edges.
fn cropped(picture: Picture) -> Picture {
    let planes = picture.planes.into_iter().map(|plane| {
        let (width, height) = plane.covered();
        let rows = plane.samples.chunks(plane.width * plane.channels);
        let rows = rows.take(height);
        let samples = rows.flat_map(|row| row[..width * plane.channels].to_vec());
        Plane {
            samples: samples.collect(),
            width,
            height,
            ..plane
        }
    });
    Picture {
        model: picture.model,
        planes: planes.collect(),
    }
}

/// The pixels of planes of one size, as JFIF converts them.
fn rgb(picture: &Picture) -> Vec<u8> {
    let [luma, blue, red] = picture.planes.as_slice() else {
        panic!("three planes");
    };
    let differences = blue.samples.iter().zip(&red.samples);
    let pixels = luma.samples.iter().zip(differences);
    let pixels = pixels.map(|(luma, (blue, red))| {
        let luma = f64::from(*luma);
        let (blue, red) = (f64::from(*blue) - 128.0, f64::from(*red) - 128.0);
        [
            luma + 1.402 * red,
            luma - 0.344_136 * blue - 0.714_136 * red,
            luma + 1.772 * blue,
        ]
    });
    pixels
        .flatten()
        .map(|sample| sample.round() as u8)
        .collect()
}

#[test]
fn another_decoder_sees_the_same_picture() {
    for (size, quality) in [
        ((1, 1), 50),
        ((33, 17), 1),
        ((100, 75), 40),
        ((64, 64), 100),
    ] {
        let samples = noise(3 * size.0 * size.1);
        // A quarter of the range: colors beyond what RGB can express are cut off
        // in another place here than there.
        let soft = samples.iter().map(|sample| 96 + sample / 4).collect();
        for source in [slope(size), picture(Model::Rgb, 3, size, soft)] {
            let frame = webp::encode(&source, quality).unwrap();
            let there = pixels_of(&frame);
            assert_eq!(there.dimensions(), (size.0 as u32, size.1 as u32));
            let here = rgb(&cropped(shown(&frame, size)));
            let error = mean_squared_error(&here, there.as_raw());
            assert!(error < 2.0, "{size:?} at quality {quality}: {error}");
        }
    }
}

/// Pictures of any size and of everything between a flat color and noise; not of
/// colors so strong that what RGB cannot express is cut off.
fn any_picture(
    colored: impl Strategy<Value = bool>,
) -> impl Strategy<Value = ((usize, usize), Picture)> {
    let samples = |amplitude: u8, seed: u8, length| {
        let grain = noise(length + usize::from(seed)).split_off(usize::from(seed));
        let soft = move |(index, grain): (usize, u8)| {
            let slope = (index / 7 % 64) as u8;
            70 + slope + (u16::from(grain) * u16::from(amplitude) / 255) as u8
        };
        grain.into_iter().enumerate().map(soft).collect()
    };
    (1_usize..90, 1_usize..90, 0_u8..=64, any::<u8>(), colored).prop_map(
        move |(width, height, amplitude, seed, colored)| {
            let (model, channels) = if colored {
                (Model::Rgb, 3)
            } else {
                (Model::Gray, 1)
            };
            let samples = samples(amplitude, seed, width * height * channels);
            (
                (width, height),
                picture(model, channels, (width, height), samples),
            )
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_picture_at_any_quality_is_shown_alike(
        (size, source) in any_picture(any::<bool>()),
        quality in 1_u8..=100,
    ) {
        let frame = webp::encode(&source, quality).unwrap();
        let there = pixels_of(&frame);
        prop_assert_eq!(there.dimensions(), (size.0 as u32, size.1 as u32));
        let here = rgb(&cropped(shown(&frame, size)));
        let error = mean_squared_error(&here, there.as_raw());
        prop_assert!(error < 2.0, "between the decoders: {}", error);
    }

    #[test]
    fn what_was_encoded_is_close_to_the_source(
        (size, source) in any_picture(Just(false)),
        quality in 1_u8..=100,
    ) {
        let frame = webp::encode(&source, quality).unwrap();
        let error = mean_squared_error(&luma(&shown(&frame, size)), &luma(&source));
        // The noise, of 341 at most, may be lost, and at the highest quality hardly
        // anything.
        let most = 5.0 * f64::from(101 - quality) + 2.0;
        prop_assert!(error < most, "{}", error);
    }

    #[test]
    fn a_damaged_frame_is_shown_in_its_size_or_refused(
        (size, source) in any_picture(Just(false)),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut frame = webp::encode(&source, 60).unwrap();
        // Behind the header, which says the size.
        let at = 10 + at.index(frame.len() - 10);
        frame[at] = byte;
        let whole = (size.0 as u32, size.1 as u32);
        if let Ok(shown) = webp::decode(&frame, Detail::for_size(whole, whole)) {
            prop_assert_eq!(shown.planes[0].covered(), size);
        }
    }
}

#[test]
fn a_higher_quality_costs_bytes_and_shows_more() {
    let source = slope((96, 80));
    let mut before = (0, f64::INFINITY);
    for quality in [1, 20, 40, 60, 80, 100] {
        let frame = webp::encode(&source, quality).unwrap();
        let error = mean_squared_error(&luma(&shown(&frame, (96, 80))), &luma(&source));
        assert!(
            frame.len() > before.0 && error < before.1,
            "quality {quality}"
        );
        before = (frame.len(), error);
    }
    assert!(before.1 < 2.0, "{}", before.1);
}

#[test]
fn noise_and_flat_colors_are_encoded_at_any_quality() {
    let size = (50, 34);
    for quality in 1..=100 {
        let source = picture(Model::Gray, 1, size, noise(50 * 34));
        let frame = webp::encode(&source, quality).unwrap();
        assert_eq!(shown(&frame, size).planes[0].covered(), size);
    }
    for level in [0, 1, 127, 254, 255] {
        let frame = webp::encode(&picture(Model::Gray, 1, size, vec![level; 50 * 34]), 80).unwrap();
        assert!(frame.len() < 100, "{} bytes", frame.len());
        let made = luma(&shown(&frame, size));
        assert!(
            made.iter().all(|sample| sample.abs_diff(level) <= 2),
            "{level}"
        );
    }
}

#[test]
fn what_the_format_cannot_express_is_refused() {
    let wide = webp::MAX_SIDE as usize;
    for (size, is_encoded) in [
        ((wide, 1), true),
        ((wide + 1, 1), false),
        ((1, wide + 1), false),
    ] {
        let samples = vec![99; size.0 * size.1];
        let frame = webp::encode(&picture(Model::Gray, 1, size, samples), 80);
        assert_eq!(frame.is_some(), is_encoded, "{size:?}");
    }
    assert!(webp::encode(&picture(Model::Gray, 1, (0, 0), vec![]), 80).is_none());
}
