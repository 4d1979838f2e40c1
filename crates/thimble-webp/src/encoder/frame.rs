//! A frame: its macroblocks are chosen one after the other, then written.

use super::band::Bands;
use super::boolean_writer::BooleanWriter;
use super::choice::{Chooser, pair_corner};
use super::contexts::{Contexts, LumaLevels, Side};
use super::cost::LevelCosts;
use super::modes::{self, Chosen};
use super::pair;
use super::quantizer::Quantizer;
use super::source::{Source, SourceBlock};
use super::statistics::{flat, share};
use super::tokens::Tokens;
use crate::modes::{LumaMode, SubblockMode};
use crate::probabilities::{DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};
use crate::quantizer::Deltas;

/// The least number of macroblocks after which costs are taken from what has been
/// counted instead of guessed.
const LEAST_COUNTED: usize = 96;

/// More bytes than this cannot be in the first partition.
const FIRST_PARTITION: usize = 1 << 19;

/// Room in the first partition for modes of 4x4 blocks, in bits: the rest is
/// for everything else.
const SUBBLOCK_BITS: u64 = 8 * (FIRST_PARTITION as u64) / 8 * 7;

/// Encodes the content of a `VP8 ` chunk. `None` if the picture has too many
/// macroblocks for the format.
pub(super) fn encode(source: &Source, quality: u8) -> Option<Vec<u8>> {
    let mut frame = Frame::new(source, quality);
    let (columns, rows) = source.macroblocks();
    for row in 0..rows {
        frame.left = (Side::default(), [SubblockMode::Mean; 4]);
        for column in 0..columns {
            frame.encode_macroblock((column, row), &source.macroblock(column, row));
        }
        frame.bands.advance();
    }
    frame.write(source)
}

struct Frame {
    chooser: Chooser,
    bands: Bands,
    /// Tokens and modes above each macroblock of the row.
    above: Vec<(Side, [SubblockMode; 4])>,
    left: (Side, [SubblockMode; 4]),
    tokens: Tokens,
    chosen: Vec<Chosen>,
    /// After how many macroblocks costs are taken anew.
    interval: usize,
    /// Bits that modes of 4x4 blocks may still take, at most.
    subblock_bits: u64,
}

impl Frame {
    fn new(source: &Source, quality: u8) -> Self {
        let (columns, rows) = source.macroblocks();
        let levels = LevelCosts::new(&DEFAULT_TOKENS);
        Frame {
            chooser: Chooser::new(Quantizer::new(quality), levels),
            bands: Bands::new(columns),
            above: vec![(Side::default(), [SubblockMode::Mean; 4]); columns],
            left: (Side::default(), [SubblockMode::Mean; 4]),
            tokens: Tokens::default(),
            chosen: Vec::with_capacity(columns * rows),
            interval: (columns * rows / 8).max(LEAST_COUNTED),
            subblock_bits: SUBBLOCK_BITS,
        }
    }

    fn encode_macroblock(&mut self, (column, row): (usize, usize), source: &SourceBlock) {
        if self.chosen.len() % self.interval == self.interval - 1 {
            let probabilities = self.tokens.statistics.probabilities();
            self.chooser.levels = LevelCosts::new(&probabilities);
        }
        let (above, above_modes) = self.above[column];
        let (left, left_modes) = self.left;
        let mut contexts = Contexts { above, left };
        let is_first_row = row == 0;
        let textures = textures(source);
        let around = self.bands.luma.around(column, is_first_row);
        let whole = self
            .chooser
            .whole_luma(source, &textures, &around, &contexts);
        let limit = whole.price.score(self.chooser.quantizer.lambda_mode);
        let subblocks = (self.subblock_bits >= LONGEST_MODES)
            .then(|| {
                let place = (&mut self.bands.luma, column);
                let neighbors = (above_modes, left_modes);
                let bounds = (&contexts, limit);
                self.chooser
                    .subblocks(source, &textures, place, neighbors, bounds)
            })
            .flatten();
        let chroma_around =
            [0, 1].map(|plane: usize| self.bands.chroma[plane].around(column, is_first_row));
        let chroma = self.chooser.chroma(source, &chroma_around, &contexts);
        for (band, samples) in self.bands.chroma.iter_mut().zip(&chroma.samples) {
            band.put((8 * column, 0), samples);
        }
        let (luma, levels) = match &subblocks {
            Some(subblocks) => {
                self.subblock_bits -= LONGEST_MODES;
                let levels = LumaLevels {
                    second: None,
                    blocks: &subblocks.levels,
                };
                (LumaMode::Subblocks(subblocks.modes), levels)
            }
            None => {
                self.bands.luma.put((16 * column, 0), &whole.samples);
                let levels = LumaLevels {
                    second: Some(&whole.second),
                    blocks: &whole.levels,
                };
                (LumaMode::Whole(whole.mode), levels)
            }
        };
        let is_empty = levels.are_zero()
            && chroma
                .levels
                .as_flattened()
                .as_flattened()
                .iter()
                .all(|&level| level == 0);
        if is_empty {
            contexts.pass(subblocks.is_none());
        } else {
            contexts.record(&mut self.tokens, levels, &chroma.levels);
        }
        let (above_modes, left_modes) = edges(luma);
        self.above[column] = (contexts.above, above_modes);
        self.left = (contexts.left, left_modes);
        self.chosen.push(Chosen {
            luma,
            chroma: chroma.mode,
            is_empty,
        });
    }

