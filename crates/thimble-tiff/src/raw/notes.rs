//! JPEGs in the notes of makers: directories in Exif of a form of each maker's own.

use thimble_bytes::Bytes;

use super::embedded::{interchanged, tagged};
use crate::directory::Directory;

/// Nikon's directory of a preview.
const PREVIEW_OF_NIKON: u16 = 0x11;

/// Olympus' directory of settings, and in it place and length of a preview.
const SETTINGS_OF_OLYMPUS: u16 = 0x2020;
const PLACE_OF_OLYMPUS: u16 = 0x101;
const LENGTH_OF_OLYMPUS: u16 = 0x102;

/// Pentax' length and place of a preview.
const LENGTH_OF_PENTAX: u16 = 3;
const PLACE_OF_PENTAX: u16 = 4;

/// Beginning of a note, place of its directory in it, and the base from which places are
/// counted: the beginning of the note, or of the file.
const FORMS: [(&[u8], usize, Base); 5] = [
    (b"OLYMPUS\0", 12, Base::Note),
    (b"OM SYSTEM\0", 16, Base::Note),
    (b"OLYMP\0", 8, Base::File),
    (b"PENTAX \0", 10, Base::Note),
    (b"AOC\0", 6, Base::File),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    Note,
    File,
}

/// Adds the JPEGs of a note that begins at `at`. What is no note of a known maker adds
/// nothing.
pub(super) fn collect<'a>(file: Bytes<'a>, note: &'a [u8], at: usize, found: &mut Vec<&'a [u8]>) {
    if note.starts_with(b"Nikon\0\x02") {
        // A whole TIFF of its own.
        let inner = file.rest(at.saturating_add(10));
        let directory = Directory::first(inner);
        let previews = directory
            .iter()
            .flat_map(|note| note.children(PREVIEW_OF_NIKON));
        found.extend(previews.filter_map(|preview| interchanged(inner, &preview)));
        return;
    }
    let form = FORMS.iter().find(|(name, ..)| note.starts_with(name));
    let Some((_, start, base)) = form else {
        return;
    };
    let (from, start) = match base {
        Base::Note => (file.rest(at), *start),
        Base::File => (file.rest(0), at.saturating_add(*start)),
    };
    let bytes = if file.is_big_endian() {
        Bytes::big_endian(from)
    } else {
        Bytes::little_endian(from)
    };
    let Some(directory) = Directory::within(bytes, start) else {
        return;
    };
    found.extend(tagged(from, &directory, PLACE_OF_PENTAX, LENGTH_OF_PENTAX));
    for settings in directory.children(SETTINGS_OF_OLYMPUS) {
        found.extend(tagged(from, &settings, PLACE_OF_OLYMPUS, LENGTH_OF_OLYMPUS));
    }
}
