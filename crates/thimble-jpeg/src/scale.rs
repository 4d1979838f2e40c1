//! Decoding at a fraction of the size.
//!
//! A block of 8x8 coefficients becomes 8x8, 4x4, 3x3, 2x2 samples or one: a DCT of n
//! points over the n x n lowest frequencies gives the picture at n/8 of its size
//! (Dugad and Ahuja, "A fast scheme for image size change in the compressed
//! domain", IEEE Trans. CSVT 11(4), 2001), and needs neither the other
//! coefficients nor the other samples.

use super::zigzag::NATURAL;

/// Size at which a picture is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// An eighth: one sample a block.
    Eighth,
    /// A quarter: 2x2 samples a block.
    Quarter,
    /// Three eighths: 3x3 samples a block.
    ThreeEighths,
    /// A half: 4x4 samples a block.
    Half,
    /// The whole size: 8x8 samples a block.
    Full,
}

impl Scale {
    /// From the smallest to the largest.
    pub const ALL: [Scale; 5] = [
        Scale::Eighth,
        Scale::Quarter,
        Scale::ThreeEighths,
        Scale::Half,
        Scale::Full,
    ];

    /// The least scale at which no side of a picture of `full` size falls below the
    /// one `wanted`.
    ///
    /// ```
    /// use thimble_jpeg::Scale;
    ///
    /// assert_eq!(Scale::for_size((500, 400), (4000, 3000)), Scale::Quarter);
    /// assert_eq!(Scale::for_size((500, 375), (4000, 3000)), Scale::Eighth);
    /// ```
    #[must_use]
    pub fn for_size(wanted: (u32, u32), full: (u32, u32)) -> Scale {
        let suffices = |scale: &Scale| {
            let side = scale.side() as u64;
            let enough = |wanted: u32, full: u32| u64::from(full) * side >= u64::from(wanted) * 8;
            enough(wanted.0, full.0) && enough(wanted.1, full.1)
        };
        Scale::ALL.into_iter().find(suffices).unwrap_or(Scale::Full)
    }

    /// Samples on each side of a block.
    pub const fn side(self) -> usize {
        match self {
            Scale::Eighth => 1,
            Scale::Quarter => 2,
            Scale::ThreeEighths => 3,
            Scale::Half => 4,
            Scale::Full => 8,
        }
    }

    /// The scale with so many samples on each side of a block, or the next
    /// larger one; `Full` beyond.
    pub fn of_side(side: usize) -> Scale {
        Scale::ALL
            .into_iter()
            .find(|scale| scale.side() >= side)
            .unwrap_or(Scale::Full)
    }
}

/// The first zigzag index with no coefficient that a scale of `side` needs at it
/// or after it.
pub(super) const fn needed(side: usize) -> u32 {
    match side {
        1 => 1,
        2 => 5,
        3 => 13,
        4 => 25,
        _ => 64,
    }
}

/// Number of slots for the coefficients that a scale of `side` needs. Three points a
/// side have those of four, of which some stay empty.
pub(super) const fn places(side: usize) -> usize {
    match side {
        3 => 16,
        _ => side * side,
    }
}

/// The slot of coefficients that nobody needs.
pub(super) const UNNEEDED: u8 = 64;

/// Slot of a block's coefficients for each zigzag index, in the order in which the
/// inverse transform of `side` points reads them. Indices from 64
/// on are what corrupt data and ends of blocks lead to.
pub(super) fn slots(side: usize) -> [u8; 128] {
    let mut slots = [UNNEEDED; 128];
    for (slot, natural) in slots.iter_mut().zip(NATURAL) {
        let (row, column) = (natural >> 3, natural & 7);
        if usize::from(row.max(column)) < side {
            *slot = slot_of(side, row, column);
        }
    }
    slots
}

/// Slot in which an inverse transform expects the coefficient of a row and column.
fn slot_of(side: usize, row: u8, column: u8) -> u8 {
    match side {
        // Even columns, then odd ones; in each rows 0, 2, 1, 3, two columns a
        // row. So neighbors are what a dot product is to combine.
        3 | 4 => (column & 1) * 8 + (row & 1) * 4 + (row & 2) + (column >> 1),
        // Column by column.
        8 => column * 8 + row,
        _ => row * side as u8 + column,
    }
}
