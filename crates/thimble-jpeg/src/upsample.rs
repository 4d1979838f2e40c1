//! Bringing a component to the resolution of the picture, row by row.
//!
//! Half the resolution is made whole with a triangle filter: a sample is three
//! quarters its nearest neighbor and one quarter the next, rounded as libjpeg
//! does, so that pictures agree with what everyone else shows. Any other lower
//! resolution repeats samples. A higher one, to which color differences come at
//! some scales, is averaged.

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
    Resample,
}

/// The rows of a plane, at a higher resolution.
pub(super) struct Rows<'a> {
    plane: &'a Plane,
    filter: Filter,
    /// Columns and rows of the plane that cover the picture.
    across: usize,
    down: usize,
    /// Rows of the result.
    height: usize,
    /// A row of the plane, or of two rows summed.
    sums: Vec<u16>,
    line: Vec<u8>,
    /// The samples that each column is the mean of.
    columns: Vec<Mean>,
    /// The mean of some rows.
    mean: Vec<u8>,
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
        let columns = match filter {
            Filter::Resample => {
                let mean = |column| Mean::of(column, plane.extent.0, width, across);
                (0..width).map(mean).collect()
            }
            _ => Vec::new(),
        };
        Rows {
            plane,
            filter,
            across,
            down,
            height,
            sums,
            line,
            columns,
            mean: vec![0; across],
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
            Filter::Resample => self.resample(index),
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

    fn resample(&mut self, index: usize) {
        let rows = Mean::of(index, self.plane.extent.1, self.height, self.down);
        let from = if rows.count == 1 {
            self.stored(rows.first)
        } else {
            for (column, mean) in self.mean.iter_mut().enumerate() {
                let samples = &self.plane.samples[column..];
                *mean = rows.take(|row| samples[row * self.plane.width]);
            }
            &self.mean
        };
        for (to, columns) in self.line.iter_mut().zip(&self.columns) {
            *to = columns.take(|column| from[column]);
        }
    }
}

/// The samples, in a row, that one of fewer samples is the mean of. Those at both
/// ends count as far as they are covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mean {
    first: usize,
    count: usize,
    /// Weights of the first, of those between, and of the last; a 65,536th each.
    weights: [u32; 3],
}

impl Mean {
    /// The samples at an index of `length`, which `extent` samples cover; `stored` of
    /// them are there.
    fn of(index: usize, extent: f64, length: usize, stored: usize) -> Self {
        let step = extent / length as f64;
        let (start, end) = (index as f64 * step, (index + 1) as f64 * step);
        // Of samples that cover more than an index the one in its middle.
        let first = if step < 1.0 {
            start + step / 2.0
        } else {
            start
        };
        let first = (first as usize).min(stored - 1);
        let last = (end.ceil() as usize).clamp(first + 1, stored) - 1;
        if step <= 1.0 || last == first {
            return Mean {
                first,
                count: 1,
                weights: [1 << 16, 0, 0],
            };
        }
        let share = |covered: f64| (covered / step * 65_536.0).round() as u32;
        let between = share(1.0);
        let head = share((first + 1) as f64 - start);
        let inner = between * (last - first - 1) as u32;
        Mean {
            first,
            count: last - first + 1,
            weights: [head, between, (1_u32 << 16).saturating_sub(head + inner)],
        }
    }

    fn take(&self, sample: impl Fn(usize) -> u8) -> u8 {
        let [head, between, tail] = self.weights;
        if self.count == 1 {
            return sample(self.first);
        }
        let last = self.first + self.count - 1;
        let ends = head * u32::from(sample(self.first)) + tail * u32::from(sample(last));
        let inner = (self.first + 1..last).map(|index| between * u32::from(sample(index)));
        ((ends + inner.sum::<u32>() + (1 << 15)) >> 16).min(255) as u8
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
        _ => Filter::Resample,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_a_mean_are_a_whole_and_cover_what_they_stand_for() {
        for (from, to) in [
            (8, 3),
            (4, 3),
            (8, 6),
            (6, 3),
            (5, 4),
            (7, 2),
            (3, 3),
            (3, 9),
        ] {
            for index in 0..to {
                let mean = Mean::of(index, from as f64, to, from);
                let [head, between, tail] = mean.weights;
                let inner = between * mean.count.saturating_sub(2) as u32;
                assert_eq!(head + inner + tail, 1 << 16, "{index} of {from} to {to}");
                assert!(mean.first + mean.count <= from);
                assert_eq!(mean.take(|_| 200), 200);
            }
        }
        // A sample that covers a little more than one is that one, to the last of them.
        for index in 0..113 {
            assert_eq!(Mean::of(index, 112.5, 113, 113).first, index);
            assert_eq!(Mean::of(index, 56.3, 113, 57).first, index / 2);
        }
        // Each of three is the mean of a sample and a third.
        let third = Mean::of(1, 4.0, 3, 4);
        assert_eq!((third.first, third.count), (1, 2));
        assert_eq!(third.take(|index| [0, 90, 30, 0][index]), 60);
    }
}
