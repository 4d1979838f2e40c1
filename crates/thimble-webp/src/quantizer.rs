//! Quantization steps (RFC 6386, sections 9.6 and 14.1).

use super::tables::{AC_STEPS, DC_STEPS};

/// Steps of the DC coefficient and of the others of a block.
pub(super) type Step = [i16; 2];

/// The steps of all kinds of blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) luma: Step,
    /// Of the block that holds the DC coefficients of luma.
    pub(super) second_luma: Step,
    pub(super) chroma: Step,
}

/// Distances of quantizer indices from that of the AC coefficients of luma.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Deltas {
    pub(super) y_dc: i32,
    pub(super) y2_dc: i32,
    pub(super) y2_ac: i32,
    pub(super) chroma_dc: i32,
    pub(super) chroma_ac: i32,
}

impl Steps {
    /// The steps for a quantizer index, which may be out of its range.
    pub(super) fn new(quantizer: i32, deltas: Deltas) -> Steps {
        let index = |delta: i32| (quantizer + delta).clamp(0, 127) as usize;
        let dc = |delta: i32| i16::from(DC_STEPS[index(delta)]);
        let ac = |delta: i32| AC_STEPS[index(delta)];
        let y2_ac = i32::from(ac(deltas.y2_ac)) * 155 / 100;
        Steps {
            luma: [dc(deltas.y_dc), ac(0)],
            second_luma: [dc(deltas.y2_dc) * 2, y2_ac.max(8) as i16],
            chroma: [dc(deltas.chroma_dc).min(132), ac(deltas.chroma_ac)],
        }
    }
}
