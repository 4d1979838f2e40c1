//! BMP with profiles, alpha and palettes as programs other than Windows write them.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use image::RgbaImage;
use thimble_bitmap::{Bitmap, Error};

#[expect(dead_code, reason = "other codecs have a use for the rest")]
#[path = "../../thimble-picture/samples/fields.rs"]
mod fields;

use fields::{HEIGHT, Shown, WIDTH, color};

/// A warning for a bitmap that is cut off.
const CUT: &str = "cut off";

impl Shown {
    /// Decodes a source that must not be refused.
    fn of(source: &[u8]) -> Shown {
        let bitmap = Bitmap::of_file(source).unwrap();
        let has_alpha = bitmap.has_alpha();
        let mut pixels = vec![];
        let take = |row: &[[u8; 4]], there| {
            for (x, [red, green, blue, alpha]) in row.iter().enumerate() {
                let alpha = if has_alpha || x >= there { *alpha } else { 255 };
                pixels.extend([*red, *green, *blue, alpha]);
            }
            Ok::<(), Error>(())
        };
        let is_whole = bitmap.rows(take).unwrap();
        if !has_alpha {
            expect_opaque(&bitmap, &pixels);
        }
        let overlooked = bitmap.overlooked().map(|overlooked| overlooked.to_string());
        Shown {
            picture: RgbaImage::from_raw(bitmap.width, bitmap.height, pixels).unwrap(),
            warnings: overlooked
                .into_iter()
                .chain((!is_whole).then(|| CUT.into()))
                .collect(),
        }
    }
}

/// Fails unless rows without alpha are those with it.
fn expect_opaque(bitmap: &Bitmap<'_>, pixels: &[u8]) {
    let mut opaque = vec![];
    let take = |row: &[u8], there| {
        let pixels = row.as_chunks::<3>().0.iter().enumerate();
        opaque.extend(pixels.flat_map(|(x, [blue, green, red])| {
            if x < there {
                [*red, *green, *blue, 255]
            } else {
                [0; 4]
            }
        }));
        Ok::<(), Error>(())
    };
    bitmap.opaque_rows(take).unwrap();
    assert_eq!(opaque, pixels);
}

/// A file: a header of `header` bytes with some fields set, what follows it, and rows
/// from the bottom up.
struct Bmp {
    header: usize,
    bits: u16,
    compression: u32,
    /// Values of 32 bits at offsets into the header.
    fields: Vec<(usize, u32)>,
    /// Palette or masks.
    behind: Vec<u8>,
    /// Stated position of the pixels, if not the true one.
    start: Option<u32>,
    rows: Vec<Vec<u8>>,
    /// Bytes after the pixels.
    tail: Vec<u8>,
}

impl Bmp {
    fn new(bits: u16, pixel: impl Fn(u32, u32) -> Vec<u8>) -> Bmp {
        let row = |y| (0..WIDTH).flat_map(|x| pixel(x, y)).collect();
        Bmp {
            header: 40,
            bits,
            compression: 0,
            fields: vec![],
            behind: vec![],
            start: None,
            rows: (0..HEIGHT).rev().map(row).collect(),
            tail: vec![],
        }
    }

    fn finish(&self) -> Vec<u8> {
        let start = 14 + self.header + self.behind.len();
        let mut header = vec![0; self.header];
        let mut set = |at: usize, value: u32| {
            if let Some(place) = header.get_mut(at..at + 4) {
                place.copy_from_slice(&value.to_le_bytes());
            }
        };
        set(0, self.header as u32);
        set(4, WIDTH);
        set(8, HEIGHT);
        set(12, 1 | u32::from(self.bits) << 16);
        set(16, self.compression);
        self.fields.iter().for_each(|(at, value)| set(*at, *value));
        let mut file = b"BM".to_vec();
        file.extend([0; 8]);
        file.extend(self.start.unwrap_or(start as u32).to_le_bytes());
        file.extend(header);
        file.extend(&self.behind);
        for row in &self.rows {
            file.extend(row);
            file.resize(file.len() + (row.len().next_multiple_of(4) - row.len()), 0);
        }
        file.extend(&self.tail);
        file
    }
}

fn bgr(x: u32, y: u32) -> Vec<u8> {
    let [red, green, blue] = color(x, y);
    vec![blue, green, red]
}

#[test]
fn the_profile_of_the_fifth_header_is_handed_out() {
    let profile = b"a profile".as_slice();
    for (length, found) in [(profile.len(), Some(profile)), (profile.len() + 1, None)] {
        let bitmap = Bmp {
            header: 124,
            fields: vec![
                (56, u32::from_be_bytes(*b"MBED")),
                (112, 124 + 3 * WIDTH * HEIGHT),
                (116, length as u32),
            ],
            tail: profile.to_vec(),
            ..Bmp::new(24, bgr)
        };
        let source = bitmap.finish();
        assert_eq!(Bitmap::of_file(&source).unwrap().profile(), found);
        Shown::of(&source).expect_whole(0);
    }
}

/// Transparent on the left third.
fn opacity(x: u32) -> u32 {
    u32::from(x >= WIDTH / 3)
}

fn expect_transparent_third(bitmap: &Bmp, tolerance: u8) {
    let shown = Shown::of(&bitmap.finish());
    for (x, y, pixel) in shown.picture.enumerate_pixels() {
        let [red, green, blue, alpha] = pixel.0;
        assert_eq!(u32::from(alpha), 255 * opacity(x), "at {x}, {y}");
        let far = color(x, y)
            .iter()
            .zip([red, green, blue])
            .any(|(a, b)| a.abs_diff(b) > tolerance);
        assert!(alpha == 0 || !far, "{pixel:?} at {x}, {y}");
    }
}

