//! Resampling of planes of one channel.

use std::borrow::Cow;

use super::Side;
use crate::picture::Plane;

mod convolve;
mod weights;

use convolve::{BLOCK, Buffers, Rows};
use weights::Weights;

/// A resampler of planes, with the buffers and the weights that it uses again.
#[derive(Debug, Default)]
pub(super) struct Resampler {
    weights: Vec<Weights>,
    buffers: Buffers,
    /// Rows that the vertical pass made.
    rows: Vec<u8>,
}

impl Resampler {
    /// Resamples a rectangle of a plane.
    pub(super) fn resample(&mut self, plane: &Plane, across: Side, down: Side) -> Vec<u8> {
        let (width, count) = (across.outputs, down.outputs);
        let across = self.weights(across);
        let down = self.weights(down);
        let (across, down) = (&self.weights[across], &self.weights[down]);

        let padded = padded(plane);
        let source = Rows {
            bytes: &padded,
            stride: padded.len() / plane.height,
            count: plane.height,
        };
        let (left, between) = match down.moved() {
            Some(top) => {
                let bytes = &padded[top * source.stride..];
                (
                    0,
                    Rows {
                        bytes,
                        count,
                        ..source
                    },
                )
            }
            None => {
                let (first, end) = across.reach();
                let left = first.min(source.stride - BLOCK);
                let stride = (end - left).max(BLOCK);
                self.rows.resize(stride * count, 0);
                convolve::rows(source, left..left + stride, down, &mut self.rows, stride);
                let bytes = &self.rows;
                (
                    left,
                    Rows {
                        bytes,
                        stride,
                        count,
                    },
                )
            }
        };
        match across.moved() {
            Some(first) => between.cut(first - left, width),
            None => convolve::columns(between, left, across, width, &mut self.buffers),
        }
    }

    /// The vertical pass over pixels of several channels. Columns that are not needed
    /// stay black. Nothing if there is no such pass, or if rows are too short for it.
    pub(super) fn resample_down(
        &mut self,
        plane: &Plane,
        across: Side,
        down: Side,
    ) -> Option<Plane> {
        let channels = plane.channels;
        let source = Rows {
            bytes: &plane.samples,
            stride: plane.width * channels,
            count: plane.height,
        };
        let stride = across.samples * channels;
        let needed = across.reach();
        let first = (needed.start * channels).min(stride.checked_sub(BLOCK)?);
        let bytes = first..(needed.end * channels).max(first + BLOCK);
        let index = self.weights(down);
        let weights = &self.weights[index];
        if weights.moved().is_some() {
            return None;
        }
        let mut samples = vec![0; stride * down.outputs];
        convolve::rows(source, bytes, weights, &mut samples[first..], stride);
        Some(Plane {
            channels,
            width: across.samples,
            height: down.outputs,
            extent: (across.samples as f64, down.outputs as f64),
            samples,
        })
    }

    /// Index of the weights for a side; makes them if there are none yet.
    fn weights(&mut self, side: Side) -> usize {
        let known = self
            .weights
            .iter()
            .position(|weights| weights.are_for(side));
        known.unwrap_or_else(|| {
            self.weights.push(Weights::new(side));
            self.weights.len() - 1
        })
    }
}

/// The samples of a plane, with rows as long as they have to be.
fn padded(plane: &Plane) -> Cow<'_, [u8]> {
    if plane.width >= BLOCK {
        return Cow::Borrowed(&plane.samples);
    }
    let mut bytes = vec![0; BLOCK * plane.height];
    let rows = plane.samples.chunks_exact(plane.width);
    for (row, samples) in bytes.chunks_exact_mut(BLOCK).zip(rows) {
        row[..plane.width].copy_from_slice(samples);
    }
    Cow::Owned(bytes)
}
