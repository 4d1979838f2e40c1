//! BMP: palettes, bit fields, run lengths.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder, ImageError};

use crate::contract::Error;
use crate::decode::{Decoded, Header, malformed, samples};
use crate::format::Format;

/// Reads the two headers and the palette.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let (width, height) = open(source)?.dimensions();
    Ok(Header::new(Format::Bmp, width, height))
}

/// Decodes the picture.
pub(super) fn decode(source: &[u8], header: &Header) -> Result<Decoded, Error> {
    let decoder = open(source)?;
    let channels = channels(decoder.color_type());
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let picture = samples::picture(header, channels, pixels)?;
    Ok(Decoded {
        picture,
        profile: None,
        warnings: Vec::new(),
    })
}

fn channels(color: ColorType) -> usize {
    color.channel_count().into()
}

fn open(source: &[u8]) -> Result<BmpDecoder<Cursor<&[u8]>>, Error> {
    BmpDecoder::new(Cursor::new(source)).map_err(damaged)
}

fn damaged(error: ImageError) -> Error {
    malformed(Format::Bmp, error)
}
