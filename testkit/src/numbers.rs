//! Pseudorandom numbers.

/// Numbers that look random and are the same in every run: Marsaglia, "Xorshift
/// RNGs", 2003.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of a seed, which must not be 0.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        assert_ne!(seed, 0, "a seed of 0 gives nothing but zeros");
        Self(seed)
    }

    /// The next number, of 64 bits.
    #[expect(clippy::should_implement_trait, reason = "the numbers never end")]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// The next number below a bound; 0 if the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// The next bytes.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

impl Default for Numbers {
    fn default() -> Self {
        Self::new(0x2545_f491_4f6c_dd1d)
    }
}
