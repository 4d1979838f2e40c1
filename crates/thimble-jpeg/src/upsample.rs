//! Bringing a component to the resolution of the picture, row by row.
//!
//! Half the resolution is made whole with a triangle filter: a sample is three
//! quarters its nearest neighbor and one quarter the next, rounded as libjpeg
//! does, so that pictures agree with what everyone else shows. Any other ratio
//! repeats samples.

use thimble_picture::Plane;

/// Filter that makes the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filter {
    /// As they are.
    Copy,
    /// Twice the columns.
    Across,
    /// Twice the rows.
    Down,
    /// Twice both.
    Both,
    /// Any other ratio.
    Repeat,
}

/// The rows of a plane, at a higher resolution.
pub(super) struct Rows<'a> {
    plane: &'a Plane,
    filter: Filter,
    /// Columns and rows of the plane that cover the picture.
    across: usize,
    down: usize,
    /// Columns and rows of the result.
    width: usize,
    height: usize,
    /// A row of the plane, or of two rows summed.
    sums: Vec<u16>,
    line: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// The rows of a plane at the resolution of `width` x `height`.
    pub(super) fn new(plane: &'a Plane, width: usize, height: usize) -> Self {
        let (across, down) = (
            plane.extent.0.ceil() as usize,
            plane.extent.1.ceil() as usize,
        );
        let filter = filter((across, down), (width, height));
        let (sums, line) = (vec![0; across], vec![0; width.max(2 * across)]);
        Rows {
            plane,
            filter,
            across,
            down,
            width,
            height,
            sums,
            line,
        }
    }

    /// One row of the result: `width` samples at least.
    pub(super) fn row(&mut self, index: usize) -> &[u8] {
        match self.filter {
            Filter::Copy => return self.stored(index),
            Filter::Across => {
                self.add(index, index, [1, 0]);
                double(&self.sums, &mut self.line, [1, 2], 2);
            }
            Filter::Down => {
                self.add_neighbors(index);
                let bias = if index.is_multiple_of(2) { 1 } else { 2 };
                for (to, sum) in self.line.iter_mut().zip(&self.sums) {
                    *to = ((sum + bias) >> 2) as u8;
                }
            }
            Filter::Both => {
                self.add_neighbors(index);
                double(&self.sums, &mut self.line, [8, 7], 4);
            }
            Filter::Repeat => self.repeat(index),
        }
        &self.line
    }

    /// A row of the plane, without what whole blocks add to it; rows beyond the
    /// edge are like the one at the edge.
    fn stored(&self, row: usize) -> &'a [u8] {
        let start = row.min(self.down - 1) * self.plane.width;
        &self.plane.samples[start..][..self.across]
    }

    /// Add the two rows that a row of twice as many lies nearest to, the nearest
    /// three times.
    fn add_neighbors(&mut self, index: usize) {
        let near = index / 2;
        let far = if index.is_multiple_of(2) {
            near.saturating_sub(1)
        } else {
            near + 1
        };
        self.add(near, far, [3, 1]);
    }

    fn add(&mut self, near: usize, far: usize, [times_near, times_far]: [u16; 2]) {
        let (near, far) = (self.stored(near), self.stored(far));
        for (sum, (near, far)) in self.sums.iter_mut().zip(near.iter().zip(far)) {
            *sum = times_near * u16::from(*near) + times_far * u16::from(*far);
        }
    }

    fn repeat(&mut self, index: usize) {
        let from = self.stored(nearest(index, self.plane.extent.1, self.height));
        let extent = self.plane.extent.0;
        for (column, to) in self.line.iter_mut().enumerate().take(self.width) {
            *to = from[nearest(column, extent, self.width).min(self.across - 1)];
        }
    }
}

/// The filter from one number of columns and rows to another.
fn filter((across, down): (usize, usize), (width, height): (usize, usize)) -> Filter {
    let halved = |from: usize, to: usize| from == to.div_ceil(2);
    // As in libjpeg, a triangle needs some width to stand on.
    let wide = across > 2;
    match (across == width, down == height) {
        (true, true) => Filter::Copy,
        (false, true) if wide && halved(across, width) => Filter::Across,
        (true, false) if wide && halved(down, height) => Filter::Down,
        (false, false) if wide && halved(across, width) && halved(down, height) => Filter::Both,
        _ => Filter::Repeat,
    }
}

/// Twice as many samples: three times the nearest and once the next, rounded with
/// one bias for those to the left and one for those to the right.
fn double(from: &[u16], to: &mut [u8], [left, right]: [u16; 2], shift: u32) {
    let last = from.len() - 1;
    for (column, pair) in to
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .enumerate()
        .take(from.len())
    {
        let (near, before) = (3 * from[column], from[column.saturating_sub(1)]);
        let after = from[(column + 1).min(last)];
        *pair = [
            ((near + before + left) >> shift) as u8,
            ((near + after + right) >> shift) as u8,
        ];
    }
}

/// Index of the sample that stands for a pixel, of those that cover a length.
fn nearest(index: usize, extent: f64, length: usize) -> usize {
    (index as f64 * extent / length as f64) as usize
}
