//! The decoder of BMP as native code: `cargo bench -p thimble-bitmap`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use divan::Bencher;
use divan::counter::ItemsCount;
use thimble_bitmap::{Bitmap, Error};

const SIDES: (u32, u32) = (2048, 1536);

fn main() {
    divan::main();
}

/// Rows of so many bits a pixel: indices, fields and bytes.
#[divan::bench(args = [1, 4, 8, 16, 24, 32])]
fn rows(bencher: Bencher<'_, '_>, bits: u16) {
    let stride = (SIDES.0 * u32::from(bits)).div_ceil(32) * 4;
    let stored = (0..stride * SIDES.1).map(|at| (at * 7 / 5) as u8).collect();
    decode(bencher, bits, 0, stored);
}

/// Runs of indices of 8 bits.
#[divan::bench]
fn runs(bencher: Bencher<'_, '_>) {
    let row: Vec<u8> = (0..SIDES.0 / 16)
        .flat_map(|at| [16, at as u8])
        .chain([0, 0])
        .collect();
    decode(bencher, 8, 1, row.repeat(SIDES.1 as usize));
}

fn decode(bencher: Bencher<'_, '_>, bits: u16, compression: u32, stored: Vec<u8>) {
    let source = source(bits, compression, &stored);
    let pixels = SIDES.0 as usize * SIDES.1 as usize;
    bencher.counter(ItemsCount::new(pixels)).bench(|| {
        let bitmap = Bitmap::of_file(&source).expect("a header");
        let mut sum = 0;
        let is_whole = bitmap.rows(|pixels, _| {
            sum += usize::from(pixels[0][0]);
            Ok::<(), Error>(())
        });
        assert_eq!(is_whole, Ok(true));
        sum
    });
}

/// A BMP with a header of Windows, and a palette of black where there is one.
fn source(bits: u16, compression: u32, stored: &[u8]) -> Vec<u8> {
    let colors = if bits > 8 { 0 } else { 1 << bits };
    let mut source = b"BM\0\0\0\0\0\0\0\0".to_vec();
    source.extend((54 + 4 * colors as u32).to_le_bytes());
    source.extend([40, SIDES.0, SIDES.1].map(u32::to_le_bytes).as_flattened());
    source.extend([1, bits].map(u16::to_le_bytes).as_flattened());
    source.extend(compression.to_le_bytes());
    source.extend([0; 20]);
    source.extend(vec![0; 4 * colors]);
    source.extend(stored);
    source
}
