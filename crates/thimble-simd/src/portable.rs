//! The vector operations in plain Rust: for machines without a module of their
//! own, and what the other modules are tested against.

use core::array::from_fn;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub struct Lanes([u8; 16]);

impl Lanes {
    fn of_i16(values: [i16; 8]) -> Self {
        Lanes(from_fn(|k| values[k / 2].to_le_bytes()[k % 2]))
    }

    fn of_i32(values: [i32; 4]) -> Self {
        Lanes(from_fn(|k| values[k / 4].to_le_bytes()[k % 4]))
    }

    fn i16(self) -> [i16; 8] {
        from_fn(|k| i16::from_le_bytes(from_fn(|byte| self.0[2 * k + byte])))
    }

    fn i32(self) -> [i32; 4] {
        from_fn(|k| i32::from_le_bytes(from_fn(|byte| self.0[4 * k + byte])))
    }
}

fn zip_i16(a: Lanes, b: Lanes, with: impl Fn(i16, i16) -> i16) -> Lanes {
    let (a, b) = (a.i16(), b.i16());
    Lanes::of_i16(from_fn(|k| with(a[k], b[k])))
}

fn zip_i32(a: Lanes, b: Lanes, with: impl Fn(i32, i32) -> i32) -> Lanes {
    let (a, b) = (a.i32(), b.i32());
    Lanes::of_i32(from_fn(|k| with(a[k], b[k])))
}

fn pick_i16(a: Lanes, b: Lanes, which: [usize; 8]) -> Lanes {
    let (a, b) = (a.i16(), b.i16());
    Lanes::of_i16(which.map(|k| if k < 8 { a[k] } else { b[k - 8] }))
}

fn pick_i32(a: Lanes, b: Lanes, which: [usize; 4]) -> Lanes {
    let (a, b) = (a.i32(), b.i32());
    Lanes::of_i32(which.map(|k| if k < 4 { a[k] } else { b[k - 4] }))
}

/// Eight `i16` from memory.
#[inline(always)]
pub fn load_i16(from: &[i16; 8]) -> Lanes {
    Lanes::of_i16(*from)
}

/// Eight `i16` to memory.
#[inline(always)]
pub fn store_i16(lanes: Lanes, to: &mut [i16; 8]) {
    *to = lanes.i16()
}

/// Sixteen `u8` from memory.
#[inline(always)]
pub fn load_u8(from: &[u8; 16]) -> Lanes {
    Lanes(*from)
}

/// Sixteen `u8` to memory.
#[inline(always)]
pub fn store_u8(lanes: Lanes, to: &mut [u8; 16]) {
    *to = lanes.0
}

/// Eight `u8` from memory, widened to eight `i16`.
#[inline(always)]
pub fn load_widened(from: &[u8; 8]) -> Lanes {
    Lanes::of_i16(from.map(i16::from))
}

/// The same `i32` four times.
#[inline(always)]
pub fn splat_i32(value: i32) -> Lanes {
    Lanes::of_i32([value; 4])
}

/// The same `i16` eight times.
#[inline(always)]
pub fn splat_i16(value: i16) -> Lanes {
    Lanes::of_i16([value; 8])
}

/// The same `u8` sixteen times.
#[inline(always)]
pub fn splat_u8(value: u8) -> Lanes {
    Lanes([value; 16])
}

/// Products of `i16`, neighbors added: four `i32`, wrapping.
#[inline(always)]
pub fn dot_i16(a: Lanes, b: Lanes) -> Lanes {
    let (a, b) = (a.i16().map(i32::from), b.i16().map(i32::from));
    let product = |k: usize| a[k].wrapping_mul(b[k]);
    Lanes::of_i32(from_fn(|k| product(2 * k).wrapping_add(product(2 * k + 1))))
}

/// The low halves of the products of `i16`.
#[inline(always)]
pub fn multiply_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, i16::wrapping_mul)
}

/// `(a * b + 0x4000) >> 15` of each `i16`, saturating.
#[inline(always)]
pub fn multiply_q15(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| {
        let product = (i32::from(a) * i32::from(b) + 0x4000) >> 15;
        product.min(i32::from(i16::MAX)) as i16
    })
}

