//! TIFF: the first page.

use std::io::Cursor;

use tiff::TiffError;
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, malformed, unsupported_feature};
use crate::format::Format;
use crate::orient::Orientation;

/// Reads the first directory.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let mut decoder = Decoder::new(Cursor::new(source)).map_err(damaged)?;
    let (width, height) = decoder.dimensions().map_err(damaged)?;
    let orientation = decoder.find_tag_unsigned(Tag::Orientation).ok().flatten();
    let orientation = Orientation::from_number(orientation.unwrap_or(1));
    Ok(Header {
        orientation,
        ..Header::new(Format::Tiff, width, height)
    })
}

/// Decodes the first page.
pub(super) fn decode(_source: &[u8], _header: &Header, _limits: &Limits) -> Result<Decoded, Error> {
    Err(unsupported_feature(Format::Tiff, "not decoded yet"))
}

fn damaged(error: TiffError) -> Error {
    malformed(Format::Tiff, error)
}
