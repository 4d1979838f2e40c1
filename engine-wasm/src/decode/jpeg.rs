//! JPEG: baseline, extended and progressive, in gray, YCbCr, RGB, CMYK or YCCK.

use thimble_jpeg::{self as jpeg, Chroma, ColorModel, Scale};

use crate::color;
use crate::contract::{Error, Limits};
use crate::decode::{
    Codec, Decoded, Header, Task, admit, exif, malformed, oversized_profile, unsupported_feature,
};
use crate::format::Format;
use crate::picture::{Model, Picture};

pub(super) const CODEC: Codec = Codec {
    format: Format::JPEG,
    recognize: |source| source.starts_with(b"\xff\xd8\xff"),
    read_header,
    decode,
};

/// Reads the segments up to the first scan.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = jpeg::Header::read(source).map_err(refused)?;
    let (width, height) = header.dimensions();
    let orientation = exif::orientation(header.exif.iter().copied());
    Ok(Header {
        orientation,
        ..Header::new(Format::JPEG, width, height)
    })
}

/// Decodes all there is, at the least scale that has the size wanted; what a
/// damaged source lacks stays gray.
///
/// Luma and color differences stay apart as long as nobody needs RGB: a color
/// profile does, and so does a thumbnail that shows as many pixels of color as
/// the source has, unless it is going to halve them again.
pub(super) fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let stored = jpeg::Header::read(task.source).map_err(refused)?;
    let mut warnings = vec![];
    let profile = profile(&stored, task.limits, &mut warnings);
    let size = (task.wanted.width, task.wanted.height);
    let scale = Scale::for_size(size, (task.header.width, task.header.height));
    let planar = match stored.model {
        ColorModel::Gray => true,
        ColorModel::Ycbcr => {
            profile.is_none() && (task.wanted.halved_chroma || scale < Scale::Full)
        }
        _ => false,
    };
    let halved = planar && task.wanted.halved_chroma;
    let chroma = if halved { Chroma::Half } else { Chroma::Full };
    let held = jpeg::bytes_per_pixel(&stored, scale, chroma, !planar);
    admit(task.header, held, task.limits)?;
    let decoded = jpeg::decode(&stored, scale, chroma).map_err(refused)?;
    warnings.extend(decoded.warnings.iter().map(ToString::to_string));
    if planar {
        let model = if stored.model == ColorModel::Gray {
            Model::Gray
        } else {
            Model::Ycbcr
        };
        let planes = decoded.into_planes();
        let picture = Picture { model, planes };
        return Ok(Decoded {
            picture,
            profile,
            warnings,
        });
    }
    pixels(decoded, stored.model, profile, warnings)
}

/// A picture of whole pixels.
fn pixels(
    decoded: jpeg::Decoded,
    model: ColorModel,
    profile: Option<Vec<u8>>,
    mut warnings: Vec<String>,
) -> Result<Decoded, Error> {
    let mut plane = decoded.into_pixels().map_err(refused)?;
    let mut profile = profile;
    if let ColorModel::Cmyk | ColorModel::Ycck = model {
        color::uninvert_inks(&mut plane.samples, model == ColorModel::Ycck);
        let inks = color::Inks::new(profile.as_deref(), &mut warnings);
        plane.samples = inks.to_srgb(&plane.samples)?;
        plane.channels = 3;
        profile = None;
    }
    let picture = Picture {
        model: Model::Rgb,
        planes: vec![plane],
    };
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// The color profile, unless it is larger than the limits allow or says that
/// samples are sRGB.
fn profile(
    header: &jpeg::Header<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    if header.profile_length() as u64 > u64::from(limits.max_profile) {
        warnings.push(oversized_profile(limits));
        return None;
    }
    header.profile().filter(|profile| !color::is_srgb(profile))
}

fn refused(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::Unsupported(_) => unsupported_feature(Format::JPEG, error),
        jpeg::Error::Malformed(_) => malformed(Format::JPEG, error),
        jpeg::Error::TooLarge => Error::LimitExceeded(error.to_string()),
    }
}