/// Sums of `i32`, wrapping.
#[inline(always)]
pub fn add_i32(a: Lanes, b: Lanes) -> Lanes {
    zip_i32(a, b, i32::wrapping_add)
}

/// Differences of `i32`, wrapping.
#[inline(always)]
pub fn subtract_i32(a: Lanes, b: Lanes) -> Lanes {
    zip_i32(a, b, i32::wrapping_sub)
}

/// Sums of `i16`, wrapping.
#[inline(always)]
pub fn add_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, i16::wrapping_add)
}

/// Sums of `u16`, saturating.
#[inline(always)]
pub fn add_saturating_u16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| {
        let sum = a.cast_unsigned().saturating_add(b.cast_unsigned());
        sum.cast_signed()
    })
}

/// Differences of `i16`, wrapping.
#[inline(always)]
pub fn subtract_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, i16::wrapping_sub)
}

/// The high halves of the products of `i16`.
#[inline(always)]
pub fn multiply_high_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| ((i32::from(a) * i32::from(b)) >> 16) as i16)
}

/// The larger of each two `i16`.
#[inline(always)]
pub fn max_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, i16::max)
}

/// The smaller of each two `i16`.
#[inline(always)]
pub fn min_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, i16::min)
}

/// All bits of each `i16` that is greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn greater_i16(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| -i16::from(a > b))
}

/// Sums of `u8`, wrapping.
#[inline(always)]
pub fn add_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| a.0[k].wrapping_add(b.0[k])))
}

/// Differences of `u8`, wrapping.
#[inline(always)]
pub fn subtract_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| a.0[k].wrapping_sub(b.0[k])))
}

/// The smaller of each two `u8`.
#[inline(always)]
pub fn min_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| a.0[k].min(b.0[k])))
}

/// The larger of each two `u8`.
#[inline(always)]
pub fn max_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| a.0[k].max(b.0[k])))
}

/// All bits of each `u8` that is no greater in `a` than in `b`, none of the others.
#[inline(always)]
pub fn at_most_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| if a.0[k] <= b.0[k] { 0xff } else { 0 }))
}

/// Sums of each two neighboring `u8`: eight `i16`.
#[inline(always)]
pub fn sum_pairs_u8(a: Lanes) -> Lanes {
    let pair = |k: usize| i16::from(a.0[2 * k]) + i16::from(a.0[2 * k + 1]);
    Lanes::of_i16(from_fn(pair))
}

/// The bits of `a` where those of `mask` are set, and of `b` where not.
#[inline(always)]
pub fn select(mask: Lanes, a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| mask.0[k] & a.0[k] | !mask.0[k] & b.0[k]))
}

/// The bits that are set in both.
#[inline(always)]
pub fn and(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| a & b)
}

/// The bits that are set in one of the two.
#[inline(always)]
pub fn exclusive_or(a: Lanes, b: Lanes) -> Lanes {
    zip_i16(a, b, |a, b| a ^ b)
}

/// Each `i16` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i16<const BITS: i32>(a: Lanes) -> Lanes {
    Lanes::of_i16(a.i16().map(|value| value >> BITS))
}

/// Each `i16` shifted right, as if it had no sign.
#[inline(always)]
pub fn shift_right_u16<const BITS: i32>(a: Lanes) -> Lanes {
    Lanes::of_i16(
        a.i16()
            .map(|value| (value.cast_unsigned() >> BITS).cast_signed()),
    )
}

/// Of each four `u8` the last, four times.
#[inline(always)]
pub fn repeat_fourth_u8(a: Lanes) -> Lanes {
    let bytes = a.0;
    Lanes(from_fn(|k| bytes[k | 3]))
}

/// Each `i32` shifted right, its sign kept.
#[inline(always)]
pub fn shift_right_i32<const BITS: i32>(a: Lanes) -> Lanes {
    Lanes::of_i32(a.i32().map(|value| value >> BITS))
}

/// Each `i32` shifted right by less than 32 bits, its sign kept.
#[inline(always)]
pub fn shift_right_i32_by(a: Lanes, bits: u32) -> Lanes {
    Lanes::of_i32(a.i32().map(|value| value >> bits))
}

