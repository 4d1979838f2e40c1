//! Bits into bytes, the least significant first.

/// Bits on their way into bytes: small enough for loops to have them in locals.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    buffer: u64,
    count: u32,
    /// Bytes that are written.
    pub(super) at: usize,
}

impl Bits {
    /// Goes on behind bytes that are there.
    pub(super) fn behind(out: &[u8]) -> Self {
        Self {
            at: out.len(),
            ..Self::default()
        }
    }

    /// Adds bits, the lowest `count` of them; the others are zero. Between two [flushes](Self::flush)
    /// there is room for 56.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        self.buffer |= bits << self.count;
        self.count += count;
    }

    /// Writes all whole bytes, and anything behind them: eight bytes in all.
    #[inline(always)]
    pub(super) fn flush(&mut self, out: &mut [u8]) {
        let Some(place) = out
            .get_mut(self.at..)
            .and_then(|rest| rest.first_chunk_mut())
        else {
            return;
        };
        *place = self.buffer.to_le_bytes();
        let bytes = self.count / 8;
        self.at += bytes as usize;
        self.buffer >>= 8 * bytes;
        self.count %= 8;
    }

    /// Fills a byte that was begun with zeros.
    pub(super) fn align(&mut self) {
        self.count = self.count.next_multiple_of(8);
    }
}
