//! The vector operations in WebAssembly's 128-bit SIMD.

use core::arch::wasm32::*;

/// Sixteen bytes in a register.
pub type Lanes = v128;

/// Eight `u8` from memory, widened to eight `i16`.
#[inline(always)]
pub fn load_widened(from: &[u8; 8]) -> Lanes {
    u16x8_extend_low_u8x16(u64x2(u64::from_le_bytes(*from), 0))
}

/// The same `i32` four times.
#[inline(always)]
pub fn splat_i32(value: i32) -> Lanes {
    i32x4_splat(value)
}

/// The same `i16` eight times.
#[inline(always)]
pub fn splat_i16(value: i16) -> Lanes {
    i16x8_splat(value)
}

/// The same `u8` sixteen times.
#[inline(always)]
pub fn splat_u8(value: u8) -> Lanes {
    u8x16_splat(value)
}

/// Products of `i16`, neighbors added: four `i32`, wrapping.
#[inline(always)]
pub fn dot_i16(a: Lanes, b: Lanes) -> Lanes {
    i32x4_dot_i16x8(a, b)
}

/// The low halves of the products of `i16`.
#[inline(always)]
pub fn multiply_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_mul(a, b)
}

/// `(a * b + 0x4000) >> 15` of each `i16`, saturating.
#[inline(always)]
pub fn multiply_q15(a: Lanes, b: Lanes) -> Lanes {
    i16x8_q15mulr_sat(a, b)
}

/// Sums of `i32`, wrapping.
#[inline(always)]
pub fn add_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_add(a, b)
}

/// Differences of `i32`, wrapping.
#[inline(always)]
pub fn subtract_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_sub(a, b)
}

/// Sums of `i16`, wrapping.
#[inline(always)]
pub fn add_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_add(a, b)
}

/// Sums of `u16`, saturating.
#[inline(always)]
pub fn add_saturating_u16(a: Lanes, b: Lanes) -> Lanes {
    u16x8_add_sat(a, b)
}

/// Differences of `i16`, wrapping.
#[inline(always)]
pub fn subtract_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_sub(a, b)
}

/// The high halves of the products of `i16`.
#[inline(always)]
pub fn multiply_high_i16(a: Lanes, b: Lanes) -> Lanes {
    let low = i32x4_shr(i32x4_extmul_low_i16x8(a, b), 16);
    let high = i32x4_shr(i32x4_extmul_high_i16x8(a, b), 16);
    i16x8_narrow_i32x4(low, high)
}

/// The larger of each two `i16`.
#[inline(always)]
pub fn max_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_max(a, b)
}

/// The smaller of each two `i16`.
#[inline(always)]
pub fn min_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_min(a, b)
}

/// All bits of each `i16` that is greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn greater_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_gt(a, b)
}

/// Sums of `u8`, wrapping.
#[inline(always)]
pub fn add_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_add(a, b)
}

/// Differences of `u8`, wrapping.
#[inline(always)]
pub fn subtract_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_sub(a, b)
}

/// The smaller of each two `u8`.
#[inline(always)]
pub fn min_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_min(a, b)
}

/// The larger of each two `u8`.
#[inline(always)]
pub fn max_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_max(a, b)
}

/// All bits of each `u8` that is no greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn at_most_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_le(a, b)
}

/// Sums of each two neighboring `u8`: eight `i16`.
#[inline(always)]
pub fn sum_pairs_u8(a: Lanes) -> Lanes {
    u16x8_extadd_pairwise_u8x16(a)
}

/// The bits of `a` where those of `mask` are set, and of `b` where not.
#[inline(always)]
pub fn select(mask: Lanes, a: Lanes, b: Lanes) -> Lanes {
    v128_bitselect(a, b, mask)
}

/// The bits that are set in both.
#[inline(always)]
pub fn and(a: Lanes, b: Lanes) -> Lanes {
    v128_and(a, b)
}

/// The bits that are set in one of the two.
#[inline(always)]
pub fn exclusive_or(a: Lanes, b: Lanes) -> Lanes {
    v128_xor(a, b)
}

