//! TIFF as scanners, Photoshop, microscopes and old libraries write it.

use image::Rgba;
use thimble_tiff::Error;
use weezl::BitOrder;

use super::shown::{HEIGHT, Shown, WIDTH, decode, expect_unsupported, is_black, pixels};
use super::writer::{STRIPS, TILES, Tiff};

pub(crate) fn rgb(compression: u32, data: Vec<u8>) -> Tiff {
    Tiff::new(WIDTH, HEIGHT, data)
        .short(258, &[8, 8, 8])
        .short(259, &[compression])
        .short(262, &[2])
        .short(277, &[3])
}

/// The compressions that have no codec of their own here.
const COMPRESSIONS: [u32; 4] = [1, 5, 8, 32_773];

fn compressed(compression: u32, data: &[u8]) -> Vec<u8> {
    match compression {
        5 => weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(data)
            .unwrap(),
        8 => {
            let mut encoder = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
            std::io::Write::write_all(&mut encoder, data).unwrap();
            encoder.finish().unwrap()
        }
        32_773 => {
            let pieces = data.chunks(100);
            let pack = |piece: &[u8]| [&[piece.len() as u8 - 1], piece].concat();
            pieces.flat_map(pack).collect()
        }
        _ => data.to_vec(),
    }
}

/// The picture, in strips of so many rows.
fn strips(compression: u32, rows: u32) -> Vec<Vec<u8>> {
    let pixels = pixels();
    let strips = pixels.as_flattened().chunks((3 * WIDTH * rows) as usize);
    strips.map(|strip| compressed(compression, strip)).collect()
}

#[test]
fn lengths_that_are_missing_zero_or_too_small_are_found_out() {
    for compression in COMPRESSIONS {
        for rows in [HEIGHT, 20, 5] {
            let page = rgb(compression, vec![])
                .chunks(strips(compression, rows))
                .long(278, &[rows]);
            let wrong: [fn(usize) -> usize; 3] = [|_| 0, |length| length / 2, |length| length - 3];
            for stated in wrong {
                Shown::of(&page.clone().stating(stated).finish()).expect_whole(0);
            }
            let nowhere = page.listed_under((STRIPS.0, 60_000));
            Shown::of(&nowhere.finish()).expect_whole(0);
        }
    }
}

#[test]
fn a_file_that_is_cut_off_shows_what_there_is_with_a_warning() {
    for compression in COMPRESSIONS {
        // Its directory comes first: an uncut one that points at more than there is.
        let whole = rgb(compression, vec![])
            .chunks(strips(compression, 4))
            .long(278, &[4]);
        let mut chunks = strips(compression, 4);
        let mut hidden = 0;
        for chunk in &mut chunks[4..] {
            chunk.clear();
            hidden += 1;
        }
        let shown = Shown::of(&whole.chunks(chunks).finish());
        assert_eq!(hidden, 4);
        shown.expect_rows(0..16, 0);
        assert!(!shown.warnings.is_empty());
    }
}

#[test]
fn a_predictor_counts_where_the_compression_has_one() {
    for compression in [1, 32_773] {
        let page = rgb(
            compression,
            compressed(compression, pixels().as_flattened()),
        );
        Shown::of(&page.short(317, &[2]).finish()).expect_whole(0);
    }
    let mut predicted = pixels();
    for row in predicted.chunks_mut(WIDTH as usize) {
        for x in (1..row.len()).rev() {
            let left = row[x - 1];
            row[x]
                .iter_mut()
                .zip(left)
                .for_each(|(sample, left)| *sample = sample.wrapping_sub(left));
        }
    }
    for compression in [5, 8] {
        let page = rgb(
            compression,
            compressed(compression, predicted.as_flattened()),
        );
        Shown::of(&page.short(317, &[2]).finish()).expect_whole(0);
    }
}

