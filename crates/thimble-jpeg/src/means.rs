//! Sequential scans of which the scale takes the DC coefficients alone: a sample a block.
//!
//! Such a block has next to no state, so that a scan is one loop, and the bit reader stays
//! in registers from block to block.

use super::bits::{Bits, Bytes};
use super::block;
use super::channel::Channel;
use super::huffman::{Ac, Dc, Start};
use super::inverse::{self, Steps};
use super::scan::Scan;
use super::walk::{Mcu, Walk};

/// A component's part in a scan.
pub(super) struct Part<'a> {
    samples: &'a mut [u8],
    /// The quantization step of the DC coefficient.
    step: i32,
    /// The DC coefficient of the block before.
    predictor: i32,
    dc: &'a Dc,
    ac: &'a Ac,
    start: &'a Start,
}

/// A block of an MCU.
struct Block {
    /// Index of its part.
    part: usize,
    /// Position of its sample, in the first MCU.
    first: usize,
    /// Samples from an MCU to the next, across and down.
    steps: (usize, usize),
}

/// A scan whose blocks are decoded to a sample each.
pub(super) struct Means<'a> {
    parts: Vec<Part<'a>>,
    /// The blocks of an MCU in their order.
    blocks: Vec<Block>,
}

impl<'a> Means<'a> {
    pub(super) fn new() -> Self {
        Means {
            parts: vec![],
            blocks: vec![],
        }
    }

    /// Adds the next component of a scan.
    pub(super) fn push(
        &mut self,
        channel: &'a mut Channel,
        steps: &Steps,
        scan: &Scan,
        (dc, ac, start): (&'a Dc, &'a Ac, &'a Start),
    ) {
        let (across, down) = scan.blocks(&channel.component);
        for index in 0..across * down {
            self.blocks.push(Block {
                part: self.parts.len(),
                first: index / across * channel.stride + index % across,
                steps: (across, down * channel.stride),
            });
        }
        self.parts.push(Part {
            samples: &mut channel.samples,
            step: steps[0].into(),
            predictor: 0,
            dc,
            ac,
            start,
        });
    }

    /// Decodes the scan.
    pub(super) fn decode(&mut self, walk: Walk<'_, '_>) {
        let restart = |means: &mut Means<'_>| {
            let parts = means.parts.iter_mut();
            parts.for_each(|part| part.predictor = 0);
        };
        walk.run(self, restart, Means::mcu);
    }

    #[inline(always)]
    fn mcu(&mut self, bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
        let mut bits = bits;
        for block in &self.blocks {
            let (across, down) = block.steps;
            let place = block.first + at.row * down + at.column * across;
            let Some(part) = self.parts.get_mut(block.part) else {
                continue;
            };
            let difference = block::mean(&mut bits, bytes, part.dc, part.ac, part.start);
            part.predictor = part.predictor.wrapping_add(difference);
            if let Some(sample) = part.samples.get_mut(place) {
                *sample = inverse::mean(part.predictor as i16, part.step);
            }
        }
        bits
    }
}
