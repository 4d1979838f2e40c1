//! The choice of coefficients: those that cost more bits than they show are dropped.
//!
//! After Crouse and Ramchandran, "Joint thresholding and quantizer selection for
//! transform image coding" (IEEE Transactions on Image Processing 6, 1997), where a
//! trellis finds the way through a block with the least sum of squared error and weighted
//! bits. Here a coefficient is judged once the next one is known: nearly all of what the
//! trellis finds, for a fraction of its time. Bits are those of the tables of T.81, annex
//! K. The weight of a bit grows with the energy of the block, as in mozjpeg: where much is
//! going on, errors are seen less. Structural similarity says the same, which divides an
//! error by the variance around it.
//!
//! Vectors divide and compare. Most coefficients are certain by then: those of several
//! steps are kept, though a step smaller where that saves a bit and shows little, and so
//! are those of one step that show much; those that show hardly anything are dropped. The
//! doubtful ones are looked at one by one.
//!
//! DC coefficients stay as they are: their errors are seen as edges of blocks.

use super::forward::Block;
use super::huffman::Table;
use super::quantization::Quantizer;
use super::symbols::{CLASSES, Class, in_zigzag, place};
use core::hint::select_unpredictable;
use thimble_simd::{self as simd, Lanes};

/// The energy below which a bit weighs the same in every block: that of samples
/// with a standard deviation of about 5.7.
const LEAST_ENERGY: u32 = 1 << LEAST_ENERGY_BITS;
const LEAST_ENERGY_BITS: u32 = 15;

/// Entries of a table by energy: four for each doubling.
const ENERGIES: usize = 40;

/// Growth of the weight from one entry to the next, in 1024ths: the 0.7th power of
/// the energy.
const GROWTH: i64 = 1156;

/// Weight of a bit in a block of the least energy, over the mean square of the lowest
/// steps, in 1000ths.
const WEIGHT: i64 = 39;

/// Fractional bits of a weight that is still growing.
const FRACTION: u32 = 8;

/// The heaviest weight, which a quality of 50 comes up to: with the steps of lower ones, a
/// heavier one would wash out all that is busy.
const HEAVIEST: i64 = 20_000;

/// Zigzag indices whose steps say how coarse a table is.
const LOWEST: core::ops::Range<usize> = 1..10;

/// A coefficient of one step that shows more than so many bits are worth is kept.
const MOST_BITS: i16 = 12;

/// Facts that are the same for all blocks that are quantized with the same steps.
#[derive(Debug)]
pub(super) struct Chooser {
    /// Bits of a coefficient of one step, and of one of two, by the distance from the one
    /// before.
    bits: [[u8; 64]; 2],
    /// Bits of the end of a block.
    end: i32,
    /// Weights by the energy of the block.
    weights: Vec<Weight>,
}

/// Weight of a bit, and bounds of magnitudes that follow from it.
#[derive(Debug)]
struct Weight {
    /// Squared error that is worth a bit.
    error: i32,
    /// Least magnitude of a coefficient that is not dropped at once.
    least: Block,
    /// Least magnitude of a coefficient that is kept in any case; none for the DC coefficient.
    certain: Block,
    /// Half a step without the error that is worth two bits.
    slack: Block,
}

/// Coefficients of a block, a vector for each column, and what divides them.
struct Division<'a> {
    coefficients: &'a [Lanes; 8],
    quantizer: &'a Quantizer,
    weight: &'a Weight,
}

/// A block whose doubtful coefficients are being looked at. Sets of them are bits in zigzag
/// order.
struct Judge<'a> {
    chooser: &'a Chooser,
    steps: &'a Block,
    magnitudes: &'a Block,
    weight: i32,
}

impl Weight {
    /// The weight of a bit that is worth an error of `exact`, with fractional bits.
    fn new(exact: i64, worths: &[i64; 64], quantizer: &Quantizer) -> Self {
        let steps = &quantizer.steps;
        // Difference that a bit makes to the magnitude from which on a coefficient is
        // worth its bits, in 16ths; four steps at most.
        let differences: Block = core::array::from_fn(|k| {
            let difference = (exact * worths[k]) >> (16 + FRACTION);
            difference.min(4 * i64::from(steps[k])) as i16
        });
        // Steps are multiples of four.
        let half = |k: usize| steps[k] / 2;
        let least = |k: usize| {
            let worth = half(k) + (differences[k] / 2 + 15) / 16;
            worth.max(quantizer.least[k])
        };
        let certain = |k: usize| {
            let most = differences[k].min(2 * steps[k]) * MOST_BITS;
            half(k) + (most.min(16 * steps[k]) + 15) / 16
        };
        let mut weight = Weight {
            error: (exact >> FRACTION) as i32,
            least: core::array::from_fn(least),
            certain: core::array::from_fn(certain),
            slack: core::array::from_fn(|k| half(k) - (differences[k] + 7) / 8),
        };
        // Rounded, and nothing else.
        weight.certain[0] = 0;
        weight
    }
}

