//! Choosing how to predict: every mode is tried, and what it costs in bits is
//! weighed against what it costs in quality.

use super::contexts::Contexts;
use super::cost::LevelCosts;
use super::modes::{self, SubblockCosts, WHOLE};
use super::pair::{self, Pair};
use super::quantizer::Quantizer;
use super::source::SourceBlock;
use crate::modes::BlockMode;
use crate::predict::{Surroundings, predict_block};
use crate::residue::kind;
use crate::transform::{Block, forward_hadamard, inverse_hadamard};

/// Quantization, costs and weights that the choices of a frame depend on.
pub(super) struct Chooser {
    pub(super) quantizer: Quantizer,
    pub(super) levels: LevelCosts,
    pub(super) subblock_modes: Box<SubblockCosts>,
}

/// Cost of a choice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Price {
    /// In 256ths of a bit: of coefficients and modes.
    pub(super) rate: u64,
    /// Squared error, and change of texture.
    pub(super) distortion: u64,
}

/// Luma that is predicted as a whole.
#[derive(Clone, Debug)]
pub(super) struct WholeLuma {
    pub(super) mode: BlockMode,
    pub(super) second: Block,
    pub(super) levels: [Block; 16],
    pub(super) samples: [[u8; 16]; 16],
    pub(super) price: Price,
}

/// Both planes of color differences.
#[derive(Clone, Debug)]
pub(super) struct Chroma {
    pub(super) mode: BlockMode,
    pub(super) levels: [[Block; 4]; 2],
    pub(super) samples: [[[u8; 8]; 8]; 2],
    price: Price,
}

/// A penalty for color differences without detail that are not predicted by
/// their mean, in 256ths of a bit: where it is flat, a wrong slope is seen.
const FLATNESS_PENALTY: u64 = 140;

impl Price {
    pub(super) fn score(&self, lambda: u64) -> u64 {
        self.rate * lambda + 256 * self.distortion
    }

    pub(super) fn add(&mut self, other: Price) {
        self.rate += other.rate;
        self.distortion += other.distortion;
    }
}

impl Chooser {
    pub(super) fn new(quantizer: Quantizer, levels: LevelCosts) -> Self {
        Chooser {
            quantizer,
            levels,
            subblock_modes: modes::costs_of_subblock(),
        }
    }

    /// Weight of a change of texture as squared error.
    #[inline(always)]
    pub(super) fn texture_distortion(&self, source: u32, made: u32) -> u64 {
        let change = u64::from(source.abs_diff(made) >> 5);
        (self.quantizer.texture * change + 128) >> 8
    }

    /// The best way to predict the luma of a macroblock as a whole.
    pub(super) fn whole_luma(
        &self,
        source: &SourceBlock,
        textures: &[u32; 16],
        around: &Surroundings<16>,
        contexts: &Contexts,
    ) -> WholeLuma {
        let score = |tried: &WholeLuma| tried.price.score(self.quantizer.lambda_whole);
        cheapest(score, |mode| {
            self.try_whole(mode, source, textures, around, contexts)
        })
    }

    fn try_whole(
        &self,
        mode: BlockMode,
        source: &SourceBlock,
        textures: &[u32; 16],
        around: &Surroundings<16>,
        contexts: &Contexts,
    ) -> WholeLuma {
        let predicted = predict_block(mode, around);
        let mut means = [0; 16];
        let mut coefficients = [[[0; 8]; 4]; 8];
        for (index, stored) in coefficients.iter_mut().enumerate() {
            let at = pair_corner(index);
            let residue =
                pair::difference(&pair::cut(&source.luma, at), &pair::cut(&predicted, at));
            *stored = pair::store(pair::forward(&residue));
            for side in 0..2 {
                means[2 * index + side] = std::mem::take(&mut stored[0][4 * side]);
            }
        }
        let (second, read) = self.quantizer.second_luma(&forward_hadamard(&means));
        let means = inverse_hadamard(&read);
        let mut whole = WholeLuma {
            mode,
            second,
            levels: [[0; 16]; 16],
            samples: predicted,
            price: Price::default(),
        };
        for (index, stored) in coefficients.iter().enumerate() {
            let at = pair_corner(index);
            let (levels, read) = self.quantizer.luma.quantize(&pair::load(stored));
            let mut read = pair::store(read);
            (read[0][0], read[0][4]) = (means[2 * index], means[2 * index + 1]);
            let made = pair::reconstruct(&pair::load(&read), &pair::cut(&predicted, at));
            let error = pair::squared_error(&made, &pair::cut(&source.luma, at));
            let texture = pair::texture(&made);
            let [left, right] = pair::separate(&pair::store(levels));
            (whole.levels[2 * index], whole.levels[2 * index + 1]) = (left, right);
            for side in 0..2 {
                let change = self.texture_distortion(textures[2 * index + side], texture[side]);
                whole.price.distortion += u64::from(error[side]) + change;
            }
            put(&mut whole.samples, at, made);
        }
        let levels = contexts.cost_of_whole(&self.levels, &second, &whole.levels);
        whole.price.rate = u64::from(levels + modes::cost_of_luma(mode));
        whole
    }

