//! From modes and coefficients to samples: one macroblock at a time.

use super::band::Band;
use super::macroblock::Macroblock;
use super::modes::LumaMode;
use super::predict::{predict_block, predict_subblock};
use super::residue::{Content, Residue};
use super::transform::{Block, inverse_cosine};

/// The three planes of a row of macroblocks.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    pub(super) luma: Band<16>,
    pub(super) chroma: [Band<8>; 2],
}

impl Bands {
    pub(super) fn new(columns: usize) -> Self {
        Bands {
            luma: Band::new(columns),
            chroma: [Band::new(columns), Band::new(columns)],
        }
    }

    pub(super) fn advance(&mut self) {
        self.luma.advance();
        self.chroma.iter_mut().for_each(Band::advance);
    }

    /// Predicts a macroblock and adds its residue.
    pub(super) fn reconstruct(
        &mut self,
        (column, is_first_row): (usize, bool),
        macroblock: &Macroblock,
        residue: &Residue,
    ) {
        let x = 16 * column;
        match macroblock.luma {
            LumaMode::Whole(mode) => {
                let around = self.luma.around(column, is_first_row);
                self.luma.put((x, 0), &predict_block(mode, &around));
                for index in 0..16 {
                    add_block(&mut self.luma, subblock(x, 4, index), residue, index);
                }
            }
            LumaMode::Subblocks(modes) => {
                for (index, mode) in modes.into_iter().enumerate() {
                    let at = subblock(x, 4, index);
                    let edge = self.luma.edge(at);
                    self.luma.put(at, &predict_subblock(mode, &edge));
                    add_block(&mut self.luma, at, residue, index);
                }
            }
        }
        for (plane, band) in self.chroma.iter_mut().enumerate() {
            let around = band.around(column, is_first_row);
            let x = 8 * column;
            band.put((x, 0), &predict_block(macroblock.chroma, &around));
            for index in 0..4 {
                let block = 16 + 4 * plane + index;
                add_block(band, subblock(x, 2, index), residue, block);
            }
        }
    }
}

/// Column of a block of a macroblock at column `x`, `across` blocks in a row.
fn subblock(x: usize, across: usize, index: usize) -> (usize, usize) {
    (x + 4 * (index % across), 4 * (index / across))
}

#[inline(always)]
fn add_block<const N: usize>(
    band: &mut Band<N>,
    at: (usize, usize),
    residue: &Residue,
    index: usize,
) {
    let block = &residue.blocks[index];
    match residue.contents[index] {
        Content::Nothing => {}
        Content::Mean => {
            let mean: Block = [((i32::from(block[0]) + 4) >> 3) as i16; 16];
            band.add(at, &mean);
        }
        Content::Detail => band.add(at, &inverse_cosine(block)),
    }
}
