//! EXIF: the orientation of a picture, and nothing else.

use crate::orient::Orientation;

/// The orientation that the first of some EXIF blocks states, of those that state any.
pub(super) fn orientation<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Orientation {
    let stated = thimble_tiff::exif::orientation(blocks);
    stated.map_or_else(Orientation::default, |number| {
        Orientation::from_number(number.into())
    })
}
