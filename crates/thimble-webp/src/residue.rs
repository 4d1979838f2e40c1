//! Coefficient tokens (RFC 6386, section 13), read and made coefficients again.

use super::boolean_reader::BooleanReader;
use super::probabilities::TokenProbabilities;
use super::quantizer::{Step, Steps};
use super::tables::{BANDS, CATEGORIES, ZIGZAG};
use super::transform::{Block, inverse_hadamard};

/// The four kinds of blocks, as an index of probabilities.
pub(super) mod kind {
    /// Luma without its DC coefficient, which is in the second luma block.
    pub(crate) const LUMA_AFTER_SECOND: usize = 0;
    /// The block of the DC coefficients of luma.
    pub(crate) const SECOND_LUMA: usize = 1;
    pub(crate) const CHROMA: usize = 2;
    /// Luma with its DC coefficient.
    pub(crate) const LUMA: usize = 3;
}

/// The probabilities of the decisions at each position and context. The entry
/// past the end is there so that the next position needs no question.
type Positions = [[[u8; 11]; 3]; 17];

/// Token probabilities by position instead of by band.
pub(super) struct TokenReader {
    kinds: [Positions; 4],
}

/// Blocks on an edge of a macroblock that have tokens: four of luma, two of
/// each kind of chroma, and the second luma block.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occupied {
    luma: [bool; 4],
    chroma: [[bool; 2]; 2],
    second_luma: bool,
}

/// The coefficients of a macroblock: 16 blocks of luma, 4 and 4 of chroma.
#[derive(Clone, Debug)]
pub(super) struct Residue {
    pub(super) blocks: [Block; 24],
    pub(super) contents: [Content; 24],
}

/// Contents of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    /// Only the mean.
    Mean,
    Detail,
}

impl Occupied {
    /// A macroblock without coefficients. The second luma block keeps its state
    /// if the macroblock has none.
    pub(super) fn clear(&mut self, has_second_luma: bool) {
        *self = Occupied {
            second_luma: self.second_luma && !has_second_luma,
            ..Occupied::default()
        };
    }
}

impl Residue {
    pub(super) fn new() -> Self {
        Residue {
            blocks: [[0; 16]; 24],
            contents: [Content::Nothing; 24],
        }
    }

    /// Empties what is not empty.
    pub(super) fn clear(&mut self) {
        for (block, content) in self.blocks.iter_mut().zip(&mut self.contents) {
            if *content != Content::Nothing {
                *block = [0; 16];
                *content = Content::Nothing;
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.contents
            .iter()
            .all(|&content| content == Content::Nothing)
    }
}

impl TokenReader {
    pub(super) fn new(probabilities: &TokenProbabilities) -> Box<TokenReader> {
        let kinds = probabilities.map(|bands| BANDS.map(|band| bands[band]));
        Box::new(TokenReader { kinds })
    }

    /// Reads the coefficients of a macroblock into an empty residue.
    pub(super) fn read_macroblock(
        &self,
        reader: &mut BooleanReader<'_>,
        residue: &mut Residue,
        steps: &Steps,
        has_second_luma: bool,
        (above, left): (&mut Occupied, &mut Occupied),
    ) {
        let mut luma = Kind::new(&self.kinds[kind::LUMA], 0, steps.luma);
        if has_second_luma {
            let second = Kind::new(&self.kinds[kind::SECOND_LUMA], 0, steps.second_luma);
            let neighbors = (&mut above.second_luma, &mut left.second_luma);
            let mut block = [0; 16];
            if second.read_next(reader, neighbors, &mut block) != Content::Nothing {
                let means = inverse_hadamard(&block);
                for (block, mean) in residue.blocks.iter_mut().zip(means) {
                    block[0] = mean;
                }
            }
            luma = Kind::new(&self.kinds[kind::LUMA_AFTER_SECOND], 1, steps.luma);
        }
        let chroma = Kind::new(&self.kinds[kind::CHROMA], 0, steps.chroma);
        let blocks = residue.blocks.iter_mut().zip(&mut residue.contents);
        for (index, (block, content)) in blocks.enumerate() {
            *content = if index < 16 {
                let neighbors = (&mut above.luma[index % 4], &mut left.luma[index / 4]);
                luma.read_next(reader, neighbors, block)
            } else {
                let (plane, index) = ((index - 16) / 4, index % 4);
                let above = &mut above.chroma[plane][index % 2];
                let left = &mut left.chroma[plane][index / 2];
                chroma.read_next(reader, (above, left), block)
            };
        }
    }
}

/// Probabilities and steps with which the blocks of a kind are read.
#[derive(Clone, Copy)]
struct Kind<'a> {
    positions: &'a Positions,
    first: usize,
    step: Step,
}

impl<'a> Kind<'a> {
    fn new(positions: &'a Positions, first: usize, step: Step) -> Self {
        Kind {
            positions,
            first,
            step,
        }
    }

