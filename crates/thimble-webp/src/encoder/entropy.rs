//! The cost of a decision, in 256ths of a bit.

/// Cost of a decision that is false with a chance of `probability` in 256.
#[inline(always)]
pub(super) fn bits(decision: bool, probability: u8) -> u32 {
    let chance = if decision {
        256 - usize::from(probability)
    } else {
        usize::from(probability)
    };
    u32::from(BITS[chance.min(255)])
}

/// `-256 * log2(chance / 256)`.
const BITS: [u16; 256] = {
    let mut bits = [2048; 256];
    let mut chance = 1;
    while chance < 256 {
        bits[chance] = 2048 - logarithm(chance as u64);
        chance += 1;
    }
    bits
};

/// `256 * log2(value)`, by squaring.
const fn logarithm(value: u64) -> u16 {
    let whole = value.ilog2();
    let mut logarithm = whole as u16;
    let mut rest = value << (31 - whole);
    let mut bit = 0;
    while bit < 8 {
        rest = (rest * rest) >> 31;
        logarithm <<= 1;
        if rest >> 32 != 0 {
            rest >>= 1;
            logarithm += 1;
        }
        bit += 1;
    }
    logarithm
}
