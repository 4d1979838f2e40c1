//! Storage of the samples of a TIFF page: all of it checked before any is read.

use thimble_jpeg::Scale;

use crate::directory::Directory;
use crate::error::Error;
use crate::{compression, tag};

/// Samples of a pixel, color and all the rest, that a page may have.
const MAX_SAMPLES: u32 = 32;

/// Columns or rows of a tile beyond which its directory is nonsense.
const MAX_TILE_SIDE: u32 = 1 << 20;

/// Strips or tiles, of one sample if each has its own: twice as many as the
/// largest picture has in tiles of 32 by 32. Each costs time, however few pixels
/// it has.
const MAX_CHUNKS: usize = 200_000;

/// Bytes of samples that are decompressed for each pixel that the limits allow: of more
/// samples than that, there may be fewer pixels.
const BYTES_A_PIXEL: u64 = 8;

/// Pixels for which the bytes above are always allowed.
const LEAST_PIXELS: u64 = 100_000_000;

/// Meaning of the color samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Photometric {
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

/// Type of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Unsigned,
    Signed,
    Float,
}

/// Meaning of the extra sample that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alpha {
    None,
    Straight,
    Premultiplied,
}

/// Everything that is needed to read the samples of a page.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) photometric: Photometric,
    /// The directory says what colors mean; if not, a JPEG within knows better.
    pub(crate) states_photometric: bool,
    pub(crate) compression: u32,
    /// 1, none, wherever the compression has no use for one.
    pub(crate) predictor: u32,
    pub(crate) kind: Kind,
    pub(crate) bits: usize,
    /// Samples of a pixel, as stored.
    pub(crate) samples: usize,
    pub(crate) alpha: Alpha,
    /// Index of the sample that is alpha, if there is one.
    pub(crate) alpha_at: usize,
    /// Each sample has chunks of its own.
    pub(crate) planar: bool,
    pub(crate) tiled: bool,
    /// Bits are stored with the least significant first.
    pub(crate) reversed: bool,
    /// Rows of fax may be differences from the row above.
    pub(crate) mixes_dimensions: bool,
    /// Pixels, across and down, that share color differences; 1 for each if the
    /// compression brings them to full resolution.
    pub(crate) shared: (usize, usize),
    pub(crate) chunk_width: usize,
    pub(crate) chunk_height: usize,
    /// Size at which chunks of JPEG are decoded; all sides here are of this size.
    pub(crate) scale: Scale,
}

impl Layout {
    /// Reads what the directory says of a page of `width` and `height`.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] for the corners of the format that are left out,
    /// [`Error::Malformed`] for those that make no sense, [`Error::TooLarge`] for a
    /// picture in too many pieces, or in pieces larger than the picture may be.
    pub(crate) fn read(
        directory: &Directory<'_>,
        sides: (u32, u32),
        most_pixels: u64,
    ) -> Result<Layout, Error> {
        let number = |tag, default| directory.first_number(tag).unwrap_or(default);
        let compression = number(tag::COMPRESSION, 1);
        let samples = samples(directory, compression);
        if samples == 0 || samples > MAX_SAMPLES {
            return Err(Error::unsupported(format!("{samples} samples a pixel")));
        }
        let samples = samples as usize;
        let photometric = photometric(directory, compression, samples)?;
        if let Some(reason) = compression::refusal(compression) {
            return Err(Error::unsupported(reason));
        }
        let tiled = is_tiled(directory);
        let (chunk_width, chunk_height) = chunk_sides(directory, tiled, sides)?;
        let has_predictor = matches!(compression, 5 | 8 | 32_946);
        let mut layout = Layout {
            width: sides.0 as usize,
            height: sides.1 as usize,
            photometric,
            states_photometric: directory.first_number(tag::PHOTOMETRIC).is_some(),
            compression,
            predictor: if has_predictor {
                number(tag::PREDICTOR, 1)
            } else {
                1
            },
            kind: kind(directory)?,
            bits: bits(directory, compression, samples)?,
            samples,
            alpha: Alpha::None,
            alpha_at: 0,
            planar: number(tag::PLANAR, 1) == 2 && samples > 1,
            tiled,
            reversed: number(tag::FILL_ORDER, 1) == 2,
            mixes_dimensions: number(tag::FAX_OPTIONS, 0) & 1 == 1,
            shared: shared(directory, compression, photometric),
            chunk_width,
            chunk_height,
            scale: Scale::Full,
        };
        if photometric == Photometric::Palette && directory.count(tag::PALETTE) < 3 {
            return Err(Error::Malformed("indices without a palette"));
        }
        (layout.alpha, layout.alpha_at) = layout.alpha(directory);
        layout.check()?;
        layout.check_chunks(most_pixels)?;
        Ok(layout)
    }