    /// Reads a block and tells its neighbors to come whether it has tokens.
    #[inline(always)]
    fn read_next(
        &self,
        reader: &mut BooleanReader<'_>,
        (above, left): (&mut bool, &mut bool),
        block: &mut Block,
    ) -> Content {
        let context = usize::from(*above) + usize::from(*left);
        let (after, end) = self.read(*reader, context, block);
        *reader = after;
        let is_occupied = end > self.first;
        (*above, *left) = (is_occupied, is_occupied);
        match (end, block[0]) {
            (2.., _) => Content::Detail,
            (_, 0) => Content::Nothing,
            _ => Content::Mean,
        }
    }

    /// Reads a block: returns the position behind the last token.
    #[inline(always)]
    fn read<'b>(
        &self,
        mut reader: BooleanReader<'b>,
        context: usize,
        block: &mut Block,
    ) -> (BooleanReader<'b>, usize) {
        let mut position = self.first;
        let mut decisions = &self.positions[position][context];
        while position < 16 {
            reader.fill();
            if !reader.decide(decisions[0]) {
                return (reader, position);
            }
            while !reader.decide(decisions[1]) {
                position += 1;
                if position == 16 {
                    return (reader, 16);
                }
                decisions = &self.positions[position][0];
                reader.fill();
            }
            let mut value = 1;
            let mut context = 1;
            if reader.decide(decisions[2]) {
                (reader, value) = read_large(reader, decisions);
                context = 2;
            }
            let signed = if reader.decide(128) { -value } else { value };
            let step = i32::from(self.step[usize::from(position > 0)]);
            block[ZIGZAG[position]] = (signed * step) as i16;
            position += 1;
            decisions = &self.positions[position][context];
        }
        (reader, 16)
    }
}

/// Reads a magnitude of 2 or more, and leaves enough in the window for a sign.
/// The reader is passed by value so that it stays in registers outside.
#[inline(never)]
fn read_large<'a>(mut reader: BooleanReader<'a>, decisions: &[u8; 11]) -> (BooleanReader<'a>, i32) {
    reader.fill();
    let value = if !reader.decide(decisions[3]) {
        if !reader.decide(decisions[4]) {
            2
        } else {
            3 + i32::from(reader.decide(decisions[5]))
        }
    } else if !reader.decide(decisions[6]) {
        if !reader.decide(decisions[7]) {
            5 + i32::from(reader.decide(159))
        } else {
            7 + 2 * i32::from(reader.decide(165)) + i32::from(reader.decide(145))
        }
    } else {
        let high = usize::from(reader.decide(decisions[8]));
        let category = 2 * high + usize::from(reader.decide(decisions[9 + high]));
        let (least, extra) = CATEGORIES[category];
        let bits = extra.iter().fold(0, |bits, &probability| {
            reader.fill();
            bits << 1 | i32::from(reader.decide(probability))
        });
        reader.fill();
        least + bits
    };
    (reader, value)
}
