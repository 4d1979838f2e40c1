//! The forward DCT of 8x8 samples (ITU-T T.81, A.3.3).
//!
//! Like the inverse, it is the definition itself as dot products of `i16`. Four
//! fractional bits are kept between the passes and two after them.

use crate::inverse::{C1, C2, C3, C4, C5, C6, C7, pair};
use thimble_simd::{self as simd, Lanes};

/// Coefficients, quantized or not, column by column.
pub(super) type Block = [i16; 64];

/// Transform eight rows of samples: coefficients with two fractional bits, a vector
/// for each column.
#[inline(always)]
pub(super) fn transform(rows: [&[u8; 8]; 8]) -> [Lanes; 8] {
    let center = simd::splat_i16(128);
    let centered = rows.map(|row| simd::subtract_i16(simd::load_widened(row), center));
    let columns = simd::transpose(pass::<9>(&centered, 1 << 8));
    pass::<15>(&columns, 1 << 14)
}

/// One pass over eight vectors: a transform across them, rounded.
#[inline(always)]
fn pass<const SHIFT: i32>(rows: &[Lanes; 8], bias: i32) -> [Lanes; 8] {
    let bias = simd::splat_i32(bias);
    let [r0, r1, r2, r3, r4, r5, r6, r7] = *rows;
    let (add, subtract) = (simd::add_i16, simd::subtract_i16);
    let (outer, inner) = (add(add(r0, r7), add(r3, r4)), add(add(r1, r6), add(r2, r5)));
    let (far, near) = (
        subtract(add(r0, r7), add(r3, r4)),
        subtract(add(r1, r6), add(r2, r5)),
    );
    let odd = [
        subtract(r0, r7),
        subtract(r1, r6),
        subtract(r2, r5),
        subtract(r3, r4),
    ];
    let half = |join: fn(Lanes, Lanes) -> Lanes| {
        let pairs = [
            join(outer, inner),
            join(far, near),
            join(odd[0], odd[1]),
            join(odd[2], odd[3]),
        ];
        eight_points(pairs, bias).map(simd::shift_right_i32::<SHIFT>)
    };
    let first = half(simd::interleave_low_i16);
    let second = half(simd::interleave_high_i16);
    core::array::from_fn(|k| simd::narrow_i32(first[k], second[k]))
}

/// One dimension of eight points, for four columns at a time, from sums and
/// differences of samples in pairs.
#[inline(always)]
fn eight_points([sums, slopes, first, second]: [Lanes; 4], bias: Lanes) -> [Lanes; 8] {
    let dot = simd::dot_i16;
    let even = |from: Lanes, a: i16, b: i16| simd::add_i32(dot(from, pair(a, b)), bias);
    let odd = |[a, b, c, d]: [i16; 4]| {
        let sum = simd::add_i32(dot(first, pair(a, b)), dot(second, pair(c, d)));
        simd::add_i32(sum, bias)
    };
    [
        even(sums, C4, C4),
        odd([C1, C3, C5, C7]),
        even(slopes, C2, C6),
        odd([C3, -C7, -C1, -C5]),
        even(sums, C4, -C4),
        odd([C5, -C1, C7, C3]),
        even(slopes, C6, -C2),
        odd([C7, -C5, C3, -C1]),
    ]
}