    /// The layout of the same page, decoded at a scale, if chunks have streams of their own
    /// and meet where blocks do.
    pub(crate) fn at_scale(&self, scale: Scale) -> Option<Self> {
        let is_whole = |side: usize| side.is_multiple_of(8);
        let meets = (self.chunks_across() == 1 || is_whole(self.chunk_width))
            && (self.chunks_down() == 1 || is_whole(self.chunk_height));
        let scaled = |side: usize| (side * scale.side()).div_ceil(8);
        (self.compression == 7 && self.scale == Scale::Full && meets).then(|| Layout {
            width: scaled(self.width),
            height: scaled(self.height),
            chunk_width: scaled(self.chunk_width),
            chunk_height: scaled(self.chunk_height),
            scale,
            ..self.clone()
        })
    }

    /// Samples of a pixel that make its color.
    pub(crate) fn colors(&self) -> usize {
        match self.photometric {
            Photometric::WhiteIsZero | Photometric::BlackIsZero | Photometric::Palette => 1,
            Photometric::Rgb | Photometric::Ycbcr | Photometric::Lab { .. } => 3,
            Photometric::Cmyk => 4,
        }
    }

    pub(crate) fn has_alpha(&self) -> bool {
        self.alpha != Alpha::None
    }

    /// Samples of a pixel that are kept: its color, and alpha.
    pub(crate) fn kept(&self) -> usize {
        self.colors() + usize::from(self.has_alpha())
    }

    /// Samples of a pixel within a chunk.
    pub(crate) fn chunk_samples(&self) -> usize {
        if self.planar { 1 } else { self.samples }
    }

    /// Bytes of a row of a chunk, decompressed and with color differences for
    /// every pixel.
    pub(crate) fn row_length(&self) -> usize {
        (self.chunk_width * self.chunk_samples() * self.bits).div_ceil(8)
    }

    /// Color differences are stored at a lower resolution.
    pub(crate) fn shares_color(&self) -> bool {
        self.shared != (1, 1)
    }

    /// Bytes of so many rows of a chunk, decompressed.
    pub(crate) fn stored_length(&self, rows: usize) -> Option<usize> {
        if self.shares_color() {
            let (across, down) = self.shared;
            let units = self.chunk_width.div_ceil(across);
            let unit = across * down + 2;
            units.checked_mul(unit)?.checked_mul(rows.div_ceil(down))
        } else {
            self.row_length().checked_mul(rows)
        }
    }

    /// Whole rows of a chunk in so many bytes.
    pub(crate) fn rows_within(&self, bytes: usize) -> usize {
        let (_, down) = self.shared;
        let unit = self.stored_length(down).unwrap_or(0).max(1);
        bytes / unit * down
    }

    pub(crate) fn chunks_across(&self) -> usize {
        self.width.div_ceil(self.chunk_width)
    }

    pub(crate) fn chunks_down(&self) -> usize {
        self.height.div_ceil(self.chunk_height)
    }

    /// Rows of the picture in a row of chunks.
    pub(crate) fn rows_of(&self, band: usize) -> usize {
        self.chunk_height
            .min(self.height.saturating_sub(band * self.chunk_height))
    }

    /// The first extra sample that says it is alpha, and its index.
    fn alpha(&self, directory: &Directory<'_>) -> (Alpha, usize) {
        let extra = self.samples.saturating_sub(self.colors());
        let meanings = (0..extra).map(|index| directory.number(tag::EXTRA_SAMPLES, index));
        let said = meanings
            .enumerate()
            .find_map(|(index, meaning)| match meaning {
                Some(1) => Some((Alpha::Premultiplied, self.colors() + index)),
                Some(2) => Some((Alpha::Straight, self.colors() + index)),
                _ => None,
            });
        // A fourth sample that nothing is said about: alpha, in practice.
        let is_silent = directory.count(tag::EXTRA_SAMPLES) == 0;
        match said {
            Some(said) => said,
            None if is_silent && self.photometric == Photometric::Rgb && self.samples == 4 => {
                (Alpha::Straight, 3)
            }
            None => (Alpha::None, 0),
        }
    }

