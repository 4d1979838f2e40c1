//! JPEG XL: the first frame, of every depth, with alpha.
//!
//! The decoder draws a whole picture. Its rows are averaged afterwards, when it has given its
//! own memory back.

use thimble_jxl::{self as jxl, Colors, Depth, Image, Pixels, Profile};

use crate::color::{self, DeepColors, Inks, Samples};
use crate::contract::{Error, Limits};
use crate::decode::rows::{self, Rows};
use crate::decode::{Codec, Decoded, Header, Task, admit, admit_profile, malformed};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::JXL,
    recognize: jxl::is_jxl,
    read_header,
    decode,
};

/// Samples of a frame for each pixel that the limits allow: color and alpha. A file may have
/// more channels, and its pixels are fewer then.
const SAMPLES_A_PIXEL: u64 = 4;

/// Bytes a pixel of everything else: coarse pictures, and edges of groups.
const HELD_BESIDE: f64 = 1.0;

/// Transfers whose dark colors lie closer together than 8 bits can tell: a straight line, and
/// those of HDR.
const STEEP: [u8; 3] = [8, 16, 18];

/// Reads sides and orientation, and goes over the frames of an animation.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = jxl::Header::read(source).map_err(refused)?;
    Ok(Header {
        orientation: Orientation::from_number(header.orientation.into()),
        frames: header.frames,
        ..Header::new(Format::JXL, header.width, header.height)
    })
}

/// Decodes the first frame. Pixels that a truncated source lacks are transparent, unless
/// there is a coarse picture of them, and there is a warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let image = open(task)?;
    let mut warnings = Vec::new();
    let (profile, is_steep) = profile(&image, task.limits, &mut warnings);
    let (picture, profile, is_whole) = if image.colors() == Colors::Cmyk {
        let inks = Inks::new(profile.as_deref(), &mut warnings);
        let (picture, is_whole) = read_inks(image, &inks, task)?;
        (picture, None, is_whole)
    } else {
        read(image, profile, is_steep, task)?
    };
    Ok(Decoded::new(picture, is_whole, profile, warnings))
}

/// Opens a picture that its header told the truth about, and that there is memory for.
fn open<'a>(task: &Task<'a>) -> Result<Image<'a>, Error> {
    let most = task.limits.max_pixels.saturating_mul(SAMPLES_A_PIXEL);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let image = Image::open(task.source, most).map_err(refused)?;
    let sides = (task.header.width as usize, task.header.height as usize);
    if image.sides() != sides {
        return Err(malformed(Format::JXL, "its header says two things"));
    }
    let drawn = if image.is_deep() { 8.0 } else { 4.0 };
    let held = |is_modular| image.held_a_pixel(is_modular) as f64 + drawn + HELD_BESIDE;
    if admit(task.header, held(true), task.limits).is_err() {
        admit(task.header, held(image.is_modular()), task.limits)?;
    }
    Ok(image)
}

/// The profile that colors wait for, unless they are sRGB, and whether it is a steep one.
fn profile(
    image: &Image<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> (Option<Vec<u8>>, bool) {
    let samples = if image.colors() == Colors::Gray {
        Samples::Gray
    } else {
        Samples::Rgb
    };
    let (profile, is_steep) = match image.profile() {
        Profile::CodePoints { transfer: 13, .. } if samples == Samples::Gray => (None, false),
        Profile::CodePoints {
            primaries,
            transfer,
        } => {
            let profile = color::of_code_points([primaries, transfer, 0, 1], samples);
            (profile, STEEP.contains(&transfer))
        }
        Profile::Icc(icc) => (admit_profile(Some(icc), limits, warnings), false),
        Profile::Unknown => (None, false),
    };
    (profile.filter(|profile| !color::is_srgb(profile)), is_steep)
}

/// Draws the picture, in 16 bits if its colors need them, and averages its rows.
fn read(
    image: Image<'_>,
    profile: Option<Vec<u8>>,
    is_steep: bool,
    task: &Task<'_>,
) -> Result<(Picture, Option<Vec<u8>>, bool), Error> {
    let channels = if image.colors() == Colors::Gray { 1 } else { 3 };
    let pixels = u64::from(task.header.width) * u64::from(task.header.height);
    let has_alpha = image.has_alpha();
    let deep = profile.as_deref().filter(|_| image.is_deep() || is_steep);
    let deep = deep.and_then(|profile| DeepColors::new(profile, channels, has_alpha, pixels));
    let Some((deep, rest)) = deep else {
        let pixels = image.decode(Depth::Eight).map_err(refused)?;
        let (is_whole, channels) = (pixels.is_whole(), pixels.channels());
        let samples = pixels.into_samples();
        let picture = rows::averaged(task.header, task.wanted, channels, samples)?;
        return Ok((picture, profile, is_whole));
    };
    let pixels = image.decode(Depth::Sixteen).map_err(refused)?;
    let deep = if pixels.channels() > channels && !has_alpha {
        // A source that is cut off got an alpha while it was drawn.
        let profile = profile.as_deref().unwrap_or_default();
        let again = DeepColors::new(profile, channels, true, u64::from(task.header.width));
        again.map_or(deep, |(deep, _)| deep)
    } else {
        deep
    };
    Ok((convert(&pixels, &deep, task)?, rest, pixels.is_whole()))
}

/// Averages rows of converted colors.
fn convert(pixels: &Pixels, deep: &DeepColors, task: &Task<'_>) -> Result<Picture, Error> {
    let mut rows = Rows::new(task.header, task.wanted, deep.channels())?;
    let mut stored = Vec::new();
    for y in 0..task.header.height as usize {
        pixels.deep_row(y, &mut stored);
        rows.push_converted(&[], |made| deep.convert(&stored, made))?;
    }
    rows.finish(task.header)
}

/// Averages rows of inks that have become colors.
fn read_inks(image: Image<'_>, inks: &Inks, task: &Task<'_>) -> Result<(Picture, bool), Error> {
    let pixels = image.decode(Depth::Eight).map_err(refused)?;
    let mut rows = Rows::new(task.header, task.wanted, 3)?;
    let mut stored = Vec::new();
    for y in 0..task.header.height as usize {
        stored.clear();
        stored.extend_from_slice(pixels.row(y));
        color::uninvert_inks(&mut stored, false);
        rows.push_converted(&[], |made| inks.convert(&stored, made))?;
    }
    Ok((rows.finish(task.header)?, pixels.is_whole()))
}

fn refused(error: jxl::Error) -> Error {
    match error {
        jxl::Error::Malformed(_) => malformed(Format::JXL, error),
        jxl::Error::TooLarge(_) => {
            Error::LimitExceeded(format!("{}: {error}", Format::JXL.media_type()))
        }
    }
}
