//! Places where a block should end, because what follows is of another kind.
//!
//! The method is that of libdeflate, by Eric Biggers: kinds of symbols are counted, and the
//! latest ones compared with all before them.

/// Kinds of literals, and two of matches: short ones and long ones.
const KINDS: usize = 10;

/// Symbols from one comparison to the next.
const LATEST: u32 = 512;

/// Least bytes of a block that is ended early.
pub(super) const SHORTEST: usize = 5000;

/// Counts kinds of symbols.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Observer {
    all: [u32; KINDS],
    latest: [u32; KINDS],
    count: u32,
    latest_count: u32,
}

impl Observer {
    #[inline(always)]
    pub(super) fn literal(&mut self, literal: u8) {
        let kind = literal >> 5 & 6 | literal & 1;
        self.latest[usize::from(kind)] += 1;
        self.latest_count += 1;
    }

    #[inline(always)]
    pub(super) fn matched(&mut self, length: usize) {
        self.latest[8 + usize::from(length >= 9)] += 1;
        self.latest_count += 1;
    }

    /// True if the latest symbols are unlike those before, so that a block of `length` bytes
    /// should end here.
    #[inline(always)]
    pub(super) fn ends_block(&mut self, length: usize) -> bool {
        self.latest_count >= LATEST && length >= SHORTEST && self.compare(length)
    }

    #[inline(never)]
    fn compare(&mut self, length: usize) -> bool {
        if self.count > 0 {
            let (count, latest) = (u64::from(self.count), u64::from(self.latest_count));
            let counts = self.all.iter().zip(self.latest);
            let difference: u64 = counts
                .map(|(all, now)| (u64::from(*all) * latest).abs_diff(u64::from(now) * count))
                .sum();
            let mut most = latest * 200 / 512 * count;
            let symbols = count + latest;
            if length < 10_000 && symbols < 8192 {
                most += most * (8192 - symbols) / 8192;
            }
            // The longer a block, the sooner it ends.
            if difference + (length / 4096) as u64 * count >= most {
                return true;
            }
        }
        for (all, now) in self.all.iter_mut().zip(&mut self.latest) {
            *all += std::mem::take(now);
        }
        self.count += std::mem::take(&mut self.latest_count);
        false
    }
}
