//! PNG: as few channels as the picture needs.
//!
//! The way to a small file depends on the picture. Photographs want their rows
//! filtered, and then runs of one byte are worth more than other matches; drawings
//! and screenshots want matches, and many of them no filter. So a few bands of the
//! picture are encoded in each way, and the rest in the way that did best.

use std::io::Write;

use flate2::write::ZlibEncoder;
use thimble_deflate::{Deflater, Effort};
use thimble_png::Filters;

use super::samples;
use crate::contract::Dimensions;
use crate::model;
use crate::picture::{Model, Picture};
use crate::settings::Compression;

/// A way to compress rows.
#[derive(Clone, Copy)]
struct Way(Filters, Search);

/// The search for whatever is compressed besides single bytes.
#[derive(Clone, Copy)]
enum Search {
    Runs,
    Matches(Effort),
    /// Matches, by zlib, which looks the longest.
    Everywhere,
}

/// Several times as quick as the others.
const QUICK: Way = Way(Filters::Adaptive, Search::Runs);

const THOROUGH: [Way; 2] = [
    Way(Filters::Never, Search::Matches(Effort::GREEDY)),
    Way(Filters::Adaptive, Search::Matches(Effort::LAZY)),
];

/// All of them, and the most thorough: of some pictures the quicker search makes the
/// smaller file.
const EXHAUSTIVE: [Way; 5] = [
    QUICK,
    THOROUGH[0],
    THOROUGH[1],
    Way(Filters::Never, Search::Everywhere),
    Way(Filters::Adaptive, Search::Everywhere),
];

/// A thorough way has to save more than this part of the file.
const SAVING: usize = 128;

/// Of this many rows the first [`BAND`] are tried; of a picture that has no more, of a few.
const STRIDE: usize = 128;
const SHORT_STRIDE: usize = 32;

/// Enough rows for what is alike in neighboring ones to be found.
const BAND: usize = 8;

/// Encodes a picture, with its alpha if it has any.
pub(super) fn encode(
    picture: Picture,
    dimensions: Dimensions,
    compression: Compression,
) -> Vec<u8> {
    let (channels, samples) = layout(picture);
    let image = Image {
        channels,
        width: dimensions.width as usize,
        samples: &samples,
    };
    let mut deflater = Deflater::default();
    let stream = match compression {
        Compression::Fast => image.compress(QUICK, &mut deflater),
        Compression::Balanced => {
            let way = image.best_way(&mut deflater);
            image.compress(way, &mut deflater)
        }
        Compression::Small => image.compress_most(&mut deflater),
    };
    let Dimensions { width, height } = dimensions;
    thimble_png::file(width, height, channels, &stream)
}

/// Samples in the layout of the file.
struct Image<'a> {
    channels: usize,
    width: usize,
    samples: &'a [u8],
}

impl Image<'_> {
    fn compress(&self, Way(filters, search): Way, deflater: &mut Deflater) -> Vec<u8> {
        let rows = thimble_png::filtered(self.samples, self.width, self.channels, filters);
        match search {
            Search::Runs => deflater.runs(&rows),
            Search::Matches(effort) => deflater.matches(&rows, effort),
            Search::Everywhere => {
                let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
                let written = zlib.write_all(&rows).and_then(|()| zlib.finish());
                written.unwrap_or_else(|_| deflater.runs(&rows))
            }
        }
    }

    /// The quick way, unless another makes a smaller file of some bands.
    fn best_way(&self, deflater: &mut Deflater) -> Way {
        let row = (self.width * self.channels).max(1);
        let stride = if self.samples.len() > STRIDE * row {
            STRIDE
        } else {
            SHORT_STRIDE
        };
        let bands: Vec<u8> = self
            .samples
            .chunks(stride * row)
            .flat_map(|rows| rows.get(..BAND * row).unwrap_or(rows))
            .copied()
            .collect();
        let bands = Image {
            samples: &bands,
            ..*self
        };
        let quick = bands.compress(QUICK, deflater).len();
        let (mut best, mut least) = (QUICK, quick - quick / SAVING);
        for way in THOROUGH {
            let length = bands.compress(way, deflater).len();
            if length < least {
                (best, least) = (way, length);
            }
        }
        best
    }

    fn compress_most(&self, deflater: &mut Deflater) -> Vec<u8> {
        let [first, rest @ ..] = EXHAUSTIVE;
        let mut smallest = self.compress(first, deflater);
        for way in rest {
            let stream = self.compress(way, deflater);
            if stream.len() < smallest.len() {
                smallest = stream;
            }
        }
        smallest
    }
}

/// The channels, and their samples. Gray stays gray, and color that is gray becomes it, with alpha or without.
fn layout(picture: Picture) -> (usize, Vec<u8>) {
    match picture.model {
        Model::Gray => (1, samples(picture)),
        Model::Rgba => match gray_and_alpha(&picture) {
            Some(samples) => (2, samples),
            None => (4, samples(picture)),
        },
        Model::Rgb | Model::Ycbcr => {
            let picture = model::to_rgb(picture);
            match model::to_gray(&picture) {
                Some(gray) => (1, samples(gray)),
                None => (3, samples(picture)),
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
