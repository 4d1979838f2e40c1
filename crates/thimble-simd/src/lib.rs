//! One vocabulary of 128-bit vector operations, whatever the machine.
//!
//! What works on many samples at once is written once, with these words. Each
//! machine's module gives the words their meaning, and every one of them means
//! exactly the same: integer arithmetic that wraps or saturates as documented,
//! so that the engine's output does not depend on where it runs.
//!
//! [`Lanes`] is 16 bytes, seen as sixteen `u8`, eight `i16` or four `i32`, the
//! first at the lowest address.

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod wasm32;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
pub use wasm32::*;

#[cfg(target_arch = "x86_64")]
mod x86_64;
#[cfg(target_arch = "x86_64")]
pub use x86_64::*;

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
mod portable;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
)))]
pub use portable::*;

#[cfg(all(test, target_arch = "x86_64"))]
#[expect(unreachable_pub, reason = "it is what other machines export")]
mod portable;
#[cfg(all(test, target_arch = "x86_64"))]
mod tests;

/// Turn eight rows of eight `i16` into eight columns.
#[inline(always)]
pub fn transpose(rows: [Lanes; 8]) -> [Lanes; 8] {
    let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
    let (a0, a1) = (interleave_low_i16(r0, r1), interleave_high_i16(r0, r1));
    let (a2, a3) = (interleave_low_i16(r2, r3), interleave_high_i16(r2, r3));
    let (a4, a5) = (interleave_low_i16(r4, r5), interleave_high_i16(r4, r5));
    let (a6, a7) = (interleave_low_i16(r6, r7), interleave_high_i16(r6, r7));
    let (b0, b1) = (interleave_low_i32(a0, a2), interleave_high_i32(a0, a2));
    let (b2, b3) = (interleave_low_i32(a1, a3), interleave_high_i32(a1, a3));
    let (b4, b5) = (interleave_low_i32(a4, a6), interleave_high_i32(a4, a6));
    let (b6, b7) = (interleave_low_i32(a5, a7), interleave_high_i32(a5, a7));
    [
        interleave_low_i64(b0, b4),
        interleave_high_i64(b0, b4),
        interleave_low_i64(b1, b5),
        interleave_high_i64(b1, b5),
        interleave_low_i64(b2, b6),
        interleave_high_i64(b2, b6),
        interleave_low_i64(b3, b7),
        interleave_high_i64(b3, b7),
    ]
}

/// Turn sixteen rows of sixteen `u8` into sixteen columns. Of the eight bits that
/// say where a byte is, four of the row and four of the column, an interleaving of
/// each row with the one eight further down moves the first to the end.
#[inline(always)]
pub fn transpose_u8(rows: [Lanes; 16]) -> [Lanes; 16] {
    let turn = |rows: [Lanes; 16]| -> [Lanes; 16] {
        core::array::from_fn(|k| {
            let (a, b) = (rows[k / 2], rows[k / 2 + 8]);
            if k % 2 == 0 {
                interleave_low_u8(a, b)
            } else {
                interleave_high_u8(a, b)
            }
        })
    };
    turn(turn(turn(turn(rows))))
}
