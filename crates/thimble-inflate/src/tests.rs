//! Beside a stock library, and what no stock library makes: damaged streams.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;

use super::*;

/// All that can be had of a stream that comes in pieces of `piece` bytes, and why
/// there is no more.
fn inflated(stream: &[u8], piece: usize) -> (Vec<u8>, Damage) {
    let mut inflater = Inflater::new(stream.chunks(piece));
    let mut all = Vec::new();
    loop {
        match inflater.take_some(1000) {
            Ok(some) => all.extend_from_slice(some),
            Err(damage) => return (all, damage),
        }
    }
}

fn deflated(data: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// Noise of few or many values, runs, and repetitions from near and far.
fn data() -> impl Strategy<Value = Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..700);
    let few = prop::collection::vec(0..4_u8, 0..3000);
    let repeated = (prop::collection::vec(any::<u8>(), 1..40), 1..400_usize)
        .prop_map(|(pattern, count)| pattern.repeat(count));
    let far = (any::<u8>(), 20_000..33_000_usize).prop_map(|(byte, count)| {
        let mut far = vec![byte, 1, 2, 3, 4, 5, 6, 7];
        far.extend((0..count).map(|k| ((k * k) >> 7) as u8));
        far.extend([byte, 1, 2, 3, 4, 5, 6, 7]);
        far
    });
    let part = prop_oneof![4 => noise, 4 => few, 4 => repeated, 1 => far];
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn what_was_deflated_comes_back(data in data(), level in 0..=9_u32, piece in 1..300_usize) {
        let stream = deflated(&data, level);
        for piece in [piece, stream.len()] {
            let (all, damage) = inflated(&stream, piece);
            prop_assert_eq!(damage, Damage::TooShort);
            prop_assert!(all == data);
        }
    }

    #[test]
    fn a_stream_that_is_cut_off_gives_its_beginning(
        data in data(),
        level in 0..=9_u32,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut stream = deflated(&data, level);
        // Not only the checksum, which nobody looks at.
        stream.truncate(cut.index(stream.len() - 4));
        let (some, damage) = inflated(&stream, 64);
        prop_assert_ne!(damage, Damage::TooShort);
        prop_assert!(data.starts_with(&some));
    }

    #[test]
    fn a_damaged_stream_is_as_damaged_for_others(
        data in data(),
        level in 1..=9_u32,
        at in any::<prop::sample::Index>(),
        bits in 1..=255_u8,
    ) {
        let mut stream = deflated(&data, level);
        let at = at.index(stream.len() - 4);
        stream[at] ^= bits;
        let (ours, damage) = inflated(&stream, 64);
        // A wrong checksum is no damage here.
        let mut theirs = Vec::new();
        let result = ZlibDecoder::new(&*stream).read_to_end(&mut theirs);
        prop_assert!(result.is_err() || damage == Damage::TooShort, "{}", damage);
        // What others hand out may end some way before the damage.
        prop_assert!(result.is_err() || ours.len() == theirs.len());
        let both = ours.len().min(theirs.len());
        prop_assert!(ours[..both] == theirs[..both]);
    }
}

#[test]
fn bytes_are_taken_as_they_are_wanted() {
    let data: Vec<u8> = (0..200_000_u32)
        .map(|k| (k.wrapping_mul(k) >> 9) as u8)
        .collect();
    let stream = deflated(&data, 6);
    let mut inflater = Inflater::new(std::iter::once(&*stream));
    let mut at = 0;
    for count in [1, 0, 32_768, 100_000, 3, 67_228] {
        assert_eq!(inflater.take(count), Ok(&data[at..at + count]));
        at += count;
    }
    assert_eq!(inflater.take(1), Err(Damage::TooShort));
    assert_eq!(inflater.take(0), Ok(&[][..]));
}

