//! Transposition, where most of the words meet: `cargo bench -p thimble-simd`.

use divan::{Bencher, black_box};
use thimble_simd::{load_i16, load_u8, store_i16, store_u8, transpose, transpose_u8};

/// Blocks that are turned, one after the other: few enough to stay in a cache.
const BLOCKS: usize = 64;

fn main() {
    divan::main();
}

#[divan::bench]
fn eight_by_eight_i16(bencher: Bencher<'_, '_>) {
    let mut blocks = [[[7_i16; 8]; 8]; BLOCKS];
    bencher.bench_local(|| {
        for block in &mut blocks {
            let turned = transpose(block.each_ref().map(load_i16));
            for (row, lanes) in block.iter_mut().zip(turned) {
                store_i16(lanes, row);
            }
        }
        black_box(&mut blocks);
    });
}

#[divan::bench]
fn sixteen_by_sixteen_u8(bencher: Bencher<'_, '_>) {
    let mut blocks = [[[7_u8; 16]; 16]; BLOCKS];
    bencher.bench_local(|| {
        for block in &mut blocks {
            let turned = transpose_u8(block.each_ref().map(load_u8));
            for (row, lanes) in block.iter_mut().zip(turned) {
                store_u8(lanes, row);
            }
        }
        black_box(&mut blocks);
    });
}
