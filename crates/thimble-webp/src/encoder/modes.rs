//! Modes of prediction: what they cost, and how they are written (RFC 6386,
//! sections 11 and 19.3).

use super::boolean_writer::BooleanWriter;
use super::entropy::bits;
use crate::modes::{BlockMode, LumaMode, SubblockMode};
use crate::probabilities::BLOCK_MODES;

/// Every mode of a whole macroblock.
pub(super) const WHOLE: [BlockMode; 4] = [
    BlockMode::Mean,
    BlockMode::TrueMotion,
    BlockMode::Vertical,
    BlockMode::Horizontal,
];

/// Every mode of a 4x4 block, in the order of its discriminants.
pub(super) const SUBBLOCK: [SubblockMode; 10] = [
    SubblockMode::Mean,
    SubblockMode::TrueMotion,
    SubblockMode::Vertical,
    SubblockMode::Horizontal,
    SubblockMode::LeftDown,
    SubblockMode::RightDown,
    SubblockMode::VerticalRight,
    SubblockMode::VerticalLeft,
    SubblockMode::HorizontalDown,
    SubblockMode::HorizontalUp,
];

/// The modes that were chosen for a macroblock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub(super) luma: LumaMode,
    pub(super) chroma: BlockMode,
    /// True if it has no coefficients.
    pub(super) is_empty: bool,
}

/// Cost of saying that subblocks have modes of their own.
pub(super) fn cost_of_subblocks() -> u32 {
    bits(false, 145)
}

/// Cost of a mode of the luma of a macroblock.
pub(super) fn cost_of_luma(mode: BlockMode) -> u32 {
    let mut cost = bits(true, 145);
    walk_luma(mode, |decision, probability| {
        cost += bits(decision, probability)
    });
    cost
}

/// Cost of a mode of chroma.
pub(super) fn cost_of_chroma(mode: BlockMode) -> u32 {
    let mut cost = 0;
    walk_chroma(mode, |decision, probability| {
        cost += bits(decision, probability)
    });
    cost
}

/// Costs of the modes of a 4x4 block, by the modes above and to the left.
pub(super) type SubblockCosts = [[[u16; 10]; 10]; 10];

pub(super) fn costs_of_subblock() -> Box<SubblockCosts> {
    let mut costs = Box::new([[[0; 10]; 10]; 10]);
    for (costs, chances) in costs.iter_mut().zip(&BLOCK_MODES) {
        for (costs, chances) in costs.iter_mut().zip(chances) {
            for (cost, mode) in costs.iter_mut().zip(SUBBLOCK) {
                walk_subblock(mode, |decision, index| {
                    *cost += bits(decision, chances[index]) as u16
                });
            }
        }
    }
    costs
}

/// Writes the modes of a macroblock; `above` and `left` are those of the 4x4
/// blocks around it and become its own.
pub(super) fn write(
    writer: &mut BooleanWriter,
    chosen: &Chosen,
    above: &mut [SubblockMode; 4],
    left: &mut [SubblockMode; 4],
) {
    match chosen.luma {
        LumaMode::Whole(mode) => {
            writer.put(true, 145);
            walk_luma(mode, |decision, probability| {
                writer.put(decision, probability)
            });
            *above = [mode.of_subblocks(); 4];
            *left = *above;
        }
        LumaMode::Subblocks(modes) => {
            writer.put(false, 145);
            for (modes, left) in modes.as_chunks::<4>().0.iter().zip(left) {
                for (&mode, above) in modes.iter().zip(above.iter_mut()) {
                    let chances = &BLOCK_MODES[*above as usize][*left as usize];
                    walk_subblock(mode, |decision, index| writer.put(decision, chances[index]));
                    (*above, *left) = (mode, mode);
                }
            }
        }
    }
    walk_chroma(chosen.chroma, |decision, probability| {
        writer.put(decision, probability)
    });
}

fn walk_luma(mode: BlockMode, mut visit: impl FnMut(bool, u8)) {
    let is_directed = matches!(mode, BlockMode::TrueMotion | BlockMode::Horizontal);
    visit(is_directed, 156);
    if is_directed {
        visit(mode == BlockMode::TrueMotion, 128);
    } else {
        visit(mode == BlockMode::Vertical, 163);
    }
}

fn walk_chroma(mode: BlockMode, mut visit: impl FnMut(bool, u8)) {
    visit(mode != BlockMode::Mean, 142);
    if mode != BlockMode::Mean {
        visit(mode != BlockMode::Vertical, 114);
        if mode != BlockMode::Vertical {
            visit(mode == BlockMode::TrueMotion, 183);
        }
    }
}

/// Goes down the tree of modes, with the index of each decision's probability.
fn walk_subblock(mode: SubblockMode, mut visit: impl FnMut(bool, usize)) {
    use SubblockMode as Mode;
    let path: &[(bool, usize)] = match mode {
        Mode::Mean => &[],
        Mode::TrueMotion => &[(false, 1)],
        Mode::Vertical => &[(true, 1), (false, 2)],
        Mode::Horizontal => &[(true, 1), (true, 2), (false, 3), (false, 4)],
        Mode::RightDown => &[(true, 1), (true, 2), (false, 3), (true, 4), (false, 5)],
        Mode::VerticalRight => &[(true, 1), (true, 2), (false, 3), (true, 4), (true, 5)],
        Mode::LeftDown => &[(true, 1), (true, 2), (true, 3), (false, 6)],
        Mode::VerticalLeft => &[(true, 1), (true, 2), (true, 3), (true, 6), (false, 7)],
        Mode::HorizontalDown => &[
            (true, 1),
            (true, 2),
            (true, 3),
            (true, 6),
            (true, 7),
            (false, 8),
        ],
        Mode::HorizontalUp => &[
            (true, 1),
            (true, 2),
            (true, 3),
            (true, 6),
            (true, 7),
            (true, 8),
        ],
    };
    visit(mode != Mode::Mean, 0);
    for &(decision, index) in path {
        visit(decision, index);
    }
}
