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
    /// Of the DC coefficients of luma.
    pub(super) luma_dc: i32,
    /// Of the DC and AC coefficients of the second luma block.
    pub(super) second_luma: [i32; 2],
    /// Of the DC and AC coefficients of chroma.
    pub(super) chroma: [i32; 2],
}

impl Steps {
    /// The steps for a quantizer index, which may be out of its range.
    pub(super) fn new(quantizer: i32, deltas: Deltas) -> Steps {
        let index = |delta: i32| (quantizer + delta).clamp(0, 127) as usize;
        let dc = |delta: i32| i16::from(DC_STEPS[index(delta)]);
        let ac = |delta: i32| AC_STEPS[index(delta)];
        let [second_dc, second_ac] = deltas.second_luma;
        let [chroma_dc, chroma_ac] = deltas.chroma;
        let second_ac = i32::from(ac(second_ac)) * 155 / 100;
        Steps {
            luma: [dc(deltas.luma_dc), ac(0)],
            second_luma: [dc(second_dc) * 2, second_ac.max(8) as i16],
            chroma: [dc(chroma_dc).min(132), ac(chroma_ac)],
        }
    }
}
