//! Coefficient tokens (RFC 6386, section 13), read and made coefficients again.

use super::boolean_reader::BooleanReader;
use super::pair::{self, Pair, Stored};
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

/// The probabilities of the eleven decisions that name a token, filled up so that their place
/// is a matter of shifts.
type Decisions = [u8; 16];

/// The decisions at each position and context, filled up likewise. The entry past the end is
/// that of [`BANDS`], and nobody reads it.
type Positions = [[Decisions; 4]; 17];

/// Token probabilities by position instead of by band.
pub(super) struct TokenReader {
    kinds: [Positions; 4],
}

/// The blocks on an edge of a macroblock that have tokens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occupied {
    /// Of luma and of each kind of chroma a bit for each block, the first lowest.
    planes: [u32; 3],
    /// 1 if the second luma block has tokens.
    second_luma: u32,
}

impl Occupied {
    /// A macroblock without coefficients. The second luma block keeps its state
    /// if the macroblock has none.
    pub(super) fn clear(&mut self, has_second_luma: bool) {
        self.planes = [0; 3];
        if has_second_luma {
            self.second_luma = 0;
        }
    }
}

/// The coefficients of a macroblock: 16 blocks of luma, 4 and 4 of chroma, neighbors side by
/// side.
#[derive(Clone, Debug)]
pub(super) struct Residue {
    pairs: [Stored; 12],
    /// A bit for each block that has coefficients.
    occupied: u32,
    /// A bit for each block that may have more than its mean.
    detailed: u32,
}

/// The place in a [`Stored`] of a coefficient of its first block, by the position at which it
/// is read.
const PLACES: [usize; 16] = {
    let mut places = ZIGZAG;
    let mut position = 0;
    while position < 16 {
        places[position] += ZIGZAG[position] / 4 * 4;
        position += 1;
    }
    places
};

/// A block of a [`Stored`], with an index of its first row.
struct Target<'a> {
    coefficients: &'a mut [i16; 32],
    first: usize,
}

impl Target<'_> {
    #[inline(always)]
    fn put(&mut self, position: usize, coefficient: i16) {
        self.coefficients[(self.first + PLACES[position & 15]) & 31] = coefficient;
    }
}

impl Residue {
    pub(super) fn new() -> Self {
        Residue {
            pairs: [[[0; 8]; 4]; 12],
            occupied: 0,
            detailed: 0,
        }
    }

    /// Empties what is not empty.
    pub(super) fn clear(&mut self) {
        if self.occupied != 0 {
            for (index, pair) in self.pairs.iter_mut().enumerate() {
                if self.occupied >> (2 * index) & 3 != 0 {
                    *pair = [[0; 8]; 4];
                }
            }
            (self.occupied, self.detailed) = (0, 0);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.occupied == 0
    }

    /// The residue of two neighbors among the blocks, if they have coefficients: one of eight
    /// pairs of luma, or of two and two of chroma.
    #[inline(always)]
    pub(super) fn pair(&self, index: usize) -> Option<Pair> {
        let of_pair = |bits: u32| bits >> (2 * index) & 3;
        let stored = self.pairs.get(index)?;
        if of_pair(self.occupied) == 0 {
            None
        } else if of_pair(self.detailed) == 0 {
            Some(pair::residue_of_means([stored[0][0], stored[0][4]]))
        } else {
            Some(pair::residue(&pair::load(stored)))
        }
    }

    /// Sets the means of the blocks of luma.
    fn set_means(&mut self, means: &Block) {
        let rows = self.pairs.iter_mut().map(|pair| &mut pair[0]);
        for (row, means) in rows.zip(means.as_chunks::<2>().0) {
            (row[0], row[4]) = (means[0], means[1]);
        }
        let is_there = |(index, &mean): (usize, &i16)| u32::from(mean != 0) << index;
        self.occupied = means.iter().enumerate().map(is_there).sum();
    }
}

impl TokenReader {
    pub(super) fn new(probabilities: &TokenProbabilities) -> Box<TokenReader> {
        let padded =
            |decisions: [u8; 11]| core::array::from_fn(|i| *decisions.get(i).unwrap_or(&0));
        let contexts = |contexts: [[u8; 11]; 3]| {
            let [none, one, both] = contexts.map(padded);
            [none, one, both, [0; 16]]
        };
        let kinds = probabilities.map(|bands| BANDS.map(|band| contexts(bands[band])));
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
            let context = above.second_luma + left.second_luma;
            let mut coefficients = [0; 32];
            let end = second.read_alone(reader, context, &mut coefficients);
            let is_occupied = u32::from(end > 0);
            (above.second_luma, left.second_luma) = (is_occupied, is_occupied);
            if end > 0 {
                let place = |index: usize| coefficients[index / 4 * 8 + index % 4];
                residue.set_means(&inverse_hadamard(&core::array::from_fn(place)));
            }
            luma = Kind::new(&self.kinds[kind::LUMA_AFTER_SECOND], 1, steps.luma);
        }
        let chroma = Kind::new(&self.kinds[kind::CHROMA], 0, steps.chroma);
        let mut local = *reader;
        let mut index = 0;
        for (plane, (kind, side)) in [(luma, 4), (chroma, 2), (chroma, 2)]
            .into_iter()
            .enumerate()
        {
            let (mut of_above, mut of_left) = (above.planes[plane], left.planes[plane]);
            for _ in 0..side {
                let mut beside = of_left & 1;
                for _ in 0..side {
                    let context = beside + (of_above & 1);
                    let end;
                    (local, end) = kind.read(local, context, residue, index);
                    beside = u32::from(end > kind.first);
                    of_above = of_above >> 1 | beside << (side - 1);
                    index += 1;
                }
                of_left = of_left >> 1 | beside << (side - 1);
            }
            (above.planes[plane], left.planes[plane]) = (of_above, of_left);
        }
        *reader = local;
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

