//! The parts of a codestream in their boxes: empty ones, early ones, some that are missing.

use thimble_jxl::{Depth, Header, Image};

const PICTURES: [&[u8]; 4] = [
    include_bytes!("../../../testkit/jxl/lossless.jxl"),
    include_bytes!("../../../testkit/jxl/lossy.jxl"),
    include_bytes!("../../../testkit/jxl/animation.jxl"),
    include_bytes!("../../../testkit/jxl/large-progressive.jxl"),
];

/// Parts in the order of their numbers, and in any order.
const ORDERED: u8 = 0;
const UNORDERED: u8 = 1;

/// A part: its number, its bytes, and whether it says that it is the last one.
type Part<'a> = (u32, &'a [u8], bool);

fn iso_box(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let length = 8 + content.len() as u32;
    [&length.to_be_bytes(), kind, content].concat()
}

fn jxlp(&(number, content, is_last): &Part<'_>) -> Vec<u8> {
    let number = number | u32::from(is_last) << 31;
    iso_box(b"jxlp", &[&number.to_be_bytes(), content].concat())
}

fn file(version: u8, parts: &[Part<'_>]) -> Vec<u8> {
    let kind = [b"jxl \0\0\0", [version].as_slice(), b"jxl "].concat();
    let parts: Vec<u8> = parts.iter().flat_map(jxlp).collect();
    let signature = iso_box(b"JXL ", b"\r\n\x87\n");
    [signature, iso_box(b"ftyp", &kind), parts].concat()
}

/// Frames, and the bytes of all rows if none is missing.
fn decoded(source: &[u8]) -> Option<(u32, Vec<u8>)> {
    let header = Header::read(source).ok()?;
    let samples = header.width as usize * header.height as usize * 4;
    let image = Image::open(source, samples).ok()?;
    let pixels = image.decode(Depth::Eight).ok()?;
    let is_whole = pixels.is_whole();
    is_whole.then(|| (header.frames, pixels.into_samples()))
}

#[test]
fn empty_parts_change_nothing_wherever_they_are() {
    for whole in PICTURES {
        let (one, two) = whole.split_at(whole.len() / 2);
        let expected = decoded(whole);
        assert!(expected.is_some());
        let files: [&[Part<'_>]; 6] = [
            &[(0, whole, false), (1, b"", true)],
            &[(0, one, false), (1, two, false), (2, b"", true)],
            &[(0, whole, false), (1, b"", false), (2, b"", true)],
            &[(0, b"", false), (1, one, false), (2, two, true)],
            &[(0, one, false), (1, b"", false), (2, two, true)],
            // None says that it is the last one.
            &[(0, one, false), (1, two, false)],
        ];
        for (index, parts) in files.iter().enumerate() {
            assert!(decoded(&file(ORDERED, parts)) == expected, "{index}");
        }
    }
}

#[test]
fn an_empty_last_part_may_go_on_until_the_end_or_have_a_long_length() {
    let part = 1 | 1_u32 << 31;
    let endless = [b"\0\0\0\0jxlp", part.to_be_bytes().as_slice()].concat();
    let long = [
        b"\0\0\0\x01jxlp\0\0\0\0\0\0\0\x14",
        part.to_be_bytes().as_slice(),
    ]
    .concat();
    let behind = iso_box(b"Exif", b"\0\0\0\0MM\0*\0\0\0\x08\0\0");
    for whole in PICTURES {
        for last in [
            &endless,
            &long,
            &[behind.as_slice(), &long, &behind].concat(),
        ] {
            let file = [file(ORDERED, &[(0, whole, false)]), last.clone()].concat();
            assert!(decoded(&file) == decoded(whole));
        }
    }
}

#[test]
fn parts_stand_in_any_order_where_the_file_says_so() {
    for whole in PICTURES {
        let (one, two) = whole.split_at(whole.len() / 3);
        let parts: &[Part<'_>] = &[(2, b"", true), (1, two, false), (0, one, false)];
        assert!(decoded(&file(UNORDERED, parts)) == decoded(whole));
        assert!(decoded(&file(ORDERED, parts)).is_none());
    }
}

#[test]
fn nothing_is_read_behind_a_part_that_is_missing_or_the_last_one() {
    for whole in PICTURES {
        // Less than a frame.
        let (one, two) = whole.split_at(whole.len() / 8);
        for parts in [
            [(0, one, false), (2, two, true)],
            [(0, one, true), (1, two, true)],
            [(0, one, false), (0, two, true)],
        ] {
            for version in [ORDERED, UNORDERED] {
                assert!(decoded(&file(version, &parts)).is_none());
            }
        }
    }
}

#[test]
fn nothing_is_read_behind_a_part_that_is_shorter_than_its_number() {
    for whole in PICTURES {
        let (one, two) = whole.split_at(whole.len() / 8);
        let parts = [(0, one, false), (1, two, true)].map(|part| jxlp(&part));
        let start = file(UNORDERED, &[]);
        for half in [&b""[..], &[0], &[0; 3]] {
            let half = iso_box(b"jxlp", half);
            let behind_half = [&start, &parts[0], &half, &parts[1]].map(Vec::as_slice);
            assert!(decoded(&behind_half.concat()).is_none());
            let before_half = [&start, &parts[0], &parts[1], &half].map(Vec::as_slice);
            assert!(decoded(&before_half.concat()) == decoded(whole));
        }
    }
}

#[test]
fn nothing_is_read_behind_two_early_parts_of_one_number() {
    for whole in PICTURES {
        let (one, two) = whole.split_at(whole.len() / 8);
        for parts in [
            [(1, two, true), (1, one, true), (0, one, false)],
            [(1, one, true), (1, two, true), (0, one, false)],
        ] {
            assert!(decoded(&file(UNORDERED, &parts)).is_none());
        }
    }
}