impl Chooser {
    /// A chooser for blocks that are quantized with some steps; `chroma` for color
    /// differences.
    pub(super) fn new(quantizer: &Quantizer, chroma: bool) -> Self {
        let mut codes = [0; CLASSES];
        let class = Class::ac(chroma);
        Table::usual(class).assign(&mut codes[class.start()..][..256]);
        let code = |symbol: usize| codes[class.start() + symbol] & 0xFF;
        let bits_of = |category: usize, distance: usize| {
            let run = distance.saturating_sub(1);
            let zeros = run / 16 * code(0xF0) as usize;
            (zeros + code((run % 16) << 4 | category) as usize + category) as u8
        };
        let squares = LOWEST.map(|index| i64::from(quantizer.steps[place(index)]).pow(2));
        let mean = squares.sum::<i64>() / LOWEST.len() as i64;
        let mut exact = ((mean * WEIGHT) << FRACTION) / 1000;
        let grown = [(); ENERGIES].map(|()| {
            let weight = exact;
            exact = (exact * GROWTH / 1024).min(HEAVIEST << FRACTION);
            weight
        });
        // Reciprocals, because to divide takes long.
        let mut worths = quantizer.steps.map(|step| (8 << 16) / i64::from(step));
        worths[0] = 0;
        let weights = grown.iter();
        let weights = weights.map(|exact| Weight::new(*exact, &worths, quantizer));
        Chooser {
            bits: [1, 2].map(|category| core::array::from_fn(|k| bits_of(category, k))),
            end: code(0) as i32,
            weights: weights.collect(),
        }
    }

    /// Quantize coefficients, and drop some. Says in zigzag order which are left; what the
    /// block has in other places means nothing.
    #[inline(always)]
    pub(super) fn quantize(
        &self,
        coefficients: &[Lanes; 8],
        quantizer: &Quantizer,
        block: &mut Block,
    ) -> u64 {
        let weight = &self.weights[energy(coefficients)];
        let mut magnitudes = [0; 64];
        let division = Division {
            coefficients,
            quantizer,
            weight,
        };
        let (zero, doubtful) = division.all(&mut magnitudes, block);
        // The next block is told from it, whether it is zero or not.
        if zero & 1 == 1 {
            block[0] = 0;
        }
        let doubtful = doubtful & !zero;
        let nonzero = in_zigzag(!zero);
        if doubtful == 0 {
            return nonzero;
        }
        let doubtful = in_zigzag(doubtful);
        let judge = Judge {
            chooser: self,
            steps: &quantizer.steps,
            magnitudes: &magnitudes,
            weight: weight.error,
        };
        judge.kept(nonzero & !doubtful | 1, doubtful)
    }
}

impl Division<'_> {
    /// Quantize coefficients as far as they are certain. Says which are dropped at once, and
    /// which are doubtful or dropped: a bit for each, in the order of the block.
    #[inline(always)]
    fn all(&self, magnitudes: &mut Block, block: &mut Block) -> (u64, u64) {
        // No loop, in which vectors would have to go to memory.
        let join = |(a, b): (u64, u64), (c, d): (u64, u64)| (a | c, b | d);
        let half = join(
            self.pair::<0>(magnitudes, block),
            self.pair::<1>(magnitudes, block),
        );
        let more = join(half, self.pair::<2>(magnitudes, block));
        join(more, self.pair::<3>(magnitudes, block))
    }

    /// The same for two columns.
    #[inline(always)]
    fn pair<const PAIR: usize>(&self, magnitudes: &mut Block, block: &mut Block) -> (u64, u64) {
        let (magnitudes, _) = magnitudes.as_chunks_mut::<8>();
        let (targets, _) = block.as_chunks_mut::<8>();
        let (quantizer, weight) = (self.quantizer, self.weight);
        let [a, b] = [2 * PAIR, 2 * PAIR + 1].map(|k| {
            let at = |block: &Block| simd::load_i16(&block.as_chunks::<8>().0[k]);
            let value = self.coefficients[k];
            let magnitude = simd::max_i16(value, simd::subtract_i16(simd::splat_i16(0), value));
            simd::store_i16(magnitude, &mut magnitudes[k]);
            let level = simd::multiply_q15(magnitude, at(&quantizer.reciprocals));
            let level = reduced(level, magnitude, at(&quantizer.steps), at(&weight.slack));
            let sign = simd::shift_right_i16::<15>(value);
            let level = simd::subtract_i16(simd::exclusive_or(level, sign), sign);
            simd::store_i16(level, &mut targets[k]);
            let is_below = |bound| simd::greater_i16(at(bound), magnitude);
            (is_below(&weight.least), is_below(&weight.certain))
        });
        let bits = |a, b| u64::from(simd::negative_i16(a, b)) << (16 * PAIR);
        (bits(a.0, b.0), bits(a.1, b.1))
    }
}

