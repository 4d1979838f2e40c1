//! PNG: as few channels as the picture needs.
//!
//! The way to a small file depends on the picture. Photographs want their rows
//! filtered, and then a quick compressor is as good as a thorough one; drawings
//! and screenshots want a thorough one, and no filter. So a few bands of the
//! picture are encoded in each way, and the rest in the way that did best.

use png::{BitDepth, ColorType, DeflateCompression, Filter};

use super::{failed, samples};
use crate::contract::{Dimensions, Error};
use crate::model;
use crate::picture::{Model, Picture};
use crate::settings::Compression;

/// A way to compress rows.
#[derive(Clone, Copy)]
struct Way {
    deflate: DeflateCompression,
    filter: Filter,
}

/// Several times as quick as the others.
const QUICK: Way = Way {
    deflate: DeflateCompression::FdeflateUltraFast,
    filter: Filter::Adaptive,
};

const THOROUGH: [Way; 2] = [
    Way {
        deflate: DeflateCompression::Level(6),
        filter: Filter::NoFilter,
    },
    Way {
        deflate: DeflateCompression::Level(6),
        filter: Filter::Adaptive,
    },
];

/// All of them, and the most thorough: of some pictures the quicker search makes the
/// smaller file.
const EXHAUSTIVE: [Way; 5] = [
    QUICK,
    THOROUGH[0],
    THOROUGH[1],
    Way {
        deflate: DeflateCompression::Level(9),
        filter: Filter::NoFilter,
    },
    Way {
        deflate: DeflateCompression::Level(9),
        filter: Filter::Adaptive,
    },
];

/// Of this many rows the first [`BAND`] are tried.
const STRIDE: usize = 128;

/// Enough rows for what is alike in neighboring ones to be found.
const BAND: usize = 8;

/// Encodes a picture, with its alpha if it has any.
pub(super) fn encode(
    picture: Picture,
    dimensions: Dimensions,
    compression: Compression,
) -> Result<Vec<u8>, Error> {
    let (color, samples) = layout(picture);
    let image = Image {
        color,
        width: dimensions.width,
        samples: &samples,
    };
    match compression {
        Compression::Fast => image.write(QUICK),
        Compression::Balanced => image.write(image.best_way()?),
        Compression::Small => image.write_smallest(),
    }
}

/// Samples in the layout of the file.
struct Image<'a> {
    color: ColorType,
    width: u32,
    samples: &'a [u8],
}

impl Image<'_> {
    fn write(&self, way: Way) -> Result<Vec<u8>, Error> {
        let rows = self.samples.len() / self.bytes_per_row();
        let mut data = Vec::new();
        let height = u32::try_from(rows).map_err(failed)?;
        let mut encoder = png::Encoder::new(&mut data, self.width, height);
        encoder.set_color(self.color);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_deflate_compression(way.deflate);
        encoder.set_filter(way.filter);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(self.samples).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(data)
    }

    /// The quick way, unless another makes a smaller file of some bands.
    fn best_way(&self) -> Result<Way, Error> {
        let bands: Vec<u8> = self
            .samples
            .chunks(STRIDE * self.bytes_per_row())
            .flat_map(|rows| rows.get(..BAND * self.bytes_per_row()).unwrap_or(rows))
            .copied()
            .collect();
        let bands = Image {
            samples: &bands,
            ..*self
        };
        let (mut best, mut least) = (QUICK, bands.write(QUICK)?.len());
        for way in THOROUGH {
            let length = bands.write(way)?.len();
            if length < least {
                (best, least) = (way, length);
            }
        }
        Ok(best)
    }

    fn write_smallest(&self) -> Result<Vec<u8>, Error> {
        let [first, rest @ ..] = EXHAUSTIVE;
        let mut smallest = self.write(first)?;
        for way in rest {
            let data = self.write(way)?;
            if data.len() < smallest.len() {
                smallest = data;
            }
        }
        Ok(smallest)
    }

    fn bytes_per_row(&self) -> usize {
        (self.width as usize * self.color.samples()).max(1)
    }
}

/// Gray stays gray, and color that is gray becomes it, with alpha or without.
fn layout(picture: Picture) -> (ColorType, Vec<u8>) {
    match picture.model {
        Model::Gray => (ColorType::Grayscale, samples(picture)),
        Model::Rgba => match gray_and_alpha(&picture) {
            Some(samples) => (ColorType::GrayscaleAlpha, samples),
            None => (ColorType::Rgba, samples(picture)),
        },
        Model::Rgb | Model::Ycbcr => {
            let picture = model::to_rgb(picture);
            match model::to_gray(&picture) {
                Some(gray) => (ColorType::Grayscale, samples(gray)),
                None => (ColorType::Rgb, samples(picture)),
            }
        }
    }
}

/// Gray and alpha of an RGBA picture in which every pixel is gray.
fn gray_and_alpha(picture: &Picture) -> Option<Vec<u8>> {
    let (pixels, _) = picture.planes.first()?.samples.as_chunks::<4>();
    pixels
        .iter()
        .all(|[red, green, blue, _]| red == green && green == blue)
        .then(|| {
            pixels
                .iter()
                .flat_map(|[gray, _, _, alpha]| [*gray, *alpha])
                .collect()
        })
}
