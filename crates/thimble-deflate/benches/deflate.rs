//! Compressing as native code, beside zlib-rs: `cargo bench -p thimble-deflate`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::io::Write;

use divan::Bencher;
use divan::counter::BytesCount;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use thimble_deflate::{Deflater, Effort};

const LENGTH: usize = 2 << 20;

/// Rows of pictures: small numbers, as filters leave them of photographs, and pixels of a few
/// colors.
const KINDS: [&str; 2] = ["filtered", "drawing"];

fn main() {
    divan::main();
}

#[divan::bench(args = KINDS)]
fn greedy(bencher: Bencher<'_, '_>, kind: &str) {
    bench(bencher, kind, |deflater, data| {
        deflater.matches(data, Effort::GREEDY)
    });
}

#[divan::bench(args = KINDS)]
fn lazy(bencher: Bencher<'_, '_>, kind: &str) {
    bench(bencher, kind, |deflater, data| {
        deflater.matches(data, Effort::LAZY)
    });
}

#[divan::bench(args = KINDS)]
fn runs(bencher: Bencher<'_, '_>, kind: &str) {
    bench(bencher, kind, Deflater::runs);
}

fn bench(bencher: Bencher<'_, '_>, kind: &str, compress: impl Fn(&mut Deflater, &[u8]) -> Vec<u8>) {
    let data = data(kind);
    let mut deflater = Deflater::default();
    bencher
        .counter(BytesCount::new(LENGTH))
        .bench_local(|| compress(&mut deflater, &data).len());
}

#[divan::bench(args = KINDS)]
fn zlib_rs(bencher: Bencher<'_, '_>, kind: &str) {
    let data = data(kind);
    bencher.counter(BytesCount::new(LENGTH)).bench_local(|| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&data).expect("memory has room");
        encoder.finish().expect("memory has room").len()
    });
}

fn data(kind: &str) -> Vec<u8> {
    let mut state = 1_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    let pixels = std::iter::repeat_with(|| match kind {
        "filtered" => vec![(next() & 15).wrapping_sub(next() & 15)],
        _ => [next() & 192, next() & 64, 30].repeat(1 + usize::from(next() & 31)),
    });
    pixels.flatten().take(LENGTH).collect()
}
