//! Netpbm and TGA: pictures that are little more than their pixels.

use thimble_plain::{self as plain, Netpbm, Targa};

use crate::color::Inks;
use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, Task, admit, malformed, unsupported_feature,
};
use crate::format::Format;

pub(super) const PNM: Codec = Codec {
    format: Format::PNM,
    recognize: plain::is_netpbm,
    read_header: |source| {
        let picture = Netpbm::read(source).map_err(|error| refused(Format::PNM, error))?;
        Ok(Header::new(Format::PNM, picture.width, picture.height))
    },
    decode,
};

pub(super) const TGA: Codec = Codec {
    format: Format::TGA,
    recognize: plain::is_targa,
    read_header: |source| {
        let targa = Targa::read(source).map_err(|error| refused(Format::TGA, error))?;
        Ok(Header::new(Format::TGA, targa.width, targa.height))
    },
    decode: decode_targa,
};

/// Decodes a picture of Netpbm. Pixels that a truncated one lacks are transparent, with a
/// warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let picture = Netpbm::read(task.source).map_err(|error| refused(Format::PNM, error))?;
    if !picture.has_pixels() {
        return Err(malformed(Format::PNM, "there is no pixel"));
    }
    if picture.is_inked {
        return decode_inks(&picture, task);
    }
    let mut rows = Rows::new(task.header, task.wanted, picture.channels)?;
    let is_whole = picture.rows(|row| rows.push_partly(row.samples, row.gaps))?;
    decoded(rows, is_whole, task)
}

/// Decodes a picture of inks, as they are if nobody describes them.
fn decode_inks(picture: &Netpbm<'_>, task: &Task<'_>) -> Result<Decoded, Error> {
    let inks = Inks::new(None, &mut Vec::new());
    let mut rows = Rows::new(task.header, task.wanted, 3)?;
    let is_whole = picture
        .rows(|row| rows.push_converted(row.gaps, |made| inks.convert(row.samples, made)))?;
    decoded(rows, is_whole, task)
}

/// Decodes a TGA, whose pixels are there as a whole if they are in runs.
fn decode_targa(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let refused = |error| refused(Format::TGA, error);
    let targa = Targa::read(task.source).map_err(refused)?;
    let pixels = targa.pixels().map_err(refused)?;
    let targa = targa.with_alpha_of(&pixels);
    let mut rows = Rows::new(task.header, task.wanted, targa.channels())?;
    let is_whole = targa.rows(&pixels, |row| rows.push_partly(row.samples, row.gaps))?;
    decoded(rows, is_whole, task)
}

fn decoded(rows: Rows, is_whole: bool, task: &Task<'_>) -> Result<Decoded, Error> {
    let picture = rows.finish(task.header)?;
    Ok(Decoded::new(picture, is_whole, None, Vec::new()))
}

fn refused(format: Format, error: plain::Error) -> Error {
    match error {
        plain::Error::Malformed(_) => malformed(format, error),
        plain::Error::Channels(_) => unsupported_feature(format, error),
        plain::Error::TooLarge => Error::LimitExceeded(error.to_string()),
    }
}