/// Fails unless these masks count in every header that has room for that of alpha.
fn expect_masked(
    bits: u16,
    compressions: &[u32],
    masks: &[(usize, u32)],
    tolerance: u8,
    pixel: impl Fn(u32, u32) -> Vec<u8>,
) {
    for header in [56, 108, 124] {
        for compression in compressions {
            let bitmap = Bmp {
                header,
                compression: *compression,
                fields: masks.to_vec(),
                ..Bmp::new(bits, &pixel)
            };
            expect_transparent_third(&bitmap, tolerance);
        }
    }
}

#[test]
fn a_mask_of_alpha_counts_whatever_the_compression() {
    let pixel = |x: u32, y| [bgr(x, y), vec![255 * opacity(x) as u8]].concat();
    let masks = [(40, 0xff_0000), (44, 0xff00), (48, 0xff), (52, 0xff00_0000)];
    expect_masked(32, &[0, 3], &masks, 0, pixel);
    // In the first header the fourth byte means nothing.
    Shown::of(&Bmp::new(32, pixel).finish()).expect_whole(0);
}

#[test]
fn pixels_of_16_bits_have_an_alpha_if_a_mask_says_so() {
    let five = |x: u32, y| {
        let [red, green, blue] = color(x, y).map(|channel| u32::from(channel) * 31 / 255);
        opacity(x) << 15 | red << 10 | green << 5 | blue
    };
    let four = |x: u32, y| {
        let [red, green, blue] = color(x, y).map(|channel| u32::from(channel) * 15 / 255);
        (15 * opacity(x)) << 12 | red << 8 | green << 4 | blue
    };
    let fives = [(40, 0x7c00), (44, 0x3e0), (48, 0x1f), (52, 0x8000)];
    let fours = [(40, 0xf00), (44, 0xf0), (48, 0xf), (52, 0xf000)];
    let stored = |value: u32| (value as u16).to_le_bytes().to_vec();
    expect_masked(16, &[0, 3], &fives, 9, |x, y| stored(five(x, y)));
    expect_masked(16, &[3], &fours, 18, |x, y| stored(four(x, y)));
}

#[test]
fn an_alpha_that_is_zero_everywhere_was_not_meant() {
    let masks = [(40, 0xff_0000), (44, 0xff00), (48, 0xff), (52, 0xff00_0000)];
    let bitmap = Bmp {
        header: 108,
        fields: masks.to_vec(),
        ..Bmp::new(32, |x, y| [bgr(x, y), vec![0]].concat())
    };
    Shown::of(&bitmap.finish()).expect_whole(0);
}

/// Index of the field that a pixel is in.
fn field(x: u32, y: u32) -> u8 {
    u8::from(x >= WIDTH / 2) | u8::from(y >= HEIGHT / 2) << 1
}

/// A palette of the four fields, and so many more colors.
fn palette(more: usize) -> Vec<u8> {
    let fields = [
        (0, 0),
        (WIDTH - 1, 0),
        (0, HEIGHT - 1),
        (WIDTH - 1, HEIGHT - 1),
    ];
    let colors = fields
        .iter()
        .flat_map(|(x, y)| [bgr(*x, *y), vec![0]].concat());
    colors.chain([9, 9, 9, 0].repeat(more)).collect()
}

#[test]
fn pixels_begin_where_the_file_says_however_short_the_palette() {
    for (stated, more) in [
        (0, 0),
        (4, 0),
        (256, 0),
        (0, 248),
        (77_777, 248),
        (0, 252),
        (4, 10),
    ] {
        let bitmap = Bmp {
            fields: vec![(32, stated)],
            behind: palette(more),
            ..Bmp::new(8, |x, y| vec![field(x, y)])
        };
        Shown::of(&bitmap.finish()).expect_whole(0);
    }
    let mut halves = Bmp::new(4, |x, y| vec![field(x, y)]);
    for row in &mut halves.rows {
        *row = row.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    }
    halves.behind = palette(0);
    halves.fields = vec![(32, 16)];
    Shown::of(&halves.finish()).expect_whole(0);
}

#[test]
fn a_palette_that_the_file_does_not_count_is_read_nevertheless() {
    for start in [0, 14, 54, 55] {
        let bitmap = Bmp {
            behind: palette(252),
            start: Some(start),
            ..Bmp::new(8, |x, y| vec![field(x, y)])
        };
        Shown::of(&bitmap.finish()).expect_whole(0);
    }
}

#[test]
fn a_bitmap_that_is_cut_off_shows_its_lower_rows_over_nothing() {
    let mut file = Bmp::new(24, bgr).finish();
    file.truncate(54 + (3 * WIDTH * HEIGHT / 2) as usize);
    let shown = Shown::of(&file);
    shown.expect_rows(HEIGHT / 2..HEIGHT, 0);
    let upper = shown.picture.rows().take(HEIGHT as usize / 2);
    assert!(upper.flatten().all(|pixel| pixel.0[3] == 0));
    assert!(!shown.warnings.is_empty());
}

#[test]
fn colors_that_are_described_elsewhere_are_taken_for_srgb_with_a_warning() {
    let calibrated = (60..108).step_by(4).map(|at| (at, 1 << 28)).collect();
    let linked = vec![(56, u32::from_be_bytes(*b"LINK"))];
    for (fields, words) in [(calibrated, "calibration"), (linked, "another file")] {
        let bitmap = Bmp {
            header: 124,
            fields,
            ..Bmp::new(24, bgr)
        };
        let shown = Shown::of(&bitmap.finish());
        shown.expect_rows(0..HEIGHT, 0);
        shown.expect_warning(words);
    }
}