/// Differences from the sample before the last so many, as whole numbers of some bytes.
fn horizontal_differences<const BYTES: usize>(row: &[u8], samples: usize) -> Vec<u8> {
    let number = |value: &[u8; BYTES]| {
        let mut wide = [0; 8];
        wide[..BYTES].copy_from_slice(value);
        u64::from_le_bytes(wide)
    };
    let (values, _) = row.as_chunks::<BYTES>();
    let left = std::iter::repeat_n(0, samples).chain(values.iter().map(number));
    let differences = values.iter().map(number).zip(left);
    let differences = differences.map(|(value, left)| value.wrapping_sub(left));
    differences
        .flat_map(|difference| difference.to_le_bytes()[..BYTES].to_vec())
        .collect()
}

#[test]
fn differences_of_floating_point_are_added_up_as_whole_numbers() {
    let rows = pixels();
    let rows = rows.chunks(WIDTH as usize).map(<[[u8; 3]]>::as_flattened);
    let unit = |sample: &u8| f64::from(*sample) / 255.0;
    let single = rows.clone().flat_map(|row| {
        let samples = row.iter().map(|sample| (unit(sample) as f32).to_le_bytes());
        horizontal_differences::<4>(&samples.collect::<Vec<_>>().concat(), 3)
    });
    let double = rows.clone().flat_map(|row| {
        let samples = row.iter().map(|sample| unit(sample).to_le_bytes());
        horizontal_differences::<8>(&samples.collect::<Vec<_>>().concat(), 3)
    });
    for (bits, data) in [(32, single.collect()), (64, double.collect::<Vec<u8>>())] {
        let page = rgb(8, compressed(8, &data)).short(258, &[bits; 3]);
        Shown::of(&page.short(317, &[2]).short(339, &[3; 3]).finish()).expect_whole(0);
    }
}

#[test]
fn predictors_that_are_not_undone_are_named() {
    let zeros = compressed(8, &[0; 8]);
    let gray = Tiff::new(8, 1, zeros).short(259, &[8]).short(262, &[1]);
    for (bits, predictor, name) in [
        (4, 2, "predictor 2 of 4 bits"),
        (24, 2, "predictor 2 of 24 bits"),
        (8, 3, "predictor 3 of 8 bits"),
        (8, 34_892, "predictor 34892 of 8 bits"),
    ] {
        let page = gray.clone().short(258, &[bits]).long(317, &[predictor]);
        expect_unsupported(&page.finish(), name);
    }
}

#[test]
fn colors_that_no_viewer_agrees_on_are_named_for_what_they_are() {
    let lab = rgb(1, vec![0; 64]).short(262, &[8]);
    let float = lab.clone().short(258, &[32; 3]).short(339, &[3; 3]);
    expect_unsupported(&float.finish(), "floating point");
    let palette = float.short(262, &[3]).short(258, &[16]).short(277, &[1]);
    expect_unsupported(&palette.short(320, &[0; 3]).finish(), "floating point");
    let gray = lab.short(258, &[8]).short(277, &[1]);
    expect_unsupported(&gray.finish(), "one sample");
    let shared = rgb(8, vec![0; 64]).short(262, &[6]).short(530, &[2, 2]);
    for (tag, values, name) in [
        (284, vec![2], "planes of their own"),
        (258, vec![16; 3], "other than 8 bits"),
        (277, vec![4], "beside other samples"),
        (317, vec![2], "with a predictor"),
    ] {
        expect_unsupported(&shared.clone().short(tag, &values).finish(), name);
    }
}

#[test]
fn lzw_from_before_version_6_is_read() {
    let mut encoder = weezl::encode::Encoder::new(BitOrder::Lsb, 8);
    let data = encoder.encode(pixels().as_flattened()).unwrap();
    assert_eq!((data[0], data[1] & 1), (0, 1));
    Shown::of(&rgb(5, data).finish()).expect_whole(0);
}

