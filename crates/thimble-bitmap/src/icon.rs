//! ICO and CUR: the largest of the pictures; of several as large the one with
//! most colors, and of those the first.

use thimble_bytes::Bytes;

use crate::bitmap::Bitmap;
use crate::error::Error;

/// Bytes of a directory before its entries, and of an entry.
const DIRECTORY: usize = 6;
const ENTRY: usize = 16;

/// The first bytes of a PNG.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// True for a file that begins as an icon or a cursor.
///
/// Four bytes that are nearly all zero are no signature, so the directory's
/// first entry has to make sense too: its reserved byte is zero and its image
/// lies behind the directory.
#[must_use]
pub fn is_icon(source: &[u8]) -> bool {
    let Some([0, 0, 1 | 2, 0, low, high, entry @ ..]) = source.first_chunk::<22>() else {
        return false;
    };
    let count = usize::from(u16::from_le_bytes([*low, *high]));
    let [_, _, _, _, _, _, _, _, _, _, _, _, offset @ ..] = entry;
    count > 0 && u32::from_le_bytes(*offset) as usize >= 6 + 16 * count
}

/// The picture of an icon that is drawn.
#[derive(Clone, Debug)]
pub enum Icon<'a> {
    /// A whole PNG, for another codec.
    Png(&'a [u8]),
    /// A bitmap with a mask.
    Bitmap(Bitmap<'a>),
}

impl<'a> Icon<'a> {
    /// Reads the directory, and the header of the picture chosen.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there is no picture or its header is cut short, and
    /// [`Error::Unsupported`].
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let payload = choose(source)?;
        if payload.starts_with(PNG) {
            return Ok(Icon::Png(payload));
        }
        Bitmap::of_icon(payload).map(Icon::Bitmap)
    }
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
        .ok_or(Error::Malformed("no picture in the directory"))
}
