//! A macroblock under construction, with the samples around it that prediction looks at.
//!
//! Its size is fixed, so that no access needs a check, and it stays in the cache.

use thimble_simd::{self as simd, Lanes};

use super::pair::Pair;
use super::predict::{Edge, Rows, Surroundings};

/// Bytes of a row: some to the left, the samples, and four more above to the right.
const STRIDE: usize = 32;

/// Column of the first sample.
const FIRST: usize = 8;

/// The two pairs of rows of the residue of a 4x4 block.
pub(super) type RowPairs = [Lanes; 2];

/// One plane of a macroblock of `N` samples a side: the row above it, then its own, of which
/// there are `ROWS` in all.
#[derive(Clone, Debug)]
pub(super) struct Square<const N: usize, const ROWS: usize> {
    rows: [[u8; STRIDE]; ROWS],
}

/// Luma of a macroblock.
pub(super) type LumaSquare = Square<16, 17>;

/// A color difference of a macroblock.
pub(super) type ChromaSquare = Square<8, 9>;

impl<const N: usize, const ROWS: usize> Square<N, ROWS> {
    pub(super) fn new() -> Self {
        Square {
            rows: [[0; STRIDE]; ROWS],
        }
    }

    /// Goes to the left of the first macroblock of a row.
    pub(super) fn begin(&mut self, is_first_row: bool) {
        for row in &mut self.rows {
            row[FIRST + N - 1] = 129;
        }
        self.rows[0][FIRST + N - 1] = if is_first_row { 127 } else { 129 };
    }

    /// Goes on to the next macroblock, below some samples.
    #[inline(always)]
    pub(super) fn advance(&mut self, above: &[u8; N]) {
        for row in &mut self.rows {
            row[FIRST - 1] = row[FIRST + N - 1];
        }
        self.rows[0][FIRST..FIRST + N].copy_from_slice(above);
    }

    /// Samples around the macroblock.
    #[inline(always)]
    pub(super) fn around(&self, exist: (bool, bool)) -> Surroundings<N> {
        let mut around = Surroundings {
            above: [0; N],
            left: [0; N],
            corner: self.rows[0][FIRST - 1],
            exist,
        };
        around
            .above
            .copy_from_slice(&self.rows[0][FIRST..FIRST + N]);
        for (left, row) in around.left.iter_mut().zip(&self.rows[1..]) {
            *left = row[FIRST - 1];
        }
        around
    }

    /// Fills the macroblock.
    #[inline(always)]
    pub(super) fn fill(&mut self, samples: &[[u8; N]; N]) {
        for (row, samples) in self.rows[1..].iter_mut().zip(samples) {
            row[FIRST..FIRST + N].copy_from_slice(samples);
        }
    }

    /// Adds the residue of the two blocks at (`x`, `y`).
    #[inline(always)]
    pub(super) fn add(&mut self, (x, y): (usize, usize), residue: &Pair) {
        for (row, &residue) in self.rows[1 + y..].iter_mut().zip(residue) {
            if let Some(samples) = row[FIRST + x..].first_chunk_mut() {
                let sum = simd::add_i16(simd::load_widened(samples), residue);
                *samples = simd::first_i64(simd::narrow_i16(sum, sum)).to_le_bytes();
            }
        }
    }

    /// The last row of the macroblock.
    #[inline(always)]
    pub(super) fn last(&self) -> [u8; N] {
        let mut last = [0; N];
        last.copy_from_slice(&self.rows[ROWS - 1][FIRST..FIRST + N]);
        last
    }

    /// A row of the macroblock.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.rows[1 + row][FIRST..FIRST + N]
    }

    /// Eight samples of a row from column `x` on, widened.
    #[inline(always)]
    pub(super) fn eight(&self, row: usize, x: usize) -> Lanes {
        let samples = self.rows[1 + row][FIRST + x..].first_chunk();
        simd::load_widened(samples.unwrap_or(&[0; 8]))
    }
}

impl LumaSquare {
    /// Sets the four samples above to the right of the macroblock, which are those of all its
    /// rightmost blocks.
    #[inline(always)]
    pub(super) fn set_above_right(&mut self, samples: [u8; 4]) {
        for row in self.rows.iter_mut().step_by(4) {
            row[FIRST + 16..FIRST + 20].copy_from_slice(&samples);
        }
    }

    /// Samples around the 4x4 block at (`x`, `y`).
    #[inline(always)]
    pub(super) fn edge(&self, (x, y): (usize, usize)) -> Edge {
        let (above, rows) = (&self.rows[y], &self.rows[y + 1..]);
        let eight = above[FIRST + x..].first_chunk().unwrap_or(&[0; 8]);
        let mut left = [0; 4];
        for (left, row) in left.iter_mut().zip(rows) {
            *left = row[FIRST + x - 1];
        }
        Edge::new(eight, above[FIRST + x - 1], left)
    }

    /// Fills the 4x4 block at (`x`, `y`).
    #[inline(always)]
    pub(super) fn put(&mut self, (x, y): (usize, usize), rows: Rows) {
        for (row, samples) in self.rows[1 + y..].iter_mut().zip(rows) {
            row[FIRST + x..FIRST + x + 4].copy_from_slice(&samples.to_le_bytes());
        }
    }
}

/// The sum of predicted samples and a residue.
#[inline(always)]
pub(super) fn sum([a, b, c, d]: Rows, residue: RowPairs) -> Rows {
    let widened = |upper: u32, lower: u32| {
        simd::load_widened(&(u64::from(upper) | u64::from(lower) << 32).to_le_bytes())
    };
    let upper = simd::add_i16(widened(a, b), residue[0]);
    let lower = simd::add_i16(widened(c, d), residue[1]);
    let mut samples = [0; 16];
    simd::store_u8(simd::narrow_i16(upper, lower), &mut samples);
    let (rows, _) = samples.as_chunks::<4>();
    core::array::from_fn(|row| u32::from_le_bytes(rows[row]))
}