    fn check(&self) -> Result<(), Error> {
        let is_lab = matches!(self.photometric, Photometric::Lab { .. });
        if is_lab && self.samples == 1 {
            return Err(Error::unsupported("CIE L*a*b* of one sample a pixel"));
        }
        if self.samples < self.colors() {
            return Err(Error::Malformed("a pixel has fewer samples than colors"));
        }
        let depths: &[usize] = match (self.kind, self.photometric) {
            (Kind::Float, Photometric::Palette | Photometric::Lab { .. }) => {
                let reason = "indices or CIE L*a*b* in floating point";
                return Err(Error::unsupported(reason));
            }
            (Kind::Float, _) => &[16, 32, 64],
            (Kind::Signed, _) => &[8, 16, 32],
            (_, Photometric::Palette) => &[1, 2, 4, 8, 16],
            (_, Photometric::Lab { .. }) => &[8, 16],
            _ => &[
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 32,
            ],
        };
        if !depths.contains(&self.bits) {
            return Err(Error::unsupported(format!("{} bits a sample", self.bits)));
        }
        if !knows_predictor(self.predictor, self.kind, self.bits) {
            let (predictor, bits) = (self.predictor, self.bits);
            let reason = format!("predictor {predictor} of {bits} bits a sample");
            return Err(Error::unsupported(reason));
        }
        self.check_shared()
    }

    /// Color differences that pixels share are read in one arrangement alone.
    fn check_shared(&self) -> Result<(), Error> {
        let other = match self {
            _ if !self.shares_color() => return Ok(()),
            Layout { planar: true, .. } => "in planes of their own",
            Layout { bits, .. } if *bits != 8 => "of other than 8 bits",
            Layout { samples, .. } if *samples != 3 => "beside other samples",
            Layout { predictor, .. } if *predictor > 1 => "with a predictor",
            _ => return Ok(()),
        };
        let reason = format!("color differences at a lower resolution, {other}");
        Err(Error::unsupported(reason))
    }

    fn check_chunks(&self, most_pixels: u64) -> Result<(), Error> {
        if self.chunks_across() * self.chunks_down() > MAX_CHUNKS {
            let reason = format!("more than {MAX_CHUNKS} strips or tiles");
            return Err(Error::too_large(reason));
        }
        // Tiles may reach beyond the picture; rows below it are not decoded.
        let columns = self.chunks_across() as u64 * self.chunk_width as u64;
        let height = self.chunk_height.min(self.height);
        let rows = self.chunks_down() as u64 * height as u64;
        let pixels = columns.saturating_mul(rows);
        if pixels > most_pixels {
            let reason = format!("tiles of more than {} pixels in all", most_pixels);
            return Err(Error::too_large(reason));
        }
        let read = if self.planar {
            self.kept()
        } else {
            self.samples
        };
        let bytes = pixels.saturating_mul((read * self.bits) as u64) / 8;
        let most = most_pixels.max(LEAST_PIXELS) * BYTES_A_PIXEL;
        if bytes > most {
            let reason = format!("{bytes} bytes of samples: more than {most}");
            return Err(Error::too_large(reason));
        }
        Ok(())
    }
}

/// Old-style JPEG often leaves out how many samples a pixel has. RGB has as many as
/// have depths.
fn samples(directory: &Directory<'_>, compression: u32) -> u32 {
    let stated = directory.first_number(tag::SAMPLES_PER_PIXEL);
    stated.unwrap_or_else(
        || match (compression, directory.first_number(tag::PHOTOMETRIC)) {
            (6, Some(2 | 6) | None) => 3,
            (_, Some(2)) => directory.count(tag::BITS_PER_SAMPLE).max(1) as u32,
            _ => 1,
        },
    )
}

