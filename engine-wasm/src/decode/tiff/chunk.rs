//! Decompression of one strip or tile, into a buffer of the length it must have.
//!
//! What a damaged chunk lacks stays zero; [`inflate`] says how much there was.

use fax::decoder::{DecodeStatus, Group4Decoder};
use fax::maps::{black, white};
use fax::{BitReader, Color, slice_reader};
use thimble_inflate::Inflater;
use thimble_jpeg::{self as jpeg, Chroma, ColorModel, Scale};
use weezl::{BitOrder, LzwStatus, decode::Decoder as LzwDecoder};

use super::layout::{Layout, Photometric};

/// The dialects of fax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fax {
    /// Rows begin at whole bytes.
    Aligned,
    /// Rows end with a code of their own.
    Group3,
}

/// Whether a compression is known.
pub(super) fn is_known(compression: u32) -> bool {
    matches!(compression, 1 | 2 | 3 | 4 | 5 | 7 | 8 | 32773 | 32946)
}

/// Decompresses `chunk` into `rows`, which is zero, and returns how many bytes
/// of it came out.
pub(super) fn inflate(
    layout: &Layout,
    tables: Option<&[u8]>,
    chunk: &[u8],
    rows: &mut [u8],
) -> usize {
    let reversed: Vec<u8>;
    let chunk = if layout.reversed && layout.compression != 7 {
        reversed = chunk.iter().map(|byte| byte.reverse_bits()).collect();
        &reversed
    } else {
        chunk
    };
    match layout.compression {
        2 => unfax(layout, Fax::Aligned, chunk, rows),
        3 => unfax(layout, Fax::Group3, chunk, rows),
        4 => unfax4(layout, chunk, rows),
        5 => unlzw(chunk, rows),
        7 => unjpeg(layout, tables, chunk, rows).unwrap_or(0),
        8 | 32946 => unzip(chunk, rows),
        32773 => unpack(chunk, rows),
        _ => {
            let length = chunk.len().min(rows.len());
            rows[..length].copy_from_slice(&chunk[..length]);
            length
        }
    }
}

