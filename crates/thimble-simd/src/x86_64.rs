//! The vector operations in SSE2, which every x86-64 has.

use core::arch::x86_64::*;

/// Calculate with intrinsics of SSE2 that don't touch memory.
macro_rules! sse2 {
    ($value:expr) => {
        // SAFETY: every x86-64 has SSE2, and registers are all that is used.
        unsafe { $value }
    };
}

/// Sixteen bytes in a register.
pub type Lanes = __m128i;

/// Eight `u8` from memory, widened to eight `i16`.
#[inline(always)]
pub fn load_widened(from: &[u8; 8]) -> Lanes {
    sse2!({
        let bytes = _mm_cvtsi64_si128(i64::from_le_bytes(*from));
        _mm_unpacklo_epi8(bytes, _mm_setzero_si128())
    })
}

/// The same `i32` four times.
#[inline(always)]
pub fn splat_i32(value: i32) -> Lanes {
    sse2!(_mm_set1_epi32(value))
}

/// The same `i16` eight times.
#[inline(always)]
pub fn splat_i16(value: i16) -> Lanes {
    sse2!(_mm_set1_epi16(value))
}

/// The same `u8` sixteen times.
#[inline(always)]
pub fn splat_u8(value: u8) -> Lanes {
    sse2!(_mm_set1_epi8(value as i8))
}

/// Products of `i16`, neighbors added: four `i32`, wrapping.
#[inline(always)]
pub fn dot_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_madd_epi16(a, b))
}

/// The low halves of the products of `i16`.
#[inline(always)]
pub fn multiply_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_mullo_epi16(a, b))
}

/// `(a * b + 0x4000) >> 15` of each `i16`, saturating.
#[inline(always)]
pub fn multiply_q15(a: Lanes, b: Lanes) -> Lanes {
    sse2!({
        let (low, high) = (_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b));
        // Half of the low halves, so that nothing is carried out of them.
        let half = _mm_add_epi16(_mm_srli_epi16::<1>(low), _mm_set1_epi16(0x2000));
        let rounded = _mm_srli_epi16::<14>(half);
        _mm_add_epi16(_mm_adds_epi16(high, high), rounded)
    })
}

/// Sums of `i32`, wrapping.
#[inline(always)]
pub fn add_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_add_epi32(a, b))
}

/// Differences of `i32`, wrapping.
#[inline(always)]
pub fn subtract_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_sub_epi32(a, b))
}

/// Sums of `i16`, wrapping.
#[inline(always)]
pub fn add_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_add_epi16(a, b))
}

/// Sums of `u16`, saturating.
#[inline(always)]
pub fn add_saturating_u16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_adds_epu16(a, b))
}

/// Differences of `i16`, wrapping.
#[inline(always)]
pub fn subtract_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_sub_epi16(a, b))
}

/// The high halves of the products of `i16`.
#[inline(always)]
pub fn multiply_high_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_mulhi_epi16(a, b))
}

/// The larger of each two `i16`.
#[inline(always)]
pub fn max_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_max_epi16(a, b))
}

/// The smaller of each two `i16`.
#[inline(always)]
pub fn min_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_min_epi16(a, b))
}

/// All bits of each `i16` that is greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn greater_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_cmpgt_epi16(a, b))
}

/// Sums of `u8`, wrapping.
#[inline(always)]
pub fn add_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_add_epi8(a, b))
}

/// Differences of `u8`, wrapping.
#[inline(always)]
pub fn subtract_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_sub_epi8(a, b))
}

/// The smaller of each two `u8`.
#[inline(always)]
pub fn min_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_min_epu8(a, b))
}

/// The larger of each two `u8`.
#[inline(always)]
pub fn max_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_max_epu8(a, b))
}

/// All bits of each `u8` that is no greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn at_most_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_cmpeq_epi8(_mm_min_epu8(a, b), a))
}

/// Sums of each two neighboring `u8`: eight `i16`.
#[inline(always)]
pub fn sum_pairs_u8(a: Lanes) -> Lanes {
    sse2!({
        let even = _mm_and_si128(a, _mm_set1_epi16(0xff));
        _mm_add_epi16(even, _mm_srli_epi16::<8>(a))
    })
}

/// The bits of `a` where those of `mask` are set, and of `b` where not.
#[inline(always)]
pub fn select(mask: Lanes, a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_or_si128(
        _mm_and_si128(mask, a),
        _mm_andnot_si128(mask, b)
    ))
}

/// The bits that are set in both.
#[inline(always)]
pub fn and(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_and_si128(a, b))
}

