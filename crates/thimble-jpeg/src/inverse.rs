//! Dequantization and the inverse DCT (ITU-T T.81, A.3.3 and A.3.4) of 8, 4, 3,
//! 2 and 1 points a side.
//!
//! The transforms are the definition itself, split into its even and odd halves
//! and written as dot products of `i16`: on every machine that has such an
//! instruction this is quicker than the published butterflies with fewer
//! multiplications, and loses no precision to them. Constants have 13 fractional
//! bits; between the two passes two bits are kept of eight points, three of four
//! and of three.

use super::block::Coefficients;
use thimble_simd::{self as simd, Lanes};

/// A quantization table in the order of an inverse transform's coefficients.
pub(super) type Steps = [i16; 64];

/// cos(k pi / 16) / 2 with 13 fractional bits, for k from 1 to 7.
pub(super) const C1: i16 = 4017;
pub(super) const C2: i16 = 3784;
pub(super) const C3: i16 = 3406;
pub(super) const C4: i16 = 2896;
pub(super) const C5: i16 = 2276;
pub(super) const C6: i16 = 1567;
pub(super) const C7: i16 = 799;

/// Write a block of `SIDE` x `SIDE` samples into a plane, beginning at the start
/// of `samples`. `any` is false when there is nothing but a DC coefficient.
#[inline(always)]
pub(super) fn reconstruct<const SIDE: usize>(
    any: bool,
    block: &Coefficients,
    steps: &Steps,
    samples: &mut [u8],
    stride: usize,
) {
    let dc = i32::from(block[0]) * i32::from(steps[0]);
    if SIDE == 1 {
        samples[0] = level(dc);
    } else if !any {
        let value = level(dc);
        for row in samples.chunks_mut(stride).take(SIDE) {
            row[..SIDE].fill(value);
        }
    } else if SIDE == 2 {
        two(dc, block, steps, samples, stride);
    } else if SIDE == 3 {
        three(block, steps, samples, stride);
    } else if SIDE == 4 {
        four(block, steps, samples, stride);
    } else {
        eight(block, steps, samples, stride);
    }
}

/// An eighth of a sum, shifted to unsigned samples.
#[inline(always)]
fn level(sum: i32) -> u8 {
    ((sum + (128 << 3) + 4) >> 3).clamp(0, 255) as u8
}

/// The sample of a block of which there is the DC coefficient alone.
#[inline(always)]
pub(super) fn mean(dc: i16, step: i32) -> u8 {
    level(i32::from(dc) * step)
}

/// Two points: sums and differences.
#[inline(always)]
fn two(dc: i32, block: &Coefficients, steps: &Steps, samples: &mut [u8], stride: usize) {
    let coefficient = |k: usize| i32::from(block[k]) * i32::from(steps[k]);
    let (right, down, both) = (coefficient(1), coefficient(2), coefficient(3));
    let (above, below) = (dc + down, dc - down);
    let (slope_above, slope_below) = (right + both, right - both);
    samples[..2].copy_from_slice(&[level(above + slope_above), level(above - slope_above)]);
    samples[stride..][..2]
        .copy_from_slice(&[level(below + slope_below), level(below - slope_below)]);
}

/// Eight coefficients, multiplied by their steps.
#[inline(always)]
fn dequantize(block: &Coefficients, steps: &Steps, row: usize) -> Lanes {
    let (blocks, _) = block.as_chunks::<8>();
    let (steps, _) = steps.as_chunks::<8>();
    simd::multiply_i16(simd::load_i16(&blocks[row]), simd::load_i16(&steps[row]))
}

/// The same two `i16` four times, for dot products.
#[inline(always)]
pub(super) fn pair(first: i16, second: i16) -> Lanes {
    let (first, second) = (first as u16 as u32, second as u16 as u32);
    simd::splat_i32((first | second << 16) as i32)
}

/// One dimension of four points. `even` has coefficients 0 and 2 side by side,
/// `odd` 1 and 3. The basis is scaled by the square root of two, twice in all.
#[inline(always)]
fn four_points(even: Lanes, odd: Lanes, bias: Lanes) -> [Lanes; 4] {
    const D0: i16 = 4096;
    const D1: i16 = 5352;
    const D3: i16 = 2217;
    let sum = simd::add_i32(simd::dot_i16(even, pair(D0, D0)), bias);
    let difference = simd::add_i32(simd::dot_i16(even, pair(D0, -D0)), bias);
    let outer = simd::dot_i16(odd, pair(D1, D3));
    let inner = simd::dot_i16(odd, pair(D3, -D1));
    [
        simd::add_i32(sum, outer),
        simd::add_i32(difference, inner),
        simd::subtract_i32(difference, inner),
        simd::subtract_i32(sum, outer),
    ]
}

/// One dimension of three points, with coefficients and scaling as of four; of
/// coefficient 3 and of the fourth result there is nothing.
#[inline(always)]
fn three_points(even: Lanes, odd: Lanes, bias: Lanes) -> [Lanes; 4] {
    const D0: i16 = 4096;
    // cos(k pi / 6) with k of 1 and 2, both times as in four points.
    const D1: i16 = 5017;
    const D2: i16 = 2896;
    let outer = simd::add_i32(simd::dot_i16(even, pair(D0, D2)), bias);
    let middle = simd::add_i32(simd::dot_i16(even, pair(D0, -2 * D2)), bias);
    let slope = simd::dot_i16(odd, pair(D1, 0));
    [
        simd::add_i32(outer, slope),
        middle,
        simd::subtract_i32(outer, slope),
        middle,
    ]
}

