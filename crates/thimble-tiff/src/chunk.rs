//! Decompression of one strip or tile, into a buffer of the length it must have.
//!
//! Bytes that a damaged chunk lacks stay zero; [`inflate`] says how many there were.

use thimble_bytes::unpack_bits;
use thimble_inflate::Inflater;
use thimble_lzw::Decoder as LzwDecoder;

use crate::error::Error;
use crate::fax::{self, Dialect};
use crate::inflated::Inflated;
use crate::jpeg::{self, Streams};
use crate::layout::Layout;

/// Decompresses `chunk` into `rows`, which is zero.
///
/// # Errors
///
/// [`Error::Unsupported`] for a JPEG of a kind that is not decoded, and
/// [`Error::TooLarge`] for one that there is no memory for.
pub(crate) fn inflate(
    layout: &Layout,
    streams: &Streams<'_>,
    chunk: &[u8],
    rows: &mut [u8],
) -> Result<Inflated, Error> {
    let reversed: Vec<u8>;
    let chunk = if layout.reversed && !matches!(layout.compression, 6 | 7) {
        reversed = chunk.iter().map(|byte| byte.reverse_bits()).collect();
        &reversed
    } else {
        chunk
    };
    let length = match layout.compression {
        2 => return Ok(unfax(layout, Dialect::Aligned(8), chunk, rows)),
        32_771 => return Ok(unfax(layout, Dialect::Aligned(16), chunk, rows)),
        3 => {
            let mixed = layout.mixes_dimensions;
            return Ok(unfax(layout, Dialect::Group3 { mixed }, chunk, rows));
        }
        4 => return Ok(unfax(layout, Dialect::Group4, chunk, rows)),
        5 => unlzw(chunk, rows),
        6 | 7 => return jpeg::decode(layout, streams, chunk, rows),
        8 | 32_946 => unzip(chunk, rows),
        32_773 => unpack_bits(chunk, rows),
        _ => {
            let length = chunk.len().min(rows.len());
            rows[..length].copy_from_slice(&chunk[..length]);
            length
        }
    };
    Ok(Inflated::whole(length))
}

fn unfax(layout: &Layout, dialect: Dialect, chunk: &[u8], rows: &mut [u8]) -> Inflated {
    match u16::try_from(layout.chunk_width) {
        Ok(width) => fax::decode(dialect, width, chunk, rows, layout.row_length()),
        Err(_) => Inflated::cut(0),
    }
}

/// Before version 6 of the format some writers began with the lowest bit, and made
/// codes longer one code later. Libtiff's rule tells them: the first code clears the
/// table, so it is 256 in either order.
fn unlzw(chunk: &[u8], rows: &mut [u8]) -> usize {
    let mut decoder = match chunk {
        [0, second, ..] if second & 1 == 1 => LzwDecoder::old_tiff(),
        _ => LzwDecoder::tiff(),
    };
    decoder.decode(chunk, rows);
    decoder.produced()
}

fn unzip(chunk: &[u8], rows: &mut [u8]) -> usize {
    let mut inflater = Inflater::new(std::iter::once(chunk));
    let mut produced = 0;
    while let room @ [_, ..] = &mut rows[produced..] {
        let Ok(some) = inflater.take_some(room.len()) else {
            break;
        };
        room[..some.len()].copy_from_slice(some);
        produced += some.len();
    }
    produced
}
