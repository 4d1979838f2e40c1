//! The choice of coefficients: those that cost more bits than they show are dropped.
//!
//! A trellis over the coefficients of a block that are not zero, after Crouse and
//! Ramchandran, "Joint thresholding and quantizer selection for transform image
//! coding" (IEEE Transactions on Image Processing 6, 1997): of every way to keep some of
//! them, the one with the least sum of squared error and weighted bits. Bits are those
//! of the tables of T.81, annex K. The weight of a bit grows with the energy of the
//! block, as in mozjpeg: where much is going on, errors are seen less. Structural
//! similarity says the same, which divides an error by the variance around it.
//!
//! DC coefficients stay as they are: their errors are seen as edges of blocks. A
//! coefficient of more than one step is never dropped, so that the paths that are
//! compared begin there anew.

use super::forward::Block;
use super::huffman::Table;
use super::quantization::Quantizer;
use super::symbols::{CLASSES, Class, category, in_zigzag, place};
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
/// steps: 6 hundredths.
const WEIGHT: (i64, i64) = (6, 100);

/// The heaviest weight, with which no sum of costs overflows.
const HEAVIEST: i64 = 1 << 20;

/// Zigzag indices whose steps say how coarse a table is.
const LOWEST: core::ops::Range<usize> = 1..10;

/// A coefficient that shows less than so many bits are worth is dropped at once.
const LEAST_BITS: i32 = 1;

/// A coefficient that shows more than so many bits are worth is never dropped.
const MOST_BITS: i32 = 12;

/// Facts of a component that are the same for all its blocks.
#[derive(Debug)]
pub(super) struct Chooser {
    /// Bits of an AC symbol with the bits behind it, by symbol.
    bits: Box<[i32; 256]>,
    /// Bits of a coefficient of one step, by the zeros before it.
    bits_of_one: [i32; 64],
    /// Weight of a bit, and least magnitudes of coefficients, by the energy of the block.
    energies: Vec<(i32, Block)>,
}

/// Ways through a block: for each coefficient that may be kept the best one to it. The
/// first is the DC coefficient.
struct Ways {
    count: usize,
    /// Zigzag indices.
    indices: [u8; 64],
    /// Coefficient that is kept before this one.
    before: [u8; 64],
    /// Least cost, without the error of what is dropped: that of dropping all up to
    /// this one is taken off instead.
    costs: [i32; 64],
    /// Bits of those that have to be kept.
    must: u64,
    /// Bits of those that are kept one step smaller.
    smaller: u64,
}

impl Chooser {
    /// A chooser for blocks that are quantized with some steps; `chroma` for color
    /// differences.
    pub(super) fn new(quantizer: &Quantizer, chroma: bool) -> Self {
        let mut codes = [0; CLASSES];
        let class = Class::ac(chroma);
        Table::usual(class).assign(&mut codes[class.start()..][..256]);
        let bits: [i32; 256] = core::array::from_fn(|symbol| {
            let code = codes[class.start() + symbol] & 0xFF;
            (code as usize + symbol % 16) as i32
        });
        let bits_of_one = core::array::from_fn(|run| bits_of(&bits, run, 1));
        let squares = LOWEST.map(|index| i64::from(quantizer.steps[place(index)]).pow(2));
        let mean = squares.sum::<i64>() / LOWEST.len() as i64;
        // With some fractional bits, or a low weight would not grow.
        let mut exact = mean * WEIGHT.0 * 256 / WEIGHT.1;
        let weights = core::iter::repeat_with(|| {
            let weight = (exact / 256).min(HEAVIEST) as i32;
            exact = exact * GROWTH / 1024;
            weight
        });
        let energies = weights.take(ENERGIES);
        Chooser {
            bits: Box::new(bits),
            bits_of_one,
            energies: energies
                .map(|weight| (weight, least(quantizer, weight)))
                .collect(),
        }
    }

    /// Quantize coefficients, drop some, and make some smaller by a step. Says in zigzag
    /// order which are left.
    #[inline(always)]
    pub(super) fn quantize(
        &self,
        coefficients: &[Lanes; 8],
        quantizer: &Quantizer,
        block: &mut Block,
    ) -> u64 {
        let mut exact = [0; 64];
        let (columns, _) = exact.as_chunks_mut::<8>();
        for (column, target) in coefficients.iter().zip(columns) {
            simd::store_i16(*column, target);
        }
        let (weight, least) = &self.energies[energy(coefficients, exact[0])];
        let nonzero = in_zigzag(quantizer.quantize_from(coefficients, least, block));
        if nonzero & !1 == 0 {
            return nonzero;
        }
        let mut ways = Ways::new();
        let mut left = nonzero & !1;
        while left != 0 {
            let index = left.trailing_zeros() as usize;
            left &= left - 1;
            let step = i32::from(quantizer.steps[place(index)]);
            let level = i32::from(block[place(index)].unsigned_abs());
            let rest = i32::from(exact[place(index)].unsigned_abs()) - level * step;
            // Growth of the squared error with one step less.
            let loss = step * (step + 2 * rest);
            if level == 1 {
                self.one(&mut ways, index, *weight, loss);
            } else {
                self.more(&mut ways, index, *weight, (level, loss));
            }
        }
        let last = ways.last(weight * self.bits[0]);
        ways.keep(last, nonzero, block)
    }

