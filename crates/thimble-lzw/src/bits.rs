//! Codes out of bytes, in either order.

/// Bits of the longest code.
pub(crate) const LONGEST: u32 = 12;

/// Codes that are taken from one filling.
pub(crate) const TOGETHER: usize = 4;

/// Bits of so many codes of any length.
const ENOUGH: u32 = LONGEST * TOGETHER as u32;

/// Bits that have been read and not taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bits {
    /// The bits, at the end from which codes are taken.
    held: u64,
    count: u32,
}

/// Bits in a word of the order in which a stream has them.
pub(crate) trait Order {
    /// Bits with `count` others, of four bytes, behind them.
    fn four(held: u64, count: u32, bytes: [u8; 4]) -> u64;

    /// Bits with those of eight bytes behind them, as far as there is room.
    fn eight(held: u64, count: u32, bytes: [u8; 8]) -> u64;

    /// Bits with those of a byte behind them.
    fn one(held: u64, count: u32, byte: u8) -> u64;

    /// The first bits, and those that are left.
    fn split(held: u64, width: u32) -> (u64, u64);
}

/// A byte begins with its lowest bit.
pub(crate) struct LowFirst;

impl Order for LowFirst {
    #[inline(always)]
    fn four(held: u64, count: u32, bytes: [u8; 4]) -> u64 {
        held | u64::from(u32::from_le_bytes(bytes)) << count
    }

    #[inline(always)]
    fn eight(held: u64, count: u32, bytes: [u8; 8]) -> u64 {
        held | u64::from_le_bytes(bytes) << count
    }

    #[inline(always)]
    fn one(held: u64, count: u32, byte: u8) -> u64 {
        held | u64::from(byte) << count
    }

    #[inline(always)]
    fn split(held: u64, width: u32) -> (u64, u64) {
        (held & ((1 << width) - 1), held >> width)
    }
}

/// A byte begins with its highest bit.
pub(crate) struct HighFirst;

impl Order for HighFirst {
    #[inline(always)]
    fn four(held: u64, count: u32, bytes: [u8; 4]) -> u64 {
        held | u64::from(u32::from_be_bytes(bytes)) << (32 - count)
    }

    #[inline(always)]
    fn eight(held: u64, count: u32, bytes: [u8; 8]) -> u64 {
        held | u64::from_be_bytes(bytes) >> count
    }

    #[inline(always)]
    fn one(held: u64, count: u32, byte: u8) -> u64 {
        held | u64::from(byte) << (56 - count)
    }

    #[inline(always)]
    fn split(held: u64, width: u32) -> (u64, u64) {
        (held >> (64 - width), held << width)
    }
}

impl Bits {
    /// Takes as many bytes from the front of `input` as there is room for.
    #[inline(always)]
    pub(crate) fn fill<O: Order>(&mut self, input: &mut &[u8]) {
        if self.count <= 32
            && let Some((bytes, rest)) = input.split_first_chunk()
        {
            self.held = O::four(self.held, self.count, *bytes);
            self.count += 32;
            *input = rest;
            return;
        }
        while self.count <= 56
            && let Some((byte, rest)) = input.split_first()
        {
            self.held = O::one(self.held, self.count, *byte);
            self.count += 8;
            *input = rest;
        }
    }

    /// Takes bytes from the front of `input` until there are [`ENOUGH`] bits; false if it is
    /// too short for that. Beyond the bits that count there are more of the same data
    /// afterwards, which change nothing when they are read again.
    #[inline(always)]
    pub(crate) fn refill<O: Order>(&mut self, input: &mut &[u8]) -> bool {
        if self.count >= ENOUGH {
            return true;
        }
        let Some(bytes) = input.first_chunk() else {
            return false;
        };
        self.held = O::eight(self.held, self.count, *bytes);
        let read = (63 - self.count) / 8;
        self.count += 8 * read;
        *input = &input[read as usize..];
        true
    }

    /// The next code, of which all bits are there, and what is left.
    #[inline(always)]
    pub(crate) fn first<O: Order>(self, width: u32) -> (usize, Self) {
        let (code, held) = O::split(self.held, width);
        let count = self.count - width;
        (code as usize, Bits { held, count })
    }

    /// The next code, of 1 to 12 bits, if they are all there.
    #[inline(always)]
    pub(crate) fn take<O: Order>(&mut self, width: u32) -> Option<usize> {
        self.count = self.count.checked_sub(width)?;
        let (code, held) = O::split(self.held, width);
        self.held = held;
        Some(code as usize)
    }
}
