//! Orientation as cameras and programs write it: in every type of integer, and behind
//! blocks that say nothing.

use super::shown::{HEIGHT, Shown, WIDTH, pixels};
use testkit::sources;

use super::tiff_writer::Tiff;
use crate::support::decoded;

/// Types of integers: their numbers, and how many bytes they have.
const INTEGERS: [(u16, usize); 6] = [(1, 1), (3, 2), (4, 4), (6, 1), (8, 2), (9, 4)];

/// An EXIF block that states an orientation as a type of integer, or states none.
fn exif(big_endian: bool, stated: Option<(u16, usize, u32)>) -> Vec<u8> {
    let number = |value: u32, width: usize| -> Vec<u8> {
        let bytes = value.to_be_bytes()[4 - width..].to_vec();
        if big_endian {
            bytes
        } else {
            bytes.into_iter().rev().collect()
        }
    };
    let mut block = if big_endian { b"MM\0*" } else { b"II*\0" }.to_vec();
    block.extend(number(8, 4));
    let Some((kind, width, value)) = stated else {
        block.extend(number(0, 2));
        block.extend(number(0, 4));
        return block;
    };
    block.extend(number(1, 2));
    for (value, width) in [(274, 2), (u32::from(kind), 2), (1, 4), (value, width)] {
        block.extend(number(value, width));
    }
    block.resize(8 + 2 + 12 + 4, 0);
    block
}

#[test]
fn an_orientation_of_any_type_of_integer_turns_the_picture() {
    for big_endian in [false, true] {
        for (kind, width) in INTEGERS {
            let block = exif(big_endian, Some((kind, width, 6)));
            for (format, source) in sources::with_metadata(Some(&block), None) {
                let (made, _) = decoded(&source);
                let turned = (sources::HEIGHT, sources::WIDTH);
                assert_eq!(made.dimensions(), turned, "{format}, type {kind}");
            }
        }
    }
    for (kind, _) in INTEGERS {
        let page = Tiff::new(WIDTH, HEIGHT, pixels().concat())
            .short(258, &[8, 8, 8])
            .short(262, &[2])
            .short(277, &[3])
            .of_type(274, kind, &[6]);
        let shown = Shown::of(&page.finish());
        assert_eq!(shown.picture.dimensions(), (HEIGHT, WIDTH), "type {kind}");
    }
}

#[test]
fn what_is_no_orientation_leaves_the_picture_as_it_is() {
    for stated in [
        (3, 2, 0),
        (3, 2, 9),
        (4, 4, 65_542),
        (2, 2, 6),
        (5, 4, 6),
        (9, 4, u32::MAX),
    ] {
        let block = exif(true, Some(stated));
        for (_, source) in sources::with_metadata(Some(&block), None) {
            let (made, _) = decoded(&source);
            assert_eq!(made.dimensions(), (sources::WIDTH, sources::HEIGHT));
        }
    }
}

#[test]
fn the_first_exif_block_that_says_something_counts() {
    let (_, source) = sources::with_metadata(None, None).swap_remove(0);
    let segment_of = |last: u8, block: &[u8]| {
        let payload = [b"Exif\0".as_slice(), &[last], block].concat();
        let length = (payload.len() as u16 + 2).to_be_bytes();
        [&[0xff, 0xe1], &length[..], &payload].concat()
    };
    let segment = |block: &[u8]| segment_of(0, block);
    let (_, png) = sources::with_metadata(None, None).swap_remove(1);
    assert_eq!(&png[1..4], b"PNG");
    let chunk = |block: &[u8]| {
        let length = (block.len() as u32).to_be_bytes();
        let body = [b"eXIf", block].concat();
        let checksum = crc32fast::hash(&body).to_be_bytes();
        [&length[..], &body, &checksum].concat()
    };
    let blocks = [
        chunk(&exif(false, None)),
        chunk(&exif(true, Some((3, 2, 6)))),
    ];
    let (made, _) = decoded(&[&png[..33], &blocks.concat(), &png[33..]].concat());
    assert_eq!(made.dimensions().0, sources::HEIGHT);
    let nothing = segment(&exif(false, None));
    let six = segment(&exif(true, Some((3, 2, 6))));
    let one = segment(&exif(false, Some((3, 2, 1))));
    let cut = segment(b"MM");
    let odd = segment_of(0xff, &exif(true, Some((3, 2, 6))));
    for (blocks, is_turned) in [
        (vec![&nothing, &six], true),
        (vec![&cut, &nothing, &six], true),
        (vec![&six, &one], true),
        (vec![&odd], true),
        (vec![&one, &six], false),
    ] {
        let blocks: Vec<u8> = blocks.into_iter().flatten().copied().collect();
        let source = [&source[..2], &blocks, &source[2..]].concat();
        let (made, _) = decoded(&source);
        assert_eq!(made.dimensions().0 == sources::HEIGHT, is_turned);
    }
}
