//! Resampling: Lanczos3 with antialiasing, in integers of 8 bits, the vertical
//! pass first.
//!
//! The arithmetic is that of Pillow's resampler and of those that follow it:
//! weights in integers of 16 bits, sums in 32, a rounding to 8 after each pass.

use std::borrow::Cow;

use crate::contract::{Dimensions, Error};
use crate::picture::{Model, Picture, Plane};
use crate::plan::Region;

mod convolve;
mod weights;

use convolve::{BLOCK, Buffers, Rows};
use weights::{Side, Weights};

/// How many samples of color difference a resized [`Model::Ycbcr`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// As many as of luma.
    Full,
    /// One for two columns and two rows of luma.
    Half,
}

/// A resampler, with the buffers and the weights that it uses again.
#[derive(Debug, Default)]
pub struct Resampler {
    weights: Vec<Weights>,
    buffers: Buffers,
    /// What the vertical pass made.
    rows: Vec<u8>,
}

impl Resampler {
    /// Makes a resampler.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scales a part of a picture to `size`.
    ///
    /// `region` is in pixels of a picture that measures `whole`, whatever number
    /// of samples `picture` has of it. Color has to be premultiplied if there is
    /// alpha. Samples that lie outside the region but within the reach of the
    /// filter contribute, as if the whole were scaled and then cropped.
    ///
    /// # Errors
    ///
    /// If the region is no part of the picture.
    pub fn resize(
        &mut self,
        picture: &Picture,
        whole: (f64, f64),
        region: &Region,
        size: Dimensions,
        chroma: Chroma,
    ) -> Result<Picture, Error> {
        let mut planes = Vec::with_capacity(picture.planes.len());
        for (index, plane) in picture.planes.iter().enumerate() {
            let coarse = picture.model == Model::Ycbcr && index > 0 && chroma == Chroma::Half;
            let layout = if coarse {
                Layout::halved(size)
            } else {
                Layout::full(size)
            };
            planes.push(self.resize_plane(plane, whole, region, &layout)?);
        }
        Ok(Picture {
            model: picture.model,
            planes,
        })
    }

    fn resize_plane(
        &mut self,
        plane: &Plane,
        whole: (f64, f64),
        region: &Region,
        layout: &Layout,
    ) -> Result<Plane, Error> {
        let (columns, rows) = plane.covered();
        let (stretch_x, stretch_y) = layout.stretch();
        let (per_x, per_y) = (plane.extent.0 / whole.0, plane.extent.1 / whole.1);
        let across = span(
            region.left * per_x,
            region.width * per_x * stretch_x,
            columns,
        );
        let down = span(region.top * per_y, region.height * per_y * stretch_y, rows);
        let samples = self.resample(plane, layout, across, down)?;
        Ok(Plane {
            channels: plane.channels,
            width: layout.width as usize,
            height: layout.height as usize,
            extent: layout.extent,
            samples,
        })
    }

    /// Resamples a rectangle of a plane: start and length of its columns and rows.
    fn resample(
        &mut self,
        plane: &Plane,
        layout: &Layout,
        across: (f64, f64),
        down: (f64, f64),
    ) -> Result<Vec<u8>, Error> {
        let (columns, rows) = plane.covered();
        let across = self.weights(side(columns, across, layout.width)?);
        let down = self.weights(side(rows, down, layout.height)?);
        let (across, down) = (&self.weights[across], &self.weights[down]);

        let padded = padded(plane);
        let source = Rows {
            bytes: &padded,
            stride: padded.len() / plane.height,
            count: plane.height,
        };
        let (left, between) = match down.moved() {
            Some(top) => (
                0,
                Rows {
                    bytes: &padded[top * source.stride..],
                    count: layout.height as usize,
                    ..source
                },
            ),
            None => {
                let (first, end) = across.reach();
                let left = (first * plane.channels).min(source.stride - BLOCK);
                let length = (end * plane.channels - left).max(BLOCK);
                self.rows.resize(length * layout.height as usize, 0);
                convolve::rows(source, left, down, &mut self.rows, length);
                (
                    left,
                    Rows {
                        bytes: &self.rows,
                        stride: length,
                        count: layout.height as usize,
                    },
                )
            }
        };
        let length = layout.width as usize * plane.channels;
        Ok(match across.moved() {
            Some(first) => between.cut(first * plane.channels - left, length),
            None => {
                let buffers = &mut self.buffers;
                convolve::columns(between, left, plane.channels, across, length, buffers)
            }
        })
    }

    /// Where among the weights those for a side are.
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

/// The samples of a resized plane, and how much of the picture they cover.
struct Layout {
    width: u32,
    height: u32,
    extent: (f64, f64),
}

impl Layout {
    fn full(size: Dimensions) -> Self {
        let extent = (f64::from(size.width), f64::from(size.height));
        Self {
            width: size.width,
            height: size.height,
            extent,
        }
    }

    fn halved(size: Dimensions) -> Self {
        let extent = (f64::from(size.width) / 2.0, f64::from(size.height) / 2.0);
        Self {
            width: size.width.div_ceil(2),
            height: size.height.div_ceil(2),
            extent,
        }
    }

    /// How much further than the picture the samples reach: of an odd side, half
    /// of the last sample of color difference lies outside.
    fn stretch(&self) -> (f64, f64) {
        (
            f64::from(self.width) / self.extent.0,
            f64::from(self.height) / self.extent.1,
        )
    }
}

/// Start and length of a span, moved by what rounding may have added beyond the
/// `samples` there are.
fn span(start: f64, length: f64, samples: usize) -> (f64, f64) {
    let samples = samples as f64;
    let start = start.clamp(0.0, samples);
    (start, length.min(samples - start))
}

fn side(samples: usize, (start, length): (f64, f64), outputs: u32) -> Result<Side, Error> {
    if samples == 0 || outputs == 0 || length <= 0.0 {
        return Err(Error::other(
            "cannot resize: there is nothing of the picture in this region",
        ));
    }
    Ok(Side {
        samples,
        start,
        length,
        outputs: outputs as usize,
    })
}

/// The samples of a plane, with rows as long as they have to be.
fn padded(plane: &Plane) -> Cow<'_, [u8]> {
    let length = plane.width * plane.channels;
    if length >= BLOCK {
        return Cow::Borrowed(&plane.samples);
    }
    let mut bytes = vec![0; BLOCK * plane.height];
    let rows = plane.samples.chunks_exact(length);
    for (row, samples) in bytes.chunks_exact_mut(BLOCK).zip(rows) {
        row[..length].copy_from_slice(samples);
    }
    Cow::Owned(bytes)
}

#[cfg(test)]
mod tests;
