//! JPEGs in the directories of a raw file that is TIFF, or nearly.

use super::embedded::{interchanged, tagged};
use super::notes;
use crate::directory::Directory;
use crate::{exif, sensor, tag};

/// Tag in which Panasonic puts a JPEG.
const JPEG_OF_PANASONIC: u16 = 0x2e;

/// Compressions that are JPEG.
const JPEG: [u32; 2] = [6, 7];

/// Adds the JPEGs of every directory, and returns the turn that the first of them states.
pub(super) fn collect<'a>(source: &'a [u8], found: &mut Vec<&'a [u8]>) -> Option<u8> {
    let first = Directory::first(source)?;
    let others = first.following();
    for page in std::iter::once(first.clone()).chain(others) {
        take(source, &page, found);
        for child in page.children(tag::CHILDREN) {
            take(source, &child, found);
        }
    }
    for camera in first.children(tag::EXIF) {
        if let (Some(note), Some(at)) = (camera.bytes(tag::NOTE), camera.position(tag::NOTE)) {
            notes::collect(first.file(), note, at, found);
        }
    }
    exif::number(first.first_number(tag::ORIENTATION)?)
}

/// Sides of the first page if it is a preview that is no JPEG.
pub(super) fn plain_preview(source: &[u8]) -> Option<(u32, u32)> {
    let magic: [u8; 4] = *source.first_chunk()?;
    let first = Directory::first(source).filter(|_| matches!(&magic, b"II*\0" | b"MM\0*"))?;
    let coding = first.first_number(tag::COMPRESSION).unwrap_or(1);
    if JPEG.contains(&coding) || sensor::holds_sensor(&first) {
        return None;
    }
    first
        .first_number(tag::WIDTH)
        .zip(first.first_number(tag::HEIGHT))
}

/// Adds the JPEGs of a directory.
fn take<'a>(source: &'a [u8], page: &Directory<'a>, found: &mut Vec<&'a [u8]>) {
    found.extend(interchanged(page.file().rest(0), page));
    found.extend(page.bytes(JPEG_OF_PANASONIC));
    let coding = page.first_number(tag::COMPRESSION).unwrap_or(1);
    // Several strips are parts of the picture itself.
    if JPEG.contains(&coding) && page.count(tag::STRIP_OFFSETS) == 1 {
        found.extend(tagged(source, page, tag::STRIP_OFFSETS, tag::STRIP_LENGTHS));
    }
}
