//! The passes of an interlaced picture. PNG, third edition, section 8.1.

/// A pass: every so many columns and rows, from somewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pass {
    left: usize,
    pub(super) top: usize,
    across: usize,
    pub(super) down: usize,
}

/// The seven passes, the coarsest first.
pub(super) const PASSES: [Pass; 7] = [
    pass(0, 0, 8, 8),
    pass(4, 0, 8, 8),
    pass(0, 4, 4, 8),
    pass(2, 0, 4, 4),
    pass(0, 2, 2, 4),
    pass(1, 0, 2, 2),
    pass(0, 1, 1, 2),
];

const fn pass(left: usize, top: usize, across: usize, down: usize) -> Pass {
    Pass {
        left,
        top,
        across,
        down,
    }
}

/// Columns and rows of the pixels that are known once a pass is complete: one for each
/// square of that size.
pub(super) const SQUARES: [(usize, usize); 7] =
    [(8, 8), (4, 8), (4, 4), (2, 4), (2, 2), (1, 2), (1, 1)];

impl Pass {
    /// Pixels of a row of the pass, in a picture so wide.
    pub(super) fn columns(&self, width: usize) -> usize {
        width.saturating_sub(self.left).div_ceil(self.across)
    }

    /// Puts the pixels of a row of the pass into a row of the picture.
    pub(super) fn spread(&self, row: &mut [u8], channels: usize, pixels: &[u8]) {
        match channels {
            1 => self.spread_channels::<1>(row, pixels),
            2 => self.spread_channels::<2>(row, pixels),
            3 => self.spread_channels::<3>(row, pixels),
            _ => self.spread_channels::<4>(row, pixels),
        }
    }

    fn spread_channels<const CHANNELS: usize>(&self, row: &mut [u8], pixels: &[u8]) {
        let places = row.as_chunks_mut::<CHANNELS>().0.iter_mut();
        let places = places.skip(self.left).step_by(self.across);
        for (place, pixel) in places.zip(pixels.as_chunks().0) {
            *place = *pixel;
        }
    }
}
