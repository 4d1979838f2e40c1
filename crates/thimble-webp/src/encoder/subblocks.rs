//! Luma that is predicted in 4x4 blocks, each of which looks at those before it.

use super::band::Band;
use super::choice::{Chooser, Price};
use super::contexts::Contexts;
use super::modes::{self, SUBBLOCK};
use super::pair;
use super::source::SourceBlock;
use crate::modes::SubblockMode;
use crate::predict::predict_subblocks;
use crate::transform::Block;

/// The modes and levels of the 4x4 blocks of a macroblock.
#[derive(Clone, Debug)]
pub(super) struct Subblocks {
    pub(super) modes: [SubblockMode; 16],
    pub(super) levels: [Block; 16],
}

/// The modes of the 4x4 blocks above and to the left.
pub(super) type Neighbors = ([SubblockMode; 4], [SubblockMode; 4]);

impl Chooser {
    /// The best way to predict luma in 4x4 blocks, if it scores less than
    /// `limit`. Leaves its samples in the band.
    pub(super) fn subblocks(
        &self,
        source: &SourceBlock,
        textures: &[u32; 16],
        (band, column): (&mut Band<16>, usize),
        (mut above, mut left): Neighbors,
        (contexts, limit): (&Contexts, u64),
    ) -> Option<Subblocks> {
        let mut contexts = *contexts;
        let mut price = Price {
            rate: modes::cost_of_subblocks().into(),
            distortion: 0,
        };
        let mut chosen = Subblocks {
            modes: [SubblockMode::Mean; 16],
            levels: [[0; 16]; 16],
        };
        for (index, &texture) in textures.iter().enumerate() {
            let (x, y) = (index % 4, index / 4);
            let at = (16 * column + 4 * x, 4 * y);
            let predicted = predict_subblocks(&SUBBLOCK, &band.edge(at));
            let wanted: [[u8; 4]; 4] = core::array::from_fn(|row| {
                let row = &source.luma[4 * y + row];
                core::array::from_fn(|column| row[4 * x + column])
            });
            let wanted = pair::join(&wanted, &wanted);
            let costs = &self.subblock_modes[above[x] as usize][left[y] as usize];
            let context = contexts.of_luma(x, y);
            let best = (0..SUBBLOCK.len())
                .step_by(2)
                .flat_map(|mode| {
                    let pair = pair::join(&predicted[mode], &predicted[mode + 1]);
                    let wanted = (&wanted, texture);
                    self.try_subblocks(wanted, &pair, ([mode, mode + 1], costs), context)
                })
                .min_by_key(|subblock| self.score_of(subblock))?;
            price.add(best.price);
            if price.score(self.quantizer.lambda_mode) >= limit {
                return None;
            }
            let mode = SUBBLOCK[best.mode];
            (above[x], left[y]) = (mode, mode);
            contexts.set_luma(x, y, best.levels != [0; 16]);
            band.put(at, &best.samples);
            chosen.modes[index] = mode;
            chosen.levels[index] = best.levels;
        }
        Some(chosen)
    }
}
