use proptest::prelude::*;
use weezl::BitOrder;

use super::*;

#[path = "../samples/codes.rs"]
mod codes;
#[path = "../samples/weezl.rs"]
mod weezl_decoder;

use codes::packed;
use weezl_decoder::decoded_by_weezl;

/// Streams of every kind: of ours, and of weezl's decoder and encoder.
const KINDS: [Kind; 3] = [Kind::Gif, Kind::Tiff, Kind::OldTiff];

#[derive(Clone, Copy, Debug)]
enum Kind {
    Gif,
    Tiff,
    OldTiff,
}

impl Kind {
    fn ours(self) -> Decoder {
        match self {
            Kind::Gif => Decoder::gif(8).unwrap(),
            Kind::Tiff => Decoder::tiff(),
            Kind::OldTiff => Decoder::old_tiff(),
        }
    }

    fn theirs(self) -> weezl::decode::Decoder {
        match self {
            Kind::Gif | Kind::OldTiff => weezl::decode::Decoder::new(BitOrder::Lsb, 8),
            Kind::Tiff => weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
        }
    }

    fn encoded(self, data: &[u8]) -> Vec<u8> {
        let mut encoder = match self {
            Kind::Gif | Kind::OldTiff => weezl::encode::Encoder::new(BitOrder::Lsb, 8),
            Kind::Tiff => weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8),
        };
        encoder.encode(data).unwrap()
    }
}

/// The output of a stream that comes in pieces, and the last status.
fn decoded(mut decoder: Decoder, stream: &[u8], piece: usize, room: usize) -> (Vec<u8>, Status) {
    let mut output = vec![0; room];
    let mut status = Status::Hungry;
    for piece in stream.chunks(piece) {
        status = decoder.decode(piece, &mut output);
        if status != Status::Hungry {
            break;
        }
    }
    let (there, behind) = output.split_at(decoder.produced());
    assert!(behind.iter().all(|byte| *byte == 0));
    (there.to_vec(), status)
}

fn runs() -> impl Strategy<Value = Vec<u8>> {
    let run = (any::<u8>(), 1..600usize).prop_map(|(byte, length)| vec![byte % 5; length]);
    let noise = proptest::collection::vec(any::<u8>(), 1..600);
    let parts = proptest::collection::vec(prop_oneof![run, noise], 0..40);
    parts.prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_compressed_comes_out_in_whatever_pieces(data in runs(), piece in 1..300usize) {
        for kind in KINDS {
            let stream = kind.encoded(&data);
            let (output, status) = decoded(kind.ours(), &stream, piece, data.len() + 20);
            prop_assert!(output == data, "{kind:?}");
            prop_assert_eq!(status, Status::Done);
        }
    }

    #[test]
    fn damage_is_met_where_weezl_meets_it(
        data in runs(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        room in 0..20_000usize,
    ) {
        for kind in KINDS {
            let mut stream = kind.encoded(&data);
            for (at, byte) in &damage {
                let at = at.index(stream.len());
                stream[at] = *byte;
            }
            let (theirs, is_damaged) = decoded_by_weezl(kind.theirs(), &stream, room);
            let (ours, status) = decoded(kind.ours(), &stream, 255, room);
            prop_assert!(ours == theirs, "{kind:?}: {} and {} bytes", ours.len(), theirs.len());
            prop_assert!(!is_damaged || status == Status::Damaged);
        }
    }
}

#[test]
fn a_table_that_is_full_stays_until_it_is_cleared() {
    // One pixel again and again: each code is a string longer by one, up to the last code.
    let mut codes = vec![(4u32, 3), (1, 3)];
    let (mut next, mut width) = (6, 3);
    let mut expected = 1;
    for (length, code) in (2..).zip(6..4096) {
        codes.push((code, width));
        expected += length;
        next += 1;
        if next == 1 << width && width < 12 {
            width += 1;
        }
    }
    // The last code still stands for its string, and so do bytes.
    codes.extend([(4095, 12), (2, 12), (6, 12), (5, 12)]);
    expected += 4091 + 1 + 2;
    let (output, status) = decoded(Decoder::gif(2).unwrap(), &packed(codes), 255, 10_000_000);
    assert_eq!(status, Status::Done);
    assert_eq!(output.len(), expected);
    assert_eq!(output[expected - 3..], [2, 1, 1]);
    assert!(output[..expected - 3].iter().all(|byte| *byte == 1));
}

#[test]
fn a_code_that_stands_for_nothing_is_damage_and_what_came_before_is_there() {
    for unknown in [(7, 3), (6, 3)] {
        let stream = packed([(4u32, 3), (1, 3), (4, 3), unknown]);
        let (output, status) = decoded(Decoder::gif(2).unwrap(), &stream, 255, 100);
        assert_eq!((output, status), (vec![1], Status::Damaged), "{unknown:?}");
    }
}

#[test]
fn an_output_that_is_full_ends_the_work() {
    let stream = Kind::Tiff.encoded(&[3; 100]);
    for room in 0..100 {
        let (output, status) = decoded(Decoder::tiff(), &stream, 255, room);
        assert_eq!((output, status), (vec![3; room], Status::Done));
    }
}

#[test]
fn bytes_of_more_bits_than_codes_have_are_refused() {
    assert!(Decoder::gif(11).is_some());
    assert!(Decoder::gif(12).is_none());
}
