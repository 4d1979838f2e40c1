//! Rows as they are handed out.

use std::slice;

use thimble_picture::Row;

/// Hands out a row of so many columns, of which the first or the last may not be there.
pub(crate) struct Line {
    pub(crate) width: usize,
    pub(crate) channels: usize,
    /// The samples of the pixels that are there.
    pub(crate) samples: Vec<u8>,
    /// Columns go from the right to the left.
    pub(crate) is_mirrored: bool,
}

impl Line {
    /// Hands the row out, and tells a whole one from another.
    pub(crate) fn give<E>(
        &mut self,
        take: &mut impl FnMut(Row<'_, u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let there = self.samples.len() / self.channels;
        let mut gap = there..self.width;
        self.samples.resize(self.width * self.channels, 0);
        if self.is_mirrored {
            self.samples.reverse();
            let pixels = self.samples.chunks_exact_mut(self.channels);
            pixels.for_each(<[u8]>::reverse);
            gap = 0..self.width - there;
        }
        let is_whole = gap.is_empty();
        take(Row {
            samples: if there == 0 { &[] } else { &self.samples },
            gaps: if is_whole { &[] } else { slice::from_ref(&gap) },
        })?;
        self.samples.clear();
        Ok(is_whole)
    }
}
