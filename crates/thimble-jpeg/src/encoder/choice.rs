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
use super::quantization::{Quantizer, which_are_zero};
use super::symbols::{CLASSES, Class, in_zigzag, place};
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

/// Facts of a component that are the same for all its blocks.
#[derive(Debug)]
pub(super) struct Chooser {
    /// Bits of a coefficient of one step, and of one of two, by the zeros before it.
    bits: [[u8; 64]; 2],
    /// Bits of the end of a block.
    end: i32,
    /// Weights by the energy of the block.
    weights: Vec<Weight>,
}

/// Weight of a bit.
#[derive(Debug)]
struct Weight {
    /// Squared error that is worth a bit.
    error: i32,
    /// Difference that a bit makes to the magnitude from which on a coefficient is worth
    /// its bits, in 16ths; four steps at most. None for the DC coefficient.
    differences: Block,
}

/// Coefficients at the same place in all columns, as vectors.
struct Doubt {
    step: Lanes,
    half: Lanes,
    magnitude: Lanes,
    /// Magnitude above half a step, up to one and a half, in 16ths.
    above: Lanes,
    /// Those of [`Weight::differences`].
    bit: Lanes,
}

/// A block whose doubtful coefficients are being looked at. Sets of them are bits in zigzag
/// order.
struct Judge<'a> {
    chooser: &'a Chooser,
    steps: &'a Block,
    magnitudes: &'a Block,
    weight: i32,
    doubtful: u64,
    /// Those to be kept in any case, and the DC coefficient.
    certain: u64,
}

