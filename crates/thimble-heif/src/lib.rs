//! HEIF, the container of AVIF and HEIC: which bytes are the picture, and what else is
//! said of them.
//!
//! A file is boxes ([`boxes`]). One of them describes *items*: a coded picture, a grid of
//! coded tiles, the alpha of another item; and *properties* of items: sides, colors, turns,
//! crops. [`Still::read`] puts together what a decoder of pixels has to know, and decodes none.
//!
//! | | |
//! |---|---|
//! | items | in the file, or in `idat`; of several extents, in any order |
//! | grids | up to 256 by 256 tiles, each of 64 pixels a side or more |
//! | alpha | an auxiliary item, as large as the picture, a grid if need be, or one of each tile; premultiplied or not |
//! | `irot`, `imir` | as one of the eight orientations of Exif, in any order with crops |
//! | `clap` | as a box of whole pixels |
//! | `iden` | the item that it is derived from, turned and cropped once more |
//! | `iovl` | as [`Overlay`]: several pictures on a canvas |
//! | `colr` | code points, and a profile, which may both be there |
//! | sequences | their primary item, or else their first frame, and the number of frames |
//! | items within items, and other derived ones as tiles | refused by name |
//! | thumbnails, gain maps, depth | passed over |
//! | Exif | not read: the turn is a property, and Exif's is to be ignored |
//!
//! ```
//! let file = b"\0\0\0\x14ftypavif\0\0\0\0avif\0\0\0\x0cmeta\0\0\0\0";
//! assert!(thimble_heif::has_brand(file, b"avif"));
//! let refused = thimble_heif::Picture::read(file, thimble_heif::Coded::Av1);
//! assert_eq!(refused.unwrap_err().to_string(), "no item is the picture");
//! ```
//!
//! # Limits
//!
//! Nothing is allocated but lists of what the file has room to list, and items of several
//! extents, which are put together: an item is no longer than the file. Sides are claims,
//! for the caller to check. At most 65,536 items and as many boxes of a box are looked at.
//!
//! # Errors
//!
//! [`Error`] tells files that contradict themselves from those that are sound and ask for
//! more than is known. A property that makes no sense is passed over, unless the picture
//! needs it.
//!
//! No bench: reading a file takes microseconds. The fuzz target is `avif`, in `fuzz/` of the
//! repository.

#![forbid(unsafe_code)]

pub mod boxes;
mod error;
mod items;
mod overlay;
mod picture;
mod planes;
mod property;
mod sequence;
mod view;

pub use error::Error;
pub use overlay::{Canvas, Layer, Overlay, Still};
pub use picture::{Picture, Plane, Tile};
pub use planes::{Matrix, Planes, widen};
pub use view::Turn;

/// True for a file of a brand, be it the first or another.
#[must_use]
pub fn has_brand(source: &[u8], brand: &[u8; 4]) -> bool {
    if source.get(4..8) != Some(b"ftyp") {
        return false;
    }
    let Some(first) = boxes::all(source).next() else {
        return false;
    };
    // The major brand, its version, the others.
    let (brands, _) = first.content.as_chunks::<4>();
    let mut named = brands.iter().enumerate().filter(|(index, _)| *index != 1);
    named.any(|(_, other)| other == brand)
}

/// Kinds of coded pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coded {
    /// AV1, as in AVIF.
    Av1,
    /// HEVC, as in HEIC.
    Hevc,
}

impl Coded {
    /// True for an item of this kind.
    fn is(self, kind: &[u8; 4]) -> bool {
        match self {
            Coded::Av1 => kind == b"av01",
            Coded::Hevc => matches!(kind, b"hvc1" | b"hev1"),
        }
    }
}

/// Depth and planes of a coded picture, as its record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    /// Bits a sample of luma: 8, 10 or 12, and of HEVC any from 8 to 15.
    pub depth: u8,
    /// There are no color differences.
    pub is_gray: bool,
    /// Color differences are halved across, and down.
    pub halved: (bool, bool),
}

/// Colors, by the numbers of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodePoints {
    /// Primaries.
    pub primaries: u8,
    /// Transfer characteristics.
    pub transfer: u8,
    /// Matrix coefficients.
    pub matrix: u8,
    /// Samples use all values of their depth.
    pub is_full_range: bool,
}

/// Descriptions of colors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Color<'a> {
    /// Code points.
    pub code_points: Option<CodePoints>,
    /// An ICC profile.
    pub profile: Option<&'a [u8]>,
}
