//! Rows as they are stored, inflated and with their prediction added.

use super::filter::unfilter;
use super::layout::Layout;
use crate::contract::Error;
use crate::decode::malformed;
use crate::format::Format;
use crate::inflate::Inflater;

/// Reads rows of a picture, or of one pass after the other.
#[derive(Debug)]
pub(super) struct Scanlines<'a, I> {
    inflater: Inflater<'a, I>,
    /// Bytes from a sample to that of the pixel to the left.
    pixel: usize,
    /// The row that was read last.
    row: Vec<u8>,
    next: Vec<u8>,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Scanlines<'a, I> {
    /// Reads from pieces of compressed rows, none of them longer than one of `width`
    /// pixels.
    pub(super) fn new(pieces: I, layout: &Layout, width: usize) -> Self {
        let longest = layout.row_bytes(width);
        Self {
            inflater: Inflater::new(pieces),
            pixel: layout.pixel_bytes(),
            row: vec![0; longest],
            next: vec![0; longest],
        }
    }

    /// Begins a pass, whose first row has none above it.
    pub(super) fn start_pass(&mut self) {
        self.row.fill(0);
    }

    /// The next row, which is so many bytes long.
    pub(super) fn next(&mut self, length: usize) -> Result<&[u8], Error> {
        let damaged = |reason| malformed(Format::Png, reason);
        let stored = self.inflater.take(1 + length);
        let stored = stored.map_err(|damage| malformed(Format::Png, damage))?;
        let [filter, filtered @ ..] = stored else {
            return Err(damaged("a row without a filter"));
        };
        let (above, row) = (&self.row[..length], &mut self.next[..length]);
        unfilter(*filter, self.pixel, filtered, above, row)
            .ok_or_else(|| damaged("a row with an unknown filter"))?;
        std::mem::swap(&mut self.row, &mut self.next);
        Ok(&self.row[..length])
    }
}
