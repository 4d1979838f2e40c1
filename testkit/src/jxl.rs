//! JPEG XL files of every kind, which `../jxl/README.md` describes.

use crate::files::{files, named};

/// The files, by name.
pub const FILES: [(&str, &[u8]); 46] = files!["jxl":
    "alpha",
    "alpha-lossy",
    "animation",
    "curve",
    "curve-lossy",
    "deep",
    "deep-hlg",
    "deep-linear",
    "deep-lossy",
    "deep-pq",
    "deep-pq-lossy",
    "float",
    "float-lossy",
    "frames",
    "gray",
    "gray-16",
    "gray-alpha",
    "gray-lossy",
    "jpeg",
    "large",
    "large-lossy",
    "large-many-transforms",
    "large-progressive",
    "layers",
    "lossless",
    "lossless-progressive",
    "lossless-quick",
    "lossless-thorough",
    "lossy",
    "lossy-container",
    "lossy-modular",
    "lossy-quick",
    "lossy-resampled",
    "odd",
    "odd-lossy",
    "p3",
    "p3-lossy",
    "profile",
    "profile-lossy",
    "turned-2",
    "turned-3",
    "turned-4",
    "turned-5",
    "turned-6",
    "turned-7",
    "turned-8",
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