// A function of its own, like that of eight points: the vectors would take the
// registers of the entropy decoder around it.
#[inline(never)]
fn four(block: &Coefficients, steps: &Steps, samples: &mut [u8], stride: usize) {
    let result = square(block, steps, four_points);
    for (row, values) in samples.chunks_mut(stride).zip(result.as_chunks::<4>().0) {
        row[..4].copy_from_slice(values);
    }
}

#[inline(never)]
fn three(block: &Coefficients, steps: &Steps, samples: &mut [u8], stride: usize) {
    let result = square(block, steps, three_points);
    let rows = result.as_chunks::<4>().0.iter().take(3);
    for (row, values) in samples.chunks_mut(stride).zip(rows) {
        row[..3].copy_from_slice(&values[..3]);
    }
}

/// Both dimensions of up to four points: four rows of four samples.
#[inline(always)]
fn square(
    block: &Coefficients,
    steps: &Steps,
    points: impl Fn(Lanes, Lanes, Lanes) -> [Lanes; 4],
) -> [u8; 16] {
    let (even, odd) = (dequantize(block, steps, 0), dequantize(block, steps, 1));
    let columns = points(even, odd, simd::splat_i32(1 << 9)).map(simd::shift_right_i32::<10>);
    let left = simd::narrow_i32(columns[0], columns[1]);
    let right = simd::narrow_i32(columns[2], columns[3]);
    let (even, odd) = (simd::even_i32(left, right), simd::odd_i32(left, right));
    let bias = simd::splat_i32((128 << 17) + (1 << 16));
    let rows = points(even, odd, bias).map(simd::shift_right_i32::<17>);
    let above = simd::narrow_i32(rows[0], rows[1]);
    let below = simd::narrow_i32(rows[2], rows[3]);
    let mut result = [0; 16];
    simd::store_u8(simd::narrow_i16(above, below), &mut result);
    result
}

/// One dimension of eight points, for four columns at a time: coefficients come
/// in pairs 0 and 4, 2 and 6, 1 and 3, 5 and 7.
#[inline(always)]
fn eight_points(pairs: [Lanes; 4], bias: Lanes) -> [Lanes; 8] {
    let [p04, p26, p13, p57] = pairs;
    let dot = simd::dot_i16;
    let sum = simd::add_i32(dot(p04, pair(C4, C4)), bias);
    let difference = simd::add_i32(dot(p04, pair(C4, -C4)), bias);
    let (outer, inner) = (dot(p26, pair(C2, C6)), dot(p26, pair(C6, -C2)));
    let even = [
        simd::add_i32(sum, outer),
        simd::add_i32(difference, inner),
        simd::subtract_i32(difference, inner),
        simd::subtract_i32(sum, outer),
    ];
    let odd = [
        simd::add_i32(dot(p13, pair(C1, C3)), dot(p57, pair(C5, C7))),
        simd::add_i32(dot(p13, pair(C3, -C7)), dot(p57, pair(-C1, -C5))),
        simd::add_i32(dot(p13, pair(C5, -C1)), dot(p57, pair(C7, C3))),
        simd::add_i32(dot(p13, pair(C7, -C5)), dot(p57, pair(C3, -C1))),
    ];
    core::array::from_fn(|k| match k {
        0..4 => simd::add_i32(even[k], odd[k]),
        _ => simd::subtract_i32(even[7 - k], odd[7 - k]),
    })
}

/// One pass over eight vectors: a transform across them, rounded.
#[inline(always)]
fn pass<const SHIFT: i32>(rows: &[Lanes; 8], bias: i32) -> [Lanes; 8] {
    let bias = simd::splat_i32(bias);
    let low = simd::interleave_low_i16;
    let high = simd::interleave_high_i16;
    let [r0, r1, r2, r3, r4, r5, r6, r7] = *rows;
    let first = [low(r0, r4), low(r2, r6), low(r1, r3), low(r5, r7)];
    let second = [high(r0, r4), high(r2, r6), high(r1, r3), high(r5, r7)];
    let first = eight_points(first, bias).map(simd::shift_right_i32::<SHIFT>);
    let second = eight_points(second, bias).map(simd::shift_right_i32::<SHIFT>);
    core::array::from_fn(|k| simd::narrow_i32(first[k], second[k]))
}

#[inline(never)]
fn eight(block: &Coefficients, steps: &Steps, samples: &mut [u8], stride: usize) {
    let coefficients = core::array::from_fn(|row| dequantize(block, steps, row));
    let columns = simd::transpose(pass::<11>(&coefficients, 1 << 10));
    let rows = pass::<15>(&columns, (128 << 15) + (1 << 14));
    let mut result = [0; 16];
    for (pair, two) in rows
        .as_chunks::<2>()
        .0
        .iter()
        .zip(samples.chunks_mut(2 * stride))
    {
        simd::store_u8(simd::narrow_i16(pair[0], pair[1]), &mut result);
        two[..8].copy_from_slice(&result[..8]);
        two[stride..][..8].copy_from_slice(&result[8..]);
    }
}
