//! Rows as they are stored, inflated and with their prediction added.

use thimble_inflate::Inflater;

use crate::chunk::ImageData;
use crate::error::Error;
use crate::filter::unfilter;
use crate::layout::Layout;
use crate::pairs::Pair;

/// Reads rows of a picture, or of one pass after the other.
#[derive(Debug)]
pub(super) struct Scanlines<'a> {
    inflater: Inflater<'a>,
    /// Bytes from a sample to that of the pixel to the left.
    pixel: usize,
    /// The row that was handed out last.
    row: Vec<u8>,
    next: Vec<u8>,
    /// The row behind `row`, if it was read along with that. Empty if none ever is: two rows at
    /// once pay for pixels of 3 or 4 bytes, and those of a pass may be of another length.
    second: Vec<u8>,
    has_second: bool,
}

impl<'a> Scanlines<'a> {
    /// Reads from the image data of rows, none of them longer than one of `width`
    /// pixels.
    pub(super) fn new(data: ImageData<'a>, layout: &Layout, width: usize) -> Result<Self, Error> {
        let longest = layout.row_bytes(width);
        let pixel = layout.pixel_bytes();
        let in_pairs = matches!(pixel, 3 | 4) && !layout.is_interlaced;
        Ok(Self {
            inflater: Inflater::new(data.map(|chunk| chunk.data)).summed(),
            pixel,
            row: blank(longest)?,
            next: blank(longest)?,
            second: blank(if in_pairs { longest } else { 0 })?,
            has_second: false,
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

    /// The next row, which is so many bytes long. With `has_next`, there is one behind it that is
    /// as long.
    pub(super) fn next(&mut self, length: usize, has_next: bool) -> Result<&[u8], Error> {
        if std::mem::take(&mut self.has_second) {
            std::mem::swap(&mut self.row, &mut self.second);
            return Ok(&self.row[..length]);
        }
        let above = &self.row[..length];
        self.has_second = has_next && !self.second.is_empty() && {
            let stored = self.inflater.ahead(2 * (1 + length)).unwrap_or_default();
            let pair = Pair::of(stored, above).filter(Pair::is_apt);
            if let Some(pair) = pair {
                let rows = [&mut self.next[..length], &mut self.second[..length]];
                pair.unfilter(self.pixel, rows);
            }
            pair.is_some()
        };
        if self.has_second {
            self.inflater.take(2 * (1 + length))?;
        } else {
            let [filter, filtered @ ..] = self.inflater.take(1 + length)? else {
                return Err(Error::Malformed("a row without a filter"));
            };
            unfilter(
                *filter,
                self.pixel,
                filtered,
                above,
                &mut self.next[..length],
            )
            .ok_or(Error::Malformed("a row with an unknown filter"))?;
        }
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
