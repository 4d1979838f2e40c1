//! Inflating as native code, beside zlib-rs: `cargo bench -p thimble-inflate`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::io::{Read, Write};

use divan::Bencher;
use divan::counter::BytesCount;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use thimble_inflate::Inflater;

const LENGTH: usize = 8 << 20;

/// Data by how far it can be compressed: few matches, short ones, long ones.
const KINDS: [&str; 3] = ["noisy", "short matches", "long matches"];

fn main() {
    divan::main();
}

#[divan::bench(args = KINDS)]
fn ours(bencher: Bencher<'_, '_>, kind: &str) {
    let stream = stream(kind);
    bencher.counter(BytesCount::new(LENGTH)).bench(|| {
        let mut inflater = Inflater::new(stream.chunks(8192));
        let mut length = 0;
        while let Ok(some) = inflater.take_some(6144) {
            length += some.len();
        }
        assert_eq!(length, LENGTH);
    });
}

#[divan::bench(args = KINDS)]
fn zlib_rs(bencher: Bencher<'_, '_>, kind: &str) {
    let stream = stream(kind);
    let mut piece = [0; 6144];
    bencher.counter(BytesCount::new(LENGTH)).bench_local(|| {
        let mut decoder = ZlibDecoder::new(&*stream);
        let mut length = 0;
        loop {
            match decoder.read(&mut piece).expect("a sound stream") {
                0 => break,
                some => length += some,
            }
        }
        assert_eq!(length, LENGTH);
    });
}

fn stream(kind: &str) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut next = |bits: u32| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> (32 - bits)) as usize
    };
    let mut data = Vec::with_capacity(LENGTH);
    while data.len() < LENGTH {
        match kind {
            "noisy" => data.push(next(6) as u8),
            "short matches" => {
                let word = next(8);
                data.extend((0..3 + word % 6).map(|at| (word * 7 + at * 31) as u8));
            }
            _ => {
                let (row, length) = (next(4), 40 + next(8));
                data.extend((0..length).map(|at| (row * 16 + at / 32) as u8));
            }
        }
    }
    data.truncate(LENGTH);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&data).expect("memory");
    encoder.finish().expect("memory")
}
