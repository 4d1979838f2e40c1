//! AVIF: stills and grids of AV1, of every depth, with alpha; of a sequence, the still.
//!
//! [`heif`] finds the tiles, [`av1`] decodes them, a row of tiles at a time ([`mosaic`]);
//! what is luma and color differences becomes colors ([`colors`]), and rows are averaged as
//! they come.

mod colors;
mod mosaic;

use std::ops::Range;

use thimble_av1 as av1;
use thimble_heif::{self as heif, CodePoints, Coded, Plane};

use self::colors::Conversion;
use self::mosaic::Mosaic;
use crate::color::{self, DeepColors, Samples};
use crate::contract::{Error, Limits};
use crate::decode::rows::Rows;
use crate::decode::{
    Codec, Decoded, Header, TRUNCATED, Task, admit, admit_profile, malformed, unsupported_feature,
};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::AVIF,
    recognize: |source| heif::has_brand(source, b"avif") || heif::has_brand(source, b"avis"),
    read_header,
    decode,
};

/// Bytes of a frame that is being decoded, for each of its own: the decoder's tables.
const HELD_A_BYTE: f64 = 2.5;

/// Transfers of cameras, whose pictures are made to be seen on a screen: that of sRGB.
const OF_CAMERAS: [u8; 5] = [1, 2, 6, 14, 15];

/// Reads the items.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let picture = heif::Picture::read(source, Coded::Av1).map_err(refused)?;
    let [_, _, width, height] = picture.shown;
    Ok(Header {
        orientation: Orientation::from_number(picture.turn.orientation().into()),
        frames: picture.frames,
        ..Header::new(Format::AVIF, width, height)
    })
}

/// Decodes tiles from the top to the bottom. Those that a damaged source lacks are
/// transparent, and there is a warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let picture = heif::Picture::read(task.source, Coded::Av1).map_err(refused)?;
    check(&picture, task)?;
    let mut warnings = Vec::new();
    let mut source = Source::open(&picture, task)?;
    let profile = source.profile(&picture, task.limits, &mut warnings);
    let pixels = u64::from(task.header.width) * u64::from(task.header.height);
    let deep = profile.as_deref().filter(|_| source.main.depth() > 8);
    let deep = deep.and_then(|profile| DeepColors::new(profile, 3, source.alpha.is_some(), pixels));
    let (deep, rest) = deep.unzip();
    let profile = rest.unwrap_or(profile);
    let decoded = source.read(task, picture.shown, deep.as_ref())?;
    if source.is_damaged() {
        warnings.push(TRUNCATED.into());
    }
    Ok(Decoded {
        picture: decoded,
        profile,
        warnings,
    })
}

/// Refuses what would hold too much memory: the whole of it counts, whatever is shown.
fn check(picture: &heif::Picture<'_>, task: &Task<'_>) -> Result<(), Error> {
    let whole = Header::new(Format::AVIF, picture.main.width, picture.main.height);
    whole.check(task.limits)?;
    let (width, height) = picture.main.tile;
    if u64::from(width) * u64::from(height) > u64::from(av1::MOST_PIXELS) {
        let reason = format!("a frame of {width}x{height} pixels: more than AV1 is decoded of");
        return Err(Error::LimitExceeded(reason));
    }
    let mut held = 0.0;
    for plane in [Some(&picture.main), picture.alpha.as_ref()]
        .into_iter()
        .flatten()
    {
        let rows = plane.columns as f64 * f64::from(plane.tile.0) * f64::from(plane.tile.1);
        let share = rows / (f64::from(plane.width) * f64::from(plane.height));
        held += share.max(0.0) * bytes_per_pixel(plane);
    }
    admit(&whole, held * HELD_A_BYTE, task.limits)
}

/// Bytes of a pixel's samples.
fn bytes_per_pixel(plane: &Plane<'_>) -> f64 {
    let samples = match (plane.coding.is_gray, plane.coding.halved) {
        (true, _) => 1.0,
        (_, (true, true)) => 1.5,
        (_, (true, false)) => 2.0,
        _ => 3.0,
    };
    if plane.coding.depth > 8 {
        2.0 * samples
    } else {
        samples
    }
}

/// A picture that is being decoded.
struct Source<'p, 'a> {
    main: Mosaic<'p, 'a>,
    alpha: Option<Mosaic<'p, 'a>>,
    is_premultiplied: bool,
    conversion: Conversion,
}

