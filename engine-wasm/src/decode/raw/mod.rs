//! Camera raw files: the largest JPEG that the camera put beside what its sensor saw.
//!
//! Nobody develops a picture in a service for thumbnails: every viewer of folders shows
//! that JPEG. Most raw files are TIFF ([`pages`], [`notes`]), Fujifilm's have a header of
//! their own, and Canon's newest are boxes ([`boxes`]).

mod boxes;
mod notes;
mod pages;

use thimble_jpeg as jpeg;

use crate::contract::Error;
use crate::decode::tiff::{self, Directory, sensor, tag};
use crate::decode::{
    Bytes, Codec, Decoded, Header, Task, exif, jpeg as pixels, unsupported_feature,
};
use crate::format::Format;
use crate::orient::Orientation;

pub(super) const CR2: Codec = codec(Format::CR2, |source| kind(source) == Some(Format::CR2));
pub(super) const CR3: Codec = codec(Format::CR3, |source| kind(source) == Some(Format::CR3));
pub(super) const NEF: Codec = codec(Format::NEF, |source| kind(source) == Some(Format::NEF));
pub(super) const ARW: Codec = codec(Format::ARW, |source| kind(source) == Some(Format::ARW));
pub(super) const DNG: Codec = codec(Format::DNG, |source| kind(source) == Some(Format::DNG));
pub(super) const RAF: Codec = codec(Format::RAF, |source| kind(source) == Some(Format::RAF));
pub(super) const ORF: Codec = codec(Format::ORF, |source| kind(source) == Some(Format::ORF));
pub(super) const RW2: Codec = codec(Format::RW2, |source| kind(source) == Some(Format::RW2));
pub(super) const PEF: Codec = codec(Format::PEF, |source| kind(source) == Some(Format::PEF));

const fn codec(format: Format, recognize: fn(&[u8]) -> bool) -> Codec {
    Codec {
        format,
        recognize,
        read_header,
        decode,
    }
}

/// Makers whose raw files are TIFF, by the beginning of their name in a tag.
const MAKERS: [(&[u8], Format); 5] = [
    (b"NIKON", Format::NEF),
    (b"SONY", Format::ARW),
    (b"PENTAX", Format::PEF),
    (b"RICOH", Format::PEF),
    (b"Canon", Format::CR2),
];

/// JPEGs that are looked at; cameras write four.
const MOST_TRIED: usize = 64;

/// The kind of a raw file.
fn kind(source: &[u8]) -> Option<Format> {
    match source.first_chunk()? {
        b"IIRO" | b"IIRS" | b"MMOR" => return Some(Format::ORF),
        b"IIU\0" => return Some(Format::RW2),
        b"FUJI" if source.starts_with(b"FUJIFILMCCD-RAW ") => return Some(Format::RAF),
        b"II*\0" | b"MM\0*" => {}
        _ => return boxes::is_cr3(source).then_some(Format::CR3),
    }
    if source.get(8..10) == Some(b"CR") {
        return Some(Format::CR2);
    }
    let first = Directory::first(source)?;
    if first.count(tag::DNG_VERSION) > 0 {
        return Some(Format::DNG);
    }
    let maker = first.bytes(tag::MAKER)?;
    let (_, format) = MAKERS.iter().find(|(name, _)| maker.starts_with(name))?;
    let has_sensor = sensor::holds_sensor(&first) || sensor::is_raw(source, &first);
    has_sensor.then_some(*format)
}

/// A JPEG inside a raw file.
struct Preview<'a> {
    jpeg: &'a [u8],
    sides: (u32, u32),
    orientation: Orientation,
}

impl<'a> Preview<'a> {
    fn largest_of(source: &'a [u8], format: Format) -> Option<Self> {
        let bytes = Bytes::big_endian(source);
        let mut found = Vec::new();
        let turn = match format {
            // Its place is at a fixed one, and it says itself how it was held.
            Format::RAF => {
                let place = bytes.u32(84).zip(bytes.u32(88));
                found.extend(place.map(|(at, length)| within(source, at.into(), length.into())));
                None
            }
            Format::CR3 => boxes::collect(source, &mut found),
            _ => pages::collect(source, &mut found),
        };
        let jpegs = found.into_iter().take(MOST_TRIED);
        let area = |preview: &Self| u64::from(preview.sides.0) * u64::from(preview.sides.1);
        jpegs
            .filter_map(|jpeg| Self::read(jpeg, turn))
            .reduce(|best, next| {
                if area(&next) > area(&best) {
                    next
                } else {
                    best
                }
            })
    }

    /// A JPEG is turned as it says itself, else as the raw file says, unless it is upright
    /// already by the looks of it.
    fn read(jpeg: &'a [u8], turn: Option<Orientation>) -> Option<Self> {
        let header = jpeg::Header::read(jpeg).ok()?;
        let (width, height) = header.dimensions();
        let turn = turn.filter(|turn| !(turn.swaps_sides() && height > width));
        let stated = exif::stated(header.exif.iter().copied());
        Some(Preview {
            jpeg,
            sides: (width, height),
            orientation: stated.or(turn).unwrap_or_default(),
        })
    }
}

/// The bytes at a place, as many as there are.
fn within(source: &[u8], at: u64, length: u64) -> &[u8] {
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = source.get(place(at)..).unwrap_or_default();
    rest.get(..place(length)).unwrap_or(rest)
}

fn read_header(source: &[u8]) -> Result<Header, Error> {
    let format = kind(source).unwrap_or(Format::DNG);
    if let Some(preview) = preview(source, format) {
        let (width, height) = preview.sides;
        return Ok(Header {
            orientation: preview.orientation,
            ..Header::new(format, width, height)
        });
    }
    if !tiff::recognize(source) {
        return Err(unsupported_feature(format, sensor::REFUSAL));
    }
    Ok(Header {
        format,
        ..tiff::read_header(source)?
    })
}

fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let Some(preview) = preview(task.source, task.header.format) else {
        return tiff::decode(task);
    };
    let mut decoded = pixels::decode(&Task {
        source: preview.jpeg,
        ..*task
    })?;
    decoded.warnings.insert(0, sensor::PREVIEW.into());
    Ok(decoded)
}

/// The largest JPEG, unless the first page is a larger preview of another kind.
fn preview(source: &[u8], format: Format) -> Option<Preview<'_>> {
    let preview = Preview::largest_of(source, format)?;
    let page = pages::plain_preview(source);
    let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
    page.is_none_or(|sides| area(sides) <= area(preview.sides))
        .then_some(preview)
}
