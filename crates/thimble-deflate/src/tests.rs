use std::io::Read;

use flate2::read::ZlibDecoder;
use proptest::prelude::*;

use super::*;

/// Looks everywhere.
const DEEP: Effort = Effort {
    depth: 1000,
    lazy: true,
    shortest: 3,
};

fn inflated(stream: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    ZlibDecoder::new(stream).read_to_end(&mut data).unwrap();
    data
}

fn check(deflater: &mut Deflater, data: &[u8]) {
    let most = data.len() + data.len() / 1024 + 64;
    let mut streams = vec![deflater.runs(data)];
    streams
        .extend([Effort::GREEDY, Effort::LAZY, DEEP].map(|effort| deflater.matches(data, effort)));
    for (way, stream) in streams.iter().enumerate() {
        let length = stream.len();
        assert!(length <= most, "{length} bytes of {}", data.len());
        assert!(inflated(stream) == data, "way {way}");
    }
}

/// Bytes of which the last ones are repeated now and then, of so many values.
fn pieces(length: usize, values: u64, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 20
    };
    let mut data: Vec<u8> = Vec::new();
    while data.len() < length {
        let (kind, count) = (next() % 3, 1 + next() % 300);
        let distance = next() as usize % 40_000 + 1;
        for _ in 0..count {
            let again = data.len().checked_sub(distance).map(|from| data[from]);
            let fresh = (next() % values) as u8;
            data.push(again.filter(|_| kind == 0).unwrap_or(fresh));
        }
        if kind == 1 {
            let last = data[data.len() - 1];
            data.extend(std::iter::repeat_n(last, count as usize));
        }
    }
    data.truncate(length);
    data
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn streams_hold_what_was_compressed(
        length in prop_oneof![0_usize..300, 300_usize..70_000],
        values in prop_oneof![1_u64..4, 4_u64..257],
        seed in any::<u64>(),
    ) {
        let mut deflater = Deflater::default();
        check(&mut deflater, &pieces(length, values, seed));
        // Nothing of the stream before is found in the next one.
        check(&mut deflater, &pieces(length / 2, values, seed));
    }
}

#[test]
fn long_streams_have_many_blocks() {
    let mut deflater = Deflater::default();
    for values in [1, 2, 30, 256] {
        check(&mut deflater, &pieces(1_500_000, values, 7));
    }
    check(&mut deflater, &vec![0; 2_000_000]);
}

#[test]
fn a_stream_is_the_same_whatever_came_before() {
    let (data, other) = (pieces(50_000, 40, 3), pieces(90_000, 40, 5));
    let first = Deflater::default().matches(&data, DEEP);
    let mut deflater = Deflater::default();
    let _ = deflater.matches(&other, DEEP);
    assert!(deflater.matches(&data, DEEP) == first);
}

#[test]
fn a_lazy_search_may_look_at_one_place() {
    let effort = Effort { depth: 1, ..DEEP };
    let data = pieces(70_000, 30, 9);
    assert!(inflated(&Deflater::default().matches(&data, effort)) == data);
}

#[test]
fn streams_are_right_however_many_places_were_counted() {
    let mut deflater = Deflater::default();
    for length in [1 << 30, 1 << 30, usize::MAX] {
        deflater.chains.restart(length);
        check(&mut deflater, &pieces(3000, 9, 1));
    }
}

#[test]
fn what_cannot_be_compressed_is_stored() {
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(200_000)
    .collect();
    let mut deflater = Deflater::default();
    check(&mut deflater, &noise);
    for effort in [Effort::GREEDY, Effort::LAZY, DEEP] {
        assert!(is_stored(&deflater.matches(&noise, effort)), "{effort:?}");
    }
    assert!(is_stored(&deflater.runs(&noise)), "runs");
}

/// True if nothing is in the stream but stored blocks.
fn is_stored(stream: &[u8]) -> bool {
    let mut rest = &stream[2..stream.len() - 4];
    while let [kind @ (0 | 1), low, high, _, _, block @ ..] = rest {
        rest = &block[u16::from_le_bytes([*low, *high]).into()..];
        if *kind == 1 {
            return rest.is_empty();
        }
    }
    false
}

#[test]
fn codes_are_no_longer_than_they_may_be() {
    // Frequencies like those make the longest codes.
    let mut frequencies = [0_u32; 40];
    let (mut one, mut other) = (1, 1);
    for frequency in &mut frequencies {
        *frequency = one;
        (one, other) = (other, one + other);
    }
    for most in [7, 9, 14, 15] {
        let mut lengths = [0; 40];
        huffman::lengths(&frequencies, most, &mut lengths);
        assert!(
            lengths
                .iter()
                .all(|length| (1..=most as u8).contains(length))
        );
        let taken: u32 = lengths
            .iter()
            .map(|length| 1 << (most as u8 - length))
            .sum();
        assert_eq!(taken, 1 << most, "the codes are complete");
    }
}
