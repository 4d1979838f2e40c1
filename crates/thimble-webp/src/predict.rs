//! Prediction from the samples around a block (RFC 6386, sections 12.2 and
//! 12.3): decoder and encoder do it alike to the bit.

use thimble_simd as simd;

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
#[inline(always)]
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

/// Samples around a 4x4 block, eight to a word and the first lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    /// Above, from the left: four of them lie above the block to the right.
    above: u64,
    /// To the left, from the top.
    left: u64,
    corner: u64,
}

/// The rows of a 4x4 block, the first sample of each lowest.
pub(super) type Rows = [u32; 4];

impl Edge {
    #[inline(always)]
    pub(super) fn new(above: &[u8; 8], corner: u8, left: [u8; 4]) -> Edge {
        Edge {
            above: u64::from_le_bytes(*above),
            left: u32::from_le_bytes(left).into(),
            corner: corner.into(),
        }
    }

    /// The corner, then the samples above.
    #[inline(always)]
    fn corner_and_above(self) -> u64 {
        self.corner | self.above << 8
    }

    /// From the lowest on the left by the corner to the third above.
    #[inline(always)]
    fn around_corner(self) -> u64 {
        let left = u64::from((self.left as u32).swap_bytes());
        left | self.corner_and_above() << 32
    }

    /// The samples from the second to the eighth of those around the corner, smoothed.
    #[inline(always)]
    fn smooth_around_corner(self) -> u64 {
        let around = self.around_corner();
        let fourth = self.above >> 24 & 0xff;
        smooth(around, around >> 8, around >> 16 | fourth << 48)
    }

    /// The samples above from the second on, smoothed; beyond the last it is repeated.
    #[inline(always)]
    fn smooth_above(self) -> u64 {
        let last = self.above >> 56;
        smooth(self.above, self.above >> 8, self.above >> 16 | last << 48)
    }
}

/// Predicts a 4x4 block.
#[inline(always)]
pub(super) fn predict_subblock(mode: SubblockMode, edge: &Edge) -> Rows {
    match mode {
        SubblockMode::Mean => subblock_mean(edge),
        SubblockMode::TrueMotion => subblock_true_motion(edge),
        SubblockMode::Vertical => {
            let row = smooth(edge.corner_and_above(), edge.above, edge.above >> 8);
            [row as u32; 4]
        }
        SubblockMode::Horizontal => {
            let lowest = edge.left >> 24;
            let corner_and_left = edge.corner | edge.left << 8;
            let column = smooth(corner_and_left, edge.left, edge.left >> 8 | lowest << 24);
            [0, 8, 16, 24].map(|shift| repeated(column >> shift))
        }
        SubblockMode::LeftDown => {
            let smooth = edge.smooth_above();
            [0, 8, 16, 24].map(|shift| (smooth >> shift) as u32)
        }
        SubblockMode::RightDown => {
            let smooth = edge.smooth_around_corner();
            [24, 16, 8, 0].map(|shift| (smooth >> shift) as u32)
        }
        SubblockMode::VerticalRight => {
            let means = mean_up(edge.corner_and_above(), edge.above) as u32;
            let smooth = edge.smooth_around_corner();
            let above = (smooth >> 24) as u32;
            let after = |row: u32, first: u64| row << 8 | (first & 0xff) as u32;
            let (third, fourth) = (after(means, smooth >> 16), after(above, smooth >> 8));
            [means, above, third, fourth]
        }
        SubblockMode::VerticalLeft => {
            let means = mean_up(edge.above, edge.above >> 8) as u32;
            let smooth = edge.smooth_above();
            let before = |row: u32, last: u64| row >> 8 | (last as u32) << 24;
            let (third, fourth) = (
                before(means, smooth >> 32),
                before(smooth as u32, smooth >> 40),
            );
            [means, smooth as u32, third, fourth]
        }
        SubblockMode::HorizontalDown => {
            let around = edge.around_corner();
            let smooth = edge.smooth_around_corner();
            let both = interleaved(mean_up(around, around >> 8), smooth);
            let first = both >> 48 | smooth >> 32 << 16;
            [first, both >> 32, both >> 16, both].map(|row| row as u32)
        }
        SubblockMode::HorizontalUp => {
            let (left, lowest) = (edge.left, edge.left >> 24);
            let means = mean_up(left, left >> 8);
            let smooth = smooth(left, left >> 8, left >> 16 | lowest << 16);
            let both = interleaved(means, smooth) & 0xffff_ffff_ffff;
            let both = both | (lowest | lowest << 8) << 48;
            let last = repeated(lowest);
            [both as u32, (both >> 16) as u32, (both >> 32) as u32, last]
        }
    }
}

/// Predicts a 4x4 block in each of some modes.
pub(super) fn predict_subblocks<const N: usize>(
    modes: &[SubblockMode; N],
    edge: &Edge,
) -> [[[u8; 4]; 4]; N] {
    modes.map(|mode| predict_subblock(mode, edge).map(u32::to_le_bytes))
}

#[inline(always)]
fn subblock_mean(edge: &Edge) -> Rows {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let eight = edge.above & u64::from(u32::MAX) | edge.left << 32;
    let pairs = (eight & EVEN) + (eight >> 8 & EVEN);
    let sum = pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48;
    [repeated((sum + 4) >> 3); 4]
}

#[inline(always)]
fn subblock_true_motion(edge: &Edge) -> Rows {
    let above = edge.above & u64::from(u32::MAX);
    let above = simd::load_widened(&(above | above << 32).to_le_bytes());
    let slope = simd::subtract_i16(above, simd::splat_i16(edge.corner as i16));
    let two = |left: u64| {
        let rows = u64::from(repeated(left)) | u64::from(repeated(left >> 8)) << 32;
        simd::add_i16(simd::load_widened(&rows.to_le_bytes()), slope)
    };
    let mut samples = [0; 16];
    let rows = simd::narrow_i16(two(edge.left), two(edge.left >> 16));
    simd::store_u8(rows, &mut samples);
    let (rows, _) = samples.as_chunks::<4>();
    core::array::from_fn(|row| u32::from_le_bytes(rows[row]))
}

/// The lowest sample, four times.
#[inline(always)]
fn repeated(sample: u64) -> u32 {
    (sample as u8 as u32) * 0x0101_0101
}

/// All bits of a sample but the lowest, of eight.
const UPPER: u64 = 0xfefe_fefe_fefe_fefe;

/// The mean of each two samples, rounded up.
#[inline(always)]
fn mean_up(a: u64, b: u64) -> u64 {
    (a | b) - (((a ^ b) & UPPER) >> 1)
}

/// The mean of each two samples, rounded down.
#[inline(always)]
fn mean_down(a: u64, b: u64) -> u64 {
    (a & b) + (((a ^ b) & UPPER) >> 1)
}

/// `(a + 2 * b + c + 2) / 4` of each three samples.
#[inline(always)]
fn smooth(a: u64, b: u64, c: u64) -> u64 {
    mean_up(b, mean_down(a, c))
}

/// The first four samples of `a` and of `b`, by turns.
#[inline(always)]
fn interleaved(a: u64, b: u64) -> u64 {
    let spread = |x: u64| {
        let x = (x & 0xffff) | (x & 0xffff_0000) << 16;
        (x | x << 8) & 0x00ff_00ff_00ff_00ff
    };
    spread(a) | spread(b) << 8
}
