//! The interval that decisions are coded in, for the decoder and the encoder of them (RFC
//! 6386, section 7). Its width is 128 to 255.

/// The part of an interval that stands for false, by a chance of `probability` in 256.
#[inline(always)]
pub(super) fn split(width: u32, probability: u8) -> u32 {
    1 + (((width - 1) * u32::from(probability)) >> 8)
}

/// Doubles an interval until it is wide enough again. Returns how often.
#[inline(always)]
pub(super) fn widen(width: &mut u32) -> u32 {
    let shift = width.leading_zeros() - 24;
    *width <<= shift;
    shift
}
