//! The planes that a frame is decoded into: on request a fraction of its size,
//! so that a large picture for a small thumbnail never exists in full.

use thimble_picture::Plane;

use super::band::Band;

/// Samples a side that become one: 1, 2, 4 or 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// One: all samples are kept.
    None,
    /// The mean of two by two.
    Half,
    /// The mean of four by four.
    Quarter,
    /// The mean of eight by eight.
    Eighth,
}

impl Reduction {
    /// Samples a side that become one, as a power of two.
    fn log2(self) -> u32 {
        match self {
            Reduction::None => 0,
            Reduction::Half => 1,
            Reduction::Quarter => 2,
            Reduction::Eighth => 3,
        }
    }

    /// The strongest reduction that leaves at least `wanted` of `full` samples
    /// on both sides.
    #[must_use]
    pub fn down_to(wanted: (u32, u32), full: (u32, u32)) -> Reduction {
        let leaves_enough = |reduction: &Reduction| {
            let kept = |side: u32| side >> reduction.log2();
            kept(full.0) >= wanted.0 && kept(full.1) >= wanted.1
        };
        [Reduction::Eighth, Reduction::Quarter, Reduction::Half]
            .into_iter()
            .find(leaves_enough)
            .unwrap_or(Reduction::None)
    }

    /// Samples a side that become one.
    #[must_use]
    pub fn factor(self) -> usize {
        1 << self.log2()
    }
}

/// A plane that is filled from bands, in whole macroblocks.
#[derive(Debug)]
pub(super) struct FramePlane {
    pub(super) width: usize,
    pub(super) samples: Vec<u8>,
    reduction: Reduction,
    /// One row of sums of columns, kept for its memory.
    sums: Vec<u16>,
}

impl FramePlane {
    /// An empty plane for bands that are `width` samples wide and `height`
    /// samples high in all.
    pub(super) fn new(width: usize, height: usize, reduction: Reduction) -> Self {
        let factor = reduction.factor();
        FramePlane {
            width: width / factor,
            samples: Vec::with_capacity((width / factor) * (height / factor)),
            reduction,
            sums: vec![0; if factor == 1 { 0 } else { width }],
        }
    }

    /// Adds a row of macroblocks.
    pub(super) fn push<const N: usize>(&mut self, band: &Band<N>) {
        let factor = self.reduction.factor();
        if factor == 1 {
            (0..N).for_each(|row| self.samples.extend_from_slice(band.row(row)));
            return;
        }
        for first in (0..N).step_by(factor) {
            self.sums.fill(0);
            for row in first..first + factor {
                for (sum, &sample) in self.sums.iter_mut().zip(band.row(row)) {
                    *sum += u16::from(sample);
                }
            }
            self.push_means();
        }
    }

    /// The plane of a picture of `size`, which has one sample of this kind for
    /// `step` pixels a side.
    pub(super) fn into_plane(self, size: (usize, usize), step: usize) -> Plane {
        let samples_of = |side: usize| side as f64 / (step * self.reduction.factor()) as f64;
        Plane {
            channels: 1,
            width: self.width,
            height: self.samples.len() / self.width,
            extent: (samples_of(size.0), samples_of(size.1)),
            samples: self.samples,
        }
    }

    /// Adds the row of which the sums of columns have been taken.
    fn push_means(&mut self) {
        match self.reduction {
            Reduction::None => {}
            Reduction::Half => extend_with_means::<2>(&mut self.samples, &self.sums),
            Reduction::Quarter => extend_with_means::<4>(&mut self.samples, &self.sums),
            Reduction::Eighth => extend_with_means::<8>(&mut self.samples, &self.sums),
        }
    }
}

/// Adds the means of squares of `N` by `N`, of which `sums` are the columns.
fn extend_with_means<const N: usize>(samples: &mut Vec<u8>, sums: &[u16]) {
    let area = (N * N) as u16;
    let squares = sums.as_chunks::<N>().0;
    samples.extend(squares.iter().map(|square| {
        let sum: u16 = square.iter().sum();
        ((sum + area / 2) / area) as u8
    }));
}
