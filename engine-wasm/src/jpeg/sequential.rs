//! Sequential scans, baseline and extended: blocks are decoded and turned into
//! samples one after another (ITU-T T.81, annex F).

use super::bits::Bits;
use super::block::{self, Coefficients};
use super::channel::Channel;
use super::huffman::{Ac, Dc};
use super::inverse::{self, Steps};
use super::scan::Scan;
use super::walk::{Mcu, Walk};
use super::window::Bytes;

/// A component's part in a scan.
pub(super) struct Part<'a> {
    channel: &'a mut Channel,
    steps: Steps,
    dc: Dc,
    ac: Ac,
    /// Blocks of this component in an MCU of this scan, across and down.
    blocks: (usize, usize),
    /// The DC coefficient of the block before.
    predictor: i32,
    block: Coefficients,
}

/// Decode a scan.
pub(super) fn scan(parts: &mut [Part<'_>], walk: Walk<'_, '_>) {
    walk.run(parts, restart, mcu);
}

fn restart(parts: &mut [Part<'_>]) {
    parts.iter_mut().for_each(|part| part.predictor = 0);
}

#[inline(always)]
fn mcu(parts: &mut [Part<'_>], bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
    let mut bits = bits;
    for part in parts {
        bits = match part.channel.side {
            1 => part.mcu::<1>(bits, bytes, at),
            2 => part.mcu::<2>(bits, bytes, at),
            4 => part.mcu::<4>(bits, bytes, at),
            _ => part.mcu::<8>(bits, bytes, at),
        };
    }
    bits
}

impl<'a> Part<'a> {
    pub(super) fn new(channel: &'a mut Channel, steps: Steps, dc: Dc, ac: Ac, scan: &Scan) -> Self {
        let blocks = scan.blocks(&channel.component);
        Part {
            channel,
            steps,
            dc,
            ac,
            blocks,
            predictor: 0,
            block: [0; 128],
        }
    }

    /// Decode this component's blocks of an MCU.
    ///
    /// A function for each `SIDE`, and none of them within the loop over the MCUs: a
    /// WebAssembly compiler that meets everything in one function runs out of
    /// registers, and then fetches even the base of the memory from the stack for
    /// every access.
    #[inline(never)]
    fn mcu<const SIDE: usize>(&mut self, bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
        let mut bits = bits;
        let channel = &mut *self.channel;
        let (across, down) = self.blocks;
        for row in at.row * down..(at.row + 1) * down {
            for column in at.column * across..(at.column + 1) * across {
                let start = (row * channel.stride + column) * SIDE;
                self.block[..SIDE * SIDE].fill(0);
                let difference = block::difference(&mut bits, bytes, &self.dc);
                self.predictor = self.predictor.wrapping_add(difference);
                self.block[0] = self.predictor as i16;
                let (slots, block) = (&channel.slots, &mut self.block);
                let any = block::coefficients::<SIDE>(&mut bits, bytes, &self.ac, slots, block);
                let samples = &mut channel.samples[start..];
                inverse::reconstruct::<SIDE>(any, block, &self.steps, samples, channel.stride);
            }
        }
        bits
    }
}
