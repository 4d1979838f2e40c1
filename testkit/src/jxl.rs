//! JPEG XL files of every kind, which `../jxl/README.md` describes.

/// The files, by name.
pub const FILES: [(&str, &[u8]); 44] = [
    ("alpha", include_bytes!("../jxl/alpha.jxl")),
    ("alpha-lossy", include_bytes!("../jxl/alpha-lossy.jxl")),
    ("animation", include_bytes!("../jxl/animation.jxl")),
    ("deep", include_bytes!("../jxl/deep.jxl")),
    ("deep-hlg", include_bytes!("../jxl/deep-hlg.jxl")),
    ("deep-linear", include_bytes!("../jxl/deep-linear.jxl")),
    ("deep-lossy", include_bytes!("../jxl/deep-lossy.jxl")),
    ("deep-pq", include_bytes!("../jxl/deep-pq.jxl")),
    ("deep-pq-lossy", include_bytes!("../jxl/deep-pq-lossy.jxl")),
    ("float", include_bytes!("../jxl/float.jxl")),
    ("float-lossy", include_bytes!("../jxl/float-lossy.jxl")),
    ("frames", include_bytes!("../jxl/frames.jxl")),
    ("gray", include_bytes!("../jxl/gray.jxl")),
    ("gray-16", include_bytes!("../jxl/gray-16.jxl")),
    ("gray-alpha", include_bytes!("../jxl/gray-alpha.jxl")),
    ("gray-lossy", include_bytes!("../jxl/gray-lossy.jxl")),
    ("jpeg", include_bytes!("../jxl/jpeg.jxl")),
    ("large", include_bytes!("../jxl/large.jxl")),
    ("large-lossy", include_bytes!("../jxl/large-lossy.jxl")),
    (
        "large-many-transforms",
        include_bytes!("../jxl/large-many-transforms.jxl"),
    ),
    (
        "large-progressive",
        include_bytes!("../jxl/large-progressive.jxl"),
    ),
    ("layers", include_bytes!("../jxl/layers.jxl")),
    ("lossless", include_bytes!("../jxl/lossless.jxl")),
    (
        "lossless-progressive",
        include_bytes!("../jxl/lossless-progressive.jxl"),
    ),
    (
        "lossless-quick",
        include_bytes!("../jxl/lossless-quick.jxl"),
    ),
    (
        "lossless-thorough",
        include_bytes!("../jxl/lossless-thorough.jxl"),
    ),
    ("lossy", include_bytes!("../jxl/lossy.jxl")),
    (
        "lossy-container",
        include_bytes!("../jxl/lossy-container.jxl"),
    ),
    ("lossy-modular", include_bytes!("../jxl/lossy-modular.jxl")),
    ("lossy-quick", include_bytes!("../jxl/lossy-quick.jxl")),
    (
        "lossy-resampled",
        include_bytes!("../jxl/lossy-resampled.jxl"),
    ),
    ("odd", include_bytes!("../jxl/odd.jxl")),
    ("odd-lossy", include_bytes!("../jxl/odd-lossy.jxl")),
    ("p3", include_bytes!("../jxl/p3.jxl")),
    ("p3-lossy", include_bytes!("../jxl/p3-lossy.jxl")),
    ("profile", include_bytes!("../jxl/profile.jxl")),
    ("profile-lossy", include_bytes!("../jxl/profile-lossy.jxl")),
    ("turned-2", include_bytes!("../jxl/turned-2.jxl")),
    ("turned-3", include_bytes!("../jxl/turned-3.jxl")),
    ("turned-4", include_bytes!("../jxl/turned-4.jxl")),
    ("turned-5", include_bytes!("../jxl/turned-5.jxl")),
    ("turned-6", include_bytes!("../jxl/turned-6.jxl")),
    ("turned-7", include_bytes!("../jxl/turned-7.jxl")),
    ("turned-8", include_bytes!("../jxl/turned-8.jxl")),
];

/// A file by its name.
///
/// # Panics
///
/// If there is none of that name.
#[must_use]
pub fn file(name: &str) -> &'static [u8] {
    let found = FILES.iter().find(|(other, _)| *other == name);
    found.expect("a file of that name").1
}
