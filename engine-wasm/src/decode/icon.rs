//! ICO and CUR: the largest of the pictures; of several as large the one with
//! most colors, and of those the first.

use crate::contract::Error;
use crate::decode::dib::Bitmap;
use crate::decode::rows::Rows;
use crate::decode::{
    Bytes, Codec, Decoded, HELD_AS_A_WHOLE, Header, TRUNCATED, Task, admit, malformed, png,
};
use crate::format::Format;

/// Bytes of a directory before its entries, and of an entry.
const DIRECTORY: usize = 6;
const ENTRY: usize = 16;

pub(super) const CODEC: Codec = Codec {
    format: Format::ICO,
    recognize,
    read_header,
    decode,
};

/// Four bytes that are nearly all zero are no signature, so the directory's
/// first entry has to make sense too: its reserved byte is zero and its image
/// lies behind the directory.
fn recognize(source: &[u8]) -> bool {
    let Some([0, 0, 1 | 2, 0, low, high, entry @ ..]) = source.first_chunk::<22>() else {
        return false;
    };
    let count = usize::from(u16::from_le_bytes([*low, *high]));
    let [_, _, _, _, _, _, _, _, _, _, _, _, offset @ ..] = entry;
    count > 0 && u32::from_le_bytes(*offset) as usize >= 6 + 16 * count
}

/// Reads the directory and the header of the picture chosen.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let payload = choose(source)?;
    if Format::sniff(payload) == Some(Format::PNG) {
        let inner = png::read_header(payload)?;
        return Ok(Header::new(Format::ICO, inner.width, inner.height));
    }
    let bitmap = Bitmap::read(payload, None, Format::ICO)?;
    // The height counts the rows of the picture and those of its mask.
    Ok(Header::new(Format::ICO, bitmap.width, bitmap.height / 2))
}

/// Decodes the picture chosen.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let payload = choose(task.source)?;
    if Format::sniff(payload) == Some(Format::PNG) {
        return png::decode(&Task {
            source: payload,
            ..*task
        });
    }
    let bitmap = Bitmap::read(payload, None, Format::ICO)?;
    bitmap.check_pixels()?;
    let mut rows = Rows::new(task.header, task.wanted, 4)?;
    // A mask hides pixels, unless they say themselves how opaque they are.
    let has_own_alpha = bitmap.bits == 32 && bitmap.has_alpha(task.header.height);
    let mut y = 0;
    let complete = bitmap.rows(task.header.height, |pixels, there| {
        if there > 0 && !has_own_alpha {
            for (x, pixel) in pixels.iter_mut().enumerate() {
                let hidden = bitmap.hides(task.header.height, x, y);
                pixel[3] = if hidden { 0 } else { 255 };
            }
        }
        pixels[there..].fill([0; 4]);
        rows.push(pixels.as_flattened());
        y += 1;
        Ok(())
    })?;
    let mut warnings = Vec::new();
    if !complete {
        warnings.push(TRUNCATED.into());
    }
    let picture = rows.finish(task.header)?;
    Ok(Decoded {
        picture,
        profile: None,
        warnings,
    })
}

/// The picture that is drawn. The lengths in the directory are wrong so often
/// that each picture is taken to reach to the end of the file; its own header
/// knows better.
fn choose(source: &[u8]) -> Result<&[u8], Error> {
    let bytes = Bytes::little_endian(source);
    let count = usize::from(bytes.u16(4).unwrap_or_default());
    (0..count)
        .map_while(|index| bytes.slice(DIRECTORY + ENTRY * index, ENTRY))
        .filter_map(|entry| {
            let entry = Bytes::little_endian(entry);
            let side = |at| entry.u8(at).map(|side| u32::from(side.wrapping_sub(1)));
            let payload = bytes.rest(entry.u32(12)? as usize);
            let rank = (side(0)? * side(1)?, entry.u16(6)?);
            (!payload.is_empty()).then_some((rank, payload))
        })
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, payload)| payload)
        .ok_or_else(|| malformed(Format::ICO, "no picture in the directory"))
}
