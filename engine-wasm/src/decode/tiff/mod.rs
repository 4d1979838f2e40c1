//! TIFF and BigTIFF: the first page, in strips or tiles, of any depth.
//!
//! The directory is read here rather than by a crate because so much of the
//! format is optional: what the common viewers accept is more than what is
//! written down.
//!
//! A page is read band by band, a row of strips or tiles each: [`extents`] finds
//! their bytes, [`chunk`] decompresses them, [`sample`] and [`convert`] make colors
//! of them, and the rows are averaged as they come.

mod chunk;
mod convert;
mod directory;
mod extents;
mod fax;
mod jpeg;
mod layout;
mod page;
mod sample;
pub(super) mod sensor;
pub(super) mod tag;
mod ycbcr;

use self::convert::{Deep, Shallow};
pub(super) use self::directory::Directory;
use self::jpeg::Streams;
use self::layout::{Layout, Photometric};
use self::page::Page;
use crate::color;
use crate::contract::Error;
use crate::decode::{Codec, Decoded, Header, Task, admit_profile, malformed, unsupported_feature};
use crate::format::Format;
use crate::orient::Orientation;

pub(super) const CODEC: Codec = Codec {
    format: Format::TIFF,
    recognize,
    read_header,
    decode,
};

pub(super) fn recognize(source: &[u8]) -> bool {
    let magics = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];
    magics.iter().any(|magic| source.starts_with(*magic))
}

/// Reads the first directory, and counts the others.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let directory = open(source)?;
    let side = |tag| directory.first_number(tag);
    let Some((width, height)) = side(tag::WIDTH).zip(side(tag::HEIGHT)) else {
        if sensor::is_raw(source, &directory) {
            return Err(unsupported_feature(Format::TIFF, sensor::REFUSAL));
        }
        return Err(malformed(Format::TIFF, "no width or no height"));
    };
    let orientation = directory.first_number(tag::ORIENTATION).unwrap_or(1);
    let orientation = Orientation::from_number(orientation);
    let frames = directory::count_pages(source);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::TIFF, width, height)
    })
}

/// Decodes the first page. Rows that a damaged strip or tile lacks are transparent,
/// and there is a warning.
pub(super) fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let directory = open(task.source)?;
    let mut warnings: Vec<String> = Vec::new();
    warnings.extend(sensor::preview(task.source, &directory).map(Into::into));
    let mut layout = Layout::read(
        &directory,
        (task.header.width, task.header.height),
        task.limits,
    )?;
    let streams = Streams::read(&directory, &mut layout)?;
    let profile = directory.bytes(tag::PROFILE).map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let mut profile = profile.filter(|profile| !color::is_srgb(profile));
    let mut page = Page::new(&directory, &layout, streams)?;
    let picture = match Deep::new(&directory, &layout, profile.as_deref()) {
        Some((deep, rest)) => {
            profile = rest;
            page.read(deep, task.header, task.wanted)
        }
        None => {
            let shallow = Shallow::new(&directory, &layout, profile.as_deref(), &mut warnings);
            page.read(shallow, task.header, task.wanted)
        }
    }?;
    if matches!(
        layout.photometric,
        Photometric::Cmyk | Photometric::Lab { .. }
    ) {
        profile = None;
    }
    if page.is_damaged() {
        warnings.push("the source is damaged, a part of it is missing".into());
    }
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn open(source: &[u8]) -> Result<Directory<'_>, Error> {
    Directory::first(source).ok_or_else(|| malformed(Format::TIFF, "no directory"))
}
