//! Media types of sources, and the usual extensions of their files.
//!
//! A rule about a media type is a rule about these extensions: see the decision about rules.

/// Media types that a rule can name, each with its extensions in small letters.
pub const MEDIA_TYPES: [(&str, &[&str]); 19] = [
    ("image/jpeg", &["jpg", "jpeg", "jpe", "jfif"]),
    ("image/png", &["png", "apng"]),
    ("image/webp", &["webp"]),
    ("image/gif", &["gif"]),
    ("image/avif", &["avif"]),
    ("image/heic", &["heic", "heif"]),
    ("image/svg+xml", &["svg", "svgz"]),
    ("image/bmp", &["bmp", "dib"]),
    ("image/tiff", &["tif", "tiff"]),
    ("image/vnd.microsoft.icon", &["ico", "cur"]),
    ("image/x-canon-cr2", &["cr2"]),
    ("image/x-canon-cr3", &["cr3"]),
    ("image/x-nikon-nef", &["nef"]),
    ("image/x-sony-arw", &["arw"]),
    ("image/x-adobe-dng", &["dng"]),
    ("image/x-fuji-raf", &["raf"]),
    ("image/x-olympus-orf", &["orf"]),
    ("image/x-panasonic-rw2", &["rw2"]),
    ("image/x-pentax-pef", &["pef"]),
];

/// The extensions of a media type; none for one that is not known.
pub fn extensions(media_type: &str) -> &'static [&'static str] {
    let known = MEDIA_TYPES.iter().find(|(name, _)| *name == media_type);
    known.map_or(&[], |(_, extensions)| extensions)
}
