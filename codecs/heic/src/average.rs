//! Rows on their way into a smaller picture: sums of luma and of color differences, each with
//! the samples that it has. To average before colors are made is the same, and less to do.

use std::ops::Range;

use crate::tiles::Tiles;

/// Means of luma and of both color differences for a row of pixels.
pub(crate) type Means = [Vec<f32>; 3];

/// Sums of rows.
pub(crate) struct Average {
    /// Columns that are shown.
    shown: Range<usize>,
    /// Samples along a side of which one is made.
    side: usize,
    /// Rows that were added.
    count: usize,
    /// Of every column of a plane.
    sums: [Vec<u32>; 3],
    /// The planes of color differences have half of the columns.
    is_halved: bool,
    is_gray: bool,
}

impl Average {
    pub(crate) fn new(shown: Range<usize>, side: usize) -> Self {
        Average {
            shown,
            side,
            count: 0,
            sums: Default::default(),
            is_halved: false,
            is_gray: false,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.count == self.side
    }

    /// Adds a row. A row of color differences that serves two of luma is added twice.
    pub(crate) fn add(&mut self, tiles: &mut Tiles<'_, '_>, y: usize) {
        let (across, down) = tiles.halved();
        let is_spread = self.side == 1;
        self.is_halved = across && !is_spread;
        self.is_gray = tiles.is_gray();
        let planes = if self.is_gray { 1 } else { 3 };
        for (plane, sums) in self.sums.iter_mut().enumerate().take(planes) {
            let row = match plane {
                0 => tiles.row(0, y),
                _ if is_spread => tiles.spread_row(plane, y),
                _ => tiles.row(plane, if down { y / 2 } else { y }),
            };
            sums.resize(row.len(), 0);
            for (sum, sample) in sums.iter_mut().zip(row) {
                *sum += u32::from(*sample);
            }
        }
        self.count += 1;
    }

    /// The means of the rows that were added, and none of them any more.
    pub(crate) fn take(&mut self) -> Means {
        let mut means = Means::default();
        for (plane, means) in means.iter_mut().enumerate() {
            if plane > 0 && self.is_gray {
                break;
            }
            let halved = usize::from(plane > 0 && self.is_halved);
            let sums = &self.sums[plane];
            let mut left = self.shown.start;
            while left < self.shown.end {
                let right = (left + self.side).min(self.shown.end);
                let sum = if halved == 0 {
                    sums[left..right].iter().sum::<u32>() as f32
                } else {
                    // Each serves two columns, of which one may be outside.
                    let columns = left / 2..right.div_ceil(2);
                    let twice = 2 * sums[columns].iter().sum::<u32>();
                    let before = if left % 2 == 1 { sums[left / 2] } else { 0 };
                    let behind = if right % 2 == 1 { sums[right / 2] } else { 0 };
                    (twice - before - behind) as f32
                };
                means.push(sum / ((right - left) * self.count) as f32);
                left = right;
            }
        }
        self.sums.iter_mut().for_each(|sums| sums.fill(0));
        self.count = 0;
        means
    }
}
