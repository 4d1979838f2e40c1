//! The planes that a frame is decoded into: on request a fraction of its size,
//! so that a large picture for a small thumbnail never exists in full.

use std::slice::ChunksMut;

use thimble_picture::Plane;
use thimble_simd::{self as simd, Lanes};

use super::square::Square;

/// Samples a side that become one: 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// One: all samples are kept.
    None,
    /// The mean of two by two.
    Half,
    /// The mean of four by four.
    Quarter,
    /// The mean of eight by eight.
    Eighth,
}

impl Reduction {
    /// Samples a side that become one, as a power of two.
    fn log2(self) -> u32 {
        match self {
            Reduction::None => 0,
            Reduction::Half => 1,
            Reduction::Quarter => 2,
            Reduction::Eighth => 3,
        }
    }

    /// The strongest reduction that leaves at least `wanted` of `full` samples
    /// on both sides.
    #[must_use]
    pub fn down_to(wanted: (u32, u32), full: (u32, u32)) -> Reduction {
        let leaves_enough = |reduction: &Reduction| {
            let kept = |side: u32| side >> reduction.log2();
            kept(full.0) >= wanted.0 && kept(full.1) >= wanted.1
        };
        [Reduction::Eighth, Reduction::Quarter, Reduction::Half]
            .into_iter()
            .find(leaves_enough)
            .unwrap_or(Reduction::None)
    }

    /// Samples a side that become one.
    #[must_use]
    pub fn factor(self) -> usize {
        1 << self.log2()
    }
}

/// A plane that is filled from macroblocks, whole rows of them.
#[derive(Debug)]
pub(super) struct FramePlane {
    pub(super) width: usize,
    pub(super) samples: Vec<u8>,
    reduction: Reduction,
    /// Samples before the row of macroblocks that is being filled.
    before: usize,
}

impl FramePlane {
    /// An empty plane for macroblocks that are `width` samples wide and `height`
    /// samples high in all.
    pub(super) fn new(width: usize, height: usize, reduction: Reduction) -> Self {
        let factor = reduction.factor();
        FramePlane {
            width: width / factor,
            samples: Vec::with_capacity((width / factor) * (height / factor)),
            reduction,
            before: 0,
        }
    }

    /// Adds a row of macroblocks of `side` samples a side, to be filled.
    pub(super) fn begin_row(&mut self, side: usize) {
        self.before = self.samples.len();
        let added = side / self.reduction.factor() * self.width;
        self.samples.resize(self.before + added, 0);
    }

    /// Takes the last row of macroblocks away again.
    pub(super) fn drop_row(&mut self) {
        self.samples.truncate(self.before);
    }

    /// Fills the macroblock of a column of the last row.
    #[inline(always)]
    pub(super) fn put<const N: usize, const ROWS: usize>(
        &mut self,
        column: usize,
        square: &Square<N, ROWS>,
    ) {
        let start = self.before + column * (N / self.reduction.factor());
        let rows = self.samples[start..].chunks_mut(self.width);
        match self.reduction {
            Reduction::None => {
                for (index, row) in rows.enumerate() {
                    row[..N].copy_from_slice(square.row(index));
                }
            }
            Reduction::Half => reduce::<2, N, ROWS>(square, rows, four_of_two),
            Reduction::Quarter => reduce::<4, N, ROWS>(square, rows, two_of_four),
            Reduction::Eighth => reduce::<8, N, ROWS>(square, rows, one_of_eight),
        }
    }

    /// The plane of a picture of `size`, which has one sample of this kind for
    /// `step` pixels a side.
    pub(super) fn into_plane(self, size: (usize, usize), step: usize) -> Plane {
        let samples_of = |side: usize| side as f64 / (step * self.reduction.factor()) as f64;
        Plane {
            channels: 1,
            width: self.width,
            height: self.samples.len() / self.width,
            extent: (samples_of(size.0), samples_of(size.1)),
            samples: self.samples,
        }
    }
}

/// Fills rows with the means of squares of `FACTOR` by `FACTOR`, of which `means` makes as
/// many as there are in eight sums of columns.
#[inline(always)]
fn reduce<const FACTOR: usize, const N: usize, const ROWS: usize>(
    square: &Square<N, ROWS>,
    rows: ChunksMut<'_, u8>,
    means: impl Fn(Lanes) -> [u8; 4],
) {
    for (index, row) in rows.enumerate().take(N / FACTOR) {
        let means_from = |x: usize| {
            let rows = index * FACTOR..(index + 1) * FACTOR;
            let sums = rows.map(|row| square.eight(row, x));
            means(sums.fold(simd::splat_i16(0), simd::add_i16))
        };
        for (eight, made) in row[..N / FACTOR].chunks_mut(8 / FACTOR).enumerate() {
            made.copy_from_slice(&means_from(8 * eight)[..8 / FACTOR]);
        }
    }
}

/// Sums of each two of eight.
#[inline(always)]
fn sums_of_two(sums: Lanes) -> Lanes {
    simd::dot_i16(sums, simd::splat_i16(1))
}

/// The two sums of each four of eight.
#[inline(always)]
fn sums_of_four(sums: Lanes) -> [u32; 2] {
    let two = sums_of_two(sums);
    let four = simd::add_i32(simd::even_i32(two, two), simd::odd_i32(two, two));
    let both = simd::first_i64(four);
    [both as u32, (both >> 32) as u32]
}

#[inline(always)]
fn four_of_two(sums: Lanes) -> [u8; 4] {
    let rounded = simd::add_i32(sums_of_two(sums), simd::splat_i32(2));
    let words = simd::shift_right_i32::<2>(rounded);
    let words = simd::narrow_i32(words, words);
    (simd::first_i64(simd::narrow_i16(words, words)) as u32).to_le_bytes()
}

#[inline(always)]
fn two_of_four(sums: Lanes) -> [u8; 4] {
    let [a, b] = sums_of_four(sums).map(|sum| ((sum + 8) >> 4) as u8);
    [a, b, 0, 0]
}

#[inline(always)]
fn one_of_eight(sums: Lanes) -> [u8; 4] {
    let [a, b] = sums_of_four(sums);
    [((a + b + 32) >> 6) as u8, 0, 0, 0]
}
