//! Registers from memory and back, on machines that have some.

use super::Lanes;

/// Eight `i16` from memory.
#[inline(always)]
pub fn load_i16(from: &[i16; 8]) -> Lanes {
    load(from)
}

/// Eight `i16` to memory.
#[inline(always)]
pub fn store_i16(lanes: Lanes, to: &mut [i16; 8]) {
    store(lanes, to)
}

/// Sixteen `u8` from memory.
#[inline(always)]
pub fn load_u8(from: &[u8; 16]) -> Lanes {
    load(from)
}

/// Sixteen `u8` to memory.
#[inline(always)]
pub fn store_u8(lanes: Lanes, to: &mut [u8; 16]) {
    store(lanes, to)
}

#[inline(always)]
fn load<T: Integer, const COUNT: usize>(from: &[T; COUNT]) -> Lanes {
    const { assert!(size_of::<[T; COUNT]>() == size_of::<Lanes>()) }
    // SAFETY: the reference is to 16 readable bytes, and any of them make a register; the
    // read has no alignment.
    unsafe { from.as_ptr().cast::<Lanes>().read_unaligned() }
}

#[inline(always)]
fn store<T: Integer, const COUNT: usize>(lanes: Lanes, to: &mut [T; COUNT]) {
    const { assert!(size_of::<[T; COUNT]>() == size_of::<Lanes>()) }
    // SAFETY: the reference is to 16 writable bytes, and any of them make integers; the
    // write has no alignment.
    unsafe { to.as_mut_ptr().cast::<Lanes>().write_unaligned(lanes) }
}

/// A type of which any bytes are a value.
trait Integer: Copy {}

impl Integer for u8 {}
impl Integer for i16 {}
