//! Sequential scans, baseline and extended: blocks are decoded and turned into
//! samples one after another (ITU-T T.81, annex F).

use super::bits::{Bits, Bytes};
use super::block::{self, Current};
use super::channel::Channel;
use super::huffman::{Ac, Dc};
use super::inverse::{self, Steps};
use super::scan::Scan;
use super::walk::{Mcu, Walk};

/// A component's part in a scan.
pub(super) struct Part<'a> {
    channel: &'a mut Channel,
    steps: Steps,
    dc: &'a Dc,
    ac: &'a Ac,
    /// Blocks of this component in an MCU of this scan, across and down.
    blocks: (usize, usize),
    current: Current,
}

/// Decode a scan.
pub(super) fn scan(parts: &mut [Part<'_>], walk: Walk<'_, '_>) {
    walk.run(parts, restart, mcu);
}

fn restart(parts: &mut [Part<'_>]) {
    parts.iter_mut().for_each(|part| part.current.predictor = 0);
}

#[inline(always)]
fn mcu(parts: &mut [Part<'_>], bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
    let mut bits = bits;
    for part in parts {
        bits = match part.channel.side {
            1 => part.mcu::<1>(bits, bytes, at),
            2 => part.mcu::<2>(bits, bytes, at),
            3 => part.mcu::<3>(bits, bytes, at),
            4 => part.mcu::<4>(bits, bytes, at),
            _ => part.mcu::<8>(bits, bytes, at),
        };
    }
    bits
}

impl<'a> Part<'a> {
    pub(super) fn new(
        channel: &'a mut Channel,
        steps: Steps,
        dc: &'a Dc,
        ac: &'a Ac,
        scan: &Scan,
    ) -> Self {
        let blocks = scan.blocks(&channel.component);
        let current = Current {
            bits: Bits::default(),
            predictor: 0,
            slots: channel.slots,
            coefficients: [0; 128],
        };
        Part {
            channel,
            steps,
            dc,
            ac,
            blocks,
            current,
        }
    }

    /// Decode this component's blocks of an MCU.
    #[inline(never)]
    fn mcu<const SIDE: usize>(&mut self, bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
        let channel = &mut *self.channel;
        let current = &mut self.current;
        current.bits = bits;
        let (across, down) = self.blocks;
        for row in at.row * down..(at.row + 1) * down {
            for column in at.column * across..(at.column + 1) * across {
                let any = block::decode::<SIDE>(current, bytes, self.dc, self.ac);
                let start = (row * channel.stride + column) * SIDE;
                let samples = &mut channel.samples[start..];
                let coefficients = &current.coefficients;
                inverse::reconstruct::<SIDE>(
                    any,
                    coefficients,
                    &self.steps,
                    samples,
                    channel.stride,
                );
            }
        }
        current.bits
    }
}
