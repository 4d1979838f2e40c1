//! Quantization (ITU-T T.81, A.3.4): tables scaled by a quality, and coefficients
//! divided by their steps.

use super::forward::Block;
use crate::zigzag::NATURAL;
use thimble_simd::{self as simd, Lanes};

/// Quantization steps, row by row.
pub(super) type Steps = [u8; 64];

/// Quantization of luma (ITU-T T.81, table K.1), row by row.
const LUMA_STEPS: Steps = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// Steps that grow with the distance from the DC coefficient, by a fifth of its own
/// step for each frequency: high frequencies are kept nearly as well as low ones, and
/// what they are not worth is left to the choice of coefficients.
const EVEN_STEPS: Steps = [
    11, 14, 16, 18, 21, 23, 25, 27, 14, 15, 16, 19, 21, 23, 25, 28, 16, 16, 18, 20, 22, 24, 26, 28,
    18, 19, 20, 21, 23, 25, 27, 29, 21, 21, 22, 23, 24, 26, 28, 30, 23, 23, 24, 25, 26, 28, 29, 31,
    25, 25, 26, 27, 28, 29, 31, 32, 27, 28, 28, 29, 30, 31, 32, 34,
];

/// Quantization of color differences (ITU-T T.81, table K.2), row by row.
const CHROMA_STEPS: Steps = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// Tables of luma and of color differences for a quality from 1 to 100: as printed
/// at 50, and by the law that the Independent JPEG Group's encoder made common, so that
/// qualities mean what people expect.
pub(super) fn tables(quality: u8) -> [Steps; 2] {
    [&LUMA_STEPS, &CHROMA_STEPS].map(|table| scaled(table, percent(quality)))
}

/// Tables for coefficients that are chosen, which look as [`tables`] of the same quality
/// do.
pub(super) fn even_tables(quality: u8) -> [Steps; 2] {
    even_percents(percent(quality)).map(|percent| scaled(&EVEN_STEPS, percent))
}

fn percent(quality: u8) -> u32 {
    let quality = u32::from(quality.clamp(1, 100));
    if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    }
}

/// Percents of [`EVEN_STEPS`], for luma and for color differences, that show as much as so
/// many of the tables of T.81: the same structural similarity of each plane, or a little
/// more, as measured with photographs.
fn even_percents(percent: u32) -> [u32; 2] {
    let after = EVEN_PERCENTS
        .iter()
        .position(|(known, _)| *known >= percent);
    let after = after.unwrap_or(EVEN_PERCENTS.len() - 1).max(1);
    let ((x0, low), (x1, high)) = (EVEN_PERCENTS[after - 1], EVEN_PERCENTS[after]);
    let between = |low, high| low + (percent.min(x1) - x0) * (high - low) / (x1 - x0);
    [between(low[0], high[0]), between(low[1], high[1])]
}

/// Percents of the tables of T.81, and those that go with them. Between them there are
/// straight lines.
const EVEN_PERCENTS: [(u32, [u32; 2]); 14] = [
    (0, [0, 0]),
    (10, [19, 34]),
    (20, [36, 58]),
    (30, [49, 74]),
    (40, [63, 87]),
    (50, [73, 97]),
    (60, [82, 109]),
    (80, [96, 129]),
    (100, [109, 152]),
    (125, [124, 177]),
    (250, [184, 304]),
    (500, [289, 615]),
    (1000, [600, 1080]),
    (5000, [897, 1631]),
];

fn scaled(table: &Steps, percent: u32) -> Steps {
    table.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u8)
}

/// A table's steps in zigzag order, as they are transmitted.
pub(super) fn transmitted(steps: &Steps) -> [u8; 64] {
    NATURAL.map(|natural| steps[usize::from(natural)])
}

/// Divides coefficients by their steps. Everything is in the order of a [`Block`].
#[derive(Debug)]
pub(super) struct Quantizer {
    /// Four times the steps: coefficients have two fractional bits.
    pub(super) steps: Block,
    /// Factors for coefficients with two fractional bits and products with 15.
    pub(super) reciprocals: Block,
    /// Least magnitudes of which a step is left.
    pub(super) least: Block,
}

impl Quantizer {
    pub(super) fn new(steps: &Steps) -> Self {
        let step = |k: usize| i16::from(steps[k % 8 * 8 + k / 8]);
        let reciprocals: Block = core::array::from_fn(|k| (8192 + step(k) / 2) / step(k));
        Quantizer {
            steps: core::array::from_fn(|k| 4 * step(k)),
            reciprocals,
            least: reciprocals.map(|factor| ((1 << 14) + factor - 1) / factor),
        }
    }

    /// Quantize coefficients, rounding to the nearest. Says which are not zero: a bit for
    /// each, in the order of the block.
    #[inline(always)]
    pub(super) fn quantize(&self, coefficients: &[Lanes; 8], block: &mut Block) -> u64 {
        let (factors, _) = self.reciprocals.as_chunks::<8>();
        let quantized: [Lanes; 8] = core::array::from_fn(|k| {
            simd::multiply_q15(coefficients[k], simd::load_i16(&factors[k]))
        });
        let (targets, _) = block.as_chunks_mut::<8>();
        for (value, target) in quantized.iter().zip(targets) {
            simd::store_i16(*value, target);
        }
        !which_are_zero(&quantized)
    }
}

/// A bit for each number that is zero, in the order of a [`Block`].
#[inline(always)]
fn which_are_zero(columns: &[Lanes; 8]) -> u64 {
    let zeros = |k: usize| u64::from(simd::zeros_i16(columns[2 * k], columns[2 * k + 1]));
    zeros(0) | zeros(1) << 16 | zeros(2) << 32 | zeros(3) << 48
}
