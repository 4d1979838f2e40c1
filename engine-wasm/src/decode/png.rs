//! PNG: every color type and depth, interlaced or not; of an animation, the
//! default image.
//!
//! Colors are described by code points, by a profile, or by a gamma, in this order;
//! without any they are taken for sRGB.

use thimble_png::{Colors, Error as PngError, Image, ProfileError};

use crate::color::{self, DeepColors, Samples};
use crate::contract::{Error, Limits};
use crate::decode::rows::Rows;
use crate::decode::{
    Codec, Decoded, Header, Task, Wanted, admit, exif, malformed, oversized_profile, samples,
    unsupported_feature,
};
use crate::format::Format;
use crate::picture::Picture;

/// Units of gamma and chromaticities.
const UNIT: f64 = 100_000.0;

pub(super) const CODEC: Codec = Codec {
    format: Format::PNG,
    recognize: |source| source.starts_with(b"\x89PNG\r\n\x1a\n"),
    read_header,
    decode,
};

/// Reads `IHDR`, and the chunks that count frames and state the orientation.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = thimble_png::Header::read(source).map_err(unreadable)?;
    let texts: Vec<Vec<u8>> = header.exif_as_text().collect();
    let blocks = header.exif().chain(texts.iter().map(Vec::as_slice));
    Ok(Header {
        orientation: exif::orientation(blocks),
        frames: header.frames,
        ..Header::new(Format::PNG, header.width, header.height)
    })
}

/// Decodes the default image. Rows that a source lacks are transparent, with a
/// warning.
pub(super) fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let refused = |error| refused(error, task.header);
    let mut warnings = Vec::new();
    let stored = thimble_png::Header::read(task.source).map_err(refused)?;
    let mut image = Image::open(&stored).map_err(refused)?;
    let mut profile = profile(&stored, &image, task.limits, &mut warnings);
    let deep = profile.as_ref().filter(|_| image.is_deep());
    let deep = deep.and_then(|profile| {
        let colors = if image.is_gray() { 1 } else { 3 };
        let has_alpha = image.channels().is_multiple_of(2);
        let pixels = u64::from(task.header.width) * u64::from(task.header.height);
        DeepColors::new(profile, colors, has_alpha, pixels)
    });
    let (deep, rest) = deep.unzip();
    let convert = |pixels: &[u16], converted: &mut Vec<u8>| {
        if let Some(deep) = &deep {
            deep.convert(pixels, converted);
        }
    };
    if let Some(deep) = &deep {
        image.convert(deep.channels(), &convert);
        profile = rest.flatten();
    }
    let (picture, damage, is_sound) = if image.is_interlaced() {
        read_pixels(&image, task.header, task.wanted, task.limits)?
    } else {
        read_rows(&image, task.header, task.wanted)?
    };
    if let Some(damage) = damage {
        warnings.push(format!("a part of the picture is missing: {damage}"));
    }
    if !is_sound || !image.is_sound() {
        let wrong = "a checksum of image data is wrong, the picture may be damaged";
        warnings.push(wrong.into());
    }
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// A picture, the reason why there are no more rows of it, and whether the checksum of those
/// that there are is right.
type Read = (Picture, Option<PngError>, bool);

/// Averages rows as they are decoded, and says why there are no more if some are
/// missing.
fn read_rows(image: &Image<'_>, header: &Header, wanted: Wanted) -> Result<Read, Error> {
    let refused = |error| refused(error, header);
    let mut stored = image.rows().map_err(refused)?;
    let mut rows = Rows::new(header, wanted, image.channels())?;
    let mut count = 0;
    let damage = loop {
        match stored.next_row() {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => break None,
            Err(damage) if count == 0 => return Err(refused(damage)),
            Err(damage) => break Some(damage),
        }
        count += 1;
    };
    (count..header.height).try_for_each(|_| rows.push_missing())?;
    let is_sound = damage.is_some() || stored.is_sound();
    Ok((rows.finish(header)?, damage, is_sound))
}

/// Averages the rows of all pixels.
fn read_pixels(
    image: &Image<'_>,
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Read, Error> {
    admit(header, 2.0 * image.channels() as f64, limits)?;
    let pixels = image.pixels().map_err(|error| refused(error, header))?;
    let mut rows = Rows::new(header, wanted, image.channels())?;
    let length = header.width as usize * image.channels();
    for row in pixels.samples.chunks_exact(length).take(pixels.rows) {
        rows.push(row);
    }
    (pixels.rows as u32..header.height).try_for_each(|_| rows.push_missing())?;
    Ok((rows.finish(header)?, pixels.damage, pixels.is_sound))
}

/// The profile that colors wait for, whatever describes it: none if they are sRGB.
fn profile(
    stored: &thimble_png::Header<'_>,
    image: &Image<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let samples = if image.is_gray() {
        Samples::Gray
    } else {
        Samples::Rgb
    };
    let colors = stored.colors();
    let coded = colors
        .code_points
        .map(|points| color::of_code_points(points, samples));
    let profile = match coded {
        Some(Some(coded)) => Some(coded),
        _ => read_profile(stored, samples, limits, warnings).or_else(|| of_gamma(&colors, samples)),
    };
    profile.filter(|profile| !color::is_srgb(profile))
}

/// A profile for a gamma, and for chromaticities beside it.
fn of_gamma(colors: &Colors, samples: Samples) -> Option<Vec<u8>> {
    let gamma = f64::from(colors.gamma.filter(|_| !colors.is_srgb)?) / UNIT;
    let chromaticities = colors.chromaticities;
    let chromaticities =
        chromaticities.map(|numbers| numbers.map(|number| f64::from(number) / UNIT));
    color::of_gamma(gamma, chromaticities, samples)
}

/// The profile, if it is one of such samples: a gamma beside it may describe them otherwise.
fn read_profile(
    stored: &thimble_png::Header<'_>,
    samples: Samples,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let refusal = match stored.profile(limits.max_profile as usize) {
        Ok(profile) => match color::refusal(profile.as_ref()?, samples) {
            None => return profile,
            Some(refusal) => refusal,
        },
        Err(ProfileError::TooLong) => oversized_profile(limits),
        Err(ProfileError::Damaged(_)) => {
            "the color profile is ignored, it cannot be inflated".into()
        }
    };
    warnings.push(refusal);
    None
}

fn unreadable(error: PngError) -> Error {
    match error {
        PngError::Unsupported(_) => unsupported_feature(Format::PNG, error),
        _ => malformed(Format::PNG, error),
    }
}

fn refused(error: PngError, header: &Header) -> Error {
    match error {
        PngError::TooLarge => samples::too_large(header.width, header.height),
        _ => unreadable(error),
    }
}