    /// Reads a block of a residue: returns the position behind the last token.
    #[inline(always)]
    fn read<'b>(
        &self,
        mut reader: BooleanReader<'b>,
        context: u32,
        residue: &mut Residue,
        index: usize,
    ) -> (BooleanReader<'b>, usize) {
        let decisions = &self.positions[self.first][context as usize & 3];
        reader.fill_for(MOST_DECISIONS);
        if !reader.decide(decisions[0]) {
            return (reader, self.first);
        }
        let Some(pair) = residue.pairs.get_mut(index / 2) else {
            return (reader, self.first);
        };
        let Some(coefficients) = pair.as_flattened_mut().first_chunk_mut() else {
            return (reader, self.first);
        };
        let first = 4 * (index % 2);
        let mut target = Target {
            coefficients,
            first,
        };
        let end;
        (reader, end) = self.read_tokens(reader, decisions, &mut target);
        let has_detail = end >= 2;
        let has_any = has_detail || target.coefficients[first] != 0;
        residue.occupied |= u32::from(has_any) << index;
        residue.detailed |= u32::from(has_detail) << index;
        (reader, end)
    }

    /// Reads a block that is not part of a residue.
    #[inline(never)]
    fn read_alone(
        &self,
        reader: &mut BooleanReader<'_>,
        context: u32,
        coefficients: &mut [i16; 32],
    ) -> usize {
        let decisions = &self.positions[self.first][context as usize & 3];
        reader.fill_for(MOST_DECISIONS);
        if !reader.decide(decisions[0]) {
            return self.first;
        }
        let mut target = Target {
            coefficients,
            first: 0,
        };
        let (after, end) = self.read_tokens(*reader, decisions, &mut target);
        *reader = after;
        end
    }

    /// Reads the tokens of a block of which it is known that there are some, and returns the
    /// position behind the last one.
    #[inline(always)]
    fn read_tokens<'b>(
        &self,
        mut reader: BooleanReader<'b>,
        decisions: &Decisions,
        target: &mut Target<'_>,
    ) -> (BooleanReader<'b>, usize) {
        let mut position = self.first;
        let mut decisions = decisions;
        loop {
            while !reader.decide(decisions[1]) {
                position += 1;
                if position == 16 {
                    return (reader, 16);
                }
                decisions = &self.positions[position & 15][0];
                reader.fill_for(MOST_DECISIONS);
            }
            let mut value = 1;
            let mut context = 1;
            if reader.decide(decisions[2]) {
                (reader, value) = read_large(reader, decisions);
                context = 2;
            }
            let signed = reader.sign(value);
            let step = i32::from(self.step[usize::from(position > 0)]);
            target.put(position, (signed * step) as i16);
            position += 1;
            if position == 16 {
                return (reader, 16);
            }
            decisions = &self.positions[position & 15][context];
            reader.fill_for(MOST_DECISIONS);
            if !reader.decide(decisions[0]) {
                return (reader, position);
            }
        }
    }
}

/// Decisions that a token takes, but for the rest of a large one.
const MOST_DECISIONS: u32 = 4;

/// Reads a magnitude of 2 or more, and leaves enough in the window for a sign.
/// The reader is passed by value so that it stays in registers outside.
#[inline(never)]
fn read_large<'a>(
    mut reader: BooleanReader<'a>,
    decisions: &Decisions,
) -> (BooleanReader<'a>, i32) {
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
