//! Our LZW beside weezl: the same bytes come out of every stream.
//!
//! The first byte chooses the kind of stream, and how long its pieces are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_lzw::{Decoder, Status};
use weezl::{BitOrder, LzwStatus};

/// Bytes that are decompressed at most.
const ROOM: usize = 1 << 18;

fuzz_target!(|input: &[u8]| {
    let Some((kind, stream)) = input.split_first() else {
        return;
    };
    let (mut ours, mut theirs) = match kind % 4 {
        0 => (
            Decoder::tiff(),
            weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8),
        ),
        bits => {
            let bits = [2, 5, 8][usize::from(bits) - 1];
            let Some(ours) = Decoder::gif(bits) else {
                return;
            };
            (ours, weezl::decode::Decoder::new(BitOrder::Lsb, bits))
        }
    };
    let mut output = vec![0; ROOM];
    for piece in stream.chunks(usize::from(kind / 4) + 1) {
        if ours.decode(piece, &mut output) != Status::Hungry {
            break;
        }
    }
    let mut expected = vec![0; ROOM];
    let (mut consumed, mut produced) = (0, 0);
    loop {
        let step = theirs.decode_bytes(&stream[consumed..], &mut expected[produced..]);
        consumed += step.consumed_in;
        produced += step.consumed_out;
        if produced == ROOM || !matches!(step.status, Ok(LzwStatus::Ok)) {
            break;
        }
    }
    assert_eq!(ours.produced(), produced);
    assert!(output[..produced] == expected[..produced]);
});
