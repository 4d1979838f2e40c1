//! Time of decompressing a megabyte, beside weezl.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot begin has nothing to measure"
)]

use divan::Bencher;
use divan::counter::BytesCount;
use thimble_lzw::Decoder;
use weezl::BitOrder;

fn main() {
    divan::main();
}

const LENGTH: usize = 1 << 20;

/// Slopes with a little noise, as in a photograph.
fn stream() -> Vec<u8> {
    let mut state = 1u32;
    let data: Vec<u8> = (0..LENGTH)
        .map(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((at / 24) as u8).wrapping_add((state >> 30) as u8)
        })
        .collect();
    weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
        .encode(&data)
        .unwrap()
}

#[divan::bench]
fn ours(bencher: Bencher<'_, '_>) {
    let stream = stream();
    let mut output = vec![0; LENGTH];
    bencher
        .counter(BytesCount::new(LENGTH))
        .bench_local(|| Decoder::tiff().decode(&stream, &mut output));
}

#[divan::bench]
fn theirs(bencher: Bencher<'_, '_>) {
    let stream = stream();
    let mut output = vec![0; LENGTH];
    bencher.counter(BytesCount::new(LENGTH)).bench_local(|| {
        let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
        let (mut consumed, mut produced) = (0, 0);
        while produced < LENGTH {
            let step = decoder.decode_bytes(&stream[consumed..], &mut output[produced..]);
            consumed += step.consumed_in;
            produced += step.consumed_out;
        }
    });
}
