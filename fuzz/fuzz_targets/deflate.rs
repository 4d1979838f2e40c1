//! Streams of each way of compressing, one after the other, are inflated again by a stock
//! decompressor.
//!
//! The first byte chooses the search, and where the input is cut into two streams.
#![no_main]

use std::io::Read;

use flate2::read::ZlibDecoder;
use libfuzzer_sys::fuzz_target;
use thimble_deflate::{Deflater, Effort};

fuzz_target!(|input: &[u8]| {
    let Some((kind, data)) = input.split_first() else {
        return;
    };
    let effort = Effort {
        depth: 1 + u32::from(kind & 15),
        lazy: kind >> 7 == 1,
        shortest: 3 + usize::from(kind >> 2 & 3),
    };
    let (one, other) = data.split_at(data.len() * usize::from(kind >> 4) / 16);
    let mut deflater = Deflater::default();
    for data in [one, other, one] {
        for stream in [deflater.matches(data, effort), deflater.runs(data)] {
            let mut inflated = Vec::new();
            let read = ZlibDecoder::new(stream.as_slice()).read_to_end(&mut inflated);
            assert!(read.is_ok() && inflated == data);
        }
    }
});
