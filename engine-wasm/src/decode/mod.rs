//! From bytes to pixels: header, limits, pixels, in this order.
//!
//! [`Header::read`] looks at the first bytes only, and refuses what the limits
//! forbid before anything is allocated that the header asks for. [`decode`]
//! then hands out the samples as they are stored: not yet turned upright
//! ([`crate::orient`]) and not yet sRGB ([`crate::color`]).
//!
//! No decoder may panic, whatever the bytes, and none may allocate more than
//! the limits allow: where a decoding crate has limits of its own, they are set.

mod bitmap;
mod dib;
mod exif;
mod gif;
mod icon;
mod jpeg;
mod png;
mod rows;
mod samples;
mod tiff;
mod webp;

use std::fmt::Display;

pub(crate) use crate::bytes::Bytes;
use crate::color;
use crate::contract::{Error, Limits};
use crate::format::{self, Format};
use crate::orient::Orientation;
use crate::picture::Picture;

/// What the header of a source says, within the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the source is, by its content.
    pub format: Format,
    /// Columns, as stored.
    pub width: u32,
    /// Rows, as stored.
    pub height: u32,
    /// How the stored picture has to be turned to be upright.
    pub orientation: Orientation,
    /// How many frames (animations) or pages the source has, at least 1. Only
    /// the first is decoded.
    pub frames: u32,
}

/// The least that a caller has a use for. A decoder may deliver more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Columns, in stored orientation.
    pub width: u32,
    /// Rows, in stored orientation.
    pub height: u32,
    /// Rows, in stored orientation, if a row is the average of several.
    pub averaged_rows: u32,
    /// Whether color differences at half of these columns and rows will do.
    pub halved_chroma: bool,
}

/// A decoded source, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The samples: not yet upright, and in the color space of `profile`.
    pub picture: Picture,
    /// The ICC profile that the samples still wait for. `None` if they are sRGB
    /// already, or have to be taken for it.
    pub profile: Option<Vec<u8>>,
    /// What had to be overlooked.
    pub warnings: Vec<String>,
}

impl Header {
    /// Reads the header of `source`.
    ///
    /// # Errors
    ///
    /// `unsupported-format` if the source is of no format that the engine
    /// decodes, `malformed-source` if its header makes no sense, and
    /// `limit-exceeded` if it asks for more than `limits` allow.
    pub fn read(source: &[u8], limits: &Limits) -> Result<Header, Error> {
        let header = match Format::sniff(source) {
            Some(Format::Jpeg) => jpeg::read_header(source),
            Some(Format::Png) => png::read_header(source),
            Some(Format::Gif) => gif::read_header(source),
            Some(Format::Webp) => webp::read_header(source),
            Some(Format::Bmp) => bitmap::read_header(source),
            Some(Format::Tiff) => tiff::read_header(source),
            Some(Format::Ico) => icon::read_header(source),
            None => Err(unsupported(source)),
        }?;
        header.check(limits)?;
        Ok(header)
    }

    /// Width and height as the image is meant to be seen.
    pub fn upright(&self) -> (u32, u32) {
        self.orientation.upright(self.width, self.height)
    }

    fn new(format: Format, width: u32, height: u32) -> Header {
        Header {
            format,
            width,
            height,
            orientation: Orientation::Upright,
            frames: 1,
        }
    }

    fn check(&self, limits: &Limits) -> Result<(), Error> {
        let (width, height) = (self.width, self.height);
        if width == 0 || height == 0 {
            return Err(malformed(
                self.format,
                format!("{width}x{height} pixels are no picture"),
            ));
        }
        let side = limits.max_side;
        if width > side || height > side {
            let reason = format!("{width}x{height} pixels: more than {side} a side");
            return Err(Error::LimitExceeded(reason));
        }
        let pixels = limits.max_pixels;
        if u64::from(width) * u64::from(height) > pixels {
            let reason = format!("{width}x{height} pixels: more than {pixels} in all");
            return Err(Error::LimitExceeded(reason));
        }
        Ok(())
    }
}

/// Decodes the first frame of `source`, whose header has been read before.
///
/// A decoder may decode at a fraction of the full size as long as neither side
/// falls below what is wanted.
///
/// # Errors
///
/// `malformed-source` if nothing can be made of the source, `limit-exceeded` if
/// decoding would take more than `limits` allow, and `unsupported-format` for
/// the corners of a format that the engine does not know.
pub fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut decoded = match header.format {
        Format::Jpeg => jpeg::decode(source, header, wanted, limits),
        Format::Png => png::decode(source, header, wanted, limits),
        Format::Gif => gif::decode(source, header, wanted),
        Format::Webp => webp::decode(source, header, wanted, limits),
        Format::Bmp => bitmap::decode(source, header, wanted),
        Format::Tiff => tiff::decode(source, header, wanted, limits),
        Format::Ico => icon::decode(source, header, wanted, limits),
    }?;
    decoded.profile = decoded.profile.filter(|profile| !color::is_srgb(profile));
    Ok(decoded)
}

fn unsupported(source: &[u8]) -> Error {
    Error::UnsupportedFormat(match (source, format::foreign(source)) {
        ([], _) => "the source is empty".into(),
        (_, Some(name)) => format!("this engine does not decode: {name}"),
        (_, None) => "not an image of a known format".into(),
    })
}

fn unsupported_feature(format: Format, reason: impl Display) -> Error {
    Error::UnsupportedFormat(format!("{}: {reason}", format.media_type()))
}

fn malformed(format: Format, reason: impl Display) -> Error {
    Error::MalformedSource(format!("{}: {reason}", format.media_type()))
}

/// Keeps a profile within the limit, or says why it is not used.
fn admit_profile(
    profile: Option<Vec<u8>>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let profile = profile.filter(|profile| !profile.is_empty())?;
    if profile.len() as u64 > u64::from(limits.max_profile) {
        warnings.push(oversized_profile(limits));
        return None;
    }
    Some(profile)
}

fn oversized_profile(limits: &Limits) -> String {
    format!(
        "the color profile is ignored, it is larger than {} bytes",
        limits.max_profile
    )
}