impl<'p, 'a> Source<'p, 'a> {
    /// Decodes the first row of tiles: it says how the others are to be read.
    fn open(picture: &'p heif::Picture<'a>, task: &Task<'_>) -> Result<Self, Error> {
        let (wanted, header) = (task.wanted, task.header);
        let is_half = |wanted: u32, side: u32| wanted <= side / 2;
        let without_filters =
            is_half(wanted.width, header.width) && is_half(wanted.height, header.height);
        let main = Mosaic::open(&picture.main, without_filters)?;
        let alpha = picture.alpha.as_ref();
        let alpha = alpha.and_then(|alpha| Mosaic::open(alpha, without_filters).ok());
        let stated = main.colors();
        let points = picture.color.code_points.unwrap_or(CodePoints {
            primaries: stated.primaries,
            transfer: stated.transfer,
            matrix: stated.matrix,
            is_full_range: stated.is_full_range,
        });
        let conversion = Conversion::new(&points, main.depth(), main.halved());
        let conversion = conversion.ok_or_else(|| {
            let reason = format!("colors of matrix {}", points.matrix);
            unsupported_feature(Format::AVIF, reason)
        })?;
        Ok(Source {
            main,
            alpha,
            is_premultiplied: picture.is_premultiplied,
            conversion,
        })
    }

    /// The profile that colors wait for: an ICC profile before code points, and none if
    /// they are sRGB.
    fn profile(
        &self,
        picture: &heif::Picture<'_>,
        limits: &Limits,
        warnings: &mut Vec<String>,
    ) -> Option<Vec<u8>> {
        let profile = picture.color.profile.map(<[u8]>::to_vec);
        let profile = admit_profile(profile, limits, warnings).or_else(|| {
            let CodePoints {
                primaries,
                transfer,
                ..
            } = self.conversion.points;
            let transfer = if OF_CAMERAS.contains(&transfer) {
                13
            } else {
                transfer
            };
            color::of_code_points([primaries, transfer, 0, 1], Samples::Rgb)
        });
        profile.filter(|profile| !color::is_srgb(profile))
    }

    fn is_damaged(&self) -> bool {
        self.main.is_damaged() || self.alpha.as_ref().is_some_and(Mosaic::is_damaged)
    }

    /// Reads what is shown, row by row.
    fn read(
        &mut self,
        task: &Task<'_>,
        [left, top, width, height]: [u32; 4],
        deep: Option<&DeepColors>,
    ) -> Result<Picture, Error> {
        let channels = if self.alpha.is_some() { 4 } else { 3 };
        let mut rows = Rows::new(task.header, task.wanted, channels)?;
        let shown = left as usize..(left + width) as usize;
        let (mut pixels, mut deep_pixels, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
        for y in top as usize..(top + height) as usize {
            self.main.gaps(y, shown.clone(), &mut gaps)?;
            if gaps.first() == Some(&(0..shown.len())) {
                rows.push_missing()?;
                continue;
            }
            pixels.clear();
            match deep {
                Some(deep) => {
                    self.convert(y, shown.clone(), &mut deep_pixels)?;
                    deep.convert(&deep_pixels, &mut pixels);
                }
                None => self.convert(y, shown.clone(), &mut pixels)?,
            }
            if gaps.is_empty() {
                rows.push(&pixels);
            } else {
                rows.push_with_gaps(&pixels, &gaps)?;
            }
        }
        rows.finish(task.header)
    }

    /// Pixels of a row, with alpha if there is one.
    fn convert<S: colors::Sample>(
        &mut self,
        y: usize,
        shown: Range<usize>,
        pixels: &mut Vec<S>,
    ) -> Result<(), Error> {
        let row = self.conversion.row::<S>(&mut self.main, y)?;
        pixels.clear();
        let Some(alpha) = &mut self.alpha else {
            pixels.extend_from_slice(&row.as_flattened()[3 * shown.start..3 * shown.end]);
            return Ok(());
        };
        let depth = alpha.depth();
        let is_full_range = alpha.colors().is_full_range;
        let alphas = alpha.row(0, y)?;
        for (color, alpha) in row[shown.clone()].iter().zip(&alphas[shown]) {
            let alpha = S::of_alpha(*alpha, depth, is_full_range);
            let color = if self.is_premultiplied {
                color.map(|color| color.over(alpha))
            } else {
                *color
            };
            pixels.extend(color);
            pixels.push(alpha);
        }
        Ok(())
    }
}

fn refused(error: heif::Error) -> Error {
    match error {
        heif::Error::Malformed(_) => malformed(Format::AVIF, error),
        heif::Error::Unsupported(_) => unsupported_feature(Format::AVIF, error),
    }
}

fn damaged(error: av1::Error) -> Error {
    malformed(Format::AVIF, error)
}
