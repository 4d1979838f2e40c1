//! Camera raw files: the largest JPEG that the camera put beside what its sensor saw.
//!
//! Nobody develops a picture in a service for thumbnails: every viewer of folders shows
//! that JPEG. Most raw files are TIFF (`pages`, `notes`), Fujifilm's have a header of
//! their own, and Canon's newest are boxes (`boxes`).

mod boxes;
mod embedded;
mod notes;
mod pages;

use thimble_bytes::Bytes;
use thimble_jpeg as jpeg;

use self::embedded::within;
use crate::directory::Directory;
use crate::{exif, sensor, tag};

/// Kinds of raw files, by the endings of their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Canon's, in TIFF.
    Cr2,
    /// Canon's, in boxes.
    Cr3,
    /// Nikon's.
    Nef,
    /// Sony's.
    Arw,
    /// Adobe's, which many cameras write.
    Dng,
    /// Fujifilm's.
    Raf,
    /// Olympus'.
    Orf,
    /// Panasonic's.
    Rw2,
    /// Pentax'.
    Pef,
}

/// Makers whose raw files are TIFF, by the beginning of their name in a tag.
const MAKERS: [(&[u8], Kind); 5] = [
    (b"NIKON", Kind::Nef),
    (b"SONY", Kind::Arw),
    (b"PENTAX", Kind::Pef),
    (b"RICOH", Kind::Pef),
    (b"Canon", Kind::Cr2),
];

/// JPEGs that are looked at; cameras write four.
const MOST_TRIED: usize = 64;

/// The kind of a raw file, by its first bytes and, of those that are TIFF, its maker.
#[must_use]
pub fn kind(source: &[u8]) -> Option<Kind> {
    match source.first_chunk()? {
        b"IIRO" | b"IIRS" | b"MMOR" => return Some(Kind::Orf),
        b"IIU\0" => return Some(Kind::Rw2),
        b"FUJI" if source.starts_with(b"FUJIFILMCCD-RAW ") => return Some(Kind::Raf),
        b"II*\0" | b"MM\0*" => {}
        _ => return boxes::is_cr3(source).then_some(Kind::Cr3),
    }
    if source.get(8..10) == Some(b"CR") {
        return Some(Kind::Cr2);
    }
    let first = Directory::first(source)?;
    if first.count(tag::DNG_VERSION) > 0 {
        return Some(Kind::Dng);
    }
    let maker = first.bytes(tag::MAKER)?;
    let (_, kind) = MAKERS.iter().find(|(name, _)| maker.starts_with(name))?;
    let has_sensor = sensor::holds_sensor(&first) || sensor::is_raw(source, &first);
    has_sensor.then_some(*kind)
}

/// A JPEG inside a raw file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preview<'a> {
    /// The whole JPEG, and perhaps bytes behind it.
    pub jpeg: &'a [u8],
    /// Its columns and rows, as stored.
    pub sides: (u32, u32),
    /// Orientation by the numbers of EXIF, 1 to 8; 1 is upright.
    pub orientation: u8,
}

impl<'a> Preview<'a> {
    /// The largest JPEG of a raw file, unless its first page is a larger preview of another
    /// kind.
    #[must_use]
    pub fn of(source: &'a [u8], kind: Kind) -> Option<Self> {
        let preview = Self::largest(source, kind)?;
        let page = pages::plain_preview(source);
        let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        page.is_none_or(|sides| area(sides) <= area(preview.sides))
            .then_some(preview)
    }

    fn largest(source: &'a [u8], kind: Kind) -> Option<Self> {
        let bytes = Bytes::big_endian(source);
        let mut found = Vec::new();
        let turn = match kind {
            // Its place is at a fixed one, and it says itself how it was held.
            Kind::Raf => {
                let place = bytes.u32(84).zip(bytes.u32(88));
                found.extend(place.map(|(at, length)| within(source, at.into(), length.into())));
                None
            }
            Kind::Cr3 => boxes::collect(source, &mut found),
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
    fn read(jpeg: &'a [u8], turn: Option<u8>) -> Option<Self> {
        let header = jpeg::Header::read(jpeg).ok()?;
        let (width, height) = header.dimensions();
        let swaps_sides = |turn: u8| turn >= 5;
        let turn = turn.filter(|turn| !(swaps_sides(*turn) && height > width));
        let stated = exif::orientation(header.exif.iter().copied());
        Some(Preview {
            jpeg,
            sides: (width, height),
            orientation: stated.or(turn).unwrap_or(1),
        })
    }
}
