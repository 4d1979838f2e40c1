//! The passes of an interlaced PNG.

/// Passes of an interlaced PNG, or the only one of a plain PNG: the first column, the
/// first row, and the steps across and down (PNG specification, section 8.2).
#[must_use]
pub fn passes(is_interlaced: bool) -> &'static [[usize; 4]] {
    if is_interlaced {
        &[
            [0, 0, 8, 8],
            [4, 0, 8, 8],
            [0, 4, 4, 8],
            [2, 0, 4, 4],
            [0, 2, 2, 4],
            [1, 0, 2, 2],
            [0, 1, 1, 2],
        ]
    } else {
        &[[0, 0, 1, 1]]
    }
}
