//! The boolean entropy encoder (RFC 6386, section 7.3).

use crate::interval;

/// Writes decisions of known probability into a partition.
#[derive(Debug)]
pub(super) struct BooleanWriter {
    bytes: Vec<u8>,
    /// The lower end of the interval: `8 + pending` bits, and perhaps a carry.
    low: u64,
    /// Bits of `low` that are ready to become bytes.
    pending: u32,
    /// The width of the interval, 128 to 255.
    range: u32,
}

impl BooleanWriter {
    pub(super) fn new() -> Self {
        BooleanWriter {
            bytes: Vec::new(),
            low: 0,
            pending: 0,
            range: 255,
        }
    }

    /// Writes one decision that is false with a chance of `probability` in 256.
    #[inline(always)]
    pub(super) fn put(&mut self, decision: bool, probability: u8) {
        let split = interval::split(self.range, probability);
        if decision {
            self.low += u64::from(split);
            self.range -= split;
        } else {
            self.range = split;
        }
        let shift = interval::widen(&mut self.range);
        self.low <<= shift;
        self.pending += shift;
        if self.pending >= 32 {
            self.write_pending();
        }
    }

    /// Writes a decision that is as likely as not.
    pub(super) fn flag(&mut self, decision: bool) {
        self.put(decision, 128);
    }

    /// Writes an unsigned number of `bits` bits.
    pub(super) fn literal(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.flag(value >> bit & 1 == 1);
        }
    }

    /// Writes a flag, and unless the value is zero its magnitude and sign.
    pub(super) fn optional_signed(&mut self, value: i32, bits: u32) {
        self.flag(value != 0);
        if value != 0 {
            self.literal(value.unsigned_abs(), bits);
            self.flag(value < 0);
        }
    }

    /// Moves 32 bits into the partition.
    fn write_pending(&mut self) {
        self.pending -= 32;
        let kept = self.pending + 8;
        let ready = self.low >> kept;
        self.low &= (1 << kept) - 1;
        if ready >> 32 != 0 {
            self.carry();
        }
        self.bytes.extend_from_slice(&(ready as u32).to_be_bytes());
    }

    /// Adds one to what has been written.
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    /// Ends the partition.
    pub(super) fn finish(mut self) -> Vec<u8> {
        let bits = self.pending + 8;
        let count = bits.div_ceil(8);
        let low = self.low << (8 * count - bits);
        if low >> (8 * count) != 0 {
            self.carry();
        }
        let bytes = low.to_be_bytes();
        self.bytes.extend_from_slice(&bytes[8 - count as usize..]);
        self.bytes
    }
}
