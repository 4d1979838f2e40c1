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
const EVEN_LUMA_STEPS: Steps = [
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

/// Tables for coefficients that are chosen. Those of luma look as [`tables`] of
/// the same quality do.
pub(super) fn even_tables(quality: u8) -> [Steps; 2] {
    let percent = percent(quality);
    [
        scaled(&EVEN_LUMA_STEPS, even_percent(percent)),
        scaled(&CHROMA_STEPS, percent),
    ]
}

fn percent(quality: u8) -> u32 {
    let quality = u32::from(quality.clamp(1, 100));
    if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    }
}

/// Percent of [`EVEN_LUMA_STEPS`] that show as much as so many of [`LUMA_STEPS`]: the
/// same structural similarity, or a little more, as measured with photographs.
fn even_percent(percent: u32) -> u32 {
    let after = EVEN_PERCENT.iter().position(|(known, _)| *known >= percent);
    let after = after.unwrap_or(EVEN_PERCENT.len() - 1).max(1);
    let ((x0, y0), (x1, y1)) = (EVEN_PERCENT[after - 1], EVEN_PERCENT[after]);
    y0 + (percent.min(x1) - x0) * (y1 - y0) / (x1 - x0)
}

/// Percents of both tables, between which there are straight lines.
const EVEN_PERCENT: [(u32, u32); 11] = [
    (0, 0),
    (10, 19),
    (20, 33),
    (40, 52),
    (60, 67),
    (80, 78),
    (125, 98),
    (250, 145),
    (500, 225),
    (1000, 390),
    (5000, 1600),
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
    reciprocals: Block,
}

impl Quantizer {
    pub(super) fn new(steps: &Steps) -> Self {
        let step = |k: usize| i16::from(steps[k % 8 * 8 + k / 8]);
        Quantizer {
            steps: core::array::from_fn(|k| 4 * step(k)),
            reciprocals: core::array::from_fn(|k| (8192 + step(k) / 2) / step(k)),
        }
    }

    /// Quantize coefficients, rounding to the nearest. Says which are not zero: a bit for
    /// each, in the order of the block.
    #[inline(always)]
    pub(super) fn quantize(&self, coefficients: &[Lanes; 8], block: &mut Block) -> u64 {
        self.divide(coefficients, |_, value| value, block)
    }

    /// The same, but what has less than a certain magnitude becomes zero.
    #[inline(always)]
    pub(super) fn quantize_from(
        &self,
        coefficients: &[Lanes; 8],
        least: &Block,
        block: &mut Block,
    ) -> u64 {
        let zero = simd::splat_i16(0);
        let (least, _) = least.as_chunks::<8>();
        let kept = |k: usize, value: Lanes| {
            let magnitude = simd::max_i16(value, simd::subtract_i16(zero, value));
            let is_less = simd::greater_i16(simd::load_i16(&least[k]), magnitude);
            simd::select(is_less, zero, value)
        };
        self.divide(coefficients, kept, block)
    }

    #[inline(always)]
    fn divide(
        &self,
        coefficients: &[Lanes; 8],
        kept: impl Fn(usize, Lanes) -> Lanes,
        block: &mut Block,
    ) -> u64 {
        let (factors, _) = self.reciprocals.as_chunks::<8>();
        let quantized: [Lanes; 8] = core::array::from_fn(|k| {
            let factor = simd::load_i16(&factors[k]);
            simd::multiply_q15(kept(k, coefficients[k]), factor)
        });
        let (targets, _) = block.as_chunks_mut::<8>();
        for (value, target) in quantized.iter().zip(targets) {
            simd::store_i16(*value, target);
        }
        let zeros = |k: usize| u64::from(simd::zeros_i16(quantized[2 * k], quantized[2 * k + 1]));
        !(zeros(0) | zeros(1) << 16 | zeros(2) << 32 | zeros(3) << 48)
    }
}
