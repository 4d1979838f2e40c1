//! The encoder's arithmetic of [two 4x4 blocks](crate::pair) at a time.

use crate::pair::{residue, transpose};
use crate::transform::Block;
use thimble_simd::{self as simd, Lanes};

pub(super) use crate::pair::{Pair, Stored, load};

/// Two blocks of samples.
#[inline(always)]
pub(super) fn join(a: &[[u8; 4]; 4], b: &[[u8; 4]; 4]) -> Pair {
    core::array::from_fn(|row| {
        let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a[row], b[row]);
        simd::load_widened(&[a0, a1, a2, a3, b0, b1, b2, b3])
    })
}

/// The two blocks of samples with their top left corner at (`x`, `y`).
#[inline(always)]
pub(super) fn cut<const N: usize>(square: &[[u8; N]; N], (x, y): (usize, usize)) -> Pair {
    core::array::from_fn(|row| {
        let samples = square[y + row][x..].first_chunk();
        simd::load_widened(samples.unwrap_or(&[0; 8]))
    })
}

#[inline(always)]
pub(super) fn store(pair: Pair) -> Stored {
    let mut stored = [[0; 8]; 4];
    for (lanes, row) in pair.into_iter().zip(&mut stored) {
        simd::store_i16(lanes, row);
    }
    stored
}

/// The two blocks of a pair.
#[inline(always)]
pub(super) fn separate(stored: &Stored) -> [Block; 2] {
    let mut blocks = [[0; 16]; 2];
    let [first, second] = &mut blocks;
    let targets = first.as_chunks_mut::<4>().0.iter_mut();
    let targets = targets.zip(second.as_chunks_mut::<4>().0);
    for ((first, second), &[a0, a1, a2, a3, b0, b1, b2, b3]) in targets.zip(stored) {
        (*first, *second) = ([a0, a1, a2, a3], [b0, b1, b2, b3]);
    }
    blocks
}

/// The samples of the two blocks of a pair.
#[inline(always)]
pub(super) fn samples(pair: Pair) -> [[[u8; 4]; 4]; 2] {
    let mut squares = [[[0; 4]; 4]; 2];
    for (row, samples) in store(pair).into_iter().enumerate() {
        let [a0, a1, a2, a3, b0, b1, b2, b3] = samples.map(|sample| sample as u8);
        squares[0][row] = [a0, a1, a2, a3];
        squares[1][row] = [b0, b1, b2, b3];
    }
    squares
}

#[inline(always)]
pub(super) fn difference(a: &Pair, b: &Pair) -> Pair {
    [0, 1, 2, 3].map(|row| simd::subtract_i16(a[row], b[row]))
}

/// The sums of squared differences of the blocks.
#[inline(always)]
pub(super) fn squared_error(a: &Pair, b: &Pair) -> [u32; 2] {
    let squares = difference(a, b).map(|row| simd::dot_i16(row, row));
    sums(squares)
}

/// Activity in the blocks: their Hadamard transform, weighted as an eye
/// would (weights of libwebp, which found them by experiment).
#[inline(always)]
pub(super) fn texture(pair: &Pair) -> [u32; 2] {
    const WEIGHTS: Stored = [
        [38, 32, 20, 9, 38, 32, 20, 9],
        [32, 28, 17, 7, 32, 28, 17, 7],
        [20, 17, 10, 4, 20, 17, 10, 4],
        [9, 7, 4, 2, 9, 7, 4, 2],
    ];
    let transformed = hadamard(&transpose(&hadamard(pair)));
    let zero = simd::splat_i16(0);
    let weights = load(&WEIGHTS);
    sums([0, 1, 2, 3].map(|row| {
        let value = transformed[row];
        let magnitude = simd::max_i16(value, simd::subtract_i16(zero, value));
        simd::dot_i16(magnitude, weights[row])
    }))
}

#[inline(always)]
fn hadamard(rows: &Pair) -> Pair {
    let (add, subtract) = (simd::add_i16, simd::subtract_i16);
    let [r0, r1, r2, r3] = *rows;
    let (a0, a1) = (add(r0, r2), add(r1, r3));
    let (a2, a3) = (subtract(r1, r3), subtract(r0, r2));
    [add(a0, a1), add(a3, a2), subtract(a3, a2), subtract(a0, a1)]
}

/// The sums of four rows of two `i32` for either block.
#[inline(always)]
fn sums([a, b, c, d]: [Lanes; 4]) -> [u32; 2] {
    let sum = simd::add_i32(simd::add_i32(a, b), simd::add_i32(c, d));
    let sum = simd::add_i32(simd::even_i32(sum, sum), simd::odd_i32(sum, sum));
    let mut halves = [0; 8];
    simd::store_i16(sum, &mut halves);
    let whole = |low: i16, high: i16| u32::from(low as u16) | u32::from(high as u16) << 16;
    [whole(halves[0], halves[1]), whole(halves[2], halves[3])]
}

/// A vector of a pair of `i16`, four times.
#[inline(always)]
fn twice(a: i16, b: i16) -> Lanes {
    simd::splat_i32(i32::from(b) << 16 | i32::from(a as u16))
}

/// The forward transform: what undoes the inverse of RFC 6386, section 14.3.
/// Three fractional bits are kept between the passes.
#[inline(always)]
pub(super) fn forward(residue: &Pair) -> Pair {
    let add = simd::add_i16;
    let [sum, high, slope, low] = rotated::<9>(residue, [1812, 937]);
    let eight = simd::splat_i16(8);
    let times_eight = |lanes: Lanes| simd::multiply_i16(lanes, eight);
    let columns = transpose(&[times_eight(sum), high, times_eight(slope), low]);
    let [sum, high, slope, low] = rotated::<16>(&columns, [40_000, 51_000]);
    let round = simd::splat_i16(7);
    let sixteenth = |lanes: Lanes| simd::shift_right_i16::<4>(add(lanes, round));
    transpose(&[sixteenth(sum), high, sixteenth(slope), low])
}

/// One pass of four points: the even outputs as sums, the odd ones rotated.
#[inline(always)]
fn rotated<const SHIFT: i32>(rows: &Pair, [first, second]: [i32; 2]) -> Pair {
    let (add, subtract) = (simd::add_i16, simd::subtract_i16);
    let [r0, r1, r2, r3] = *rows;
    let (outer, inner) = (add(r0, r3), add(r1, r2));
    let (near, far) = (subtract(r1, r2), subtract(r0, r3));
    let (low, high) = (
        simd::interleave_low_i16(near, far),
        simd::interleave_high_i16(near, far),
    );
    let turn = |by: Lanes, bias: i32| {
        let bias = simd::splat_i32(bias);
        let half = |lanes: Lanes| {
            simd::shift_right_i32::<SHIFT>(simd::add_i32(simd::dot_i16(lanes, by), bias))
        };
        simd::narrow_i32(half(low), half(high))
    };
    [
        add(outer, inner),
        turn(twice(2217, 5352), first),
        subtract(outer, inner),
        turn(twice(-5352, 2217), second),
    ]
}

/// Adds what coefficients stand for to a prediction.
#[inline(always)]
pub(super) fn reconstruct(coefficients: &Pair, predicted: &Pair) -> Pair {
    let residue = residue(coefficients);
    let (zero, most) = (simd::splat_i16(0), simd::splat_i16(-255));
    [0, 1, 2, 3].map(|row| {
        let sum = simd::max_i16(simd::add_i16(residue[row], predicted[row]), zero);
        simd::subtract_i16(zero, simd::max_i16(simd::subtract_i16(zero, sum), most))
    })
}
