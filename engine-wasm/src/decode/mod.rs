//! From bytes to pixels: header, limits, pixels, in this order.
//!
//! [`Header::read`] looks at the first bytes only, and refuses what the limits
//! forbid before anything is allocated that the header asks for. [`decode`]
//! then hands out the samples as they are stored: not yet turned upright
//! (`orient`) and not yet sRGB (`color`).
//!
//! No decoder may panic, whatever the bytes, and none may allocate more than
//! the limits allow: where a decoding crate has limits of its own, they are set.

#[cfg(feature = "avif")]
mod avif;
mod bitmap;
mod exif;
mod gif;
pub(crate) mod joined;
mod jpeg;
#[cfg(feature = "jxl")]
mod jxl;
mod plain;
mod png;
mod psd;
mod raw;
mod rows;
mod samples;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;

use std::fmt::Display;

use thimble_poster::Most;

use crate::color;
use crate::contract::{Error, Limits};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

/// A format that is decoded, and the steps of decoding it.
pub(crate) struct Codec {
    /// The format, with its names.
    pub(crate) format: Format,
    /// True for a source of this format, by its first bytes.
    recognize: fn(&[u8]) -> bool,
    /// Reads the header, and checks no limit.
    read_header: fn(&[u8]) -> Result<Header, Error>,
    /// Decodes a source whose header is within the limits.
    decode: fn(&Task<'_>) -> Result<Decoded, Error>,
}

/// Every codec, that of the commonest format first. The first one that recognizes a source
/// decodes it.
static CODECS: &[Codec] = &[
    jpeg::CODEC,
    png::CODEC,
    webp::CODEC,
    gif::CODEC,
    #[cfg(feature = "avif")]
    avif::CODEC,
    #[cfg(feature = "jxl")]
    jxl::CODEC,
    bitmap::BMP,
    raw::CR2,
    raw::CR3,
    raw::NEF,
    raw::ARW,
    raw::DNG,
    raw::RAF,
    raw::ORF,
    raw::RW2,
    raw::PEF,
    tiff::CODEC,
    bitmap::ICO,
    psd::CODEC,
    plain::PNM,
    // Nothing but a sound header tells one.
    plain::TGA,
];

/// Every format that the engine decodes: its own, the commonest first, and those of
/// codecs that are joined to it.
pub fn formats() -> impl Iterator<Item = Format> {
    let own = CODECS.iter().map(|codec| codec.format);
    own.chain(joined::formats())
}

/// The format of `source` among the engine's own, by its first bytes. Its name and the type
/// that somebody declared for it are never looked at: both are wrong often enough, and both
/// are in the sender's hands.
pub fn sniff(source: &[u8]) -> Option<Format> {
    codec(source).map(|codec| codec.format)
}

/// The codec for a source.
fn codec(source: &[u8]) -> Option<&'static Codec> {
    CODECS.iter().find(|codec| (codec.recognize)(source))
}

/// Header of a source, within the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Format of the source, by its content.
    pub format: Format,
    /// Columns, as stored.
    pub width: u32,
    /// Rows, as stored.
    pub height: u32,
    /// Turn that makes the stored picture upright.
    pub orientation: Orientation,
    /// Frames (animations) or pages of the source, at least 1. Only
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
    /// The same of columns.
    pub averaged_columns: u32,
    /// True if color differences at half of these columns and rows will do.
    pub halved_chroma: bool,
}

/// A source to decode, and what is asked of its decoder.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The whole source.
    pub source: &'a [u8],
    /// Its header, which has been read before.
    pub header: &'a Header,
    /// The least that is asked for.
    pub wanted: Wanted,
    /// The most that decoding may take.
    pub limits: &'a Limits,
}

/// A decoded source, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The samples: not yet upright, and in the color space of `profile`.
    pub picture: Picture,
    /// The ICC profile that the samples still wait for. `None` if they are sRGB
    /// already, or have to be taken for it.
    pub profile: Option<Vec<u8>>,
    /// Damage that was overlooked.
    pub warnings: Vec<String>,
}