/// The meaning of colors. If nothing is said of it, libtiff's guess: fax has black
/// on white, one sample is gray, three are red, green and blue.
fn photometric(
    directory: &Directory<'_>,
    compression: u32,
    samples: usize,
) -> Result<Photometric, Error> {
    let colors = samples - directory.count(tag::EXTRA_SAMPLES).min(samples);
    Ok(match directory.first_number(tag::PHOTOMETRIC) {
        Some(0) => Photometric::WhiteIsZero,
        Some(1 | 4) => Photometric::BlackIsZero,
        // No old-style JPEG has anything else.
        Some(2) | None if compression == 6 && colors >= 3 => Photometric::Ycbcr,
        Some(2) if samples < 3 => Photometric::BlackIsZero,
        Some(2) => Photometric::Rgb,
        Some(3) => Photometric::Palette,
        Some(5) => Photometric::Cmyk,
        Some(6) if samples == 1 => Photometric::BlackIsZero,
        Some(6) => Photometric::Ycbcr,
        Some(8) => Photometric::Lab { signed: true },
        Some(9) => Photometric::Lab { signed: false },
        Some(32_803 | 34_892) => {
            return Err(Error::CameraRaw);
        }
        Some(other) => {
            return Err(Error::unsupported(format!(
                "photometric interpretation {other}"
            )));
        }
        None if matches!(compression, 2..=4 | 32_771) => Photometric::WhiteIsZero,
        None if colors <= 2 => Photometric::BlackIsZero,
        None if colors == 3 || samples == 3 => Photometric::Rgb,
        None => return Err(Error::Malformed("no photometric interpretation")),
    })
}

fn kind(directory: &Directory<'_>) -> Result<Kind, Error> {
    match directory.first_number(tag::SAMPLE_FORMAT).unwrap_or(1) {
        1 | 4 => Ok(Kind::Unsigned),
        2 => Ok(Kind::Signed),
        3 => Ok(Kind::Float),
        other => Err(Error::unsupported(format!("samples of format {other}"))),
    }
}

/// All samples have to have as many bits; one value may stand for all of them.
fn bits(directory: &Directory<'_>, compression: u32, samples: usize) -> Result<usize, Error> {
    let default = if matches!(compression, 6 | 7) { 8 } else { 1 };
    let first = directory.number(tag::BITS_PER_SAMPLE, 0).unwrap_or(default);
    let stated = directory.count(tag::BITS_PER_SAMPLE).min(samples);
    let same =
        (0..stated).all(|index| directory.number(tag::BITS_PER_SAMPLE, index) == Some(first));
    match usize::try_from(first) {
        Ok(bits @ 1..=64) if same => Ok(bits),
        _ => Err(Error::unsupported("samples of different depths")),
    }
}

/// Pixels that share color differences, where no JPEG resolves them.
fn shared(directory: &Directory<'_>, compression: u32, photometric: Photometric) -> (usize, usize) {
    if photometric != Photometric::Ycbcr || matches!(compression, 6 | 7) {
        return (1, 1);
    }
    let factor = |index| match directory.number(tag::SUBSAMPLING, index) {
        Some(1) => 1,
        Some(4) => 4,
        _ => 2,
    };
    (factor(0), factor(1))
}

/// Looks for tiles. Old writers listed them under the tags of strips.
fn is_tiled(directory: &Directory<'_>) -> bool {
    let has_side = |tag| directory.first_number(tag).is_some_and(|side| side > 0);
    let has_sides = has_side(tag::TILE_WIDTH) && has_side(tag::TILE_HEIGHT);
    has_sides || directory.count(tag::STRIP_OFFSETS) == 0 && directory.count(tag::TILE_OFFSETS) > 0
}

fn chunk_sides(
    directory: &Directory<'_>,
    tiled: bool,
    (width, height): (u32, u32),
) -> Result<(usize, usize), Error> {
    if !tiled {
        let rows = directory
            .first_number(tag::ROWS_PER_STRIP)
            .unwrap_or(height)
            .min(height);
        return match rows {
            0 => Err(Error::Malformed("strips without rows")),
            rows => Ok((width as usize, rows as usize)),
        };
    }
    let side = |tag| {
        directory
            .first_number(tag)
            .filter(|side| (1..=MAX_TILE_SIDE).contains(side))
    };
    match side(tag::TILE_WIDTH).zip(side(tag::TILE_HEIGHT)) {
        Some((across, down)) => Ok((across as usize, down as usize)),
        None => Err(Error::Malformed("the sides of the tiles make no sense")),
    }
}

/// True for a predictor that is undone, or for none.
fn knows_predictor(predictor: u32, kind: Kind, bits: usize) -> bool {
    match predictor {
        0 | 1 => true,
        2 => matches!(bits, 8 | 16 | 32 | 64),
        3 => kind == Kind::Float,
        _ => false,
    }
}
