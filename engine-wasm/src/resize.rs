//! Resampling: the only module that names a resampling library.
//!
//! Lanczos3 with antialiasing, in integers of 8 bits, the vertical pass first.
//! The library picks instructions for the processor it meets, but all of its
//! ways do the same integer arithmetic; what it leaves to floating point is the
//! weights. `lanczos3` computes those with additions, multiplications and
//! divisions alone, which every processor rounds alike, so that a thumbnail has
//! the same bytes natively and in WebAssembly.

use std::f64::consts::PI;

use fast_image_resize::images::{TypedCroppedImage, TypedImage, TypedImageRef};
use fast_image_resize::pixels::{U8, U8x3, U8x4};
use fast_image_resize::{Filter, FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use crate::contract::{Dimensions, Error};
use crate::picture::{Model, Picture, Plane};
use crate::plan::Region;

/// How many samples of color difference a resized [`Model::Ycbcr`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// As many as of luma.
    Full,
    /// One for two columns and two rows of luma.
    Half,
}

/// A resampler, with the buffers that it uses again.
pub struct Resampler {
    resizer: Resizer,
    filter: Filter,
}

impl Resampler {
    /// Makes a resampler.
    ///
    /// # Errors
    ///
    /// If the resampling library refuses the filter.
    pub fn new() -> Result<Self, Error> {
        let filter = Filter::new("lanczos3", lanczos3, LANCZOS3_RADIUS).map_err(failed)?;
        Ok(Self {
            resizer: Resizer::new(),
            filter,
        })
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
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Custom(self.filter)))
            .crop(across.0, down.0, across.1, down.1)
            .use_alpha(false);
        let samples = match plane.channels {
            1 => self.resample::<U8>(plane, layout, &options),
            3 => self.resample::<U8x3>(plane, layout, &options),
            _ => self.resample::<U8x4>(plane, layout, &options),
        }?;
        Ok(Plane {
            channels: plane.channels,
            width: layout.width as usize,
            height: layout.height as usize,
            extent: layout.extent,
            samples,
        })
    }

    fn resample<P: PixelTrait>(
        &mut self,
        plane: &Plane,
        layout: &Layout,
        options: &ResizeOptions,
    ) -> Result<Vec<u8>, Error> {
        let (columns, rows) = plane.covered();
        let stored = TypedImageRef::<P>::from_buffer(
            side(plane.width)?,
            side(plane.height)?,
            &plane.samples,
        )
        .map_err(failed)?;
        let source =
            TypedCroppedImage::new(stored, 0, 0, side(columns)?, side(rows)?).map_err(failed)?;
        let length = layout.width as usize * layout.height as usize * plane.channels;
        let mut samples = vec![0; length];
        let mut target = TypedImage::<P>::from_buffer(layout.width, layout.height, &mut samples)
            .map_err(failed)?;
        self.resizer
            .resize_typed(&source, &mut target, options)
            .map_err(failed)?;
        Ok(samples)
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

fn side(samples: usize) -> Result<u32, Error> {
    u32::try_from(samples).map_err(failed)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::other(format!("cannot resize: {error}"))
}

/// How far the filter reaches, in samples of the smaller picture.
const LANCZOS3_RADIUS: f64 = 3.0;

/// A sinc, windowed by the middle lobe of one three times as wide:
/// `sin(3a) / (3a) * sin(a) / a` with `a` a third of half a turn times `x`. By the
/// sine of the triple angle, `sin(3a) = sin(a) * (3 - 4 * sin(a)^2)`, one sine is
/// enough; there are thousands of weights in a small thumbnail.
fn lanczos3(x: f64) -> f64 {
    let third = x.abs() / LANCZOS3_RADIUS;
    if x == 0.0 {
        1.0
    } else if third < 1.0 {
        let sine = sine(third.min(1.0 - third) * PI);
        let sinc = sine / (third * PI);
        sinc * sinc * (1.0 - 4.0 / 3.0 * sine * sine)
    } else {
        0.0
    }
}

/// The sine of an angle within a quarter turn, by its power series: the first term
/// left out is smaller than the rounding of a double.
fn sine(angle: f64) -> f64 {
    let square = angle * angle;
    SINE.iter().rev().fold(0.0, |sum, term| sum * square + term) * angle
}

/// The coefficients of the odd powers: `(-1)^k / (2k + 1)!`.
const SINE: [f64; 12] = {
    let mut terms = [1.0; 12];
    let mut k = 1;
    while k < terms.len() {
        terms[k] = -terms[k - 1] / ((2 * k) as f64 * (2 * k + 1) as f64);
        k += 1;
    }
    terms
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_lanczos3() {
        for step in -3500..3500 {
            let x = f64::from(step) / 1000.0;
            let turn = x * PI;
            let expected = if x == 0.0 {
                1.0
            } else if x.abs() >= 3.0 {
                0.0
            } else {
                turn.sin() / turn * (turn / 3.0).sin() / (turn / 3.0)
            };
            assert!(
                (lanczos3(x) - expected).abs() < 1e-15,
                "at {x}: {}",
                lanczos3(x)
            );
        }
    }
}
