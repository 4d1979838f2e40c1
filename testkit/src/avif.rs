//! AVIF files of every kind, which `../avif/README.md` describes.

use crate::files::{files, named};

/// The files, by name.
pub const FILES: [(&str, &[u8]); 33] = files!["avif":
    "400-10",
    "400-8",
    "420-10",
    "420-8",
    "422-12",
    "422-8",
    "444-12",
    "444-8",
    "alpha",
    "alpha-limited-10",
    "alpha-premultiplied",
    "camera",
    "cropped",
    "derived",
    "film",
    "grain",
    "grid",
    "grid-alpha",
    "grid-alphas",
    "hlg",
    "identity",
    "limited-2020-10",
    "limited-709",
    "overlay",
    "overlay-transparent",
    "p3-code-points",
    "p3-profile",
    "pq",
    "sequence",
    "steps",
    "turned",
    "turned-and-mirrored",
    "ycgco",
];

/// A file by its name.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn file(name: &str) -> &'static [u8] {
    named(&FILES, name)
}