    fn write(&self, source: &Source) -> Option<Vec<u8>> {
        let probabilities = self.tokens.statistics.probabilities();
        let first = self.write_first_partition(&probabilities, source.macroblocks().0);
        if first.len() >= FIRST_PARTITION {
            return None;
        }
        let side = |pixels: usize| u16::try_from(pixels).ok().filter(|side| *side < 1 << 14);
        // A key frame of version 0 that is shown, and the length of what follows.
        let tag = (first.len() as u32) << 5 | 1 << 4;
        let mut bytes = tag.to_le_bytes()[..3].to_vec();
        bytes.extend_from_slice(&[0x9d, 0x01, 0x2a]);
        bytes.extend_from_slice(&side(source.width)?.to_le_bytes());
        bytes.extend_from_slice(&side(source.height)?.to_le_bytes());
        bytes.extend_from_slice(&first);
        bytes.extend_from_slice(&self.tokens.write(flat(&probabilities)));
        Some(bytes)
    }

    /// The header (section 19.2) and the modes of all macroblocks.
    fn write_first_partition(&self, probabilities: &TokenProbabilities, columns: usize) -> Vec<u8> {
        let mut writer = BooleanWriter::new();
        let quantizer = &self.chooser.quantizer;
        // The usual color space, samples are clamped, no segments.
        writer.literal(0, 3);
        // The normal loop filter, its level, no sharpness, no deltas.
        writer.flag(false);
        writer.literal(quantizer.filter_level().into(), 6);
        writer.literal(0, 4);
        // One partition of coefficients.
        writer.literal(0, 2);
        writer.literal(quantizer.index.into(), 7);
        let Deltas {
            luma_dc,
            second_luma: [second_dc, second_ac],
            chroma: [chroma_dc, chroma_ac],
        } = quantizer.deltas;
        for delta in [luma_dc, second_dc, second_ac, chroma_dc, chroma_ac] {
            writer.optional_signed(delta, 4);
        }
        // The probabilities are for this frame only.
        writer.flag(false);
        write_probabilities(&mut writer, probabilities);
        let empty = self.chosen.iter().filter(|chosen| chosen.is_empty).count() as u32;
        let skip = share([self.chosen.len() as u32 - empty, empty]);
        writer.flag(empty > 0);
        if empty > 0 {
            writer.literal(skip.into(), 8);
        }
        let mut above = vec![[SubblockMode::Mean; 4]; columns];
        for row in self.chosen.chunks(columns) {
            let mut left = [SubblockMode::Mean; 4];
            for (chosen, above) in row.iter().zip(&mut above) {
                if empty > 0 {
                    writer.put(chosen.is_empty, skip);
                }
                modes::write(&mut writer, chosen, above, &mut left);
            }
        }
        writer.finish()
    }
}

/// No modes of the 4x4 blocks of a macroblock take more bits than this, all in
/// all: no decision of a mode is less likely than 1 in 256, and most are not.
const LONGEST_MODES: u64 = 96;

fn write_probabilities(writer: &mut BooleanWriter, probabilities: &TokenProbabilities) {
    let usual = flat(&DEFAULT_TOKENS).iter();
    let updates = flat(&TOKEN_UPDATES).iter();
    for ((&probability, usual), &update) in flat(probabilities).iter().zip(usual).zip(updates) {
        let differs = probability != *usual;
        writer.put(differs, update);
        if differs {
            writer.literal(probability.into(), 8);
        }
    }
}

/// The modes at the lower and at the right edge of a macroblock.
fn edges(luma: LumaMode) -> ([SubblockMode; 4], [SubblockMode; 4]) {
    match luma {
        LumaMode::Whole(mode) => ([mode.of_subblocks(); 4], [mode.of_subblocks(); 4]),
        LumaMode::Subblocks(modes) => (
            [12, 13, 14, 15].map(|index: usize| modes[index]),
            [3, 7, 11, 15].map(|index: usize| modes[index]),
        ),
    }
}

/// The texture of each 4x4 block of luma.
fn textures(source: &SourceBlock) -> [u32; 16] {
    let mut textures = [0; 16];
    for (index, pair) in textures.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        *pair = pair::texture(&pair::cut(&source.luma, pair_corner(index)));
    }
    textures
}
