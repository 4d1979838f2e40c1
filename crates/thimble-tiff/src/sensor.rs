//! Camera raw files: TIFF whose first page is a preview of a picture that is not
//! read.

use crate::directory::Directory;
use crate::error::Warning;
use crate::tag;

/// Compressions of sensors' samples, by several makers.
const SENSOR_CODINGS: [u32; 8] = [
    32_767, 32_769, 32_770, 34_713, 34_892, 65_000, 65_100, 65_535,
];

/// True if the picture of the file is the samples of a sensor.
pub(crate) fn is_raw(source: &[u8], first: &Directory<'_>) -> bool {
    let is_canon = source.get(8..10) == Some(b"CR");
    let is_dng = first.count(tag::DNG_VERSION) > 0;
    let mut others = first.children(tag::CHILDREN).chain(first.following());
    is_canon || is_dng || others.any(|other| holds_sensor(&other))
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
    let mut others = first.children(tag::CHILDREN).chain(first.following());
    let area = |page: &Directory<'_>| {
        let side = |tag| u64::from(page.first_number(tag).unwrap_or(0));
        side(tag::WIDTH).saturating_mul(side(tag::HEIGHT))
    };
    if is_reduced && others.any(|other| area(&other) > area(first)) {
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
