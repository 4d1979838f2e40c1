//! GIF against the rules, and GIF that ends early.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use image::RgbaImage;
use thimble_gif::{Header, Image};
use weezl::BitOrder;
use weezl::encode::Encoder;

#[expect(dead_code, reason = "other codecs have a use for the rest")]
#[path = "../../thimble-picture/samples/fields.rs"]
mod fields;

use fields::{HEIGHT, Shown, WIDTH, color};

/// A warning for a frame that ends early.
const CUT: &str = "cut off";

impl Shown {
    /// Decodes a source that must not be refused.
    fn of(source: &[u8]) -> Shown {
        let header = Header::read(source).unwrap();
        let image = Image::decode(source, (header.width, header.height)).unwrap();
        let mut pixels = vec![[0; 4]; (header.width * header.height) as usize];
        for (y, row) in (0..).zip(pixels.chunks_exact_mut(header.width as usize)) {
            image.paint(y, row);
            if image.is_opaque((header.width, header.height)) {
                let mut opaque = vec![[0; 3]; row.len()];
                image.paint_opaque(y, &mut opaque);
                assert!(
                    row.iter()
                        .zip(opaque)
                        .all(|(a, b)| *a == [b[0], b[1], b[2], 255])
                );
            }
        }
        let picture = RgbaImage::from_raw(header.width, header.height, pixels.concat());
        Shown {
            picture: picture.unwrap(),
            warnings: (!image.is_whole())
                .then(|| CUT.into())
                .into_iter()
                .collect(),
        }
    }
}

/// The order in which rows are stored.
fn rows(is_interlaced: bool) -> Vec<u32> {
    if !is_interlaced {
        return (0..HEIGHT).collect();
    }
    let passes = [(0, 8), (4, 8), (2, 4), (1, 2)];
    passes
        .into_iter()
        .flat_map(|(start, step)| (start..HEIGHT).step_by(step))
        .collect()
}

fn field(x: u32, y: u32) -> u8 {
    u8::from(x >= WIDTH / 2) | u8::from(y >= HEIGHT / 2) << 1
}

/// Header, palette of four colors, and perhaps something in between blocks.
fn header(between: &[u8]) -> Vec<u8> {
    let sides = [WIDTH, HEIGHT].map(|side| (side as u16).to_le_bytes());
    let mut file = b"GIF89a".to_vec();
    file.extend(sides.as_flattened());
    file.extend([0x81, 0, 0]);
    for (x, y) in [
        (0, 0),
        (WIDTH - 1, 0),
        (0, HEIGHT - 1),
        (WIDTH - 1, HEIGHT - 1),
    ] {
        file.extend(color(x, y));
    }
    file.extend(between);
    file.extend([b'!', 0xf9, 4, 0, 0, 0, 0, 0]);
    file.extend(between);
    file
}

/// A frame of all pixels but the last few.
fn frame(is_interlaced: bool, lacking: usize) -> Vec<u8> {
    let sides = [WIDTH, HEIGHT].map(|side| (side as u16).to_le_bytes());
    let mut frame = vec![b',', 0, 0, 0, 0];
    frame.extend(sides.as_flattened());
    frame.extend([u8::from(is_interlaced) << 6, 2]);
    let rows = rows(is_interlaced).into_iter();
    let mut indices: Vec<u8> = rows
        .flat_map(|y| (0..WIDTH).map(move |x| field(x, y)))
        .collect();
    indices.truncate(indices.len() - lacking);
    let data = Encoder::new(BitOrder::Lsb, 2).encode(&indices).unwrap();
    frame.extend(blocks(&data, 50));
    frame
}

/// Data in blocks of a length, and the empty one that ends them.
fn blocks(data: &[u8], length: usize) -> Vec<u8> {
    let blocks = data.chunks(length).chain([&[][..]]);
    blocks
        .flat_map(|block| [&[block.len() as u8], block].concat())
        .collect()
}

#[test]
fn bytes_between_blocks_are_passed_over() {
    for between in [
        &[][..],
        &[0],
        &[0, 0, 0],
        &[0, b'!', 0xfe, 2, b'h', b'i', 0, 0],
    ] {
        for is_interlaced in [false, true] {
            let mut file = [header(between), frame(is_interlaced, 0)].concat();
            file.extend(between);
            file.push(b';');
            Shown::of(&file).expect_whole(0);
        }
    }
}

/// The same frame from a writer that compresses nothing: it clears the table before
/// each pixel, some even twice.
fn plain_frame(clears: usize) -> Vec<u8> {
    let mut frame = frame(false, 0);
    frame.truncate(11);
    let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| field(x, y)));
    let codes = pixels.flat_map(|index| std::iter::repeat_n(4, clears).chain([index]));
    let bits: Vec<u8> = codes
        .chain([5])
        .flat_map(|code| [code & 1, code >> 1 & 1, code >> 2])
        .collect();
    let data: Vec<u8> = bits
        .chunks(8)
        .map(|byte| byte.iter().rev().fold(0, |value, bit| value << 1 | bit))
        .collect();
    frame.extend(blocks(&data, 255));
    frame
}

#[test]
fn codes_that_clear_the_table_end_nothing() {
    for clears in 1..=3 {
        let file = [header(&[]), plain_frame(clears), b";".to_vec()].concat();
        Shown::of(&file).expect_whole(0);
    }
}

#[test]
fn a_file_without_an_end_is_whole_if_its_frame_is() {
    let whole = [header(&[]), frame(false, 0)].concat();
    Shown::of(&whole).expect_whole(0);
    let without_last_block = &whole[..whole.len() - 1];
    Shown::of(without_last_block).expect_whole(0);
}

#[test]
fn a_frame_that_ends_early_is_shown_up_to_there_and_the_rest_is_transparent() {
    let whole = [header(&[]), frame(false, 0)].concat();
    let start = header(&[]).len();
    let cut = whole[..start + (whole.len() - start) * 7 / 10].to_vec();
    let fewer = [
        header(&[]),
        frame(false, (WIDTH * 8) as usize),
        b";".to_vec(),
    ]
    .concat();
    for (file, there) in [(cut, 8), (fewer, HEIGHT - 8)] {
        let shown = Shown::of(&file);
        shown.expect_rows(0..there, 0);
        assert_eq!(shown.picture.get_pixel(0, HEIGHT - 1).0[3], 0);
        assert!(!shown.warnings.is_empty());
    }
}

#[test]
fn an_interlaced_frame_that_ends_early_repeats_the_rows_there_are() {
    let file = [header(&[]), frame(true, (WIDTH * HEIGHT / 2) as usize)].concat();
    let shown = Shown::of(&file);
    shown.expect_rows(0..HEIGHT, 0);
    assert!(!shown.warnings.is_empty());
}

#[test]
fn a_frame_without_any_pixel_is_refused() {
    let start = header(&[]).len();
    let whole = [header(&[]), frame(false, 0)].concat();
    for length in [start, start + 4, start + 10, start + 11] {
        let source = &whole[..length];
        let made = Header::read(source)
            .and_then(|header| Image::decode(source, (header.width, header.height)));
        assert!(made.is_err(), "{length}");
    }
}

#[test]
fn frames_without_pixels_are_passed_over() {
    let empty = [&[b','][..], &[0; 8], &[0, 2, 0]].concat();
    let mut without_data = frame(false, 0);
    without_data.truncate(11);
    without_data.push(0);
    for passed in [empty, without_data] {
        let file = [header(&[]), passed, frame(false, 0), b";".to_vec()].concat();
        Shown::of(&file).expect_whole(0);
    }
}
