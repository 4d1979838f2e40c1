//! Bytes of a file by the place and the length that a file states of them.

use crate::directory::Directory;
use crate::tag;

/// The bytes at a place, as many as there are.
pub(super) fn within(source: &[u8], at: u64, length: u64) -> &[u8] {
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = source.get(place(at)..).unwrap_or_default();
    rest.get(..place(length)).unwrap_or(rest)
}

/// The bytes whose place in `source` and whose length stand in two tags of a directory.
pub(super) fn tagged<'a>(
    source: &'a [u8],
    directory: &Directory<'_>,
    place: u16,
    length: u16,
) -> Option<&'a [u8]> {
    let at = directory.number(place, 0);
    let length = directory.number(length, 0);
    let (at, length) = at.zip(length)?;
    Some(within(source, at, length))
}

/// The JPEG of which a directory has place and length, counted from the beginning of
/// `source`.
pub(super) fn interchanged<'a>(source: &'a [u8], page: &Directory<'_>) -> Option<&'a [u8]> {
    tagged(source, page, tag::OLD_JPEG, tag::OLD_JPEG_LENGTH)
}
