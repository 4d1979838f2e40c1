//! A component while it is being decoded.

use super::coefficients::Store;
use super::error::{Error, allocate};
use super::frame::{Blocks, Coding, Component, Frame};
use super::inverse::Steps;
use super::scale;

/// The sample that stands for missing ones.
const GRAY: u8 = 128;

/// A component's samples as far as they are decoded, and how they are made.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) component: Component,
    pub(super) blocks: Blocks,
    /// Samples on each side of a block.
    pub(super) side: usize,
    /// Slot of each coefficient of the data, by zigzag index.
    pub(super) slots: [u8; 128],
    /// The quantization table, as it was when the component's first scan began.
    pub(super) steps: Option<Steps>,
    /// Samples in a row.
    pub(super) stride: usize,
    /// Whole blocks of samples, row by row: gray until they are decoded.
    pub(super) samples: Vec<u8>,
    /// Coefficients, as long as scans may refine them; nothing if the frame is
    /// sequential.
    pub(super) store: Option<Store>,
}

impl Channel {
    pub(super) fn new(frame: &Frame, component: Component, side: usize) -> Result<Self, Error> {
        let blocks = frame.blocks(&component);
        let stride = blocks.stored_width * side;
        let slots = scale::slots(side);
        let (samples, store) = match frame.coding {
            Coding::Sequential => (allocate(GRAY, &[stride, blocks.stored_height, side])?, None),
            Coding::Progressive => (vec![], Some(Store::new(&blocks, side)?)),
        };
        Ok(Channel {
            component,
            blocks,
            side,
            slots,
            steps: None,
            stride,
            samples,
            store,
        })
    }

    /// Turn what is stored of coefficients into samples.
    pub(super) fn finish(&mut self) -> Result<(), Error> {
        if let Some(store) = self.store.take() {
            let rows = self.blocks.stored_height;
            self.samples = allocate(GRAY, &[self.stride, rows, self.side])?;
            if let Some(steps) = &self.steps {
                store.reconstruct(self.side, steps, self.stride, &mut self.samples);
            }
        }
        Ok(())
    }
}