/// Levels of which a power of two is made smaller, which saves a bit behind the symbol and
/// some of the symbol itself, if the error is worth less than two bits.
#[inline(always)]
fn reduced(level: Lanes, magnitude: Lanes, step: Lanes, slack: Lanes) -> Lanes {
    let less = simd::add_i16(level, simd::splat_i16(-1));
    // A level without its lowest bit is at least half of it, or nothing if it is a power.
    let others = simd::and(level, less);
    let is_power = simd::greater_i16(less, simd::add_i16(others, others));
    let steps = simd::multiply_i16(level, step);
    let is_near = simd::greater_i16(steps, simd::add_i16(magnitude, slack));
    simd::add_i16(level, simd::and(is_power, is_near))
}

impl Judge<'_> {
    /// The coefficients that are kept: those that are certain, and some of the doubtful.
    #[inline(always)]
    fn kept(&self, certain: u64, doubtful: u64) -> u64 {
        let last = certain.ilog2();
        let after = u64::MAX << last;
        self.ended(
            self.between(certain, doubtful & !after),
            last,
            doubtful & after,
        )
    }

    /// Looks at doubtful coefficients that have a certain one behind them.
    #[inline(always)]
    fn between(&self, certain: u64, doubtful: u64) -> u64 {
        let (mut kept, mut left) = (certain, doubtful);
        while left != 0 {
            let here = left & left.wrapping_neg();
            left ^= here;
            let index = here.trailing_zeros();
            let before = index - (kept & (here - 1) | 1).ilog2();
            let next = (left | certain & here.wrapping_neg()).trailing_zeros();
            let (behind, more) = (next - index, (certain >> next & 1) as usize);
            let with = self.bits(0, before) + self.bits(more, behind);
            let saved = with - self.bits(more, before + behind);
            let is_kept = self.shown(index) >= self.weight * saved;
            kept |= select_unpredictable(is_kept, here, 0);
        }
        kept
    }

    /// Looks at doubtful coefficients behind the `last` certain one, and for the best end.
    #[inline(always)]
    fn ended(&self, kept: u64, last: u32, doubtful: u64) -> u64 {
        let end = self.weight * self.chooser.end;
        let (mut kept, mut last, mut cost) = (kept, last, 0);
        let mut best = (end, kept);
        let mut left = doubtful;
        while left != 0 {
            let index = left.trailing_zeros();
            left &= left - 1;
            let with = kept | 1 << index;
            let here = cost + self.weight * self.bits(0, index - last) - self.shown(index);
            let all = here + if index < 63 { end } else { 0 };
            best = if all < best.0 { (all, with) } else { best };
            if left == 0 {
                break;
            }
            let next = left.trailing_zeros();
            let saved = self.bits(0, next - index) - self.bits(0, next - last);
            let is_kept = here + self.weight * saved <= cost;
            kept = select_unpredictable(is_kept, with, kept);
            last = select_unpredictable(is_kept, index, last);
            cost = select_unpredictable(is_kept, here, cost);
        }
        best.1
    }

    /// Growth of the squared error if a coefficient of one step is dropped.
    #[inline(always)]
    fn shown(&self, index: u32) -> i32 {
        let k = place(index as usize);
        let step = i32::from(self.steps[k]);
        step * (2 * i32::from(self.magnitudes[k]) - step)
    }

    /// Bits of a coefficient of one step, or of `more`, at a distance from another one.
    #[inline(always)]
    fn bits(&self, more: usize, distance: u32) -> i32 {
        self.chooser.bits[more % 2][distance as usize % 64].into()
    }
}

/// Entry for the energy of a block: the sum of the squares of its AC coefficients.
#[inline(always)]
fn energy(coefficients: &[Lanes; 8]) -> usize {
    let squares = coefficients
        .iter()
        .map(|column| simd::dot_i16(*column, *column));
    let sums = squares.fold(simd::splat_i32(0), simd::add_i32);
    let sums = simd::add_i32(sums, simd::interleave_high_i64(sums, sums));
    let sums = simd::first_i64(sums);
    let whole = (sums as u32).wrapping_add((sums >> 32) as u32);
    let dc = simd::first_i64(coefficients[0]) as i16;
    let direct = i32::from(dc).pow(2) as u32;
    let energy = whole.saturating_sub(direct).saturating_add(LEAST_ENERGY);
    let octave = energy.ilog2();
    let quarter = energy >> (octave - 2) & 3;
    ((4 * (octave - LEAST_ENERGY_BITS) + quarter) as usize).min(ENERGIES - 1)
}
