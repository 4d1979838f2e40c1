//! PNG: every color type and depth, interlaced or not; of an animation, the
//! default image.
//!
//! The header and the metadata are read here, chunk by chunk, because they are
//! wanted before, and independently of, the pixels. The colors of a PNG without
//! ICC profile are taken for sRGB: `gAMA` and `cHRM` are not applied, as nearly
//! every file that has them states sRGB in other words.

use std::io::Cursor;

use crate::contract::{Error, Limits};
use crate::decode::rows::{self, Rows};
use crate::decode::{Bytes, Decoded, Header, Wanted, malformed, oversized_profile, samples};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

/// Memory for chunks and rows, on top of what the picture itself takes.
const OVERHEAD: usize = 4 << 20;

/// Reads `IHDR`, and the chunks that count frames and state the orientation.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = chunks(source).next().filter(|(kind, _)| *kind == b"IHDR");
    let sides = header.map(|(_, data)| Bytes::big_endian(data));
    let Some((width, height)) = sides.and_then(|data| data.u32(0).zip(data.u32(4))) else {
        return Err(malformed(Format::Png, "no header"));
    };
    let orientation = find(source, b"eXIf").map_or_else(Default::default, Orientation::from_exif);
    let frames = find(source, b"acTL").and_then(|data| Bytes::big_endian(data).u32(0));
    let frames = frames.unwrap_or(1).max(1);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::Png, width, height)
    })
}

/// Decodes the default image. A source that ends before its last row is
/// malformed.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let picture = decode_picture(source, header, wanted)?;
    let profile = read_profile(source, limits, &mut warnings);
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn decode_picture(source: &[u8], header: &Header, wanted: Wanted) -> Result<Picture, Error> {
    let mut reader = Reader::start(source, header)?;
    let stride = header.width as usize * reader.channels;
    if !reader.inner.info().interlaced {
        let mut rows = Rows::new(header, wanted, reader.channels)?;
        for _ in 0..header.height {
            let (row, _) = reader.next()?;
            rows.push(&row[..stride]);
        }
        return rows.finish(header);
    }
    let mut pixels = samples::allocate(header.width, header.height, reader.channels)?;
    let bits = 8 * reader.channels as u8;
    for _ in 0..interlaced_rows(header.width, header.height) {
        let (row, place) = reader.next()?;
        if let png::InterlaceInfo::Adam7(place) = place {
            png::expand_interlaced_row(&mut pixels, stride, row, &place, bits);
        }
    }
    rows::averaged(header, wanted, reader.channels, pixels)
}

/// Reads rows, expanded to whole channels of 8 bits.
struct Reader<'a> {
    inner: png::Reader<Cursor<&'a [u8]>>,
    channels: usize,
    /// Samples have two bytes in the source.
    wide: bool,
    row: Vec<u8>,
}

impl<'a> Reader<'a> {
    fn start(source: &'a [u8], header: &Header) -> Result<Self, Error> {
        let row_bytes = 8 * header.width as usize;
        let limits = png::Limits {
            bytes: OVERHEAD + 4 * row_bytes,
        };
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(source), limits);
        decoder.set_transformations(png::Transformations::EXPAND);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let inner = decoder.read_info().map_err(damaged)?;
        if inner.info().size() != (header.width, header.height) {
            return Err(malformed(Format::Png, "two headers of different sizes"));
        }
        // The decoding crate takes this for granted.
        let palette = inner.info().palette.as_deref().map_or(0, <[u8]>::len);
        if palette % 3 != 0 || palette > 3 * 256 {
            let reason = format!("a palette of {palette} bytes");
            return Err(malformed(Format::Png, reason));
        }
        let (color, depth) = inner.output_color_type();
        let wide = depth == png::BitDepth::Sixteen;
        Ok(Self {
            inner,
            channels: color.samples(),
            wide,
            row: vec![0; row_bytes],
        })
    }

    fn next(&mut self) -> Result<(&[u8], png::InterlaceInfo), Error> {
        let place = self.inner.read_row(&mut self.row).map_err(damaged)?;
        let place = place.ok_or_else(|| malformed(Format::Png, "rows are missing"))?;
        if self.wide {
            narrow(&mut self.row);
        }
        Ok((&self.row, place))
    }
}

/// Makes big-endian samples of 16 bits samples of 8, in the first half of `row`.
fn narrow(row: &mut [u8]) {
    for index in 0..row.len() / 2 {
        row[index] = samples::narrow(u16::from_be_bytes([row[2 * index], row[2 * index + 1]]));
    }
}

/// Rows of all seven passes of an interlaced picture; passes without columns
/// have no rows.
fn interlaced_rows(width: u32, height: u32) -> u32 {
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
    ];
    let rows = |(left, top, _, down): (u32, u32, u32, u32)| {
        if width > left {
            height.saturating_sub(top).div_ceil(down)
        } else {
            0
        }
    };
    passes
        .into_iter()
        .chain([(1, 0, 2, 2), (0, 1, 1, 2)])
        .map(rows)
        .sum()
}

fn damaged(error: png::DecodingError) -> Error {
    match error {
        png::DecodingError::LimitsExceeded => {
            Error::LimitExceeded("the chunks of the PNG take too much memory".into())
        }
        error => malformed(Format::Png, error),
    }
}

/// Inflates the profile, no further than the limit.
fn read_profile(source: &[u8], limits: &Limits, warnings: &mut Vec<String>) -> Option<Vec<u8>> {
    use fdeflate::BoundedDecompressionError::{DecompressionError, OutputTooLarge};

    let chunk = find(source, b"iCCP")?;
    let name = chunk.iter().position(|byte| *byte == 0)?;
    let compressed = chunk.get(name + 2..)?;
    match fdeflate::decompress_to_vec_bounded(compressed, limits.max_profile as usize) {
        Ok(profile) => Some(profile).filter(|profile| !profile.is_empty()),
        Err(OutputTooLarge { .. }) => {
            warnings.push(oversized_profile(limits));
            None
        }
        Err(DecompressionError { .. }) => {
            warnings.push("the color profile is ignored, it cannot be inflated".into());
            None
        }
    }
}

fn find<'a>(source: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    chunks(source)
        .find(|(found, _)| *found == kind)
        .map(|(_, data)| data)
}

/// The chunks of a PNG: a length, four letters, the data, a checksum.
fn chunks(source: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let bytes = Bytes::big_endian(source);
    let mut at = 8;
    std::iter::from_fn(move || {
        let length = bytes.u32(at)? as usize;
        let kind = bytes.slice(at + 4, 4)?;
        let data = bytes.slice(at + 8, length)?;
        at += 12 + length;
        (kind != b"IEND").then_some((kind, data))
    })
}
