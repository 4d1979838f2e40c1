//! Pixels in the bytes that the decoder wrote.

use std::ops::Range;

/// Decoded pixels, all of them or some.
#[derive(Debug)]
pub struct Pixels {
    bytes: Vec<u8>,
    /// The first byte of a sample: those of 16 bits lie where such numbers may lie.
    start: usize,
    /// Bytes of a row.
    row: usize,
    channels: usize,
    is_whole: bool,
}

impl Pixels {
    /// Room for the pixels of so many rows: all of them transparent, or black.
    pub(crate) fn new(rows: usize, row: usize, channels: usize) -> Option<Self> {
        let length = rows.checked_mul(row)?.checked_add(1)?;
        let mut bytes: Vec<u8> = Vec::new();
        bytes.try_reserve_exact(length).ok()?;
        bytes.resize(length, 0);
        let start = bytes.as_ptr().align_offset(2).min(1);
        Some(Pixels {
            bytes,
            start,
            row,
            channels,
            is_whole: true,
        })
    }

    /// Channels of a pixel, alpha included: pixels that are not there are transparent.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// No pixel is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Bytes of a row: its samples, if they have 8 bits.
    #[must_use]
    pub fn row(&self, y: usize) -> &[u8] {
        let from = self.start + y * self.row;
        self.bytes.get(from..from + self.row).unwrap_or_default()
    }

    /// Samples of a row, if they have 16 bits.
    pub fn deep_row(&self, y: usize, samples: &mut Vec<u16>) {
        let (pairs, _) = self.row(y).as_chunks::<2>();
        samples.clear();
        samples.extend(pairs.iter().map(|pair| u16::from_ne_bytes(*pair)));
    }

    /// All samples, if they have 8 bits.
    #[must_use]
    pub fn into_samples(mut self) -> Vec<u8> {
        if self.start == 1 {
            self.bytes.remove(0);
        } else {
            self.bytes.pop();
        }
        self.bytes
    }

    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        let range = self.range();
        &mut self.bytes[range]
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[self.range()]
    }

    pub(crate) fn set_broken(&mut self) {
        self.is_whole = false;
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.bytes.len() - 1
    }
}
