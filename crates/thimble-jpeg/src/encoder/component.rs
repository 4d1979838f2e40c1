//! A component to be encoded: a plane, cut into blocks, or their coefficients.

use std::rc::Rc;

use super::choice::Chooser;
use super::forward::{self, Block};
use super::quantization::Quantizer;
use super::symbols::in_zigzag;
use thimble_picture::Plane;
use thimble_simd::{self as simd, Lanes};

/// A component's place among those of its picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Columns and rows of samples that count.
    width: usize,
    height: usize,
    /// Blocks in an MCU, across and down.
    pub(super) horizontal: usize,
    pub(super) vertical: usize,
    /// True for a difference of color.
    pub(super) chroma: bool,
}

/// Blocks of a component.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// Samples, transformed when a block is asked for.
    Samples(&'a Plane),
    /// Coefficients with two fractional bits, of [`Layout::padded`] blocks row by row.
    Coefficients(&'a [Block]),
}

/// A component, and how its coefficients become symbols.
#[derive(Debug)]
pub(super) struct Component<'a> {
    pub(super) layout: Layout,
    pub(super) source: Source<'a>,
    pub(super) quantizer: Quantizer,
    /// Chooses among the quantized coefficients, if anything does. Both differences of color have
    /// the same one.
    pub(super) chooser: Option<Rc<Chooser>>,
}

impl Layout {
    pub(super) fn new(plane: &Plane, sampling: (usize, usize), chroma: bool) -> Self {
        let (width, height) = plane.covered();
        Layout {
            width,
            height,
            horizontal: sampling.0,
            vertical: sampling.1,
            chroma,
        }
    }

    /// Columns and rows of blocks that have samples of the picture.
    pub(super) fn blocks(&self) -> (usize, usize) {
        (self.width.div_ceil(8), self.height.div_ceil(8))
    }

    /// Columns and rows of blocks in whole MCUs.
    pub(super) fn padded(&self) -> (usize, usize) {
        let (columns, rows) = self.blocks();
        (
            columns.next_multiple_of(self.horizontal.max(1)),
            rows.next_multiple_of(self.vertical.max(1)),
        )
    }

    /// Transform the block of a plane at a column and row of blocks. Beyond the edge
    /// samples are like those at the edge.
    #[inline(always)]
    fn transformed(&self, plane: &Plane, column: usize, row: usize) -> [Lanes; 8] {
        let (left, top) = (column * 8, row * 8);
        let stride = plane.width;
        if left + 8 <= self.width && top + 8 <= self.height {
            let mut samples = &plane.samples[top * stride + left..];
            return forward::transform(core::array::from_fn(|_| {
                let row = samples.first_chunk().unwrap_or(&[128; 8]);
                samples = samples.get(stride..).unwrap_or(&[]);
                row
            }));
        }
        let sample = |row: usize, column: usize| {
            let (row, column) = (row.min(self.height - 1), column.min(self.width - 1));
            plane.samples[row * stride + column]
        };
        let rows: [[u8; 8]; 8] = core::array::from_fn(|row| {
            core::array::from_fn(|column| sample(top + row, left + column))
        });
        forward::transform(rows.each_ref())
    }

    /// The coefficients of all blocks of a plane, in whole MCUs.
    pub(super) fn coefficients(&self, plane: &Plane) -> Vec<Block> {
        let (columns, rows) = self.padded();
        let mut blocks = Vec::with_capacity(columns * rows);
        for index in 0..columns * rows {
            let coefficients = self.transformed(plane, index % columns, index / columns);
            let mut block = [0; 64];
            let (targets, _) = block.as_chunks_mut::<8>();
            for (column, target) in coefficients.iter().zip(targets) {
                simd::store_i16(*column, target);
            }
            blocks.push(block);
        }
        blocks
    }
}

impl Component<'_> {
    /// Quantize the block at a column and row of blocks, and say which of its
    /// coefficients are not zero, in zigzag order.
    #[inline(never)]
    pub(super) fn quantized(&self, column: usize, row: usize, block: &mut Block) -> u64 {
        let coefficients = self.coefficients(column, row);
        match &self.chooser {
            Some(chooser) => chooser.quantize(&coefficients, &self.quantizer, block),
            None => in_zigzag(self.quantizer.quantize(&coefficients, block)),
        }
    }

    /// Quantize a block for its DC coefficient, of which nothing is chosen.
    pub(super) fn rounded(&self, column: usize, row: usize, block: &mut Block) {
        let coefficients = self.coefficients(column, row);
        self.quantizer.quantize(&coefficients, block);
    }

    #[inline(always)]
    fn coefficients(&self, column: usize, row: usize) -> [Lanes; 8] {
        match self.source {
            Source::Samples(plane) => self.layout.transformed(plane, column, row),
            Source::Coefficients(blocks) => {
                let (columns, _) = self.layout.padded();
                let block = blocks.get(row * columns + column).unwrap_or(&[0; 64]);
                let (columns, _) = block.as_chunks::<8>();
                core::array::from_fn(|k| simd::load_i16(&columns[k]))
            }
        }
    }
}
