//! Prediction from the samples around a block (RFC 6386, sections 12.2 and
//! 12.3): decoder and encoder do it alike to the bit.

use super::modes::{BlockMode, SubblockMode};

/// Samples around a square block of `N` samples a side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<const N: usize> {
    pub(super) above: [u8; N],
    pub(super) left: [u8; N],
    pub(super) corner: u8,
    /// True for a macroblock above, and for one to the left. Without one, `above` is
    /// all 127 and `left` is all 129.
    pub(super) exist: (bool, bool),
}

/// Predicts a whole macroblock of luma (16) or chroma (8).
pub(super) fn predict_block<const N: usize>(
    mode: BlockMode,
    around: &Surroundings<N>,
) -> [[u8; N]; N] {
    match mode {
        BlockMode::Mean => [[mean(around); N]; N],
        BlockMode::Vertical => [around.above; N],
        BlockMode::Horizontal => around.left.map(|left| [left; N]),
        BlockMode::TrueMotion => around.left.map(|left| {
            let slope = i16::from(left) - i16::from(around.corner);
            around
                .above
                .map(|above| (i16::from(above) + slope).clamp(0, 255) as u8)
        }),
    }
}

/// The mean of what exists around the block, or the middle of the range.
fn mean<const N: usize>(around: &Surroundings<N>) -> u8 {
    let sum = |samples: &[u8; N]| samples.iter().map(|&sample| u32::from(sample)).sum::<u32>();
    let n = N as u32;
    let mean = match around.exist {
        (true, true) => (sum(&around.above) + sum(&around.left) + n) / (2 * n),
        (true, false) => (sum(&around.above) + n / 2) / n,
        (false, true) => (sum(&around.left) + n / 2) / n,
        (false, false) => 128,
    };
    mean as u8
}

/// The samples around a 4x4 block, from the lowest on the left by the corner
/// (index 4) to the eighth above: four of them lie above the block to the right.
pub(super) type Edge = [u8; 13];

/// Predicts a 4x4 block.
pub(super) fn predict_subblock(mode: SubblockMode, edge: &Edge) -> [[u8; 4]; 4] {
    predict_with(mode, edge, || taps(edge))
}

/// Predicts a 4x4 block in each of some modes.
pub(super) fn predict_subblocks<const N: usize>(
    modes: &[SubblockMode; N],
    edge: &Edge,
) -> [[[u8; 4]; 4]; N] {
    let taps = taps(edge);
    modes.map(|mode| predict_with(mode, edge, || taps))
}

#[inline(always)]
fn predict_with(mode: SubblockMode, edge: &Edge, taps: impl Fn() -> Taps) -> [[u8; 4]; 4] {
    let pick = |choice: &[[usize; 4]; 4]| {
        let taps = taps();
        choice.map(|row| row.map(|tap| taps[tap]))
    };
    match mode {
        SubblockMode::Mean => subblock_mean(edge),
        SubblockMode::TrueMotion => subblock_true_motion(edge),
        SubblockMode::Vertical => pick(&[[s(5), s(6), s(7), s(8)]; 4]),
        SubblockMode::Horizontal => pick(&[[s(3); 4], [s(2); 4], [s(1); 4], [s(0); 4]]),
        SubblockMode::LeftDown => pick(&LEFT_DOWN),
        SubblockMode::RightDown => pick(&RIGHT_DOWN),
        SubblockMode::VerticalRight => pick(&VERTICAL_RIGHT),
        SubblockMode::VerticalLeft => pick(&VERTICAL_LEFT),
        SubblockMode::HorizontalDown => pick(&HORIZONTAL_DOWN),
        SubblockMode::HorizontalUp => pick(&HORIZONTAL_UP),
    }
}

fn subblock_mean(edge: &Edge) -> [[u8; 4]; 4] {
    let [l3, l2, l1, l0, _, a0, a1, a2, a3, ..] = edge.map(u16::from);
    let sum = l0 + l1 + l2 + l3 + a0 + a1 + a2 + a3;
    [[((sum + 4) >> 3) as u8; 4]; 4]
}

fn subblock_true_motion(edge: &Edge) -> [[u8; 4]; 4] {
    let [l3, l2, l1, l0, corner, a0, a1, a2, a3, ..] = edge.map(i16::from);
    [l0, l1, l2, l3]
        .map(|left| [a0, a1, a2, a3].map(|above| (left + above - corner).clamp(0, 255) as u8))
}

/// The mean of sample `index` of an edge and the next, as an index of taps.
const fn m(index: usize) -> usize {
    index
}

/// Sample `index` of an edge smoothed by both of its neighbors (a missing one
/// is the sample itself), as an index of taps.
const fn s(index: usize) -> usize {
    12 + index
}

/// The lowest sample on the left as it is.
const LOWEST: usize = 25;

const LEFT_DOWN: [[usize; 4]; 4] = [
    [s(6), s(7), s(8), s(9)],
    [s(7), s(8), s(9), s(10)],
    [s(8), s(9), s(10), s(11)],
    [s(9), s(10), s(11), s(12)],
];

const RIGHT_DOWN: [[usize; 4]; 4] = [
    [s(4), s(5), s(6), s(7)],
    [s(3), s(4), s(5), s(6)],
    [s(2), s(3), s(4), s(5)],
    [s(1), s(2), s(3), s(4)],
];

const VERTICAL_RIGHT: [[usize; 4]; 4] = [
    [m(4), m(5), m(6), m(7)],
    [s(4), s(5), s(6), s(7)],
    [s(3), m(4), m(5), m(6)],
    [s(2), s(4), s(5), s(6)],
];

const VERTICAL_LEFT: [[usize; 4]; 4] = [
    [m(5), m(6), m(7), m(8)],
    [s(6), s(7), s(8), s(9)],
    [m(6), m(7), m(8), s(10)],
    [s(7), s(8), s(9), s(11)],
];

const HORIZONTAL_DOWN: [[usize; 4]; 4] = [
    [m(3), s(4), s(5), s(6)],
    [m(2), s(3), m(3), s(4)],
    [m(1), s(2), m(2), s(3)],
    [m(0), s(1), m(1), s(2)],
];

const HORIZONTAL_UP: [[usize; 4]; 4] = [
    [m(2), s(2), m(1), s(1)],
    [m(1), s(1), m(0), s(0)],
    [m(0), s(0), LOWEST, LOWEST],
    [LOWEST; 4],
];

/// Samples of an edge, smoothed in each way that a prediction uses.
type Taps = [u8; 26];

#[inline(always)]
fn taps(edge: &Edge) -> Taps {
    let mut padded = [0_u16; 15];
    for (padded, &sample) in padded[1..14].iter_mut().zip(edge) {
        *padded = u16::from(sample);
    }
    padded[0] = padded[1];
    padded[14] = padded[13];
    let mut taps = [0_u8; 26];
    for i in 0..12 {
        taps[m(i)] = ((padded[i + 1] + padded[i + 2] + 1) >> 1) as u8;
    }
    for i in 0..13 {
        taps[s(i)] = ((padded[i] + 2 * padded[i + 1] + padded[i + 2] + 2) >> 2) as u8;
    }
    taps[LOWEST] = edge[0];
    taps
}
