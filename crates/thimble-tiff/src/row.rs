//! Rows of a page, as they are handed out.

use std::ops::Range;

/// Meaning of the samples of a row. Alpha, if there is any, is one more, not premultiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    /// Gray.
    Gray,
    /// Red, green and blue.
    Rgb,
    /// Red, green and blue of sRGB, whatever a profile says: made of CIE L*a*b*, or of a
    /// palette of 16 bits.
    Srgb,
    /// Cyan, magenta, yellow and black: 0 is no ink.
    Cmyk,
}

/// A row of the picture.
#[derive(Clone, Copy, Debug)]
pub struct Row<'r, S> {
    /// The samples of its pixels; none if the row is not there at all.
    pub samples: &'r [S],
    /// Columns that are not there, and whose samples mean nothing.
    pub gaps: &'r [Range<usize>],
}

impl<S> Row<'_, S> {
    /// Nothing of the row is there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.samples.is_empty()
    }
}
