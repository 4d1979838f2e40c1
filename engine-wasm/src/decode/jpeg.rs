//! JPEG: baseline, extended and progressive, in gray, YCbCr, RGB, CMYK or YCCK.

use crate::color;
use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, malformed, oversized_profile, unsupported_feature};
use crate::format::Format;
use crate::jpeg::{self, Chroma, ColorModel, Scale};
use crate::orient::Orientation;
use crate::picture::{Model, Picture};

/// Reads the segments up to the first scan.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = jpeg::Header::read(source).map_err(refused)?;
    let (width, height) = header.dimensions();
    let orientation = header
        .exif
        .map_or_else(Default::default, Orientation::from_exif);
    Ok(Header {
        orientation,
        ..Header::new(Format::Jpeg, width, height)
    })
}

/// Decodes all there is, at the least scale that has the size wanted; what a
/// damaged source lacks stays gray.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: (u32, u32),
    limits: &Limits,
) -> Result<Decoded, Error> {
    let stored = jpeg::Header::read(source).map_err(refused)?;
    let scale = least_scale((header.width, header.height), wanted);
    let decoded = jpeg::decode(source, &stored, scale, Chroma::Full).map_err(refused)?;
    let mut warnings = decoded.warnings.iter().map(ToString::to_string).collect();
    let profile = profile(&stored, limits, &mut warnings);
    let color = stored.model;
    let mut plane = decoded.into_pixels().map_err(refused)?;
    let (model, profile) = match color {
        ColorModel::Gray => (Model::Gray, profile),
        ColorModel::Ycbcr | ColorModel::Rgb => (Model::Rgb, profile),
        ColorModel::Cmyk | ColorModel::Ycck => {
            let inks = color::Inks::from_jpeg(plane.samples, color == ColorModel::Ycck);
            plane.samples = inks.to_srgb(profile.as_deref(), &mut warnings)?;
            plane.channels = 3;
            (Model::Rgb, None)
        }
    };
    let picture = Picture {
        model,
        planes: vec![plane],
    };
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// The least scale at which no side falls below the size wanted.
fn least_scale(stored: (u32, u32), wanted: (u32, u32)) -> Scale {
    let suffices = |scale: &Scale| {
        let side = scale.side() as u64;
        let enough = |stored: u32, wanted: u32| u64::from(stored) * side >= u64::from(wanted) * 8;
        enough(stored.0, wanted.0) && enough(stored.1, wanted.1)
    };
    Scale::ALL.into_iter().find(suffices).unwrap_or(Scale::Full)
}

/// The color profile, unless it is larger than the limits allow.
fn profile(
    header: &jpeg::Header<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    if header.profile_length() as u64 > u64::from(limits.max_profile) {
        warnings.push(oversized_profile(limits));
        return None;
    }
    header.profile()
}

fn refused(error: jpeg::Error) -> Error {
    match error {
        jpeg::Error::Unsupported(_) => unsupported_feature(Format::Jpeg, error),
        jpeg::Error::Malformed(_) => malformed(Format::Jpeg, error),
        jpeg::Error::TooLarge => Error::LimitExceeded(error.to_string()),
    }
}
