//! ICO and CUR: the largest of the pictures, the one with most colors if
//! several are as large.

use std::io::Cursor;

use image::codecs::ico::IcoDecoder;
use image::{ImageDecoder, ImageError};

use crate::contract::{Error, Limits};
use crate::decode::{Bytes, Decoded, Header, malformed, png, samples};
use crate::format::Format;

/// Bytes of a directory before its entries, and of an entry.
const DIRECTORY: usize = 6;
const ENTRY: usize = 16;

/// Reads the directory and the header of the picture chosen.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let payload = choose(source)?;
    if Format::sniff(payload) == Some(Format::Png) {
        let inner = png::read_header(payload)?;
        return Ok(Header::new(Format::Ico, inner.width, inner.height));
    }
    let bytes = Bytes::little_endian(payload);
    let Some((width, height)) = bytes.u32(4).zip(bytes.u32(8)) else {
        return Err(malformed(Format::Ico, "the picture is cut short"));
    };
    // The height counts the rows of the picture and those of its mask.
    Ok(Header::new(Format::Ico, width, height / 2))
}

/// Decodes the picture chosen.
pub(super) fn decode(source: &[u8], header: &Header, limits: &Limits) -> Result<Decoded, Error> {
    let payload = choose(source)?;
    if Format::sniff(payload) == Some(Format::Png) {
        return png::decode(payload, header, limits);
    }
    let mut pixels = samples::allocate(header.width, header.height, 4)?;
    let single = single(payload, header);
    let decoder = IcoDecoder::new(Cursor::new(&single)).map_err(damaged)?;
    if decoder.total_bytes() != pixels.len() as u64 {
        return Err(malformed(
            Format::Ico,
            "the picture is not of the size its header says",
        ));
    }
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let picture = samples::picture(header, 4, pixels)?;
    Ok(Decoded {
        picture,
        profile: None,
        warnings: Vec::new(),
    })
}

fn choose(source: &[u8]) -> Result<&[u8], Error> {
    let bytes = Bytes::little_endian(source);
    let count = usize::from(bytes.u16(4).unwrap_or_default());
    (0..count)
        .map_while(|index| bytes.slice(DIRECTORY + ENTRY * index, ENTRY))
        .filter_map(|entry| {
            let entry = Bytes::little_endian(entry);
            let side = |at| entry.u8(at).map(|side| u32::from(side.wrapping_sub(1)));
            let (length, offset) = (entry.u32(8)? as usize, entry.u32(12)? as usize);
            let rest = bytes.rest(offset);
            let payload = rest.get(..length).unwrap_or(rest);
            let rank = (side(0)? * side(1)?, entry.u16(6)?);
            (!payload.is_empty()).then_some((rank, payload))
        })
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, payload)| payload)
        .ok_or_else(|| malformed(Format::Ico, "no picture in the directory"))
}

/// An icon of one picture. The sides in its directory are those of the picture
/// itself: which of the two is right does not matter to anybody.
fn single(payload: &[u8], header: &Header) -> Vec<u8> {
    let side = |side: u32| u8::try_from(side).unwrap_or_default();
    let mut icon = vec![
        0,
        0,
        1,
        0,
        1,
        0,
        side(header.width),
        side(header.height),
        0,
        0,
        1,
        0,
        32,
        0,
    ];
    icon.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    icon.extend_from_slice(&((DIRECTORY + ENTRY) as u32).to_le_bytes());
    icon.extend_from_slice(payload);
    icon
}

fn damaged(error: ImageError) -> Error {
    malformed(Format::Ico, error)
}
