//! From quality to quantization steps, and from coefficients to levels.

use super::pair::{self, Pair};
use crate::quantizer::{Deltas, Step, Steps};
use crate::tables::AC_STEPS;
use crate::transform::Block;
use thimble_simd as simd;

/// The quantizer index by quality. It is that of libwebp, so that a quality means
/// the same here and there: `127 * (1 - cbrt(c))`, where `c` is two thirds of the
/// quality up to 0.75, and rises to 1 from there.
const INDICES: [u8; 101] = [
    127, 103, 96, 92, 89, 86, 83, 81, 79, 77, 75, 73, 72, 70, 69, 68, 66, 65, 64, 63, 62, 61, 60,
    59, 58, 57, 56, 55, 54, 53, 52, 51, 51, 50, 49, 48, 48, 47, 46, 45, 45, 44, 43, 43, 42, 41, 41,
    40, 40, 39, 38, 38, 37, 37, 36, 36, 35, 35, 34, 33, 33, 32, 32, 31, 31, 30, 30, 29, 29, 28, 28,
    28, 27, 27, 26, 26, 24, 23, 22, 21, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
    3, 2, 1, 0, 0,
];

/// Distance of the quantizer index of the mean of color differences from the rest:
/// finer, since that is where an eye sees steps.
const CHROMA_DC_DELTA: i32 = -2;

/// Everything of a frame that follows from its quality. The lambdas say how many
/// units of squared error a bit may cost; their proportions are those of libwebp.
#[derive(Clone, Debug)]
pub(super) struct Quantizer {
    pub(super) index: u8,
    pub(super) deltas: Deltas,
    pub(super) steps: Steps,
    pub(super) luma: Matrix,
    pub(super) chroma: Matrix,
    pub(super) lambda_whole: u64,
    pub(super) lambda_subblock: u64,
    pub(super) lambda_chroma: u64,
    pub(super) lambda_mode: u64,
    /// Weight of a change of texture.
    pub(super) texture: u64,
}

/// Quantization of the blocks of a kind.
#[derive(Clone, Debug)]
pub(super) struct Matrix {
    /// For each row of a block, the reciprocal of each step in 32768ths, and what
    /// is added before rounding down.
    factors: [[i16; 8]; 4],
    /// Bias added to magnitudes, so that fine detail survives.
    sharpening: pair::Stored,
    steps: pair::Stored,
}

/// Sharpening of each coefficient, in 2048ths of its step.
const SHARPENING: [i16; 16] = [
    0, 30, 60, 90, 30, 60, 90, 90, 60, 90, 90, 90, 90, 90, 90, 90,
];

/// Bias of a coefficient, in 256ths of a step, before it is rounded down:
/// of the mean, and of the rest.
const LUMA_BIAS: [i16; 2] = [96, 110];
const SECOND_LUMA_BIAS: [i32; 2] = [96, 108];
const CHROMA_BIAS: [i16; 2] = [110, 115];

impl Quantizer {
    pub(super) fn new(quality: u8) -> Quantizer {
        let index = INDICES[usize::from(quality.min(100))];
        let deltas = Deltas {
            chroma: [CHROMA_DC_DELTA, 0],
            ..Deltas::default()
        };
        let steps = Steps::new(index.into(), deltas);
        let square = |[dc, ac]: Step| {
            let mean = (u64::from(dc.unsigned_abs()) + 15 * u64::from(ac.unsigned_abs()) + 8) >> 4;
            mean * mean
        };
        let luma = square(steps.luma);
        Quantizer {
            index,
            deltas,
            steps,
            luma: Matrix::new(steps.luma, LUMA_BIAS, true),
            chroma: Matrix::new(steps.chroma, CHROMA_BIAS, false),
            lambda_whole: 3 * square(steps.second_luma),
            lambda_subblock: ((3 * luma) >> 7).max(1),
            lambda_chroma: ((3 * square(steps.chroma)) >> 6).max(1),
            lambda_mode: (luma >> 7).max(1),
            texture: (50 * luma.isqrt()) >> 5,
        }
    }

    /// The level of the loop filter.
    pub(super) fn filter_level(&self) -> u8 {
        let step = AC_STEPS[usize::from(self.index)] >> 2;
        let level = step.min(63) * 300 / 256;
        if level < 2 { 0 } else { level.min(63) as u8 }
    }

    /// Quantizes the block of the DC coefficients of luma, and says what will be
    /// read for it.
    pub(super) fn second_luma(&self, coefficients: &Block) -> (Block, Block) {
        let (mut levels, mut read) = ([0; 16], [0; 16]);
        for (index, &coefficient) in coefficients.iter().enumerate() {
            let kind = usize::from(index > 0);
            let step = i32::from(self.steps.second_luma[kind]);
            let magnitude = i32::from(coefficient).abs() * 256 + SECOND_LUMA_BIAS[kind] * step;
            let level = (magnitude / (256 * step)).min(2047) * i32::from(coefficient).signum();
            levels[index] = level as i16;
            read[index] = (level * step) as i16;
        }
        (levels, read)
    }
}

impl Matrix {
    fn new(step: Step, bias: [i16; 2], sharpens: bool) -> Matrix {
        let mut matrix = Matrix {
            factors: [[0; 8]; 4],
            sharpening: [[0; 8]; 4],
            steps: [[0; 8]; 4],
        };
        for (index, sharpening) in SHARPENING.into_iter().enumerate() {
            let kind = usize::from(index > 0);
            let (row, column) = (index / 4, index % 4);
            let of_block = i32::from(step[kind]);
            matrix.factors[row][2 * column] = ((32_768 + of_block / 2) / of_block) as i16;
            matrix.factors[row][2 * column + 1] = bias[kind] << 7;
            for column in [column, column + 4] {
                matrix.steps[row][column] = step[kind];
                if sharpens {
                    let sharpening = i32::from(sharpening) * of_block;
                    matrix.sharpening[row][column] = (sharpening >> 11) as i16;
                }
            }
        }
        matrix
    }

    /// The levels of two blocks, and the coefficients that will be read for them.
    #[inline(always)]
    pub(super) fn quantize(&self, coefficients: &Pair) -> (Pair, Pair) {
        let (zero, one) = (simd::splat_i16(0), simd::splat_i16(1));
        let (sharpening, steps) = (pair::load(&self.sharpening), pair::load(&self.steps));
        let mut levels = *coefficients;
        let mut read = *coefficients;
        for row in 0..4 {
            let value = coefficients[row];
            let sign = simd::shift_right_i16::<15>(value);
            let sign = simd::add_i16(simd::add_i16(sign, sign), one);
            let magnitude = simd::max_i16(value, simd::subtract_i16(zero, value));
            let magnitude = simd::add_i16(magnitude, sharpening[row]);
            let factors = simd::load_i16(&self.factors[row]);
            let divide = |lanes| simd::shift_right_i32::<15>(simd::dot_i16(lanes, factors));
            let level = simd::narrow_i32(
                divide(simd::interleave_low_i16(magnitude, one)),
                divide(simd::interleave_high_i16(magnitude, one)),
            );
            levels[row] = simd::multiply_i16(level, sign);
            read[row] = simd::multiply_i16(levels[row], steps[row]);
        }
        (levels, read)
    }
}