/// The picture in tiles of so many columns and rows, those at the edges filled up.
fn tiles(across: u32, down: u32) -> Vec<Vec<u8>> {
    let pixels = pixels();
    let mut tiles = vec![];
    for top in (0..HEIGHT).step_by(down as usize) {
        for left in (0..WIDTH).step_by(across as usize) {
            let places = (top..top + down).flat_map(|y| (left..left + across).map(move |x| (x, y)));
            let tile = places.flat_map(|(x, y)| {
                let is_inside = x < WIDTH && y < HEIGHT;
                if is_inside {
                    pixels[(y * WIDTH + x) as usize]
                } else {
                    [9, 9, 9]
                }
            });
            tiles.push(tile.collect());
        }
    }
    tiles
}

#[test]
fn tiles_are_read_under_the_tags_of_strips_and_when_they_are_larger_than_the_picture() {
    for (across, down) in [
        (16, 16),
        (32, 16),
        (WIDTH, 8),
        (64, 64),
        (8192, 16),
        (16, 8192),
    ] {
        for places in [TILES, STRIPS, (TILES.0, STRIPS.1)] {
            let page = rgb(1, vec![])
                .chunks(tiles(across, down))
                .listed_under(places)
                .long(322, &[across])
                .long(323, &[down]);
            Shown::of(&page.finish()).expect_whole(0);
        }
    }
}

#[test]
fn tiles_of_more_pixels_than_the_limit_are_refused() {
    let page = rgb(1, vec![0; 100]).listed_under(TILES);
    let page = page.long(322, &[65_536]).long(323, &[65_536]).finish();
    let limit = 65_536 * u64::from(HEIGHT);
    let refused = decode(&page, limit - 1).err();
    assert!(matches!(refused, Some(Error::TooLarge(_))), "{refused:?}");
    assert!(decode(&page, limit).is_ok());
}

