//! The boolean entropy decoder (RFC 6386, section 7).
//!
//! The window holds up to 64 bits of the partition, first bit on top, and is
//! filled eight bytes at a time. A caller fills it once and may then read seven
//! decisions: each of them looks at eight bits of the window and takes at most seven of
//! them out of it.

use super::interval;

/// Reads decisions of known probability from a partition.
///
/// It is `Copy` so that a loop can work on a copy of its own and hand it back:
/// the fields then live in registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct BooleanReader<'a> {
    bytes: &'a [u8],
    /// Bytes moved into the window; more than there are if the end was passed.
    position: usize,
    window: u64,
    /// Bits of the window that come from the partition, or from beyond its end.
    filled: u32,
    /// 128 to 255.
    range: u32,
}

impl<'a> BooleanReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        BooleanReader {
            bytes,
            position: 0,
            window: 0,
            filled: 0,
            range: 255,
        }
    }

    /// Makes sure that seven decisions can be read.
    #[inline(always)]
    pub(super) fn fill(&mut self) {
        match self
            .bytes
            .get(self.position..)
            .and_then(<[u8]>::first_chunk)
        {
            Some(next) => {
                self.window |= u64::from_be_bytes(*next) >> self.filled;
                self.position += ((63 - self.filled) >> 3) as usize;
                self.filled |= 56;
            }
            None => *self = self.fill_at_the_end(),
        }
    }

    /// Makes sure that some decisions, up to seven, can be read.
    #[inline(always)]
    pub(super) fn fill_for(&mut self, decisions: u32) {
        if self.filled <= 7 * decisions {
            self.fill();
        }
    }

    /// The format reads zeros beyond the end of a partition.
    #[cold]
    fn fill_at_the_end(mut self) -> Self {
        while self.filled < 56 {
            let byte = self.bytes.get(self.position).copied().unwrap_or(0);
            self.window |= u64::from(byte) << (56 - self.filled);
            self.position += 1;
            self.filled += 8;
        }
        self
    }

    /// Reads one decision that is false with a chance of `probability` in 256.
    /// The window must have been filled for it.
    #[inline(always)]
    pub(super) fn decide(&mut self, probability: u8) -> bool {
        let split = interval::split(self.range, probability);
        let threshold = u64::from(split) << 56;
        let decision = self.window >= threshold;
        if decision {
            self.range -= split;
            self.window -= threshold;
        } else {
            self.range = split;
        }
        let shift = interval::widen(&mut self.range);
        self.window <<= shift;
        self.filled -= shift;
        decision
    }

    /// Reads a decision that is as likely as not: whether a value is negative. There is no
    /// branch, since nobody could foretell it.
    #[inline(always)]
    pub(super) fn sign(&mut self, value: i32) -> i32 {
        let split = interval::split(self.range, 128);
        let threshold = u64::from(split) << 56;
        let is_negative = self.window >= threshold;
        let all = u64::from(is_negative).wrapping_neg();
        self.window -= threshold & all;
        let (mask, other) = (all as u32, self.range - split);
        self.range = split ^ (split ^ other) & mask;
        let shift = interval::widen(&mut self.range);
        self.window <<= shift;
        self.filled -= shift;
        (value ^ mask.cast_signed()) - mask.cast_signed()
    }

    /// Reads one decision, wherever the window stands.
    pub(super) fn read(&mut self, probability: u8) -> bool {
        self.fill_for(1);
        self.decide(probability)
    }

    /// Reads a flag.
    pub(super) fn flag(&mut self) -> bool {
        self.read(128)
    }

    /// Reads an unsigned number of up to eight bits.
    pub(super) fn literal(&mut self, bits: u32) -> u8 {
        (0..bits).fold(0, |value, _| value << 1 | u8::from(self.flag()))
    }

    /// Reads a flag, and if it is set a magnitude and a sign.
    pub(super) fn optional_signed(&mut self, bits: u32) -> Option<i32> {
        self.flag().then(|| {
            let magnitude = i32::from(self.literal(bits));
            if self.flag() { -magnitude } else { magnitude }
        })
    }

    /// True if more was read than the partition holds.
    pub(super) fn is_exhausted(&self) -> bool {
        let read = (self.position as u64) * 8 - u64::from(self.filled);
        read > self.bytes.len() as u64 * 8
    }
}
