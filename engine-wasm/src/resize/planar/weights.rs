//! The weights of Lanczos3 for one side of a picture, in integers of 16 bits.

use crate::resize::Side;
use crate::resize::filter::{RADIUS, lanczos3};

/// Bits of a sum of weighted samples that are not fraction: eight of a sample,
/// and two for what negative weights add. The rest of 32 is fraction at most.
const MOST_FRACTION: u32 = 32 - 8 - 2;

/// Weights of the samples that each output of a side is a sum of.
#[derive(Debug)]
pub(super) struct Weights {
    side: Side,
    /// Number of fraction bits of a weight.
    pub(super) fraction: u32,
    windows: Vec<Window>,
    pairs: Vec<i32>,
}

/// The neighbors that an output is a sum of.
#[derive(Clone, Copy, Debug)]
struct Window {
    start: usize,
    pairs: (usize, usize),
}

impl Weights {
    /// The weights for a side, which has to have samples and a length.
    pub(super) fn new(side: Side) -> Self {
        let scale = side.length / side.outputs as f64;
        // Where the picture becomes larger, samples are interpolated; otherwise
        // the filter is as wide as a sample of the smaller picture.
        let stretch = scale.max(1.0);
        let radius = RADIUS * stretch;
        let narrowing = 1.0 / stretch;
        let mut values = Vec::with_capacity(side.outputs * (2 * radius.ceil() as usize + 1));
        let mut windows = Vec::with_capacity(side.outputs);
        for output in 0..side.outputs {
            let center = side.start + (output as f64 + 0.5) * scale;
            let start = (center - radius).max(0.0) as u32;
            let end = ((center + radius).ceil() as u32).min(side.samples as u32);
            let first = values.len();
            values.extend(
                (start..end).map(|x| lanczos3((f64::from(x) - (center - 0.5)) * narrowing)),
            );
            let sum: f64 = values[first..].iter().sum();
            values[first..].iter_mut().for_each(|weight| *weight /= sum);
            windows.push((start as usize, first..values.len()));
        }
        let largest = values.iter().copied().fold(0.0, f64::max);
        let fraction = fraction_for(largest);
        let mut weights = Self {
            side,
            fraction,
            windows: Vec::with_capacity(side.outputs),
            pairs: Vec::with_capacity(values.len() / 2 + side.outputs),
        };
        for (start, range) in windows {
            weights.push(start, &values[range]);
        }
        weights
    }

    /// Adds an output's window, in integers, without the zeros at its ends.
    fn push(&mut self, start: usize, values: &[f64]) {
        let scale = f64::from(1 << self.fraction);
        let rounded = |value: &f64| rounded(value * scale);
        let leading = values
            .iter()
            .take_while(|value| rounded(value) == 0)
            .count();
        let values = &values[leading..];
        let trailing = values
            .iter()
            .rev()
            .take_while(|value| rounded(value) == 0)
            .count();
        let values = &values[..values.len() - trailing];
        let first = self.pairs.len();
        let pairs = values.chunks(2).map(|pair| {
            let second = pair.get(1).map_or(0, rounded);
            rounded(&pair[0]) & 0xFFFF | second << 16
        });
        self.pairs.extend(pairs);
        self.windows.push(Window {
            start: start + leading,
            pairs: (first, self.pairs.len()),
        });
    }

    /// The first sample, if each output is but a sample, one behind the other.
    pub(super) fn moved(&self) -> Option<usize> {
        let (first, _) = self.windows().next()?;
        let whole = 1 << self.fraction;
        let mut windows = self.windows().enumerate();
        let same = windows.all(|(k, (start, pairs))| start == first + k && pairs == [whole]);
        same.then_some(first)
    }

    /// True if these are the weights for `side`.
    pub(super) fn are_for(&self, side: Side) -> bool {
        self.side == side
    }

    /// For each output its first sample, and weights of `i16` for that and those
    /// behind it, two at a time: the lower half of an `i32` is the first's.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let window = |window: &Window| (window.start, &self.pairs[window.pairs.0..window.pairs.1]);
        self.windows.iter().map(window)
    }

    /// The first sample that any output needs, and the one behind the last.
    pub(super) fn reach(&self) -> (usize, usize) {
        let start = self.windows().map(|(start, _)| start).min();
        let end = self
            .windows()
            .map(|(start, pairs)| start + 2 * pairs.len())
            .max();
        let end = end.unwrap_or(0).min(self.side.samples);
        (start.unwrap_or(0), end)
    }
}

/// With how many bits of fraction the largest weight is still an `i16`.
fn fraction_for(largest: f64) -> u32 {
    let fits = |fraction: &u32| largest * f64::from(1 << (fraction + 1)) < 32767.5;
    (0..MOST_FRACTION - 1)
        .find(|fraction| !fits(fraction))
        .unwrap_or(MOST_FRACTION - 1)
}

/// The nearest integer to what lies within an `i16`.
fn rounded(value: f64) -> i32 {
    (value + 32768.5) as i32 - 32768
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_that_stays_as_it_is_has_one_weight_each() {
        let side = Side {
            samples: 9,
            start: 2.0,
            length: 5.0,
            outputs: 5,
        };
        let weights = Weights::new(side);
        for (output, (start, pairs)) in weights.windows().enumerate() {
            assert_eq!(
                (start, pairs),
                (output + 2, [1 << weights.fraction].as_slice())
            );
        }
        assert_eq!(weights.moved(), Some(2));
        assert_eq!(weights.reach(), (2, 8));
        let between = Weights::new(Side {
            start: 2.25,
            ..side
        });
        assert_eq!(between.moved(), None);
    }
}
