//! Outcome of decompressing a strip or tile.

/// The outcome of decompressing a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inflated {
    /// Bytes that came out.
    pub(crate) length: usize,
    /// No damage was met on the way.
    pub(crate) is_whole: bool,
}

impl Inflated {
    pub(crate) fn whole(length: usize) -> Self {
        Inflated {
            length,
            is_whole: true,
        }
    }

    pub(crate) fn cut(length: usize) -> Self {
        Inflated {
            length,
            is_whole: false,
        }
    }
}
