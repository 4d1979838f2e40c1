//! The blocks around a macroblock that have tokens: the context of its own (RFC
//! 6386, section 13.3).

use super::cost::LevelCosts;
use super::tokens::{Tokens, end_of};
use crate::residue::kind;
use crate::transform::Block;

/// One side of a macroblock: above it, or to its left.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Side {
    luma: [bool; 4],
    chroma: [[bool; 2]; 2],
    second: bool,
}

/// Both sides of a macroblock.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Contexts {
    pub(super) above: Side,
    pub(super) left: Side,
}

/// The levels of luma: in 4x4 blocks, or with a second block of their means.
#[derive(Clone, Copy)]
pub(super) struct LumaLevels<'a> {
    pub(super) second: Option<&'a Block>,
    pub(super) blocks: &'a [Block; 16],
}

const SECOND: (usize, usize) = (kind::SECOND_LUMA, 0);
const AFTER_SECOND: (usize, usize) = (kind::LUMA_AFTER_SECOND, 1);
const LUMA: (usize, usize) = (kind::LUMA, 0);
const CHROMA: (usize, usize) = (kind::CHROMA, 0);

impl LumaLevels<'_> {
    pub(super) fn are_zero(&self) -> bool {
        let blocks = self.blocks.iter().chain(self.second);
        blocks.into_iter().all(|block| end_of(block) == 0)
    }
}

impl Contexts {
    pub(super) fn of_luma(&self, x: usize, y: usize) -> usize {
        usize::from(self.above.luma[x]) + usize::from(self.left.luma[y])
    }

    pub(super) fn set_luma(&mut self, x: usize, y: usize, occupied: bool) {
        (self.above.luma[x], self.left.luma[y]) = (occupied, occupied);
    }

    fn of_chroma(&self, plane: usize, x: usize, y: usize) -> usize {
        usize::from(self.above.chroma[plane][x]) + usize::from(self.left.chroma[plane][y])
    }

    fn set_chroma(&mut self, plane: usize, (x, y): (usize, usize), occupied: bool) {
        self.above.chroma[plane][x] = occupied;
        self.left.chroma[plane][y] = occupied;
    }

    fn of_second(&self) -> usize {
        usize::from(self.above.second) + usize::from(self.left.second)
    }

    /// Cost of the levels of luma that is predicted as a whole.
    pub(super) fn cost_of_whole(
        &self,
        costs: &LevelCosts,
        second: &Block,
        blocks: &[Block; 16],
    ) -> u32 {
        let mut contexts = *self;
        let mut cost = costs.of(SECOND, self.of_second(), second);
        for (index, block) in blocks.iter().enumerate() {
            let (x, y) = (index % 4, index / 4);
            cost += costs.of(AFTER_SECOND, contexts.of_luma(x, y), block);
            contexts.set_luma(x, y, end_of(block) > 1);
        }
        cost
    }

    /// Cost of the levels of color differences.
    pub(super) fn cost_of_chroma(&self, costs: &LevelCosts, levels: &[[Block; 4]; 2]) -> u32 {
        let mut contexts = *self;
        let mut cost = 0;
        for (plane, blocks) in levels.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let (x, y) = (index % 2, index / 2);
                cost += costs.of(CHROMA, contexts.of_chroma(plane, x, y), block);
                contexts.set_chroma(plane, (x, y), end_of(block) > 0);
            }
        }
        cost
    }

    /// Records the levels of a macroblock.
    pub(super) fn record(
        &mut self,
        tokens: &mut Tokens,
        luma: LumaLevels<'_>,
        chroma: &[[Block; 4]; 2],
    ) {
        let mut kind = LUMA;
        if let Some(second) = luma.second {
            let occupied = tokens.record(SECOND, self.of_second(), second);
            (self.above.second, self.left.second) = (occupied, occupied);
            kind = AFTER_SECOND;
        }
        for (index, block) in luma.blocks.iter().enumerate() {
            let (x, y) = (index % 4, index / 4);
            let occupied = tokens.record(kind, self.of_luma(x, y), block);
            self.set_luma(x, y, occupied);
        }
        for (plane, blocks) in chroma.iter().enumerate() {
            for (index, block) in blocks.iter().enumerate() {
                let (x, y) = (index % 2, index / 2);
                let occupied = tokens.record(CHROMA, self.of_chroma(plane, x, y), block);
                self.set_chroma(plane, (x, y), occupied);
            }
        }
    }

    /// Passes a macroblock without coefficients. The second block keeps its state
    /// if the macroblock has none.
    pub(super) fn pass(&mut self, has_second: bool) {
        for side in [&mut self.above, &mut self.left] {
            *side = Side {
                second: side.second && !has_second,
                ..Side::default()
            };
        }
    }
}
