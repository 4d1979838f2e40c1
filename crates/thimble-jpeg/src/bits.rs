//! The bit reader.
//!
//! Up to 63 bits wait in a register, topped up eight bytes at a time without a
//! branch: the bytes at the read position are or-ed in behind the bits that are
//! there, and the position advances by the whole bytes among them (the scheme is
//! described as "variant 4" in Fabian Giesen, "Reading bits in far too many ways",
//! 2018).
//!
//! A [`Bits`] is three words and is passed by value to whatever is not inlined:
//! were its address ever taken, WebAssembly would keep it in memory and the
//! decoder would lose a third of its speed.

/// The size of a window: a power of two, so that a mask keeps reads within it.
pub(super) const SIZE: usize = 1 << 14;

/// A window's bytes. Reads of 8 bytes may begin at any position below [`SIZE`].
pub(super) type Bytes = [u8; SIZE + 16];

/// Least number of bits after [`Bits::refill`].
pub(super) const REFILLED: u32 = 56;

/// A position in a window, and the bits read there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    /// The next bits, from the highest on.
    pub(super) buffer: u64,
    /// Number of bits of the buffer that count.
    pub(super) count: u32,
    /// Position of the first byte that is not in the buffer yet.
    pub(super) position: u32,
}

impl Bits {
    /// Have at least [`REFILLED`] bits at hand.
    #[inline(always)]
    pub(super) fn refill(&mut self, bytes: &Bytes) {
        // The mask changes nothing as long as the window is kept ahead of the
        // reader; it is what lets the compiler see that the read is within it.
        let start = self.position as usize & (SIZE - 1);
        let next = bytes[start..]
            .first_chunk()
            .map_or(0, |word| u64::from_be_bytes(*word));
        self.buffer |= next >> (self.count & 63);
        self.position += (63 - self.count) >> 3;
        self.count |= REFILLED;
    }

    /// The next bits, without passing over them. 1 to 64.
    #[inline(always)]
    pub(super) fn peek<const BITS: u32>(self) -> usize {
        (self.buffer >> (64 - BITS)) as usize
    }

    /// Pass over bits that are at hand: 0 to 63.
    #[inline(always)]
    pub(super) fn skip(&mut self, bits: u32) {
        self.buffer <<= bits & 63;
        self.count = self.count.wrapping_sub(bits);
    }

    /// Take 1 to 63 bits that are at hand, as a number.
    #[inline(always)]
    pub(super) fn take(&mut self, bits: u32) -> u64 {
        let value = self.buffer >> (64 - bits);
        self.skip(bits);
        value
    }

    /// Take the magnitude of a number whose category is known (T.81, F.2.2.1,
    /// EXTEND): 0 to 15 bits that are at hand.
    #[inline(always)]
    pub(super) fn take_signed(&mut self, category: u32) -> i32 {
        if category == 0 {
            return 0;
        }
        extend(self.take(category) as i32, category)
    }

    /// Number of bits of the window that have been used.
    pub(super) fn consumed(self) -> u64 {
        (u64::from(self.position) * 8).saturating_sub(self.count.into())
    }
}

/// The number that a magnitude of so many bits, 1 to 15, stands for.
#[inline(always)]
pub(super) fn extend(magnitude: i32, category: u32) -> i32 {
    if magnitude < 1 << (category - 1) {
        magnitude - (1 << category) + 1
    } else {
        magnitude
    }
}