impl Chooser {
    /// A chooser for blocks that are quantized with some steps; `chroma` for color
    /// differences.
    pub(super) fn new(quantizer: &Quantizer, chroma: bool) -> Self {
        let mut codes = [0; CLASSES];
        let class = Class::ac(chroma);
        Table::usual(class).assign(&mut codes[class.start()..][..256]);
        let code = |symbol: usize| codes[class.start() + symbol] & 0xFF;
        let bits_of = |category: usize, run: usize| {
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
        let worths = quantizer.steps.map(|step| (8 << 16) / i64::from(step));
        let weight = |exact: i64| {
            let mut differences = core::array::from_fn(|k| {
                let difference = (exact * worths[k]) >> (16 + FRACTION);
                difference.min(4 * i64::from(quantizer.steps[k])) as i16
            });
            differences[0] = 0;
            Weight {
                error: (exact >> FRACTION) as i32,
                differences,
            }
        };
        Chooser {
            bits: [1, 2].map(|category| core::array::from_fn(|run| bits_of(category, run))),
            end: code(0) as i32,
            weights: grown.iter().map(|exact| weight(*exact)).collect(),
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
        let (nonzero, doubtful) = divide(
            coefficients,
            quantizer,
            &weight.differences,
            &mut magnitudes,
            block,
        );
        let doubtful = doubtful & nonzero & !1;
        let nonzero = in_zigzag(nonzero);
        if doubtful == 0 {
            return nonzero;
        }
        let doubtful = in_zigzag(doubtful);
        let judge = Judge {
            chooser: self,
            steps: &quantizer.steps,
            magnitudes: &magnitudes,
            weight: weight.error,
            doubtful,
            certain: nonzero & !doubtful | 1,
        };
        judge.kept() & nonzero
    }
}

/// Quantize coefficients as far as they are certain. Says which are not zero, and which
/// are doubtful if they are not zero: a bit for each, in the order of the block.
#[inline(always)]
fn divide(
    coefficients: &[Lanes; 8],
    quantizer: &Quantizer,
    differences: &Block,
    magnitudes: &mut Block,
    block: &mut Block,
) -> (u64, u64) {
    let (steps, _) = quantizer.steps.as_chunks::<8>();
    let (factors, _) = quantizer.reciprocals.as_chunks::<8>();
    let (differences, _) = differences.as_chunks::<8>();
    let (magnitudes, _) = magnitudes.as_chunks_mut::<8>();
    let (targets, _) = block.as_chunks_mut::<8>();
    let zero = simd::splat_i16(0);
    let columns: [(Lanes, Lanes); 8] = core::array::from_fn(|k| {
        let value = coefficients[k];
        let magnitude = simd::max_i16(value, simd::subtract_i16(zero, value));
        simd::store_i16(magnitude, &mut magnitudes[k]);
        let (step, bit) = (simd::load_i16(&steps[k]), simd::load_i16(&differences[k]));
        let doubt = Doubt::new(magnitude, step, bit);
        let level = doubt.level(simd::load_i16(&factors[k]));
        let negative = simd::subtract_i16(zero, level);
        let level = simd::select(simd::greater_i16(zero, value), negative, level);
        simd::store_i16(level, &mut targets[k]);
        (level, doubt.is_certain())
    });
    let nonzero = !which_are_zero(&columns.map(|(level, _)| level));
    let doubtful = which_are_zero(&columns.map(|(_, certain)| certain));
    (nonzero, doubtful)
}

impl Doubt {
    #[inline(always)]
    fn new(magnitude: Lanes, step: Lanes, bit: Lanes) -> Self {
        let half = simd::shift_right_i16::<1>(step);
        let double = simd::add_i16(step, step);
        let above = simd::subtract_i16(simd::min_i16(magnitude, double), half);
        Doubt {
            step,
            half,
            magnitude,
            above: simd::multiply_i16(above, simd::splat_i16(16)),
            bit,
        }
    }

    /// Steps in the magnitudes, if `factor` divides by one. There are none in what shows less
    /// than half a bit is worth. A power of two is made smaller, which saves a bit behind
    /// the symbol and some of the symbol itself, if the error is worth less than two bits.
    #[inline(always)]
    fn level(&self, factor: Lanes) -> Lanes {
        let (zero, one) = (simd::splat_i16(0), simd::splat_i16(1));
        let and = |a, b| simd::select(a, b, zero);
        let half_bit = simd::shift_right_i16::<1>(self.bit);
        let is_less = simd::greater_i16(half_bit, self.above);
        let level = simd::multiply_q15(simd::select(is_less, zero, self.magnitude), factor);
        let steps = simd::multiply_i16(level, self.step);
        let error = simd::subtract_i16(simd::add_i16(self.magnitude, self.half), steps);
        let error = simd::multiply_i16(error, simd::splat_i16(16));
        let bound = simd::add_i16(self.bit, self.bit);
        let others = and(level, simd::subtract_i16(level, one));
        let is_power = and(
            simd::greater_i16(one, others),
            simd::greater_i16(level, one),
        );
        simd::add_i16(level, and(is_power, simd::greater_i16(bound, error)))
    }

    /// Not zero for what shows more than [`MOST_BITS`] are worth, or has several steps.
    #[inline(always)]
    fn is_certain(&self) -> Lanes {
        let double = simd::add_i16(self.step, self.step);
        let most = simd::min_i16(self.bit, double);
        let most = simd::multiply_i16(most, simd::splat_i16(MOST_BITS));
        let most = simd::min_i16(most, simd::multiply_i16(self.step, simd::splat_i16(16)));
        let is_less = simd::greater_i16(most, self.above);
        simd::select(is_less, simd::splat_i16(0), simd::splat_i16(1))
    }
}

impl Judge<'_> {
    /// The coefficients that are kept, a bit for each.
    #[inline(always)]
    fn kept(&self) -> u64 {
        let last = 63 - self.certain.leading_zeros();
        let after = u64::MAX << last;
        self.ended(
            self.between(self.doubtful & !after),
            last,
            self.doubtful & after,
        )
    }

    /// Looks at doubtful coefficients that have a certain one behind them.
    #[inline(always)]
    fn between(&self, doubtful: u64) -> u64 {
        let mut kept = self.certain;
        let mut left = doubtful;
        while left != 0 {
            let index = left.trailing_zeros();
            left &= left - 1;
            let last = 63 - (kept & ((1 << index) - 1)).leading_zeros();
            let next = (left | self.certain & u64::MAX << index).trailing_zeros();
            let more = (self.certain >> next & 1) as usize;
            let with = self.bits(0, last, index) + self.bits(more, index, next);
            let saved = with - self.bits(more, last, next);
            kept |= u64::from(self.shown(index) >= self.weight * saved) << index;
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
            let here = cost + self.weight * self.bits(0, last, index) - self.shown(index);
            let all = here + if index < 63 { end } else { 0 };
            best = if all < best.0 { (all, with) } else { best };
            if left == 0 {
                break;
            }
            let next = left.trailing_zeros();
            let saved = self.bits(0, index, next) - self.bits(0, last, next);
            if here + self.weight * saved <= cost {
                (kept, last, cost) = (with, index, here);
            }
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

    /// Bits of a coefficient of one step, or of `more`, that follows another one.
    #[inline(always)]
    fn bits(&self, more: usize, last: u32, index: u32) -> i32 {
        self.chooser.bits[more % 2][(index - last - 1) as usize % 64].into()
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
