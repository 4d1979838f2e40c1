//! Resampling: Lanczos3 with antialiasing, in integers of 8 bits, the vertical
//! pass first.
//!
//! The arithmetic is that of Pillow's resampler and of those that follow it:
//! weights in integers of 16 bits, sums in 32, a rounding to 8 after each pass.
//! The horizontal pass over interleaved channels is done by fast_image_resize, all
//! the rest by code of our own, and every byte is the same.

use std::ops::Range;

use fast_image_resize::Resizer;
use fast_image_resize::pixels::{U8x3, U8x4};

use crate::contract::{Dimensions, Error};
use crate::picture::{Model, Picture, Plane};
use crate::plan::Region;

mod filter;
mod interleaved;
mod planar;

/// Resolution of the color differences of a resized [`Model::Ycbcr`].
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
    interleaved: Resizer,
    planar: planar::Resampler,
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
        let width = region.width * per_x * stretch_x;
        let height = region.height * per_y * stretch_y;
        let across = Side::new(columns, region.left * per_x, width, layout.width)?;
        let down = Side::new(rows, region.top * per_y, height, layout.height)?;
        Ok(Plane {
            channels: plane.channels,
            width: across.outputs,
            height: down.outputs,
            extent: layout.extent,
            samples: self.resample(plane, across, down)?,
        })
    }

    /// Resamples a rectangle of a plane.
    fn resample(&mut self, plane: &Plane, across: Side, down: Side) -> Result<Vec<u8>, Error> {
        if plane.channels == 1 {
            return Ok(self.planar.resample(plane, across, down));
        }
        let resample = match plane.channels {
            3 => interleaved::resample::<U8x3>,
            _ => interleaved::resample::<U8x4>,
        };
        let Some(plane) = self.planar.resample_down(plane, across, down) else {
            return resample(&mut self.interleaved, plane, across, down);
        };
        let down = Side {
            samples: plane.height,
            start: 0.0,
            length: plane.height as f64,
            ..down
        };
        resample(&mut self.interleaved, &plane, across, down)
    }
}

/// One side of what is resampled.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Side {
    /// Number of samples.
    samples: usize,
    /// Start of the part that is resampled, in samples.
    start: f64,
    /// Length of that part, in samples.
    length: f64,
    /// Number of samples to make of it.
    outputs: usize,
}

impl Side {
    /// A part of a side, cut to the samples there are: rounding may have moved it
    /// beyond them.
    fn new(samples: usize, start: f64, length: f64, outputs: u32) -> Result<Self, Error> {
        let most = samples as f64;
        let start = start.clamp(0.0, most);
        let length = length.min(most - start);
        if samples == 0 || outputs == 0 || length <= 0.0 {
            return Err(Error::other(
                "cannot resize: there is nothing of the picture in this region",
            ));
        }
        Ok(Self {
            samples,
            start,
            length,
            outputs: outputs as usize,
        })
    }

    /// The samples that any output may need.
    fn reach(&self) -> Range<usize> {
        let scale = (self.length / self.outputs as f64).max(1.0);
        let radius = filter::RADIUS * scale;
        let start = (self.start - radius).max(0.0) as usize;
        let end = (self.start + self.length + radius).ceil() as usize;
        start..end.min(self.samples)
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

    /// The factor by which the samples reach further than the picture: of an odd side, half
    /// of the last sample of color difference lies outside.
    fn stretch(&self) -> (f64, f64) {
        (
            f64::from(self.width) / self.extent.0,
            f64::from(self.height) / self.extent.1,
        )
    }
}

#[cfg(test)]
mod tests;
