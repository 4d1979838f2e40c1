//! BMP, ICO and CUR: bitmaps, or a PNG within an icon.

use std::slice;

use thimble_bitmap::{self as bitmap, Bitmap, Icon};

use crate::contract::Error;
use crate::decode::rows::Rows;
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, TRUNCATED, Task, admit, admit_profile, malformed, png,
    unsupported_feature,
};
use crate::format::Format;
use crate::picture::Plane;

pub(super) const BMP: Codec = Codec {
    format: Format::BMP,
    recognize: bitmap::is_bmp,
    read_header: |source| {
        let bitmap = open(source)?;
        Ok(Header::new(Format::BMP, bitmap.width, bitmap.height))
    },
    decode,
};

pub(super) const ICO: Codec = Codec {
    format: Format::ICO,
    recognize: bitmap::is_icon,
    read_header: read_icon,
    decode: decode_icon,
};

/// Decodes a BMP. Pixels that a truncated one lacks are transparent, with a warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let bitmap = open(task.source)?;
    let refused = |error| refused(Format::BMP, error);
    bitmap.check_pixels().map_err(refused)?;
    let has_alpha = bitmap.has_alpha();
    let channels = if has_alpha { 4 } else { 3 };
    let mut rows = Rows::new(task.header, task.wanted, channels)?;
    let mut push = |row: &[u8], there| {
        let gap = there..bitmap.width as usize;
        let gaps = if gap.is_empty() {
            &[]
        } else {
            slice::from_ref(&gap)
        };
        rows.push_partly(row, gaps)
    };
    let is_whole = if has_alpha {
        bitmap.rows(|pixels, there| push(pixels.as_flattened(), there))
    } else {
        bitmap.opaque_rows(push)
    }?;
    let overlooked = bitmap.overlooked();
    let mut warnings: Vec<String> = overlooked.iter().map(ToString::to_string).collect();
    if !is_whole {
        warnings.push(TRUNCATED.into());
    }
    let profile = bitmap.profile().map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let mut picture = rows.finish(task.header)?;
    if !has_alpha {
        picture.planes.iter_mut().for_each(begin_with_red);
    }
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// Pixels of blue, green and red in their usual order. There are fewer of them than the bitmap
/// has, where rows were averaged.
fn begin_with_red(plane: &mut Plane) {
    fn swap<const CHANNELS: usize>(samples: &mut [u8]) {
        let pixels = samples.as_chunks_mut::<CHANNELS>().0;
        pixels.iter_mut().for_each(|pixel| pixel.swap(0, 2));
    }
    match plane.channels {
        3 => swap::<3>(&mut plane.samples),
        _ => swap::<4>(&mut plane.samples),
    }
}

/// Reads the directory and the header of the picture chosen.
fn read_icon(source: &[u8]) -> Result<Header, Error> {
    let (width, height) = match open_icon(source)? {
        Icon::Png(payload) => {
            let inner = png::read_header(payload)?;
            (inner.width, inner.height)
        }
        Icon::Bitmap(bitmap) => (bitmap.width, bitmap.height),
    };
    Ok(Header::new(Format::ICO, width, height))
}

/// Decodes the picture chosen.
fn decode_icon(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let bitmap = match open_icon(task.source)? {
        Icon::Png(source) => return png::decode(&Task { source, ..*task }),
        Icon::Bitmap(bitmap) => bitmap,
    };
    let refused = |error| refused(Format::ICO, error);
    bitmap.check_pixels().map_err(refused)?;
    let mut rows = Rows::new(task.header, task.wanted, 4)?;
    let is_whole = bitmap.rows(|pixels, _| {
        rows.push(pixels.as_flattened());
        Ok::<(), Error>(())
    })?;
    let picture = rows.finish(task.header)?;
    Ok(Decoded::new(picture, is_whole, None, Vec::new()))
}

fn open(source: &[u8]) -> Result<Bitmap<'_>, Error> {
    Bitmap::of_file(source).map_err(|error| refused(Format::BMP, error))
}

fn open_icon(source: &[u8]) -> Result<Icon<'_>, Error> {
    Icon::read(source).map_err(|error| refused(Format::ICO, error))
}

fn refused(format: Format, error: bitmap::Error) -> Error {
    match error {
        bitmap::Error::Malformed(_) => malformed(format, error),
        bitmap::Error::Unsupported { .. } => unsupported_feature(format, error),
    }
}