    /// The best way to predict color differences.
    pub(super) fn chroma(
        &self,
        source: &SourceBlock,
        around: &[Surroundings<8>; 2],
        contexts: &Contexts,
    ) -> Chroma {
        let score = |tried: &Chroma| tried.price.score(self.quantizer.lambda_chroma);
        cheapest(score, |mode| {
            self.try_chroma(mode, source, around, contexts)
        })
    }

    fn try_chroma(
        &self,
        mode: BlockMode,
        source: &SourceBlock,
        around: &[Surroundings<8>; 2],
        contexts: &Contexts,
    ) -> Chroma {
        let samples = [0, 1].map(|plane: usize| predict_block(mode, &around[plane]));
        let mut chroma = Chroma {
            mode,
            levels: [[[0; 16]; 4]; 2],
            samples,
            price: Price::default(),
        };
        for (plane, predictions) in samples.iter().enumerate() {
            for half in 0..2 {
                let at = (0, 4 * half);
                let predicted = pair::cut(predictions, at);
                let wanted = pair::cut(&source.chroma[plane], at);
                let coefficients = pair::forward(&pair::difference(&wanted, &predicted));
                let (levels, read) = self.quantizer.chroma.quantize(&coefficients);
                let made = pair::reconstruct(&read, &predicted);
                let error = pair::squared_error(&made, &wanted);
                chroma.price.distortion += u64::from(error[0] + error[1]);
                let [left, right] = pair::separate(&pair::store(levels));
                chroma.levels[plane][2 * half] = left;
                chroma.levels[plane][2 * half + 1] = right;
                put(&mut chroma.samples[plane], at, made);
            }
        }
        let levels = contexts.cost_of_chroma(&self.levels, &chroma.levels);
        chroma.price.rate = u64::from(levels + modes::cost_of_chroma(mode));
        let details = chroma.levels.as_flattened().iter();
        if mode != BlockMode::Mean && details.map(detail).sum::<usize>() <= 2 {
            chroma.price.rate += 8 * FLATNESS_PENALTY;
        }
        chroma
    }

    /// Costs of a 4x4 block in two modes whose predictions are a pair.
    #[inline(always)]
    pub(super) fn try_subblocks(
        &self,
        (wanted, texture): (&Pair, u32),
        predicted: &Pair,
        (modes, costs): ([usize; 2], &[u16; 10]),
        context: usize,
    ) -> [Subblock; 2] {
        let coefficients = pair::forward(&pair::difference(wanted, predicted));
        let (levels, read) = self.quantizer.luma.quantize(&coefficients);
        let made = pair::reconstruct(&read, predicted);
        let error = pair::squared_error(&made, wanted);
        let textures = pair::texture(&made);
        let samples = pair::samples(made);
        let levels = pair::separate(&pair::store(levels));
        [0, 1].map(|side: usize| {
            let change = self.texture_distortion(texture, textures[side]);
            let levels = levels[side];
            let mut rate = u64::from(costs[modes[side]]);
            rate += u64::from(self.levels.of((kind::LUMA, 0), context, &levels));
            Subblock {
                mode: modes[side],
                is_flat: detail(&levels) <= 3,
                levels,
                samples: samples[side],
                price: Price {
                    rate,
                    distortion: u64::from(error[side]) + change,
                },
            }
        })
    }

    /// The score by which modes of a 4x4 block are compared.
    #[inline(always)]
    pub(super) fn score_of(&self, subblock: &Subblock) -> u64 {
        let mut price = subblock.price;
        if subblock.mode > 0 && subblock.is_flat {
            price.rate += FLATNESS_PENALTY;
        }
        price.score(self.quantizer.lambda_subblock)
    }
}

/// A 4x4 block in one mode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subblock {
    /// The index of the mode among all of them.
    pub(super) mode: usize,
    is_flat: bool,
    pub(super) levels: Block,
    pub(super) samples: [[u8; 4]; 4],
    pub(super) price: Price,
}

/// Number of coefficients but the mean that are not zero.
fn detail(levels: &Block) -> usize {
    levels[1..].iter().filter(|&&level| level != 0).count()
}

/// Place of a pair of blocks in a macroblock.
#[inline(always)]
pub(super) fn pair_corner(index: usize) -> (usize, usize) {
    (8 * (index % 2), 4 * (index / 2))
}

#[inline(always)]
fn put<const N: usize>(square: &mut [[u8; N]; N], (x, y): (usize, usize), pair: Pair) {
    for (row, samples) in square[y..].iter_mut().zip(pair::store(pair)) {
        row[x..x + 8].copy_from_slice(&samples.map(|sample| sample as u8));
    }
}

/// The first of the modes with the least score.
#[inline(always)]
fn cheapest<T>(score: impl Fn(&T) -> u64, attempt: impl Fn(BlockMode) -> T) -> T {
    let mut best = attempt(BlockMode::Mean);
    for mode in WHOLE.into_iter().skip(1) {
        let tried = attempt(mode);
        if score(&tried) < score(&best) {
            best = tried;
        }
    }
    best
}
