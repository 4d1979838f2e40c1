//! TIFF and BigTIFF: the first page, in strips or tiles, of any depth.

use thimble_tiff::{Colors, Error as TiffError, Page};

use crate::color::{self, DeepColors, Inks};
use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{Codec, Decoded, Header, Task, admit_profile, malformed, unsupported_feature};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::TIFF,
    recognize: thimble_tiff::is_tiff,
    read_header,
    decode,
};

/// Conversion of colors while their rows are decoded.
enum Conversion {
    None,
    Inks(Inks),
    Deep(DeepColors),
}

/// Reads the first directory, and counts the others.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = thimble_tiff::Header::read(source)?;
    Ok(Header {
        orientation: Orientation::from_number(header.orientation.into()),
        frames: header.pages(),
        ..Header::new(Format::TIFF, header.width, header.height)
    })
}

/// Decodes the first page. Rows that a damaged strip or tile lacks are transparent,
/// and there is a warning.
pub(super) fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let stored = thimble_tiff::Header::read(task.source)?;
    let mut page = Page::open(&stored, task.limits.max_pixels)?;
    let mut warnings: Vec<String> = Vec::new();
    warnings.extend(page.warning().map(|warning| warning.to_string()));
    let profile = page.profile().map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let mut profile = profile.filter(|profile| !color::is_srgb(profile));
    let pixels = u64::from(task.header.width) * u64::from(task.header.height);
    let deep = profile.as_deref().filter(|_| page.is_deep());
    let deep =
        deep.and_then(|profile| DeepColors::new(profile, colors(&page), page.has_alpha(), pixels));
    let conversion = if let Some((deep, rest)) = deep {
        profile = rest;
        Conversion::Deep(deep)
    } else if page.colors() == Colors::Cmyk {
        Conversion::Inks(Inks::new(profile.as_deref(), &mut warnings))
    } else {
        Conversion::None
    };
    let (picture, is_whole) = read(&mut page, &conversion, task)?;
    if let Colors::Cmyk | Colors::Srgb = page.colors() {
        profile = None;
    }
    if !is_whole {
        warnings.push("the source is damaged, a part of it is missing".into());
    }
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// Samples of a pixel that make its color.
fn colors(page: &Page<'_, '_>) -> usize {
    match page.colors() {
        Colors::Gray => 1,
        Colors::Rgb | Colors::Srgb => 3,
        Colors::Cmyk => 4,
    }
}

/// Averages rows as they are decoded.
fn read(
    page: &mut Page<'_, '_>,
    conversion: &Conversion,
    task: &Task<'_>,
) -> Result<(Picture, bool), Error> {
    let channels = match conversion {
        Conversion::None => colors(page) + usize::from(page.has_alpha()),
        Conversion::Inks(_) => 3,
        Conversion::Deep(deep) => deep.channels(),
    };
    page.shrink((task.wanted.width, task.wanted.height));
    let (width, height) = page.sides();
    let header = Header {
        width,
        height,
        ..task.header.clone()
    };
    let mut rows = Rows::new(&header, task.wanted, channels)?;
    let is_whole = match conversion {
        Conversion::None => page.rows(|row| rows.push_partly(row.samples, row.gaps)),
        Conversion::Inks(inks) => {
            page.rows(|row| rows.push_converted(row.gaps, |made| inks.convert(row.samples, made)))
        }
        Conversion::Deep(deep) => page
            .deep_rows(|row| rows.push_converted(row.gaps, |made| deep.convert(row.samples, made))),
    }?;
    let mut picture = rows.finish(&header)?;
    let (columns, rows) = page.extent();
    for plane in &mut picture.planes {
        plane.extent.0 *= columns / f64::from(width);
        plane.extent.1 *= rows / f64::from(height);
    }
    Ok((picture, is_whole))
}

impl From<TiffError> for Error {
    fn from(error: TiffError) -> Self {
        match error {
            TiffError::Malformed(_) => malformed(Format::TIFF, error),
            TiffError::Unsupported(_) | TiffError::CameraRaw => {
                unsupported_feature(Format::TIFF, error)
            }
            TiffError::TooLarge(_) => Error::LimitExceeded(error.to_string()),
        }
    }
}
