//! From pixels to bytes: one file a format.
//!
//! An [`Encoder`] is what a spec says of encoding, checked before anything is
//! decoded. The format is the one that the spec names, or that of a source in
//! JPEG, PNG or WebP. For any other source the engine chooses: PNG for a GIF,
//! since resizing makes more colors of few than a GIF has; for the rest PNG if
//! there is transparency to keep, and JPEG if not.
//!
//! Nothing but pixels is written: no metadata, and no color profile, since
//! without one a picture is taken for sRGB, which it is.
//! A placeholder is written like a format, but never chosen unless asked for.

mod gif;
mod jpeg;
mod png;
mod webp;

use crate::alpha;
use crate::contract::{Color, Dimensions, Error, Spec, Thumbnail};
use crate::format::Format;
use crate::model;
use crate::picture::{Model, Picture};
use crate::placeholder::Placeholder;
use crate::settings::Settings;

/// The formats that can be written.
pub const FORMATS: [Format; 4] = [Format::JPEG, Format::PNG, Format::WEBP, Format::GIF];

/// The media types that a spec may ask for.
pub fn media_types() -> impl Iterator<Item = &'static str> {
    let placeholders = Placeholder::ALL.map(Placeholder::media_type);
    FORMATS
        .map(Format::media_type)
        .into_iter()
        .chain(placeholders)
}

/// The quality unless a spec names one: of a thumbnail nobody sees the
/// difference to a higher one, and a lower one saves little.
const DEFAULT_QUALITY: u8 = 80;

/// Up to this quality the finest detail is the first that an encoder drops:
/// its steps for the highest frequencies are twenty levels or more.
const COARSE_QUALITY: u8 = 90;

/// Encoding of a thumbnail: its format and settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoder {
    choice: Choice,
    quality: u8,
    settings: Settings,
    background: [u8; 3],
}

/// Format of a thumbnail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// This one.
    Fixed(Format),
    /// PNG if there is transparency to keep, otherwise JPEG.
    ByTransparency,
    /// No picture, but a few bytes to show before there is one.
    Placeholder(Placeholder),
}

impl Encoder {
    /// Reads what `spec` says of encoding a thumbnail of a source in the format
    /// `source`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSpec`] if this engine does not encode the media type,
    /// if the quality is not from 1 to 100, if a setting or its value is
    /// unknown, or if a format without quality is to have few bytes.
    pub fn new(spec: &Spec, source: Format) -> Result<Self, Error> {
        let encoding = &spec.encoding;
        let quality = encoding.quality.unwrap_or(DEFAULT_QUALITY);
        if !(1..=100).contains(&quality) {
            return Err(Error::invalid_spec(format!(
                "the quality is not from 1 to 100: {quality}"
            )));
        }
        let Color {
            red, green, blue, ..
        } = spec.background;
        let encoder = Self {
            choice: encoding
                .media_type
                .as_deref()
                .map_or(Ok(Choice::of(source)), Choice::asked)?,
            quality,
            settings: Settings::parse(&spec.settings)?,
            background: [red, green, blue],
        };
        let asked = encoding.media_type.as_ref().filter(|_| !encoder.is_lossy());
        match asked.filter(|_| encoder.settings.max_bytes.is_some()) {
            Some(asked) => Err(Error::invalid_spec(format!(
                "max-bytes lowers the quality of a JPEG or a lossy WebP, and {asked:?} has none here"
            ))),
            None => Ok(encoder),
        }
    }

    /// True if a thumbnail is certain to be encoded with loss.
    fn is_lossy(&self) -> bool {
        match self.choice {
            Choice::Fixed(Format::JPEG) => true,
            Choice::Fixed(Format::WEBP) => !self.settings.webp_lossless,
            _ => false,
        }
    }

    /// True if a thumbnail needs color differences at half its columns and rows
    /// only, as far as can be known before it is made.
    pub fn halves_chroma(&self) -> bool {
        match self.choice {
            Choice::Fixed(Format::JPEG) => self.settings.jpeg.subsampled,
            Choice::Fixed(Format::WEBP) => !self.settings.webp_lossless,
            _ => false,
        }
    }

