//! Meaning of the samples that are handed out.

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