impl Decoded {
    /// A picture, with a warning if a truncated source lacks a part of it.
    fn new(
        picture: Picture,
        is_whole: bool,
        profile: Option<Vec<u8>>,
        mut warnings: Vec<String>,
    ) -> Self {
        if !is_whole {
            warnings.push(TRUNCATED.into());
        }
        Self {
            picture,
            profile,
            warnings,
        }
    }
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
        let header = match codec(source) {
            Some(codec) => (codec.read_header)(source)?,
            None => joined::read_header(source, limits)?
                .ok_or_else(|| Error::UnsupportedFormat(foreign(source)))?,
        };
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
                format!("{width}x{height} pixels: a picture needs a width and a height"),
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

/// The reason why a source of no known format is not read.
fn foreign(source: &[u8]) -> String {
    let formats: Vec<&str> = formats().map(Format::name).collect();
    thimble_foreign::reason(source, &formats.join(", "))
}

/// The first frame of an animation that shows something, if that is not what is decoded: on
/// its canvas, and in the colors of the first.
pub(crate) fn poster(task: &Task<'_>) -> Option<Picture> {
    let (header, source) = (task.header, task.source);
    // The one frame of a PNG may be another picture than the one that stands for it.
    let is_still = header.frames < 2 && header.format != Format::PNG;
    if is_still || admit(header, HELD_AS_A_WHOLE, task.limits).is_err() {
        return None;
    }
    let sides = (header.width, header.height);
    // As much again is left for the first frame, which is decoded anew if none shows anything.
    let most = Most::of_pixels(task.limits.max_pixels / 2, sides);
    if !most.is_more_than_the_first() {
        return None;
    }
    let found = match header.format {
        Format::GIF => thimble_poster::of_gif(source, sides, most),
        Format::WEBP => thimble_poster::of_webp(source, most),
        Format::PNG => thimble_poster::of_png(source, most),
        _ => None,
    };
    let found = found.filter(|poster| poster.frame > 0)?;
    rows::averaged(header, task.wanted, found.channels, found.samples).ok()
}

/// Decodes the first frame of a source.
///
/// A decoder may decode at a fraction of the full size as long as neither side
/// falls below what is wanted.
///
/// # Errors
///
/// `malformed-source` if nothing can be made of the source, `limit-exceeded` if
/// decoding would take more than the limits allow, and `unsupported-format` for
/// the corners of a format that the engine does not know.
pub fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let header = task.header;
    let codec = CODECS.iter().find(|codec| codec.format == header.format);
    let mut decoded = match codec {
        Some(codec) => (codec.decode)(task)?,
        None => joined::decode(task)?,
    };
    decoded.profile = decoded.profile.filter(|profile| !color::is_srgb(profile));
    Ok(decoded)
}

/// Bytes that a decoder may hold at one time for each pixel that the limits allow: those
/// of a picture with alpha.
const HELD_A_PIXEL: f64 = 4.0;

/// Bytes a pixel of a picture that is held as a whole, with tables beside it.
const HELD_AS_A_WHOLE: f64 = 2.0 * HELD_A_PIXEL;

/// Bytes that a decoder may hold at one time however few pixels are allowed.
const HELD_ALWAYS: f64 = 800e6;

/// Refuses a picture that would hold more memory at one time than the limits allow: so
/// many bytes for each of its pixels.
///
/// # Errors
///
/// `limit-exceeded`.
fn admit(header: &Header, bytes_per_pixel: f64, limits: &Limits) -> Result<(), Error> {
    let (width, height) = (header.width, header.height);
    let held = f64::from(width) * f64::from(height) * bytes_per_pixel;
    let most = (limits.max_pixels as f64 * HELD_A_PIXEL).max(HELD_ALWAYS);
    if held <= most {
        return Ok(());
    }
    let reason = format!(
        "{width}x{height} pixels: {:.0} MB while they are decoded, {:.0} are allowed",
        held / 1e6,
        most / 1e6
    );
    Err(Error::LimitExceeded(reason))
}

/// The warning for a source that ends before its last pixel.
const TRUNCATED: &str = "the source is truncated, the rest of it is missing";

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
