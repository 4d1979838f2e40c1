//! How the samples of a TIFF page are stored: all of it checked before any is read.

use crate::contract::Error;
use crate::decode::{malformed, unsupported_feature};
use crate::format::Format;

use super::directory::Directory;

pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
const BITS_PER_SAMPLE: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC: u16 = 262;
const FILL_ORDER: u16 = 266;
const STRIP_OFFSETS: u16 = 273;
pub(super) const ORIENTATION: u16 = 274;
const SAMPLES_PER_PIXEL: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_LENGTHS: u16 = 279;
const PLANAR: u16 = 284;
const PREDICTOR: u16 = 317;
pub(super) const PALETTE: u16 = 320;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_LENGTHS: u16 = 325;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;
pub(super) const JPEG_TABLES: u16 = 347;
const SUBSAMPLING: u16 = 530;
pub(super) const PROFILE: u16 = 34675;

/// Samples of a pixel, color and all the rest, that a page may have.
const MAX_SAMPLES: u32 = 32;
/// Columns or rows of a tile, if it is larger than the picture.
const MAX_TILE_SIDE: u32 = 4096;

/// Strips or tiles, of one sample if each has its own: twice as many as the
/// largest picture has in tiles of 32 by 32. Each costs time, however few pixels
/// it has.
const MAX_CHUNKS: usize = 200_000;

/// What the color samples mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Photometric {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    Cmyk,
    Ycbcr,
    /// CIE L*a*b*; `signed` if the two color axes are.
    Lab {
        signed: bool,
    },
}

/// What a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// What the sample behind the colors means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alpha {
    None,
    Straight,
    Premultiplied,
}

/// Everything that is needed to read the samples of a page.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) photometric: Photometric,
    pub(super) compression: u32,
    pub(super) predictor: u32,
    pub(super) kind: Kind,
    pub(super) bits: usize,
    /// Samples of a pixel, as stored.
    pub(super) samples: usize,
    pub(super) alpha: Alpha,
    /// Each sample has chunks of its own.
    pub(super) planar: bool,
    pub(super) tiled: bool,
    /// Bits are stored with the least significant first.
    pub(super) reversed: bool,
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
}

impl Layout {
    /// Reads what the directory says of a page of `width` and `height`.
    ///
    /// # Errors
    ///
    /// `unsupported-format` for the corners of the format that are left out,
    /// `malformed-source` for what makes no sense, `limit-exceeded` for a picture
    /// in too many pieces.
    pub(super) fn read(directory: &Directory<'_>, sides: (u32, u32)) -> Result<Layout, Error> {
        let number = |tag, default| directory.first_number(tag).unwrap_or(default);
        let samples = number(SAMPLES_PER_PIXEL, 1);
        if samples == 0 || samples > MAX_SAMPLES {
            return Err(unsupported(format!("{samples} samples a pixel")));
        }
        let photometric = photometric(directory)?;
        let tiled = directory.count(TILE_OFFSETS) > 0;
        let (chunk_width, chunk_height) = chunk_sides(directory, tiled, sides)?;
        let mut layout = Layout {
            width: sides.0 as usize,
            height: sides.1 as usize,
            photometric,
            compression: number(COMPRESSION, 1),
            predictor: number(PREDICTOR, 1),
            kind: kind(directory)?,
            bits: bits(directory, samples as usize)?,
            samples: samples as usize,
            alpha: Alpha::None,
            planar: number(PLANAR, 1) == 2 && samples > 1,
            tiled,
            reversed: number(FILL_ORDER, 1) == 2,
            chunk_width,
            chunk_height,
        };
        layout.alpha = layout.alpha(directory);
        layout.check(directory)?;
        if layout.chunks_across() * layout.chunks_down() > MAX_CHUNKS {
            let reason = format!("more than {MAX_CHUNKS} strips or tiles");
            return Err(Error::LimitExceeded(reason));
        }
        Ok(layout)
    }

    /// Samples of a pixel that make its color.
    pub(super) fn colors(&self) -> usize {
        match self.photometric {
            Photometric::WhiteIsZero | Photometric::BlackIsZero | Photometric::Palette => 1,
            Photometric::Rgb | Photometric::Ycbcr | Photometric::Lab { .. } => 3,
            Photometric::Cmyk => 4,
        }
    }

    /// Samples of a pixel that are kept: its color, and alpha.
    pub(super) fn kept(&self) -> usize {
        self.colors() + usize::from(self.alpha != Alpha::None)
    }