/// Each `i16` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i16<const BITS: i32>(a: Lanes) -> Lanes {
    i16x8_shr(a, BITS as u32)
}

/// Each `i16` shifted right, as if it had no sign.
#[inline(always)]
pub fn shift_right_u16<const BITS: i32>(a: Lanes) -> Lanes {
    u16x8_shr(a, BITS as u32)
}

/// Of each four `u8` the last, four times.
#[inline(always)]
pub fn repeat_fourth_u8(a: Lanes) -> Lanes {
    u8x16_shuffle::<3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15, 15>(a, a)
}

/// Each `i32` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i32<const BITS: i32>(a: Lanes) -> Lanes {
    i32x4_shr(a, BITS as u32)
}

/// Each `i32` shifted right by less than 32 bits, its sign kept.
#[inline(always)]
pub fn shift_right_i32_by(a: Lanes, bits: u32) -> Lanes {
    i32x4_shr(a, bits)
}

/// Eight `i32` as `i16`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i32(a: Lanes, b: Lanes) -> Lanes {
    i16x8_narrow_i32x4(a, b)
}

/// Sixteen `i16` as `u8`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i16(a: Lanes, b: Lanes) -> Lanes {
    u8x16_narrow_i16x8(a, b)
}

/// The `i32` 0 and 2 of `a`, then of `b`.
#[inline(always)]
pub fn even_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_shuffle::<0, 2, 4, 6>(a, b)
}

/// The `i32` 1 and 3 of `a`, then of `b`.
#[inline(always)]
pub fn odd_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_shuffle::<1, 3, 5, 7>(a, b)
}

/// The first eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(a, b)
}

/// The last eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_u8(a: Lanes, b: Lanes) -> Lanes {
    u8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(a, b)
}

/// The first eight `u8` as `i16`.
#[inline(always)]
pub fn widen_low_u8(a: Lanes) -> Lanes {
    u16x8_extend_low_u8x16(a)
}

/// The last eight `u8` as `i16`.
#[inline(always)]
pub fn widen_high_u8(a: Lanes) -> Lanes {
    u16x8_extend_high_u8x16(a)
}

/// The first four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(a, b)
}

/// The last four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i16(a: Lanes, b: Lanes) -> Lanes {
    i16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(a, b)
}

/// The first two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_shuffle::<0, 4, 1, 5>(a, b)
}

/// The last two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i32(a: Lanes, b: Lanes) -> Lanes {
    i32x4_shuffle::<2, 6, 3, 7>(a, b)
}

/// The first half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_low_i64(a: Lanes, b: Lanes) -> Lanes {
    i64x2_shuffle::<0, 2>(a, b)
}

/// The last half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_high_i64(a: Lanes, b: Lanes) -> Lanes {
    i64x2_shuffle::<1, 3>(a, b)
}

/// The first eight bytes, the first one lowest.
#[inline(always)]
pub fn first_i64(lanes: Lanes) -> u64 {
    u64x2_extract_lane::<0>(lanes)
}

/// A bit for each `u8` that is the same in `a` and `b`, the first lowest.
#[inline(always)]
pub fn equal_u8(a: Lanes, b: Lanes) -> u32 {
    u8x16_bitmask(u8x16_eq(a, b)).into()
}

/// A bit for each of the sixteen `i16` that is zero: those of `a`, then of `b`.
#[inline(always)]
pub fn zeros_i16(a: Lanes, b: Lanes) -> u32 {
    u8x16_bitmask(i8x16_narrow_i16x8(
        i16x8_eq(a, i16x8_splat(0)),
        i16x8_eq(b, i16x8_splat(0)),
    ))
    .into()
}

/// A bit for each of the sixteen `i16` that is negative: those of `a`, then of `b`.
#[inline(always)]
pub fn negative_i16(a: Lanes, b: Lanes) -> u32 {
    u8x16_bitmask(i8x16_narrow_i16x8(a, b)).into()
}