    /// The settings of the spec.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// True if all that is made is a placeholder.
    pub fn is_placeholder(&self) -> bool {
        matches!(self.choice, Choice::Placeholder(_))
    }

    /// True if the finest detail of a thumbnail may survive encoding, as far as can
    /// be known before it is made.
    pub fn keeps_detail(&self) -> bool {
        !self.is_lossy() || self.quality > COARSE_QUALITY
    }

    /// Encodes a picture as a thumbnail. One that has more bytes than it should is told in a
    /// warning.
    ///
    /// # Errors
    ///
    /// If an encoder fails, which none does for a picture within the limits.
    pub fn encode(&self, picture: Picture, warnings: &mut Vec<String>) -> Result<Thumbnail, Error> {
        let picture = simplify(picture);
        let dimensions = dimensions(&picture)?;
        let format = match self.choice {
            Choice::Placeholder(kind) => {
                return Ok(Thumbnail {
                    data: kind.encode(picture, self.background),
                    media_type: kind.media_type().into(),
                    dimensions,
                });
            }
            Choice::Fixed(format) => format,
            Choice::ByTransparency if picture.model == Model::Rgba => Format::PNG,
            Choice::ByTransparency => Format::JPEG,
        };
        let data = match format {
            Format::JPEG => {
                let opaque = alpha::flatten(picture, self.background);
                jpeg::encode(opaque, self.quality, &self.settings)
            }
            Format::WEBP if self.settings.webp_lossless => {
                webp::encode_lossless(picture, dimensions)
            }
            Format::WEBP => {
                webp::encode(&picture, dimensions, self.quality, self.settings.max_bytes)
            }
            Format::GIF => gif::encode(picture, dimensions),
            _ => Ok(png::encode(
                picture,
                dimensions,
                self.settings.png_compression,
            )),
        }?;
        if let Some(most) = self.settings.max_bytes.filter(|most| data.len() > *most) {
            let Dimensions { width, height } = dimensions;
            warnings.push(format!(
                "a thumbnail of {width}x{height} has {} bytes, more than max-bytes={most}: {}",
                data.len(),
                if self.is_lossy() || format == Format::JPEG {
                    "no quality makes it smaller"
                } else {
                    "its format has no quality that could be lower"
                }
            ));
        }
        Ok(Thumbnail {
            data,
            media_type: format.media_type().into(),
            dimensions,
        })
    }
}

impl Choice {
    fn of(source: Format) -> Self {
        match source {
            Format::GIF => Self::Fixed(Format::PNG),
            source if FORMATS.contains(&source) => Self::Fixed(source),
            _ => Self::ByTransparency,
        }
    }

    fn asked(media_type: &str) -> Result<Self, Error> {
        let format = FORMATS
            .into_iter()
            .find(|format| format.media_type() == media_type);
        let placeholder = Placeholder::ALL
            .into_iter()
            .find(|kind| kind.media_type() == media_type);
        format
            .map(Self::Fixed)
            .or(placeholder.map(Self::Placeholder))
            .ok_or_else(|| {
                let known = media_types().collect::<Vec<_>>().join(", ");
                Error::invalid_spec(format!(
                    "this engine does not encode {media_type:?}, but {known}"
                ))
            })
    }
}

/// Drops an alpha channel that is fully opaque.
fn simplify(picture: Picture) -> Picture {
    if alpha::is_opaque(&picture) {
        model::drop_alpha(picture)
    } else {
        picture
    }
}

/// The first plane of every model has a sample for each pixel, and perhaps more.
fn dimensions(picture: &Picture) -> Result<Dimensions, Error> {
    let plane = picture
        .planes
        .first()
        .ok_or_else(|| Error::other("a picture without planes"))?;
    let (width, height) = plane.covered();
    let side = |samples: usize| u32::try_from(samples).map_err(|_| failed("too large a picture"));
    Ok(Dimensions {
        width: side(width)?,
        height: side(height)?,
    })
}

/// The samples of the first plane, which is the only one of all but YCbCr.
fn samples(picture: Picture) -> Vec<u8> {
    picture
        .planes
        .into_iter()
        .next()
        .map_or_else(Vec::new, |plane| plane.samples)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::other(format!("cannot encode: {error}"))
}