/// The bits that are set in one of the two.
#[inline(always)]
pub fn exclusive_or(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_xor_si128(a, b))
}

/// Each `i16` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i16<const BITS: i32>(a: Lanes) -> Lanes {
    sse2!(_mm_srai_epi16::<BITS>(a))
}

/// Each `i16` shifted right, as if it had no sign.
#[inline(always)]
pub fn shift_right_u16<const BITS: i32>(a: Lanes) -> Lanes {
    sse2!(_mm_srli_epi16::<BITS>(a))
}

/// Of each four `u8` the last, four times.
#[inline(always)]
pub fn repeat_fourth_u8(a: Lanes) -> Lanes {
    let once = sse2!(_mm_srli_epi32::<24>(a));
    let twice = sse2!(_mm_or_si128(once, _mm_slli_epi32::<8>(once)));
    sse2!(_mm_or_si128(twice, _mm_slli_epi32::<16>(twice)))
}

/// Each `i32` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i32<const BITS: i32>(a: Lanes) -> Lanes {
    sse2!(_mm_srai_epi32::<BITS>(a))
}

/// Each `i32` shifted right by less than 32 bits, its sign kept.
#[inline(always)]
pub fn shift_right_i32_by(a: Lanes, bits: u32) -> Lanes {
    sse2!(_mm_sra_epi32(a, _mm_cvtsi32_si128(bits as i32)))
}

/// Eight `i32` as `i16`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_packs_epi32(a, b))
}

/// Sixteen `i16` as `u8`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_packus_epi16(a, b))
}

/// The `i32` 0 and 2 of `a`, then of `b`.
#[inline(always)]
pub fn even_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!({
        let (a, b) = (_mm_castsi128_ps(a), _mm_castsi128_ps(b));
        _mm_castps_si128(_mm_shuffle_ps::<0b10_00_10_00>(a, b))
    })
}

/// The `i32` 1 and 3 of `a`, then of `b`.
#[inline(always)]
pub fn odd_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!({
        let (a, b) = (_mm_castsi128_ps(a), _mm_castsi128_ps(b));
        _mm_castps_si128(_mm_shuffle_ps::<0b11_01_11_01>(a, b))
    })
}

/// The first eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpacklo_epi8(a, b))
}

/// The last eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_u8(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpackhi_epi8(a, b))
}

/// The first eight `u8` as `i16`.
#[inline(always)]
pub fn widen_low_u8(a: Lanes) -> Lanes {
    sse2!(_mm_unpacklo_epi8(a, _mm_setzero_si128()))
}

/// The last eight `u8` as `i16`.
#[inline(always)]
pub fn widen_high_u8(a: Lanes) -> Lanes {
    sse2!(_mm_unpackhi_epi8(a, _mm_setzero_si128()))
}

/// The first four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpacklo_epi16(a, b))
}

/// The last four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i16(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpackhi_epi16(a, b))
}

/// The first two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpacklo_epi32(a, b))
}

/// The last two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i32(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpackhi_epi32(a, b))
}

/// The first half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_low_i64(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpacklo_epi64(a, b))
}

/// The last half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_high_i64(a: Lanes, b: Lanes) -> Lanes {
    sse2!(_mm_unpackhi_epi64(a, b))
}

/// The first eight bytes, the first one lowest.
#[inline(always)]
pub fn first_i64(lanes: Lanes) -> u64 {
    sse2!(_mm_cvtsi128_si64(lanes)).cast_unsigned()
}

/// A bit for each `u8` that is the same in `a` and `b`, the first lowest.
#[inline(always)]
pub fn equal_u8(a: Lanes, b: Lanes) -> u32 {
    sse2!(_mm_movemask_epi8(_mm_cmpeq_epi8(a, b)) as u32)
}

/// A bit for each of the sixteen `i16` that is zero: those of `a`, then of `b`.
#[inline(always)]
pub fn zeros_i16(a: Lanes, b: Lanes) -> u32 {
    sse2!({
        let zero = _mm_setzero_si128();
        let (a, b) = (_mm_cmpeq_epi16(a, zero), _mm_cmpeq_epi16(b, zero));
        _mm_movemask_epi8(_mm_packs_epi16(a, b)) as u32
    })
}

/// A bit for each of the sixteen `i16` that is negative: those of `a`, then of `b`.
#[inline(always)]
pub fn negative_i16(a: Lanes, b: Lanes) -> u32 {
    sse2!(_mm_movemask_epi8(_mm_packs_epi16(a, b)) as u32)
}
