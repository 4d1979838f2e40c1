//! Photoshop's files: the composite of all layers.

use thimble_psd::{Colors, Composite, Error as PsdError, Photoshop};

use crate::color::Inks;
use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{
    Codec, Decoded, Header, Task, admit_profile, exif, malformed, unsupported_feature,
};
use crate::format::Format;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::PSD,
    recognize: thimble_psd::is_photoshop,
    read_header,
    decode,
};

fn read_header(source: &[u8]) -> Result<Header, Error> {
    let file = Photoshop::read(source)?;
    Ok(Header {
        orientation: exif::orientation(file.exif()),
        ..Header::new(Format::PSD, file.width, file.height)
    })
}

/// Decodes the composite. Rows that a truncated source lacks are transparent, and there is a
/// warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let file = Photoshop::read(task.source)?;
    let composite = Composite::of(&file)?;
    let mut warnings = Vec::new();
    let profile = file.profile().map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let (picture, profile, is_whole) = if file.colors() == Colors::Cmyk {
        let inks = Inks::new(profile.as_deref(), &mut warnings);
        let (picture, is_whole) = read_inks(&composite, &inks, task)?;
        (picture, None, is_whole)
    } else {
        let mut rows = Rows::new(task.header, task.wanted, composite.channels())?;
        let is_whole = composite.rows(|row| rows.push_partly(row.samples, row.gaps))?;
        (rows.finish(task.header)?, profile, is_whole)
    };
    Ok(Decoded::new(picture, is_whole, profile, warnings))
}

fn read_inks(
    composite: &Composite<'_>,
    inks: &Inks,
    task: &Task<'_>,
) -> Result<(Picture, bool), Error> {
    let mut rows = Rows::new(task.header, task.wanted, 3)?;
    let is_whole = composite
        .rows(|row| rows.push_converted(row.gaps, |made| inks.convert(row.samples, made)))?;
    Ok((rows.finish(task.header)?, is_whole))
}

impl From<PsdError> for Error {
    fn from(error: PsdError) -> Self {
        match error {
            PsdError::Malformed(_) => malformed(Format::PSD, error),
            PsdError::Unsupported(_) => unsupported_feature(Format::PSD, error),
            PsdError::TooLarge => Error::LimitExceeded(error.to_string()),
        }
    }
}
