//! One vocabulary of 128-bit vector operations, whatever the machine.
//!
//! Code that works on many samples at once is written once, with these words. A
//! module for each machine gives the words their meaning, and every one of them
//! means exactly the same everywhere: integer arithmetic that wraps or saturates as
//! documented, so that a result does not depend on where it was computed.
//!
//! [`Lanes`] is 16 bytes, seen as sixteen `u8`, eight `i16` or four `i32`, the first
//! at the lowest address. The view is in the name of a word, not in a type: a
//! register has none either, and samples change their width all the time.
//!
//! | words | |
//! |---|---|
//! | `load_*`, `store_*`, `splat_*`, [`first_i64`] | into a register and out of it |
//! | `add_*`, `subtract_*`, `multiply_*`, [`dot_i16`], [`sum_pairs_u8`], `max_*`, `min_*` | arithmetic |
//! | `shift_right_*` | division by powers of two |
//! | `widen_*`, `narrow_*` | samples to twice and half their width |
//! | `interleave_*`, [`even_i32`], [`odd_i32`], [`repeat_fourth_u8`], [`transpose`], [`transpose_u8`] | lanes to other places |
//! | [`greater_i16`], [`at_most_u8`], [`select`], [`and`], [`exclusive_or`] | comparisons, and bits |
//! | [`equal_u8`], [`zeros_i16`], [`negative_i16`] | a bit for each lane |
//!
//! | machine | module | checked by |
//! |---|---|---|
//! | x86-64 | SSE2, which all of them have | tests, against the portable module |
//! | WebAssembly with `simd128` | its 128-bit SIMD | tests of the engine, which gives the same bytes as native code |
//! | others | plain Rust, without `unsafe` | as the reference that the first is compared with |
//!
//! ```
//! use thimble_simd::{add_i16, load_u8, narrow_i16, splat_i16, store_u8};
//! use thimble_simd::{widen_high_u8, widen_low_u8};
//!
//! // Sixteen samples, made brighter without running over.
//! let samples = load_u8(&[0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240]);
//! let more = splat_i16(40);
//! let (low, high) = (widen_low_u8(samples), widen_high_u8(samples));
//! let mut brighter = [0; 16];
//! store_u8(narrow_i16(add_i16(low, more), add_i16(high, more)), &mut brighter);
//! assert_eq!(brighter[..3], [40, 56, 72]);
//! assert_eq!(brighter[13..], [248, 255, 255]);
//! ```
//!
//! # Limits
//!
//! Integers only, 128 bits only: wider registers would need a dispatch at run time
//! that WebAssembly has not, and floating point gives other results on other
//! machines. Nothing here fails. `unsafe` is what the intrinsics of the standard
//! library ask for, and loads and stores, which go through references to arrays of the
//! right size.
//!
//! There is no fuzz target: no word branches on a sample or reads a length, and the
//! tests compare each one with its portable meaning. The targets of the codecs run
//! through them with the bytes of strangers.

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

#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
))]
mod memory;
#[cfg(any(
    target_arch = "x86_64",
    all(target_arch = "wasm32", target_feature = "simd128")
))]
pub use memory::*;

#[cfg(all(test, target_arch = "x86_64"))]
#[expect(unreachable_pub, reason = "it is what other machines export")]
mod portable;
#[cfg(all(test, target_arch = "x86_64"))]
mod tests;

/// Eight rows of eight `i16` turned into eight columns.
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

/// Sixteen rows of sixteen `u8` turned into sixteen columns. A byte's place has eight
/// bits, four of the row and four of the column; an interleaving of each row with
/// the one eight further down moves the first of them to the end.
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
