//! Our LZW beside weezl: the same bytes come out of every stream.
//!
//! The first byte chooses the kind of stream, and how long its pieces are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_lzw::{Decoder, Status};
use weezl::BitOrder;

#[path = "../../crates/thimble-lzw/samples/weezl.rs"]
mod weezl_decoder;

use weezl_decoder::decoded_by_weezl;

/// Bytes that are decompressed at most.
const ROOM: usize = 1 << 18;

fuzz_target!(|input: &[u8]| {
    let Some((kind, stream)) = input.split_first() else {
        return;
    };
    let (mut ours, theirs) = match kind % 4 {
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
    let (expected, _) = decoded_by_weezl(theirs, stream, ROOM);
    output.truncate(ours.produced());
    assert_eq!(output.len(), expected.len());
    assert!(output == expected);
});