fn unlzw(chunk: &[u8], rows: &mut [u8]) -> usize {
    let mut decoder = LzwDecoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let (mut consumed, mut produced) = (0, 0);
    loop {
        let result = decoder.decode_bytes(&chunk[consumed..], &mut rows[produced..]);
        consumed += result.consumed_in;
        produced += result.consumed_out;
        let stuck = result.consumed_in == 0 && result.consumed_out == 0;
        if stuck || produced == rows.len() || !matches!(result.status, Ok(LzwStatus::Ok)) {
            return produced;
        }
    }
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

/// `PackBits`: runs of bytes, repeated or literal.
fn unpack(chunk: &[u8], rows: &mut [u8]) -> usize {
    let (mut rest, mut produced) = (chunk, 0);
    while let Some((&head, tail)) = rest.split_first() {
        rest = tail;
        let room = &mut rows[produced..];
        if room.is_empty() {
            break;
        }
        match head as i8 {
            -128 => {}
            count @ 0.. => {
                let count = (count as usize + 1).min(rest.len());
                let fits = count.min(room.len());
                room[..fits].copy_from_slice(&rest[..fits]);
                rest = &rest[count..];
                produced += fits;
            }
            count => {
                let Some((&byte, tail)) = rest.split_first() else {
                    break;
                };
                let fits = (1 + usize::from(count.unsigned_abs())).min(room.len());
                room[..fits].fill(byte);
                rest = tail;
                produced += fits;
            }
        }
    }
    produced
}

/// Paints the runs of a row, which is white: that is 0, as in `WhiteIsZero`. Runs
/// end at the transitions, in turns white and black; the last one ends the row.
fn paint(transitions: &[u16], width: u16, row: &mut [u8]) {
    let (mut x, mut before, mut color) = (0, 0, Color::White);
    let ends = transitions.iter().map(|end| Some(*end)).chain([None]);
    for end in ends {
        let rest = usize::from(width) - x;
        // Damaged data go back; a run that would is empty.
        let run = end.map_or(rest, |end| rest.min(end.saturating_sub(before).into()));
        if color == Color::Black {
            blacken(row, x, x + run);
        }
        x += run;
        before = end.unwrap_or(before);
        color = !color;
    }
}

/// Sets the bits from `start` on, up to `end`.
fn blacken(row: &mut [u8], start: usize, end: usize) {
    if start == end {
        return;
    }
    let (first, last) = (start / 8, (end - 1) / 8);
    let (head, tail) = (0xff >> (start % 8), 0xff << (7 - (end - 1) % 8));
    if first == last {
        row[first] |= head & tail;
        return;
    }
    row[first] |= head;
    row[first + 1..last].fill(0xff);
    row[last] |= tail;
}

/// The decoder of codes looks ahead: let it see zeros behind the end.
fn padded(chunk: &[u8]) -> Vec<u8> {
    [chunk, &[0; 4]].concat()
}

fn unfax4(layout: &Layout, chunk: &[u8], rows: &mut [u8]) -> usize {
    let Ok(width) = u16::try_from(layout.chunk_width) else {
        return 0;
    };
    let source = padded(chunk);
    let bytes = source
        .iter()
        .copied()
        .map(Ok::<u8, std::convert::Infallible>);
    let Ok(mut decoder) = Group4Decoder::new(bytes, width);
    let mut produced = 0;
    for row in rows.chunks_mut(layout.row_length()) {
        match decoder.advance() {
            Ok(DecodeStatus::Incomplete) => paint(decoder.transition(), width, row),
            // What comes after the end is white.
            Ok(DecodeStatus::End) => return rows.len(),
            Err(_) => return produced,
        }
        produced += row.len();
    }
    produced
}

fn unfax(layout: &Layout, dialect: Fax, chunk: &[u8], rows: &mut [u8]) -> usize {
    let Ok(width) = u16::try_from(layout.chunk_width) else {
        return 0;
    };
    let source = padded(chunk);
    let mut reader = slice_reader(&source);
    let mut produced = 0;
    for row in rows.chunks_mut(layout.row_length()) {
        match dialect {
            Fax::Group3 => skip_end_of_row(&mut reader),
            Fax::Aligned => {
                let padding = reader.bits_to_byte_boundary();
                if reader.consume(padding).is_err() {
                    return produced;
                }
            }
        }
        let Some(transitions) = read_row(&mut reader, width) else {
            return produced;
        };
        paint(&transitions, width, row);
        produced += row.len();
    }
    produced
}

/// Skips fill bits and the code that ends a row, if they are there: eleven
/// zeros at least, and a one. No run begins with as many.
fn skip_end_of_row(reader: &mut impl BitReader) {
    while reader.peek(11) == Some(0) {
        while reader.peek(1) == Some(0) {
            if reader.consume(1).is_err() {
                return;
            }
        }
        if reader.consume(1).is_err() {
            return;
        }
    }
}

/// Runs of white and black, in turns, up to the width.
fn read_row(reader: &mut impl BitReader, width: u16) -> Option<Vec<u16>> {
    let mut transitions = Vec::new();
    let (mut at, mut color) = (0u16, Color::White);
    while at < width {
        let mut run = 0u16;
        loop {
            let code = match color {
                Color::White => white::decode(reader)?,
                Color::Black => black::decode(reader)?,
            };
            run = run.checked_add(code)?;
            if code < 64 {
                break;
            }
        }
        at = at.checked_add(run)?;
        transitions.push(at);
        color = !color;
        if transitions.len() > 2 * usize::from(width) + 2 {
            return None;
        }
    }
    Some(transitions)
}

/// A JPEG whose tables may be kept elsewhere. What its colors mean is for the
/// page to say.
fn unjpeg(layout: &Layout, tables: Option<&[u8]>, chunk: &[u8], rows: &mut [u8]) -> Option<usize> {
    let whole: Vec<u8>;
    let source = match tables.and_then(|tables| tables.strip_suffix(b"\xff\xd9")) {
        Some(tables) => {
            whole = [tables, chunk.get(2..)?].concat();
            &whole
        }
        None => chunk,
    };
    let mut header = jpeg::Header::read(source).ok()?;
    header.model = match (header.model, layout.photometric) {
        (ColorModel::Ycbcr | ColorModel::Rgb, Photometric::Ycbcr) => ColorModel::Ycbcr,
        (ColorModel::Ycbcr | ColorModel::Rgb, _) => ColorModel::Rgb,
        (model, _) => model,
    };
    let (width, height) = header.dimensions();
    if width as usize > layout.chunk_width || height as usize > layout.chunk_height {
        return None;
    }
    let decoded = jpeg::decode(&header, Scale::Full, Chroma::Full).ok()?;
    let plane = decoded.into_pixels().ok()?;
    if plane.channels != layout.chunk_samples() || layout.bits != 8 {
        return None;
    }
    let from = plane.samples.chunks_exact(plane.width * plane.channels);
    for (to, from) in rows.chunks_exact_mut(layout.row_length()).zip(from) {
        let fits = to.len().min(from.len());
        to[..fits].copy_from_slice(&from[..fits]);
    }
    Some(rows.len().min(height as usize * layout.row_length()))
}

#[cfg(test)]
mod tests {
    use fax::decoder::pels;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn runs_are_painted_as_pixels_are(
            transitions in prop::collection::vec(0..70_u16, 0..12),
            width in 1..60_u16,
        ) {
            let mut row = vec![0; usize::from(width).div_ceil(8)];
            paint(&transitions, width, &mut row);
            for (x, color) in pels(&transitions, width).enumerate() {
                let is_black = row[x / 8] & (0x80 >> (x % 8)) != 0;
                prop_assert_eq!(is_black, color == Color::Black, "at {}", x);
            }
        }
    }
}
