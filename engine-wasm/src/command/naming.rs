//! Names of thumbnails, and the formats that names stand for.

use crate::contract::{Bounds, Thumbnail};

/// Standard input or output.
pub(super) const STANDARD: &str = "-";

/// Endings of names and the media types they stand for, the usual ending of a
/// type first.
const ENDINGS: [(&str, &str); 15] = [
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpe", "image/jpeg"),
    ("png", "image/png"),
    ("webp", "image/webp"),
    ("gif", "image/gif"),
    ("bmp", "image/bmp"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("ico", "image/vnd.microsoft.icon"),
    ("avif", "image/avif"),
    ("jxl", "image/jxl"),
    ("thumbhash", "image/x-thumbhash"),
    ("blurhash", "image/x-blurhash"),
    ("color", "image/x-color"),
];

/// The media type that somebody calls `format`: an ending, or the type itself.
pub(super) fn media_type(format: &str) -> String {
    known_ending(format).unwrap_or(format).into()
}

/// The media type that a name ends in, if it is one that the engine knows of.
pub(super) fn media_type_of_name(name: &str) -> Option<String> {
    let (_, ending) = file_name(name).rsplit_once('.')?;
    known_ending(ending).map(Into::into)
}

fn known_ending(ending: &str) -> Option<&'static str> {
    ENDINGS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(ending))
        .map(|(_, media_type)| *media_type)
}

/// True if names made of this template differ between sizes.
pub(super) fn tells_sizes_apart(template: &str) -> bool {
    ["{size}", "{width}", "{height}"]
        .iter()
        .any(|placeholder| template.contains(placeholder))
}

/// The name of a thumbnail of `source` that was asked for with `bounds`.
pub(super) fn expand(
    template: &str,
    source: &str,
    bounds: Bounds,
    thumbnail: &Thumbnail,
) -> String {
    let side = |side: Option<u32>| side.map(|side| side.to_string()).unwrap_or_default();
    let size = format!("{}x{}", side(bounds.width), side(bounds.height));
    let ending = ENDINGS
        .iter()
        .find(|(_, media_type)| *media_type == thumbnail.media_type)
        .map_or("bin", |(ending, _)| *ending);
    let width = thumbnail.dimensions.width.to_string();
    let height = thumbnail.dimensions.height.to_string();
    let values = [
        ("size", size.as_str()),
        ("width", &width),
        ("height", &height),
        ("name", stem(source)),
        ("ext", ending),
    ];
    fill_in(template, &values)
}

/// Replaces each `{placeholder}` once, from left to right, so that what a name
/// brings along is never taken for a placeholder.
fn fill_in(template: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = values.iter().find_map(|(placeholder, value)| {
            let after = after.strip_prefix(placeholder)?.strip_prefix('}')?;
            Some((*value, after))
        });
        let (value, after) = found.unwrap_or(("{", after));
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The name of the image without folders and ending.
fn stem(source: &str) -> &str {
    if source == STANDARD {
        return "stdin";
    }
    let name = file_name(source);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
