//! Rows as they are stored, inflated and with their prediction added.

use thimble_inflate::Inflater;

use crate::chunk::ImageData;
use crate::error::Error;
use crate::filter::unfilter;
use crate::layout::Layout;

/// Reads rows of a picture, or of one pass after the other.
#[derive(Debug)]
pub(super) struct Scanlines<'a> {
    inflater: Inflater<'a>,
    /// Bytes from a sample to that of the pixel to the left.
    pixel: usize,
    /// The row that was read last.
    row: Vec<u8>,
    next: Vec<u8>,
}

impl<'a> Scanlines<'a> {
    /// Reads from the image data of rows, none of them longer than one of `width`
    /// pixels.
    pub(super) fn new(data: ImageData<'a>, layout: &Layout, width: usize) -> Result<Self, Error> {
        let longest = layout.row_bytes(width);
        Ok(Self {
            inflater: Inflater::new(data.map(|chunk| chunk.data)).summed(),
            pixel: layout.pixel_bytes(),
            row: blank(longest)?,
            next: blank(longest)?,
        })
    }

    /// Begins a pass, whose first row has none above it.
    pub(super) fn start_pass(&mut self) {
        self.row.fill(0);
    }

    /// The stream has the checksum of the rows, as far as it can be told behind the last one.
    pub(super) fn is_sound(&mut self) -> bool {
        self.inflater.is_sound()
    }

    /// The next row, which is so many bytes long.
    pub(super) fn next(&mut self, length: usize) -> Result<&[u8], Error> {
        let [filter, filtered @ ..] = self.inflater.take(1 + length)? else {
            return Err(Error::Malformed("a row without a filter"));
        };
        let (above, row) = (&self.row[..length], &mut self.next[..length]);
        unfilter(*filter, self.pixel, filtered, above, row)
            .ok_or(Error::Malformed("a row with an unknown filter"))?;
        std::mem::swap(&mut self.row, &mut self.next);
        Ok(&self.row[..length])
    }
}

/// A row of so many bytes.
fn blank(length: usize) -> Result<Vec<u8>, Error> {
    let mut row = Vec::new();
    row.try_reserve_exact(length)?;
    row.resize(length, 0);
    Ok(row)
}