#[test]
fn colors_that_nothing_is_said_about_are_guessed() {
    let data = compressed(5, pixels().as_flattened());
    Shown::of(&rgb(5, data).without(262).finish()).expect_whole(0);
    let mut bits = vec![0u8; (WIDTH / 8 * HEIGHT) as usize];
    for y in 0..HEIGHT {
        for x in (0..WIDTH).filter(|x| !is_black(*x, y)) {
            bits[(y * WIDTH / 8 + x / 8) as usize] |= 0x80 >> (x % 8);
        }
    }
    let page = Tiff::new(WIDTH, HEIGHT, compressed(5, &bits)).short(259, &[5]);
    let shown = Shown::of(&page.finish());
    shown.expect_black_and_white(0..HEIGHT);
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn samples_that_nobody_counted_are_those_that_have_a_depth() {
    let data = compressed(5, pixels().as_flattened());
    let page = rgb(5, data).without(277).short(258, &[8, 8, 8]);
    Shown::of(&page.finish()).expect_whole(0);
    // Red, green and blue of one sample are gray.
    let gray: Vec<u8> = pixels().iter().map(|[red, ..]| *red).collect();
    let page = rgb(5, compressed(5, &gray))
        .short(277, &[1])
        .short(258, &[8]);
    let shown = Shown::of(&page.finish());
    assert_eq!(shown.warnings, Vec::<String>::new());
    for (pixel, [red, ..]) in shown.picture.pixels().zip(pixels()) {
        assert_eq!(pixel.0, [red, red, red, 255]);
    }
}

/// Luma and color differences of a color, by the shares that TIFF takes for granted.
fn ycbcr([red, green, blue]: [u8; 3]) -> [f64; 3] {
    let [red, green, blue] = [red, green, blue].map(f64::from);
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    [
        luma,
        (blue - luma) / 1.772 + 128.0,
        (red - luma) / 1.402 + 128.0,
    ]
}

/// The picture in units of pixels that share color differences.
fn units((across, down): (u32, u32), code: impl Fn([f64; 3]) -> [u8; 3]) -> Vec<u8> {
    let pixels = pixels();
    let at = |x: u32, y: u32| {
        let (x, y) = (x.min(WIDTH - 1), y.min(HEIGHT - 1));
        code(ycbcr(pixels[(y * WIDTH + x) as usize]))
    };
    let mut data = vec![];
    for top in (0..HEIGHT).step_by(down as usize) {
        for left in (0..WIDTH).step_by(across as usize) {
            for y in top..top + down {
                data.extend((left..left + across).map(|x| at(x, y)[0]));
            }
            data.extend(&at(left, top)[1..]);
        }
    }
    data
}

#[test]
fn color_differences_at_a_lower_resolution_need_no_jpeg() {
    let round = |values: [f64; 3]| values.map(|value| value.round() as u8);
    for (across, down) in [(1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 4), (1, 2)] {
        for compression in COMPRESSIONS {
            let data = compressed(compression, &units((across, down), round));
            let page = rgb(compression, data)
                .short(262, &[6])
                .short(530, &[across, down]);
            Shown::of(&page.finish()).expect_whole(3);
        }
    }
    // Two by two unless it is said.
    let page = rgb(1, units((2, 2), round)).short(262, &[6]);
    Shown::of(&page.finish()).expect_whole(3);
}

#[test]
fn luma_that_ranges_from_16_to_235_is_stretched() {
    let studio = |[luma, blue, red]: [f64; 3]| {
        let difference = |value: f64| ((value - 128.0) * 112.0 / 127.0 + 128.0).round() as u8;
        [
            (luma * 219.0 / 255.0 + 16.0).round() as u8,
            difference(blue),
            difference(red),
        ]
    };
    let page = rgb(1, units((2, 2), studio))
        .short(262, &[6])
        .short(530, &[2, 2])
        .long(532, &[16, 235, 128, 240, 128, 240]);
    Shown::of(&page.finish()).expect_whole(5);
}

/// CIE L*a*b* of the D50 white.
fn lab(color: [u8; 3]) -> [f64; 3] {
    let [red, green, blue] = color.map(|channel| {
        let channel = f64::from(channel) / 255.0;
        if channel <= 0.04045 {
            channel / 12.92
        } else {
            ((channel + 0.055) / 1.055).powf(2.4)
        }
    });
    let x = 0.436_075 * red + 0.385_065 * green + 0.143_080 * blue;
    let y = 0.222_504 * red + 0.716_879 * green + 0.060_617 * blue;
    let z = 0.013_932 * red + 0.097_105 * green + 0.714_173 * blue;
    let root = |value: f64| {
        if value > 216.0 / 24389.0 {
            value.cbrt()
        } else {
            value * 24389.0 / 27.0 / 116.0 + 16.0 / 116.0
        }
    };
    let (x, y, z) = (root(x / 0.96422), root(y), root(z / 0.82521));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[test]
fn lab_is_read_in_8_and_16_bits_with_signs_and_without() {
    let of = |code: &dyn Fn([f64; 3]) -> Vec<u8>| -> Vec<u8> {
        pixels()
            .into_iter()
            .flat_map(|color| code(lab(color)))
            .collect()
    };
    let deep = |values: [i32; 3]| values.map(|value| (value as u16).to_le_bytes()).concat();
    let signed = of(&|[l, a, b]| {
        vec![
            (l * 2.55).round() as u8,
            a.round() as i8 as u8,
            b.round() as i8 as u8,
        ]
    });
    let offset = of(&|[l, a, b]| {
        [l * 2.55, a + 128.0, b + 128.0]
            .map(|value| value.round() as u8)
            .to_vec()
    });
    let signed_16 = of(&|[l, a, b]| {
        deep([
            (l * 655.35).round() as i32,
            (a * 256.0).round() as i32,
            (b * 256.0).round() as i32,
        ])
    });
    let offset_16 = of(&|[l, a, b]| {
        deep(
            [l * 652.8, (a + 128.0) * 256.0, (b + 128.0) * 256.0].map(|value| value.round() as i32),
        )
    });
    for (bits, photometric, data, tolerance) in [
        (8, 8, signed, 5),
        (8, 9, offset, 5),
        (16, 8, signed_16, 2),
        (16, 9, offset_16, 2),
    ] {
        let page = rgb(1, data)
            .short(258, &[bits; 3])
            .short(262, &[photometric]);
        Shown::of(&page.finish()).expect_whole(tolerance);
    }
}

#[test]
fn colors_of_24_and_32_bits_use_their_range_and_grays_are_small_numbers() {
    for bytes in [3, 4] {
        let wide = |sample: u8| [[sample].repeat(bytes - 1), vec![sample]].concat();
        let data = pixels().into_iter().flatten().flat_map(wide).collect();
        let page = rgb(1, data).short(258, &[8 * bytes as u32; 3]);
        Shown::of(&page.finish()).expect_whole(0);
    }
    let data = [7u32, 255, 256, u32::MAX].map(u32::to_le_bytes).concat();
    let page = Tiff::new(4, 1, data).short(258, &[32]).short(262, &[1]);
    let shown = Shown::of(&page.finish());
    let grays: Vec<u8> = shown
        .picture
        .pixels()
        .map(|Rgba([gray, ..])| *gray)
        .collect();
    assert_eq!(grays, [7, 255, 255, 255]);
}

#[test]
fn the_extra_sample_that_says_it_is_alpha_is_the_one_that_counts() {
    for planar in [1, 2] {
        let samples: [[u8; 2]; 5] = [[200, 10], [50, 20], [40, 30], [99, 98], [255, 0]];
        let pixels = (0..2).map(|x| samples.map(|sample| sample[x]));
        let chunks = match planar {
            1 => vec![pixels.flatten().collect()],
            _ => samples.iter().map(|sample| sample.to_vec()).collect(),
        };
        let page = Tiff::new(2, 1, vec![])
            .chunks(chunks)
            .short(258, &[8; 5])
            .short(262, &[2])
            .short(277, &[5])
            .short(284, &[planar])
            .short(338, &[0, 2]);
        let shown = Shown::of(&page.finish());
        assert_eq!(shown.picture.get_pixel(0, 0).0, [200, 50, 40, 255]);
        assert_eq!(shown.picture.get_pixel(1, 0).0[3], 0);
    }
}

#[test]
fn palettes_of_16_bits_are_looked_up() {
    let count = 1usize << 16;
    let mut palette = vec![0u32; 3 * count];
    for (color, value) in [0x1111, 0x8080, 0xffff].into_iter().enumerate() {
        palette[color * count + 40_000] = value;
    }
    let data = [40_000u16, 3].map(u16::to_le_bytes).concat();
    let page = Tiff::new(2, 1, data)
        .short(258, &[16])
        .short(262, &[3])
        .short(320, &palette);
    let shown = Shown::of(&page.finish());
    assert_eq!(shown.picture.get_pixel(0, 0).0, [0x11, 0x80, 0xff, 255]);
    assert_eq!(shown.picture.get_pixel(1, 0).0, [0, 0, 0, 255]);
}

#[test]
fn palettes_may_be_short_but_not_missing() {
    let indices: Vec<u8> = (0..WIDTH * HEIGHT).map(|at| (at % 2) as u8).collect();
    let page = Tiff::new(WIDTH, HEIGHT, indices)
        .short(258, &[8])
        .short(262, &[3]);
    let two = [0xffff, 0x1100, 0, 0x2200, 0, 0x3300];
    let shown = Shown::of(&page.clone().short(320, &two).finish());
    assert_eq!(shown.picture.get_pixel(0, 0).0, [0xff, 0, 0, 255]);
    assert_eq!(shown.picture.get_pixel(1, 0).0, [0x11, 0x22, 0x33, 255]);
    let refused = decode(&page.finish(), 1 << 20).err();
    assert!(matches!(refused, Some(Error::Malformed(_))), "{refused:?}");
}

#[test]
fn compressions_that_are_not_decoded_are_named() {
    for (compression, name) in [
        (34_712, "JPEG 2000"),
        (50_000, "Zstandard"),
        (34_925, "LZMA"),
    ] {
        expect_unsupported(&rgb(compression, vec![0; 64]).finish(), name);
    }
    let sensor = rgb(1, vec![0; 64]).short(262, &[32_803]);
    expect_unsupported(&sensor.finish(), "camera raw");
}
