//! Decompression of one strip or tile, into a buffer of the length it must have.
//!
//! Bytes that a damaged chunk lacks become zero; [`inflate`] says how many there were.

use thimble_bytes::unpack_bits;
use thimble_inflate::Inflater;
use thimble_jpeg::SharedTables;
use thimble_lzw::Decoder as LzwDecoder;

use crate::error::Error;
use crate::fax::{self, Dialect};
use crate::inflated::Inflated;
use crate::jpeg::{self, Streams};
use crate::layout::Layout;

/// The parts of decompressors that are of use again for the next chunk.
#[derive(Debug, Default)]
pub(crate) struct Kept<'a> {
    inflater: Option<Inflater<'a>>,
    tables: SharedTables,
}

/// Decompresses `chunk` into `rows`, whatever they are before; what is lacking becomes zero.
///
/// # Errors
///
/// [`Error::Unsupported`] for a JPEG of a kind that is not decoded, and
/// [`Error::TooLarge`] for one that there is no memory for.
pub(crate) fn inflate<'a>(
    layout: &Layout,
    streams: &Streams<'_>,
    kept: &mut Kept<'a>,
    chunk: &'a [u8],
    rows: &mut [u8],
) -> Result<Inflated, Error> {
    if layout.reversed && !matches!(layout.compression, 6 | 7) {
        let reversed: Vec<u8> = chunk.iter().map(|byte| byte.reverse_bits()).collect();
        return decompress(layout, streams, &mut Kept::default(), &reversed, rows);
    }
    decompress(layout, streams, kept, chunk, rows)
}

fn decompress<'a>(
    layout: &Layout,
    streams: &Streams<'_>,
    kept: &mut Kept<'a>,
    chunk: &'a [u8],
    rows: &mut [u8],
) -> Result<Inflated, Error> {
    let length = match layout.compression {
        5 => unlzw(chunk, rows),
        8 | 32_946 => unzip(kept, chunk, rows),
        32_773 => unpack_bits(chunk, rows),
        2 | 3 | 4 | 6 | 7 | 32_771 => {
            rows.fill(0);
            return unpaint(layout, streams, kept, chunk, rows);
        }
        _ => {
            let length = chunk.len().min(rows.len());
            rows[..length].copy_from_slice(&chunk[..length]);
            length
        }
    };
    rows[length..].fill(0);
    Ok(Inflated::whole(length))
}

/// Decompresses what is no stream of bytes.
fn unpaint(
    layout: &Layout,
    streams: &Streams<'_>,
    kept: &mut Kept<'_>,
    chunk: &[u8],
    rows: &mut [u8],
) -> Result<Inflated, Error> {
    let dialect = match layout.compression {
        2 => Dialect::Aligned(8),
        32_771 => Dialect::Aligned(16),
        3 => Dialect::Group3 {
            mixed: layout.mixes_dimensions,
        },
        4 => Dialect::Group4,
        _ => return jpeg::decode(layout, streams, &mut kept.tables, chunk, rows),
    };
    Ok(unfax(layout, dialect, chunk, rows))
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

fn unzip<'a>(kept: &mut Kept<'a>, chunk: &'a [u8], rows: &mut [u8]) -> usize {
    let stream = std::iter::once(chunk);
    let inflater = match &mut kept.inflater {
        Some(inflater) => {
            inflater.restart(stream);
            inflater
        }
        none => none.insert(Inflater::new(stream)),
    };
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
