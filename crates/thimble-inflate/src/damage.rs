//! Why a stream goes no further.

use core::fmt;

/// What keeps a stream from being decompressed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It is no zlib stream, or one that needs a dictionary.
    Header,
    /// A block of a kind that there is not, or whose length is not certain.
    Block,
    /// Lengths of codes that make no set of codes.
    Lengths,
    /// Bits that are no code.
    Code,
    /// A repetition of what was before the beginning.
    Distance,
    /// The data end within a block.
    Truncated,
    /// The data are complete, and too short.
    TooShort,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Header => "the compressed data do not begin as they must",
            Damage::Block => "the compressed data have a damaged block",
            Damage::Lengths => "the compressed data have a damaged table of codes",
            Damage::Code => "the compressed data have a code that means nothing",
            Damage::Distance => "the compressed data repeat what was never there",
            Damage::Truncated => "the compressed data end early",
            Damage::TooShort => "the compressed data are complete, but too short",
        })
    }
}