/// Eight `i32` as `i16`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i32(a: Lanes, b: Lanes) -> Lanes {
    let (a, b) = (a.i32(), b.i32());
    Lanes::of_i16(from_fn(|k| {
        let value = if k < 4 { a[k] } else { b[k - 4] };
        value.clamp(i16::MIN.into(), i16::MAX.into()) as i16
    }))
}

/// Sixteen `i16` as `u8`, saturating: those of `a`, then those of `b`.
#[inline(always)]
pub fn narrow_i16(a: Lanes, b: Lanes) -> Lanes {
    let (a, b) = (a.i16(), b.i16());
    Lanes(from_fn(|k| {
        if k < 8 { a[k] } else { b[k - 8] }.clamp(0, 255) as u8
    }))
}

/// The `i32` 0 and 2 of `a`, then of `b`.
#[inline(always)]
pub fn even_i32(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [0, 2, 4, 6])
}

/// The `i32` 1 and 3 of `a`, then of `b`.
#[inline(always)]
pub fn odd_i32(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [1, 3, 5, 7])
}

/// The first eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(
        |k| if k % 2 == 0 { a.0[k / 2] } else { b.0[k / 2] },
    ))
}

/// The last eight `u8` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_u8(a: Lanes, b: Lanes) -> Lanes {
    Lanes(from_fn(|k| {
        if k % 2 == 0 {
            a.0[8 + k / 2]
        } else {
            b.0[8 + k / 2]
        }
    }))
}

/// The first eight `u8` as `i16`.
#[inline(always)]
pub fn widen_low_u8(a: Lanes) -> Lanes {
    Lanes::of_i16(from_fn(|k| a.0[k].into()))
}

/// The last eight `u8` as `i16`.
#[inline(always)]
pub fn widen_high_u8(a: Lanes) -> Lanes {
    Lanes::of_i16(from_fn(|k| a.0[8 + k].into()))
}

/// The first four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i16(a: Lanes, b: Lanes) -> Lanes {
    pick_i16(a, b, [0, 8, 1, 9, 2, 10, 3, 11])
}

/// The last four `i16` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i16(a: Lanes, b: Lanes) -> Lanes {
    pick_i16(a, b, [4, 12, 5, 13, 6, 14, 7, 15])
}

/// The first two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_low_i32(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [0, 4, 1, 5])
}

/// The last two `i32` of `a` and of `b`, by turns.
#[inline(always)]
pub fn interleave_high_i32(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [2, 6, 3, 7])
}

/// The first half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_low_i64(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [0, 1, 4, 5])
}

/// The last half of `a`, then that of `b`.
#[inline(always)]
pub fn interleave_high_i64(a: Lanes, b: Lanes) -> Lanes {
    pick_i32(a, b, [2, 3, 6, 7])
}

/// The first eight bytes, the first one lowest.
#[inline(always)]
pub fn first_i64(lanes: Lanes) -> u64 {
    u64::from_le_bytes(from_fn(|k| lanes.0[k]))
}

/// A bit for each `u8` that is the same in `a` and `b`, the first lowest.
#[inline(always)]
pub fn equal_u8(a: Lanes, b: Lanes) -> u32 {
    (0..16).fold(0, |mask, k| mask | u32::from(a.0[k] == b.0[k]) << k)
}

/// A bit for each of the sixteen `i16` that is zero: those of `a`, then of `b`.
#[inline(always)]
pub fn zeros_i16(a: Lanes, b: Lanes) -> u32 {
    let (a, b) = (a.i16(), b.i16());
    (0..8).fold(0, |mask, k| {
        mask | u32::from(a[k] == 0) << k | u32::from(b[k] == 0) << (k + 8)
    })
}

/// A bit for each of the sixteen `i16` that is negative: those of `a`, then of `b`.
#[inline(always)]
pub fn negative_i16(a: Lanes, b: Lanes) -> u32 {
    let signs = |a: Lanes| a.i16().map(|value| value >> 15);
    !zeros_i16(Lanes::of_i16(signs(a)), Lanes::of_i16(signs(b))) & 0xFFFF
}
