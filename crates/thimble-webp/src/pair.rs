//! Two 4x4 blocks at a time: a vector holds a row of one and a row of the other.

use thimble_simd::{self as simd, Lanes};

/// The rows of two blocks side by side, as `i16`.
pub(super) type Pair = [Lanes; 4];

/// Two blocks in memory, side by side.
pub(super) type Stored = [[i16; 8]; 4];

#[inline(always)]
pub(super) fn load(stored: &Stored) -> Pair {
    [0, 1, 2, 3].map(|row| simd::load_i16(&stored[row]))
}

/// Rows of each block become its columns.
#[inline(always)]
pub(super) fn transpose(rows: &Pair) -> Pair {
    let [r0, r1, r2, r3] = *rows;
    let words = |a, b| {
        [
            simd::interleave_low_i16(a, b),
            simd::interleave_high_i16(a, b),
        ]
    };
    let pairs = |a, b| {
        [
            simd::interleave_low_i32(a, b),
            simd::interleave_high_i32(a, b),
        ]
    };
    let ([a01, b01], [a23, b23]) = (words(r0, r1), words(r2, r3));
    let ([a_left, a_right], [b_left, b_right]) = (pairs(a01, a23), pairs(b01, b23));
    [
        simd::interleave_low_i64(a_left, b_left),
        simd::interleave_high_i64(a_left, b_left),
        simd::interleave_low_i64(a_right, b_right),
        simd::interleave_high_i64(a_right, b_right),
    ]
}

/// Turns coefficients into what they stand for: the inverse transform of RFC 6386,
/// section 14.3, to the bit.
#[inline(always)]
pub(super) fn residue(coefficients: &Pair) -> Pair {
    let columns = transpose(&inverse_of_four(coefficients));
    let round = simd::splat_i16(4);
    let rows = inverse_of_four(&columns)
        .map(|lanes| simd::shift_right_i16::<3>(simd::add_i16(lanes, round)));
    transpose(&rows)
}

/// The residue of two blocks that have no coefficient but their mean.
#[inline(always)]
pub(super) fn residue_of_means([a, b]: [i16; 2]) -> Pair {
    let eighth = |mean: i16| simd::splat_i16(((i32::from(mean) + 4) >> 3) as i16);
    [simd::interleave_low_i64(eighth(a), eighth(b)); 4]
}

#[inline(always)]
fn inverse_of_four(rows: &Pair) -> Pair {
    let (add, subtract) = (simd::add_i16, simd::subtract_i16);
    let [a, b, c, d] = *rows;
    let by_cosine = |x: Lanes| add(x, simd::multiply_high_i16(x, simd::splat_i16(20_091)));
    // 35,468 does not fit in 16 bits: what it lacks to 65,536 is taken away.
    let by_sine = |x: Lanes| add(x, simd::multiply_high_i16(x, simd::splat_i16(-30_068)));
    let (even, odd) = (add(a, c), subtract(a, c));
    let high = subtract(by_sine(b), by_cosine(d));
    let low = add(by_cosine(b), by_sine(d));
    [
        add(even, low),
        add(odd, high),
        subtract(odd, high),
        subtract(even, low),
    ]
}
