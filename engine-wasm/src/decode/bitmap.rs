//! BMP: a bitmap with a file header before it.

use std::slice;

use crate::contract::Error;
use crate::decode::dib::Bitmap;
use crate::decode::rows::Rows;
use crate::decode::{Bytes, Codec, Decoded, Header, TRUNCATED, Task, admit_profile, malformed};
use crate::format::Format;

/// Bytes of the file header: two letters, sizes, and where the pixels begin.
const FILE_HEADER: usize = 14;

pub(super) const CODEC: Codec = Codec {
    format: Format::BMP,
    recognize,
    read_header,
    decode,
};

/// Two letters alone would match many a text, so the size of the second header
/// is looked at as well: no known one is smaller than 12 or larger than 124 bytes.
fn recognize(source: &[u8]) -> bool {
    source.starts_with(b"BM")
        && matches!(source.get(14..18), Some([size @ 12..=124, 0, 0, 0]) if size % 4 == 0)
}

/// Reads both headers and the palette.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let bitmap = open(source)?;
    Ok(Header::new(Format::BMP, bitmap.width, bitmap.height))
}

/// Decodes the picture. Pixels that a truncated one lacks are transparent, with a
/// warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let bitmap = open(task.source)?;
    bitmap.check_pixels()?;
    let channels = if bitmap.has_alpha(task.header.height) {
        4
    } else {
        3
    };
    let mut rows = Rows::new(task.header, task.wanted, channels)?;
    let mut opaque = Vec::new();
    let complete = bitmap.rows(task.header.height, |pixels, there| {
        if there == 0 {
            return rows.push_missing();
        }
        let row = if channels == 4 {
            pixels.as_flattened()
        } else {
            opaque.clear();
            let colors = pixels
                .iter()
                .flat_map(|[red, green, blue, _]| [red, green, blue]);
            opaque.extend(colors);
            &opaque
        };
        if there < pixels.len() {
            return rows.push_with_gaps(row, slice::from_ref(&(there..pixels.len())));
        }
        rows.push(row);
        Ok(())
    })?;
    let mut warnings: Vec<String> = bitmap.overlooked().into_iter().map(Into::into).collect();
    if !complete {
        warnings.push(TRUNCATED.into());
    }
    let profile = bitmap.profile().map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let picture = rows.finish(task.header)?;
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn open(source: &[u8]) -> Result<Bitmap<'_>, Error> {
    let bytes = Bytes::little_endian(source);
    let Some(start) = bytes.u32(10) else {
        return Err(malformed(Format::BMP, "the header is cut short"));
    };
    let start = (start as usize).checked_sub(FILE_HEADER);
    Bitmap::read(bytes.rest(FILE_HEADER), start, Format::BMP)
}
