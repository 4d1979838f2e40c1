//! The segments of a JPEG up to its first scan: size, colors, metadata.
//!
//! Bounded by the source: nothing is copied but the color profile.

use crate::contract::{Error, Limits};
use crate::decode::{Bytes, malformed, oversized_profile, unsupported_feature};
use crate::format::Format;

const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// What a start-of-frame segment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// One segment: its marker and what follows its length.
#[derive(Clone, Copy, Debug)]
struct Segment<'a> {
    marker: u8,
    payload: &'a [u8],
    /// Where the next segment begins.
    end: usize,
}

/// The segments that come before the first scan.
///
/// Bytes between segments that belong to none are skipped, as every decoder does.
fn segments(source: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let bytes = Bytes::big_endian(source);
    let mut at = 2;
    std::iter::from_fn(move || {
        let segment = next_segment(&bytes, at)?;
        at = segment.end;
        (segment.marker != START_OF_SCAN && segment.marker != END_OF_IMAGE).then_some(segment)
    })
}

fn next_segment<'a>(bytes: &Bytes<'a>, from: usize) -> Option<Segment<'a>> {
    let mut at = from;
    loop {
        at += bytes.rest(at).iter().position(|byte| *byte == 0xff)?;
        let marker = bytes.u8(at + 1)?;
        match marker {
            0xff => at += 1,
            // Stuffing, restart markers, and the like have no payload.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            END_OF_IMAGE => {
                return Some(Segment {
                    marker,
                    payload: &[],
                    end: at + 2,
                });
            }
            _ => {
                let length = usize::from(bytes.u16(at + 2)?);
                let payload = bytes.slice(at + 4, length.checked_sub(2)?)?;
                return Some(Segment {
                    marker,
                    payload,
                    end: at + 2 + length,
                });
            }
        }
    }
}

/// The size of the picture.
///
/// # Errors
///
/// `malformed-source` if there is no start of a frame, `unsupported-format` if
/// the frame is of a kind that hardly anybody writes: arithmetic coding,
/// lossless, hierarchical, 12 bits, or a height that only comes after the scan.
pub(crate) fn frame(source: &[u8]) -> Result<Frame, Error> {
    let segment = segments(source)
        .find(|segment| matches!(segment.marker, 0xc0..=0xcf) && !is_table(segment.marker))
        .ok_or_else(|| malformed(Format::Jpeg, "no start of a frame"))?;
    if segment.marker > 0xc2 {
        let reason = format!("frames of type {} are not decoded", segment.marker - 0xc0);
        return Err(unsupported_feature(Format::Jpeg, reason));
    }
    let payload = Bytes::big_endian(segment.payload);
    let sides = payload.u8(0).zip(payload.u16(1)).zip(payload.u16(3));
    let Some(((precision, height), width)) = sides else {
        return Err(malformed(
            Format::Jpeg,
            "the start of the frame is cut short",
        ));
    };
    if precision != 8 {
        return Err(unsupported_feature(
            Format::Jpeg,
            format!("{precision} bits a sample"),
        ));
    }
    if height == 0 {
        return Err(unsupported_feature(
            Format::Jpeg,
            "the height follows the first scan",
        ));
    }
    Ok(Frame {
        width: width.into(),
        height: height.into(),
    })
}

/// Huffman tables, reserved, arithmetic conditioning: neighbours of the frames.
fn is_table(marker: u8) -> bool {
    matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// The EXIF block, with its prefix.
pub(crate) fn exif(source: &[u8]) -> Option<&[u8]> {
    segments(source)
        .filter(|segment| segment.marker == 0xe1)
        .map(|segment| segment.payload)
        .find(|payload| payload.starts_with(b"Exif\0\0"))
}

/// The color profile, put together from as many segments as it takes.
pub(crate) fn profile(
    source: &[u8],
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let mut parts: Vec<(u8, &[u8])> = segments(source)
        .filter(|segment| segment.marker == 0xe2)
        .filter_map(|segment| segment.payload.strip_prefix(b"ICC_PROFILE\0"))
        .filter_map(|part| Some((*part.first()?, part.get(2..)?)))
        .collect();
    parts.sort_by_key(|(number, _)| *number);
    parts.dedup_by_key(|(number, _)| *number);
    let length: usize = parts.iter().map(|(_, part)| part.len()).sum();
    if length as u64 > u64::from(limits.max_profile) {
        warnings.push(oversized_profile(limits));
        return None;
    }
    (length > 0).then(|| {
        parts
            .iter()
            .flat_map(|(_, part)| part.iter().copied())
            .collect()
    })
}

/// Whether the end of the image is there.
///
/// Coded data cannot hold its marker, so any one behind the header is the end.
pub(crate) fn is_complete(source: &[u8]) -> bool {
    let scan = segments(source).last().map_or(2, |segment| segment.end);
    let coded = source.get(scan..).unwrap_or_default();
    coded
        .windows(2)
        .rev()
        .any(|pair| *pair == [0xff, END_OF_IMAGE])
}