    /// Add a coefficient of one step.
    #[inline(always)]
    fn one(&self, ways: &mut Ways, index: usize, weight: i32, loss: i32) {
        let mut best = (i32::MAX, 0);
        let mut number = ways.count;
        loop {
            number -= 1;
            let run = index - 1 - usize::from(ways.indices[number % 64]);
            let cost = ways.costs[number % 64] + weight * self.bits_of_one[run % 64];
            if cost < best.0 {
                best = (cost, number);
            }
            if number == 0 || ways.must >> number & 1 == 1 {
                break;
            }
        }
        let must = loss > weight * MOST_BITS;
        ways.push(index, best.1, best.0 - loss, must);
    }

    /// Add a coefficient of several steps, which has to be kept.
    fn more(&self, ways: &mut Ways, index: usize, weight: i32, (level, loss): (i32, i32)) {
        let category = category(level) as usize;
        // One step less has a shorter category for a power of two only.
        let shorter = level & (level - 1) == 0;
        let mut best = (i32::MAX, 0, false);
        let mut number = ways.count;
        loop {
            number -= 1;
            let run = index - 1 - usize::from(ways.indices[number % 64]);
            let before = ways.costs[number % 64];
            let cost = before + weight * bits_of(&self.bits, run, category);
            if cost < best.0 {
                best = (cost, number, false);
            }
            if shorter {
                let cost = before + weight * bits_of(&self.bits, run, category - 1) + loss;
                if cost < best.0 {
                    best = (cost, number, true);
                }
            }
            if number == 0 || ways.must >> number & 1 == 1 {
                break;
            }
        }
        ways.smaller |= u64::from(best.2) << ways.count;
        ways.push(index, best.1, best.0, true);
    }
}

impl Ways {
    fn new() -> Self {
        Ways {
            count: 1,
            indices: [0; 64],
            before: [0; 64],
            costs: [0; 64],
            must: 1,
            smaller: 0,
        }
    }

    #[inline(always)]
    fn push(&mut self, index: usize, before: usize, cost: i32, must: bool) {
        let here = self.count % 64;
        self.indices[here] = index as u8;
        self.before[here] = before as u8;
        self.costs[here] = cost;
        self.must |= u64::from(must) << here;
        self.count += 1;
    }

    /// The last coefficient that is kept, if the end of the block costs so much.
    fn last(&self, end: i32) -> usize {
        let mut best = (i32::MAX, 0);
        let first = 63 - self.must.leading_zeros() as usize;
        for number in (first..self.count).rev() {
            let end = if self.indices[number] < 63 { end } else { 0 };
            if self.costs[number] + end < best.0 {
                best = (self.costs[number] + end, number);
            }
        }
        best.1
    }

    /// Keep what is on the way to the last coefficient, and nothing else. Says which
    /// coefficients are left.
    fn keep(&self, last: usize, nonzero: u64, block: &mut Block) -> u64 {
        let mut kept = nonzero & 1;
        let mut number = last;
        while number > 0 {
            let index = usize::from(self.indices[number]);
            kept |= 1 << index;
            if self.smaller >> number & 1 == 1 {
                let level = &mut block[place(index)];
                *level -= level.signum();
            }
            number = self.before[number].into();
        }
        let mut dropped = nonzero & !kept;
        while dropped != 0 {
            block[place(dropped.trailing_zeros() as usize)] = 0;
            dropped &= dropped - 1;
        }
        kept
    }
}

/// Bits of a coefficient of a category, behind so many zeros.
#[inline(always)]
fn bits_of(bits: &[i32; 256], run: usize, category: usize) -> i32 {
    bits[(run % 16) << 4 | (category % 16)] + (run / 16) as i32 * bits[0xF0]
}

/// The magnitudes below which coefficients are dropped at once, in a block where a bit
/// weighs so much.
fn least(quantizer: &Quantizer, weight: i32) -> Block {
    core::array::from_fn(|k| {
        let step = i32::from(quantizer.steps[k]);
        let least = (weight * LEAST_BITS / step + step) / 2;
        if k == 0 {
            0
        } else {
            least.min(step + step / 2) as i16
        }
    })
}

/// Entry for the energy of a block: the sum of the squares of its AC coefficients.
#[inline(always)]
fn energy(coefficients: &[Lanes; 8], dc: i16) -> usize {
    let squares = coefficients
        .iter()
        .map(|column| simd::dot_i16(*column, *column));
    let sums = squares.fold(simd::splat_i32(0), simd::add_i32);
    let sums = simd::add_i32(sums, simd::interleave_high_i64(sums, sums));
    let sums = simd::first_i64(sums);
    let whole = (sums as u32).wrapping_add((sums >> 32) as u32);
    let direct = i32::from(dc).pow(2) as u32;
    let energy = whole.saturating_sub(direct).saturating_add(LEAST_ENERGY);
    let octave = energy.ilog2();
    let quarter = energy >> (octave - 2) & 3;
    ((4 * (octave - LEAST_ENERGY_BITS) + quarter) as usize).min(ENERGIES - 1)
}
