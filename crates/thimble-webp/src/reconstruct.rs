//! From modes and coefficients to samples: one macroblock at a time.

use thimble_simd as simd;

use super::macroblock::Macroblock;
use super::modes::LumaMode;
use super::pair::Pair;
use super::predict::{predict_block, predict_subblock};
use super::residue::Residue;
use super::square::{self, ChromaSquare, LumaSquare, RowPairs, Square};

/// The three planes of a macroblock, and what they need of the row of macroblocks above.
#[derive(Clone, Debug)]
pub(super) struct Reconstruction {
    pub(super) luma: LumaSquare,
    pub(super) chroma: [ChromaSquare; 2],
    /// The last row of samples of the macroblocks above, and of those of this row to the left;
    /// of luma there is one macroblock more.
    luma_above: Vec<[u8; 16]>,
    chroma_above: [Vec<[u8; 8]>; 2],
}

impl Reconstruction {
    /// For a frame `columns` macroblocks wide.
    pub(super) fn new(columns: usize) -> Self {
        Reconstruction {
            luma: Square::new(),
            chroma: [Square::new(), Square::new()],
            luma_above: vec![[127; 16]; columns + 1],
            chroma_above: [vec![[127; 8]; columns], vec![[127; 8]; columns]],
        }
    }

    /// Begins a row of macroblocks.
    pub(super) fn begin(&mut self, is_first_row: bool) {
        self.luma.begin(is_first_row);
        for chroma in &mut self.chroma {
            chroma.begin(is_first_row);
        }
        if !is_first_row && let [.., last, beyond] = &mut self.luma_above[..] {
            beyond.fill(last[15]);
        }
    }

    /// Predicts a macroblock and adds its residue.
    pub(super) fn macroblock(
        &mut self,
        (column, is_first_row): (usize, bool),
        macroblock: &Macroblock,
        residue: &Residue,
    ) {
        let exist = (!is_first_row, column > 0);
        self.luma.advance(&self.luma_above[column]);
        match macroblock.luma {
            LumaMode::Whole(mode) => {
                let around = self.luma.around(exist);
                self.luma.fill(&predict_block(mode, &around));
                self.add_luma(residue);
            }
            LumaMode::Subblocks(modes) => {
                let [a, b, c, d, ..] = self.luma_above[column + 1];
                self.luma.set_above_right([a, b, c, d]);
                for (pair, modes) in modes.as_chunks::<2>().0.iter().enumerate() {
                    let (x, y) = (8 * (pair % 2), 4 * (pair / 2));
                    let rows = residue.pair(pair).map(row_pairs);
                    for (half, &mode) in modes.iter().enumerate() {
                        let at = (x + 4 * half, y);
                        let predicted = predict_subblock(mode, &self.luma.edge(at));
                        let samples = match rows {
                            Some(rows) => square::sum(predicted, rows[half]),
                            None => predicted,
                        };
                        self.luma.put(at, samples);
                    }
                }
            }
        }
        self.luma_above[column] = self.luma.last();
        let planes = self.chroma.iter_mut().zip(&mut self.chroma_above);
        for (plane, (square, above)) in planes.enumerate() {
            square.advance(&above[column]);
            let around = square.around(exist);
            square.fill(&predict_block(macroblock.chroma, &around));
            for half in 0..2 {
                if let Some(residue) = residue.pair(8 + 2 * plane + half) {
                    square.add((0, 4 * half), &residue);
                }
            }
            above[column] = square.last();
        }
    }

    fn add_luma(&mut self, residue: &Residue) {
        for pair in 0..8 {
            if let Some(residue) = residue.pair(pair) {
                let at = (8 * (pair % 2), 4 * (pair / 2));
                self.luma.add(at, &residue);
            }
        }
    }
}

/// Each block of a pair by itself, two rows side by side.
#[inline(always)]
fn row_pairs([a, b, c, d]: Pair) -> [RowPairs; 2] {
    [
        [
            simd::interleave_low_i64(a, b),
            simd::interleave_low_i64(c, d),
        ],
        [
            simd::interleave_high_i64(a, b),
            simd::interleave_high_i64(c, d),
        ],
    ]
}
