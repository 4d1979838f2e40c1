//! Damage: the reasons for which a stream goes no further.

use core::fmt;

/// A reason for which a stream goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It is no zlib stream, or one that needs a dictionary.
    Header,
    /// A block of an undefined kind, or a stored one whose two lengths differ.
    Block,
    /// Lengths of codes that are no prefix code.
    Lengths,
    /// An undefined code.
    Code,
    /// A match that reaches back beyond the beginning.
    Distance,
    /// The data end before the stream does.
    Truncated,
    /// The stream is complete, and shorter than what was asked for.
    TooShort,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Damage::Header => "the compressed data has no zlib header",
            Damage::Block => "the compressed data has a damaged block",
            Damage::Lengths => "the compressed data has a damaged table of codes",
            Damage::Code => "the compressed data has an undefined code",
            Damage::Distance => "the compressed data refers back beyond its beginning",
            Damage::Truncated => "the compressed data ends early",
            Damage::TooShort => "the compressed data is complete, but too short",
        })
    }
}
