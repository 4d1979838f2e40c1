//! A row of macroblocks under construction, with the samples around it that
//! prediction looks at.

use crate::predict::{Edge, Surroundings};

/// The three planes of a row of macroblocks.
#[derive(Clone, Debug)]
pub(super) struct Bands {
    pub(super) luma: Band<16>,
    pub(super) chroma: [Band<8>; 2],
}

impl Bands {
    pub(super) fn new(columns: usize) -> Self {
        Bands {
            luma: Band::new(columns),
            chroma: [Band::new(columns), Band::new(columns)],
        }
    }

    /// Goes on to the next row of macroblocks.
    pub(super) fn advance(&mut self) {
        self.luma.advance();
        self.chroma.iter_mut().for_each(Band::advance);
    }
}

/// Columns left of the first macroblock; the last of them is looked at.
const MARGIN: usize = 16;

/// One plane of a row of macroblocks of `N` samples a side, below the last row
/// of samples of the macroblocks above.
#[derive(Clone, Debug)]
pub(super) struct Band<const N: usize> {
    stride: usize,
    columns: usize,
    samples: Vec<u8>,
}

impl<const N: usize> Band<N> {
    /// The band of the first row of a frame `columns` macroblocks wide.
    pub(super) fn new(columns: usize) -> Self {
        let stride = MARGIN + columns * N + MARGIN;
        let mut samples = vec![127; stride * (N + 1)];
        for row in samples.chunks_exact_mut(stride).skip(1) {
            row[MARGIN - 1] = 129;
        }
        Band {
            stride,
            columns,
            samples,
        }
    }

    /// Goes on to the next row of macroblocks.
    pub(super) fn advance(&mut self) {
        let last = N * self.stride;
        self.samples.copy_within(last.., 0);
        let end = MARGIN + self.columns * N;
        let rightmost = self.samples[end - 1];
        self.samples[end..end + 4].fill(rightmost);
    }

    fn at(&self, row: usize, x: usize) -> usize {
        row * self.stride + MARGIN + x
    }

    /// Samples around a macroblock.
    pub(super) fn around(&self, column: usize, is_first_row: bool) -> Surroundings<N> {
        let start = self.at(0, column * N);
        let mut left = [0; N];
        for (row, left) in left.iter_mut().enumerate() {
            *left = self.samples[start + (row + 1) * self.stride - 1];
        }
        Surroundings {
            above: self.load(start),
            left,
            corner: self.samples[start - 1],
            exist: (!is_first_row, column > 0),
        }
    }

    fn load<const LENGTH: usize>(&self, start: usize) -> [u8; LENGTH] {
        let mut loaded = [0; LENGTH];
        loaded.copy_from_slice(&self.samples[start..start + LENGTH]);
        loaded
    }

    /// Writes a square of samples with its top left corner at (`x`, `y`).
    pub(super) fn put<const M: usize>(&mut self, (x, y): (usize, usize), square: &[[u8; M]; M]) {
        let start = self.at(y + 1, x);
        let rows = self.samples[start..].chunks_mut(self.stride);
        for (row, square) in rows.zip(square) {
            row[..M].copy_from_slice(square);
        }
    }

    /// Samples around the 4x4 block at (`x`, `y`). The four samples above to the
    /// right of the rightmost blocks are those above the macroblock, for all
    /// rows of blocks.
    pub(super) fn edge(&self, (x, y): (usize, usize)) -> Edge {
        let above = self.at(y, x);
        let is_rightmost = x % N == N - 4;
        let right = if is_rightmost {
            self.at(0, x + 4)
        } else {
            above + 4
        };
        let mut eight: [u8; 8] = self.load(above);
        eight[4..].copy_from_slice(&self.load::<4>(right));
        let left = [1, 2, 3, 4].map(|row: usize| self.samples[above + row * self.stride - 1]);
        Edge::new(&eight, self.samples[above - 1], left)
    }
}
