//! Camera raw files: TIFF whose first page is a preview of a picture that is not
//! read.

use crate::directory::Directory;
use crate::error::Warning;
use crate::tag;

/// Compressions of sensors' samples, by several makers.
const SENSOR_CODINGS: [u32; 10] = [
    262, 32_767, 32_769, 32_770, 32_867, 34_713, 34_892, 65_000, 65_100, 65_535,
];

/// Makers that put their mark, four letters of one kind, before the first directory.
const MARKING_MAKERS: [&[u8]; 3] = [b"Phase One", b"Leaf", b"Mamiya"];
const MARKS: [&[u8]; 2] = [b"IIII", b"MMMM"];

/// Bytes of a file among which that mark is.
const MARKED: std::ops::Range<usize> = 8..32;

/// Directories that are looked at behind and below those that the first one names.
const MOST_DEEPER: usize = 128;

/// True if the picture of the file is the samples of a sensor.
pub(crate) fn is_raw(source: &[u8], first: &Directory<'_>) -> bool {
    let is_canon = source.get(8..10) == Some(b"CR");
    let is_stated = first.count(tag::DNG_VERSION) > 0 || first.count(tag::LEAF) > 0;
    is_canon || is_stated || is_marked(source, first) || has_sensor_below(first)
}

/// True if the file has the mark of a maker that puts one there.
fn is_marked(source: &[u8], first: &Directory<'_>) -> bool {
    let maker = first.bytes(tag::MAKER).unwrap_or_default();
    let mut head = source.get(MARKED).unwrap_or_default().windows(4);
    MARKING_MAKERS.iter().any(|name| maker.starts_with(name))
        && head.any(|four| MARKS.contains(&four))
}

/// True if there is a sensor's page in a directory behind or below the first one, or behind
/// or below one of these.
fn has_sensor_below(first: &Directory<'_>) -> bool {
    let near: Vec<Directory<'_>> = others(first).collect();
    let mut deeper = near.iter().flat_map(others).take(MOST_DEEPER);
    near.iter().any(holds_sensor) || deeper.any(|page| holds_sensor(&page))
}

/// The directories that one names.
fn others<'a>(page: &Directory<'a>) -> impl Iterator<Item = Directory<'a>> {
    page.children(tag::CHILDREN).chain(page.following())
}

/// A warning that the first page is not all there is to see, if it is not.
pub(crate) fn preview(source: &[u8], first: &Directory<'_>) -> Option<Warning> {
    if is_raw(source, first) {
        return Some(Warning::RawPreview);
    }
    let is_reduced = match first.first_number(tag::REDUCED) {
        // A smaller copy, or a mask.
        Some(bits) => bits & 0b101 != 0,
        None => first.first_number(tag::OLD_REDUCED) == Some(2),
    };
    let area = |page: &Directory<'_>| {
        let side = |tag| u64::from(page.first_number(tag).unwrap_or(0));
        side(tag::WIDTH).saturating_mul(side(tag::HEIGHT))
    };
    if is_reduced && others(first).any(|other| area(&other) > area(first)) {
        return Some(Warning::ReducedCopy);
    }
    None
}

/// A page has the samples of a sensor, one color a pixel or none.
pub(crate) fn holds_sensor(page: &Directory<'_>) -> bool {
    let coding = page.first_number(tag::COMPRESSION).unwrap_or(1);
    matches!(page.first_number(tag::PHOTOMETRIC), Some(32_803 | 34_892))
        || SENSOR_CODINGS.contains(&coding)
}
