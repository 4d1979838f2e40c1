//! Coefficients on their way from scan to scan of a progressive frame.
//!
//! Of each block only those are kept that the scale needs, and a bit for each of
//! the 64 that tells whether it is known not to be zero: the scans that refine
//! can't be read without. Where means are all that is taken, nobody reads those.

use std::iter;

use super::block::Coefficients;
use super::error::{Error, allocate};
use super::frame::Blocks;
use super::inverse::{self, Steps};
use super::scale::places;

/// The coefficients of a component's blocks.
#[derive(Debug)]
pub(super) struct Store {
    /// Coefficients kept of a block.
    pub(super) kept: usize,
    /// `kept` coefficients a block, in the order of the inverse transform.
    pub(super) coefficients: Vec<i16>,
    /// For each block, a bit for each zigzag index whose coefficient isn't zero; nothing if
    /// one coefficient is kept.
    pub(super) significant: Vec<u64>,
}

impl Store {
    pub(super) fn new(blocks: &Blocks, side: usize) -> Result<Self, Error> {
        let (columns, rows) = (blocks.stored_width, blocks.stored_height);
        let kept = places(side);
        let significant = if kept == 1 {
            vec![]
        } else {
            allocate(0, &[columns, rows])?
        };
        Ok(Store {
            kept,
            coefficients: allocate(0, &[columns, rows, kept])?,
            significant,
        })
    }

    /// Bytes that a block takes: its coefficients, and which of them are not zero.
    pub(super) const fn bytes_per_block(side: usize) -> usize {
        let significant = if side == 1 { 0 } else { size_of::<u64>() };
        places(side) * size_of::<i16>() + significant
    }

    /// Turn the coefficients into samples: blocks of `side` samples a side, in rows
    /// of `stride` samples.
    pub(super) fn reconstruct(self, side: usize, steps: &Steps, stride: usize, samples: &mut [u8]) {
        match side {
            1 => self.blocks::<1>(steps, stride, samples),
            2 => self.blocks::<2>(steps, stride, samples),
            3 => self.blocks::<3>(steps, stride, samples),
            4 => self.blocks::<4>(steps, stride, samples),
            _ => self.blocks::<8>(steps, stride, samples),
        }
    }

    fn blocks<const SIDE: usize>(self, steps: &Steps, stride: usize, samples: &mut [u8]) {
        let columns = stride / SIDE;
        let mut block: Coefficients = [0; 128];
        let significant = self.significant.into_iter().chain(iter::repeat(0));
        let blocks = self
            .coefficients
            .chunks_exact(places(SIDE))
            .zip(significant);
        for (index, (coefficients, significant)) in blocks.enumerate() {
            block[..places(SIDE)].copy_from_slice(coefficients);
            let start = index / columns * SIDE * stride + index % columns * SIDE;
            let samples = &mut samples[start..];
            inverse::reconstruct::<SIDE>(significant != 0, &block, steps, samples, stride);
        }
    }
}
