//! A component to be encoded: a plane, cut into blocks.

use super::forward::{self, Block};
use super::quantization::{self, Reciprocals, Steps};
use thimble_picture::Plane;

/// A plane with the sampling factors it has among its picture's planes.
#[derive(Debug)]
pub(super) struct Component<'a> {
    plane: &'a Plane,
    /// Columns and rows of samples that count.
    width: usize,
    height: usize,
    /// Blocks in an MCU, across and down.
    pub(super) horizontal: usize,
    pub(super) vertical: usize,
    /// True for a difference of color.
    pub(super) chroma: bool,
    reciprocals: Reciprocals,
}

impl<'a> Component<'a> {
    pub(super) fn new(
        plane: &'a Plane,
        (horizontal, vertical): (usize, usize),
        chroma: bool,
        steps: &Steps,
    ) -> Self {
        let (width, height) = plane.covered();
        let reciprocals = quantization::reciprocals(steps);
        Component {
            plane,
            width,
            height,
            horizontal,
            vertical,
            chroma,
            reciprocals,
        }
    }

    /// Columns and rows of blocks that have samples of the picture.
    pub(super) fn blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(8), self.height.div_ceil(8))
    }

    /// Transform and quantize the block at a column and row of blocks, and say
    /// which of its coefficients are not zero. Beyond the edge samples are like
    /// those at the edge.
    pub(super) fn quantized(&self, column: usize, row: usize, block: &mut Block) -> u64 {
        let (left, top) = (column * 8, row * 8);
        let stride = self.plane.width;
        if left + 8 <= self.width && top + 8 <= self.height {
            let samples = &self.plane.samples[top * stride + left..];
            let mut rows = samples.chunks(stride).filter_map(|row| row.first_chunk());
            let rows = core::array::from_fn(|_| rows.next().unwrap_or(&[128; 8]));
            return forward::transform(rows, &self.reciprocals, block);
        }
        let sample = |row: usize, column: usize| {
            let (row, column) = (row.min(self.height - 1), column.min(self.width - 1));
            self.plane.samples[row * stride + column]
        };
        let rows: [[u8; 8]; 8] = core::array::from_fn(|row| {
            core::array::from_fn(|column| sample(top + row, left + column))
        });
        forward::transform(rows.each_ref(), &self.reciprocals, block)
    }
}