/// Streams of bits, the first one lowest, behind a zlib header: those with which
/// zlib tests itself, and a few more.
#[test]
fn every_kind_of_damage_is_told() {
    let cases: [(&str, &[u8], Damage); 12] = [
        ("no block", &[], Damage::Truncated),
        ("no such block", &[0x06], Damage::Block),
        (
            "two lengths of a stored block",
            &[0, 0, 0, 0, 0],
            Damage::Block,
        ),
        (
            "a stored block that ends early",
            &[1, 2, 0, 0xfd, 0xff, 9],
            Damage::Truncated,
        ),
        ("too many codes", &[0xfc, 0, 0], Damage::Lengths),
        (
            "too many codes for lengths",
            &[4, 0, 0xfe, 0xff],
            Damage::Lengths,
        ),
        ("nothing to repeat", &[4, 0, 0x24, 0x49, 0], Damage::Lengths),
        (
            "repeated beyond the end",
            &[4, 0, 0x24, 0xe9, 0xff, 0xff],
            Damage::Lengths,
        ),
        (
            "no end of the block",
            &[4, 0, 0x24, 0xe9, 0xff, 0x6d],
            Damage::Lengths,
        ),
        (
            "a code that stands for nothing",
            &[4, 0xc0, 0x81, 8, 0, 0, 0, 0, 0x20, 0x7f, 0xeb, 0xb, 0, 0],
            Damage::Code,
        ),
        (
            "a distance that there is not",
            &[0x02, 0x7e, 0xff, 0xff],
            Damage::Code,
        ),
        (
            "from before the beginning",
            &[0x0c, 0xc0, 0x81, 0, 0, 0, 0, 0, 0x90, 0xff, 0x6b, 4, 0],
            Damage::Distance,
        ),
    ];
    for (name, bits, damage) in cases {
        let stream = [&[0x78, 0x9c], bits].concat();
        let (some, found) = inflated(&stream, 3);
        assert_eq!(found, damage, "{name}");
        assert_ne!(found.to_string(), "", "{name}");
        let mut theirs = Vec::new();
        assert!(
            ZlibDecoder::new(&*stream).read_to_end(&mut theirs).is_err(),
            "{name}"
        );
        assert!(some.len() <= 1, "{name}");
    }
    for header in [[0x78, 0x9d], [0x79, 0x9c], [0x88, 0x1c], [0x78, 0xbb]] {
        assert_eq!(inflated(&header, 1).1, Damage::Header, "{header:x?}");
    }
    assert_eq!(inflated(&[0x78], 1).1, Damage::Truncated);
}

#[test]
fn a_bomb_takes_no_more_memory_than_its_window() {
    let stream = deflated(&vec![7; 50_000_000], 9);
    let mut inflater = Inflater::new(std::iter::once(&*stream));
    let mut length = 0;
    while let Ok(some) = inflater.take_some(usize::MAX) {
        length += some.len();
    }
    assert_eq!(length, 50_000_000);
    assert!(inflater.window.len() < 4 * REACH);
}

/// The inflater of a stream, behind `count` bytes that were taken in pieces.
fn taken(stream: &[u8], count: usize) -> Inflater<'_> {
    let mut inflater = Inflater::new(stream.chunks(7)).summed();
    let mut left = count;
    while left > 0 {
        left -= inflater.take_some(left.min(1_000)).unwrap().len();
    }
    inflater
}

#[test]
fn a_checksum_of_other_bytes_is_told() {
    let data: Vec<u8> = (0..100_000_u32)
        .map(|k| (k.wrapping_mul(k) >> 9) as u8)
        .collect();
    for level in [0, 1, 9] {
        let stream = deflated(&data, level);
        assert!(taken(&stream, data.len()).is_sound());
        for place in 1..=4 {
            let mut wrong = stream.clone();
            let at = wrong.len() - place;
            wrong[at] ^= 1;
            assert!(!taken(&wrong, data.len()).is_sound());
            // Somewhere before the end nothing is known.
            assert!(taken(&wrong, data.len() - 1).is_sound());
            // Nor is it where the checksum is not there.
            assert!(taken(&stream[..stream.len() - place], data.len()).is_sound());
            let mut unsummed = Inflater::new(std::iter::once(&wrong[..]));
            unsummed.take(data.len()).unwrap();
            assert!(unsummed.is_sound());
        }
    }
}
