//! Transposition, where most of the words meet: `cargo bench -p thimble-simd`.

use divan::{Bencher, black_box};
use thimble_simd::{Lanes, load_i16, load_u8, store_i16, store_u8, transpose, transpose_u8};

/// Blocks that are turned, one after the other: few enough to stay in a cache.
const BLOCKS: usize = 64;

fn main() {
    divan::main();
}

#[divan::bench]
fn eight_by_eight_i16(bencher: Bencher<'_, '_>) {
    turn(bencher, 7_i16, load_i16, transpose, store_i16);
}

#[divan::bench]
fn sixteen_by_sixteen_u8(bencher: Bencher<'_, '_>) {
    turn(bencher, 7_u8, load_u8, transpose_u8, store_u8);
}

/// Turns blocks of one sample again and again.
fn turn<T: Copy, const SIDE: usize>(
    bencher: Bencher<'_, '_>,
    sample: T,
    load: impl Fn(&[T; SIDE]) -> Lanes,
    transpose: impl Fn([Lanes; SIDE]) -> [Lanes; SIDE],
    store: impl Fn(Lanes, &mut [T; SIDE]),
) {
    let mut blocks = [[[sample; SIDE]; SIDE]; BLOCKS];
    bencher.bench_local(|| {
        for block in &mut blocks {
            let turned = transpose(block.each_ref().map(&load));
            for (row, lanes) in block.iter_mut().zip(turned) {
                store(lanes, row);
            }
        }
        black_box(&mut blocks);
    });
}
