//! Coefficients taken apart into decisions (RFC 6386, section 13): recorded and
//! counted while the macroblocks are chosen, written when the probabilities that
//! fit them best are known.

use super::boolean_writer::BooleanWriter;
use super::statistics::{Statistics, index};
use crate::tables::{BANDS, CATEGORIES, ZIGZAG};
use crate::transform::Block;

/// A decision that says something of a coefficient.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chance {
    /// One of the eleven of its position and context.
    Adaptive(usize),
    /// One that the format fixes.
    Fixed(u8),
}

/// All decisions of a frame in their order. The highest bit is what was decided;
/// the next says that the rest is a probability and not the index of one.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    decisions: Vec<u16>,
    pub(super) statistics: Statistics,
}

const DECIDED: u16 = 0x8000;
const FIXED: u16 = 0x4000;

impl Tokens {
    /// Records a block of levels from position `first` on, with as many of its
    /// neighbors having tokens as `context` says. Tells whether it has any.
    pub(super) fn record(
        &mut self,
        (kind, first): (usize, usize),
        mut context: usize,
        levels: &Block,
    ) -> bool {
        let end = end_of(levels).max(first);
        let mut follows_zero = false;
        for position in first..end {
            let at = index(kind, BANDS[position], context);
            if !follows_zero {
                self.adaptive(at, true);
            }
            let level = levels[ZIGZAG[position]];
            let magnitude = usize::from(level.unsigned_abs());
            self.adaptive(at + 1, magnitude > 0);
            follows_zero = magnitude == 0;
            context = magnitude.min(2);
            if magnitude > 0 {
                self.adaptive(at + 2, magnitude > 1);
                if magnitude > 1 {
                    large(magnitude, |chance, decision| match chance {
                        Chance::Adaptive(offset) => self.adaptive(at + offset, decision),
                        Chance::Fixed(probability) => self.fixed(probability, decision),
                    });
                }
                self.fixed(128, level < 0);
            }
        }
        if end < 16 {
            self.adaptive(index(kind, BANDS[end], context), false);
        }
        end > first
    }

    fn adaptive(&mut self, index: usize, decision: bool) {
        self.statistics.count(index, decision);
        self.push(index as u16, decision);
    }

    fn fixed(&mut self, probability: u8, decision: bool) {
        self.push(FIXED | u16::from(probability), decision);
    }

    fn push(&mut self, token: u16, decision: bool) {
        let decided = if decision { DECIDED } else { 0 };
        self.decisions.push(token | decided);
    }

    /// Writes all decisions.
    pub(super) fn write(&self, probabilities: &[u8]) -> Vec<u8> {
        let mut writer = BooleanWriter::new();
        for &token in &self.decisions {
            let value = token & !(DECIDED | FIXED);
            let probability = if token & FIXED != 0 {
                value as u8
            } else {
                probabilities[usize::from(value)]
            };
            writer.put(token & DECIDED != 0, probability);
        }
        writer.finish()
    }
}

/// The decisions of a magnitude of 2 or more.
pub(super) fn large(magnitude: usize, mut visit: impl FnMut(Chance, bool)) {
    use Chance::{Adaptive, Fixed};
    visit(Adaptive(3), magnitude > 4);
    if magnitude <= 4 {
        visit(Adaptive(4), magnitude > 2);
        if magnitude > 2 {
            visit(Adaptive(5), magnitude > 3);
        }
        return;
    }
    visit(Adaptive(6), magnitude > 10);
    if magnitude <= 10 {
        visit(Adaptive(7), magnitude > 6);
        if magnitude <= 6 {
            visit(Fixed(159), magnitude == 6);
        } else {
            visit(Fixed(165), magnitude >= 9);
            visit(Fixed(145), magnitude.is_multiple_of(2));
        }
        return;
    }
    let category = CATEGORIES
        .iter()
        .rposition(|&(least, _)| magnitude >= least as usize)
        .unwrap_or(0);
    let (high, low) = (category / 2, category % 2);
    visit(Adaptive(8), high == 1);
    visit(Adaptive(9 + high), low == 1);
    let (least, extra) = CATEGORIES[category];
    let rest = magnitude - least as usize;
    for (bit, &probability) in (0..extra.len()).rev().zip(extra) {
        visit(Fixed(probability), rest >> bit & 1 == 1);
    }
}

/// The position behind the last level that is not zero.
#[inline(always)]
pub(super) fn end_of(levels: &Block) -> usize {
    use thimble_simd::{load_i16, zeros_i16};
    let [upper, lower] = levels.as_chunks::<8>().0 else {
        return 0;
    };
    let levels = !zeros_i16(load_i16(upper), load_i16(lower));
    let [low, high, ..] = levels.to_le_bytes().map(usize::from);
    ENDS[0][low].max(ENDS[1][high]).into()
}

/// The position behind the last of the coefficients that bits stand for: of the
/// upper and of the lower half of a block.
const ENDS: [[u8; 256]; 2] = {
    let mut ends = [[0; 256]; 2];
    let mut position = 0;
    while position < 16 {
        let coefficient = ZIGZAG[position];
        let mut bits = 0;
        while bits < 256 {
            if bits >> (coefficient % 8) & 1 == 1 {
                ends[coefficient / 8][bits] = position as u8 + 1;
            }
            bits += 1;
        }
        position += 1;
    }
    ends
};