    /// Samples of a pixel within a chunk.
    pub(super) fn chunk_samples(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a chunk, decompressed.
    pub(super) fn row_length(&self) -> usize {
        (self.chunk_width * self.chunk_samples() * self.bits).div_ceil(8)
    }

    pub(super) fn chunks_across(&self) -> usize {
        self.width.div_ceil(self.chunk_width)
    }

    pub(super) fn chunks_down(&self) -> usize {
        self.height.div_ceil(self.chunk_height)
    }

    /// Chunks that the directory says where to find.
    pub(super) fn chunks_stated(&self, directory: &Directory<'_>) -> usize {
        directory.count(if self.tiled {
            TILE_OFFSETS
        } else {
            STRIP_OFFSETS
        })
    }

    /// The compressed bytes of a chunk: empty if they lie outside the file, cut
    /// short if they reach beyond its end.
    pub(super) fn chunk<'a>(&self, directory: &Directory<'a>, index: usize) -> &'a [u8] {
        let (offsets, lengths) = if self.tiled {
            (TILE_OFFSETS, TILE_LENGTHS)
        } else {
            (STRIP_OFFSETS, STRIP_LENGTHS)
        };
        let Some(offset) = directory.number(offsets, index) else {
            return &[];
        };
        let rest = usize::try_from(offset).map(|offset| directory.file().rest(offset));
        let rest = rest.unwrap_or_default();
        // Some writers leave the lengths out when there is no compression.
        let length = directory
            .number(lengths, index)
            .and_then(|length| length.try_into().ok());
        rest.get(..length.unwrap_or(rest.len())).unwrap_or(rest)
    }

    fn alpha(&self, directory: &Directory<'_>) -> Alpha {
        if self.samples <= self.colors() {
            return Alpha::None;
        }
        match directory.first_number(EXTRA_SAMPLES) {
            Some(1) => Alpha::Premultiplied,
            Some(2) => Alpha::Straight,
            // A fourth sample that nothing is said about: alpha, in practice.
            None if self.photometric == Photometric::Rgb && self.samples == 4 => Alpha::Straight,
            _ => Alpha::None,
        }
    }

    fn check(&self, directory: &Directory<'_>) -> Result<(), Error> {
        if self.samples < self.colors() {
            return Err(malformed(
                Format::Tiff,
                "a pixel has fewer samples than colors",
            ));
        }
        let depths: &[usize] = match (self.kind, self.photometric) {
            (Kind::Float, _) => &[16, 32, 64],
            (Kind::Signed, _) => &[8, 16, 32],
            (_, Photometric::Palette) => &[1, 2, 4, 8],
            (_, Photometric::Lab { .. }) => &[8],
            _ => &[
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32,
            ],
        };
        if !depths.contains(&self.bits) {
            return Err(unsupported(format!("{} bits a sample", self.bits)));
        }
        let subsampled = directory.number(SUBSAMPLING, 0).unwrap_or(2) != 1
            || directory.number(SUBSAMPLING, 1).unwrap_or(2) != 1;
        if self.photometric == Photometric::Ycbcr && self.compression != 7 && subsampled {
            return Err(unsupported("colors at a lower resolution without JPEG"));
        }
        Ok(())
    }
}

fn unsupported(reason: impl std::fmt::Display) -> Error {
    unsupported_feature(Format::Tiff, reason)
}

fn photometric(directory: &Directory<'_>) -> Result<Photometric, Error> {
    Ok(match directory.first_number(PHOTOMETRIC) {
        Some(0) => Photometric::WhiteIsZero,
        Some(1 | 4) => Photometric::BlackIsZero,
        Some(2) => Photometric::Rgb,
        Some(3) => Photometric::Palette,
        Some(5) => Photometric::Cmyk,
        Some(6) => Photometric::Ycbcr,
        Some(8) => Photometric::Lab { signed: true },
        Some(9) => Photometric::Lab { signed: false },
        Some(other) => return Err(unsupported(format!("photometric interpretation {other}"))),
        None => return Err(malformed(Format::Tiff, "no photometric interpretation")),
    })
}

fn kind(directory: &Directory<'_>) -> Result<Kind, Error> {
    match directory.first_number(SAMPLE_FORMAT).unwrap_or(1) {
        1 | 4 => Ok(Kind::Unsigned),
        2 => Ok(Kind::Signed),
        3 => Ok(Kind::Float),
        other => Err(unsupported(format!("samples of format {other}"))),
    }
}

/// All samples have to have as many bits; one value may stand for all of them.
fn bits(directory: &Directory<'_>, samples: usize) -> Result<usize, Error> {
    let first = directory.number(BITS_PER_SAMPLE, 0).unwrap_or(1);
    let stated = directory.count(BITS_PER_SAMPLE).min(samples);
    let same = (0..stated).all(|index| directory.number(BITS_PER_SAMPLE, index) == Some(first));
    match usize::try_from(first) {
        Ok(bits @ 1..=64) if same => Ok(bits),
        _ => Err(unsupported("samples of different depths")),
    }
}

fn chunk_sides(
    directory: &Directory<'_>,
    tiled: bool,
    (width, height): (u32, u32),
) -> Result<(usize, usize), Error> {
    if !tiled {
        let rows = directory
            .first_number(ROWS_PER_STRIP)
            .unwrap_or(height)
            .min(height);
        return match rows {
            0 => Err(malformed(Format::Tiff, "strips without rows")),
            rows => Ok((width as usize, rows as usize)),
        };
    }
    let side = |tag, least: u32| {
        let most = least.max(MAX_TILE_SIDE);
        directory
            .first_number(tag)
            .filter(|side| (1..=most).contains(side))
    };
    match side(TILE_WIDTH, width).zip(side(TILE_HEIGHT, height)) {
        Some((across, down)) => Ok((across as usize, down as usize)),
        None => Err(malformed(
            Format::Tiff,
            "the sides of the tiles make no sense",
        )),
    }
}
