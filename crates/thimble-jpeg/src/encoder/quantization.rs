//! Quantization tables, scaled by a quality.

use crate::zigzag::NATURAL;

/// Quantization steps, row by row.
pub(super) type Steps = [u8; 64];

/// Factors that quantize coefficients, column by column, for
/// coefficients with two fractional bits and products with 15.
pub(super) type Reciprocals = [i16; 64];

/// Quantization of luma (ITU-T T.81, table K.1), row by row.
pub(super) const LUMA_STEPS: Steps = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113,
    92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
];

/// Quantization of color differences (ITU-T T.81, table K.2), row by row.
pub(super) const CHROMA_STEPS: Steps = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
];

/// A table scaled by a quality from 1 to 100: as printed at 50, and by the law
/// that the Independent JPEG Group's encoder made common, so that qualities mean
/// what people expect.
pub(super) fn scaled(table: &Steps, quality: u8) -> Steps {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    table.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u8)
}

/// The reciprocals of a table's steps.
pub(super) fn reciprocals(steps: &Steps) -> Reciprocals {
    core::array::from_fn(|k| {
        let step = i16::from(steps[k % 8 * 8 + k / 8]);
        (8192 + step / 2) / step
    })
}

/// A table's steps in zigzag order, as they are transmitted.
pub(super) fn transmitted(steps: &Steps) -> [u8; 64] {
    NATURAL.map(|natural| steps[usize::from(natural)])
}
