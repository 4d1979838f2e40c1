//! Verification of answers: that they can be true, and answer what was asked.
//!
//! The sandbox keeps an engine from doing harm; this keeps it from doing harm by
//! what it says. After these checks the count, the dimensions, the media types
//! and the first bytes of all thumbnails agree with the specs and with each
//! other, and no text is long or unprintable. What the pixels show is beyond us.

use super::error::Lie;
use super::header::{Header, KNOWN};
use crate::contract::{
    BLURHASH, COLOR, Dimensions, EngineInfo, Fit, ImageInfo, Limits, Output, Spec, THUMBHASH,
    Thumbnail,
};
use crate::text::excerpt;

/// Formats whose header has the dimensions at a place that we know.
const MEASURED: [&str; 4] = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/// The most warnings that are passed on.
const MAX_WARNINGS: usize = 20;

/// The most formats, or settings, that an engine may list.
const MAX_LISTED: usize = 200;

/// The longest name, in bytes: it ends up in the metadata of each thumbnail.
const MAX_NAME: usize = 64;

/// Checks what an engine made of a source.
pub(super) fn output(
    output: &mut Output,
    specs: &[Spec],
    limits: &Limits,
    engine: &EngineInfo,
) -> Result<(), Lie> {
    source(&output.source, limits)?;
    if output.thumbnails.len() != specs.len() {
        return Err(Lie::Count {
            asked: specs.len(),
            returned: output.thumbnails.len(),
        });
    }
    for (index, (thumbnail, spec)) in output.thumbnails.iter().zip(specs).enumerate() {
        dimensions(
            index,
            thumbnail.dimensions,
            spec,
            output.source.dimensions,
            limits,
        )?;
        media_type(index, thumbnail, spec, engine)?;
        data(index, thumbnail)?;
    }
    output.warnings.truncate(MAX_WARNINGS);
    for warning in &mut output.warnings {
        *warning = excerpt(warning);
    }
    Ok(())
}

/// Checks what an engine says of itself, and says what is wrong with it.
pub(super) fn description(info: &EngineInfo) -> Result<(), String> {
    if !is_name(&info.name) {
        return Err("the name is not one word of at most 64 letters, digits, `.`, `-`, `_`".into());
    }
    if !is_name(&info.version.replace('+', "-")) {
        return Err("the version is not a semantic version".into());
    }
    for listed in [&info.decodes, &info.encodes, &info.settings] {
        if listed.len() > MAX_LISTED {
            return Err(format!("a list has more than {MAX_LISTED} entries"));
        }
    }
    if let Some(bad) = info
        .decodes
        .iter()
        .chain(&info.encodes)
        .find(|name| !is_media_type(name))
    {
        return Err(format!("not a media type of an image: {}", excerpt(bad)));
    }
    if let Some(bad) = info.settings.iter().find(|name| !is_name(name)) {
        return Err(format!("not the name of a setting: {}", excerpt(bad)));
    }
    Ok(())
}

pub(super) fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_allowed)
}

pub(super) fn is_media_type(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-+".contains(&byte);
    text.strip_prefix("image/")
        .is_some_and(|name| (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(is_allowed))
}

fn source(info: &ImageInfo, limits: &Limits) -> Result<(), Lie> {
    let Dimensions { width, height } = info.dimensions;
    if !is_media_type(&info.media_type) {
        return Err(Lie::Source(format!(
            "of the type `{}`",
            excerpt(&info.media_type)
        )));
    }
    if width == 0 || height == 0 || info.frames == 0 {
        return Err(Lie::Source(format!(
            "{width}x{height}, {} frames",
            info.frames
        )));
    }
    let pixels = u64::from(width) * u64::from(height);
    if pixels > limits.max_pixels || width.max(height) > limits.max_side {
        return Err(Lie::Source(format!(
            "{width}x{height} is over the limits, and it made it"
        )));
    }
    Ok(())
}

/// Checks the rules that hold for each fit whatever way an engine rounds.
fn dimensions(
    index: usize,
    Dimensions { width, height }: Dimensions,
    spec: &Spec,
    source: Dimensions,
    limits: &Limits,
) -> Result<(), Lie> {
    let lie = |why: &str| Lie::Dimensions {
        index,
        width,
        height,
        why: why.into(),
    };
    if width == 0 || height == 0 {
        return Err(lie("which is nothing"));
    }
    if width.max(height) > limits.max_output_side {
        return Err(lie("over the limit of a thumbnail's side"));
    }
    let sides = [
        (width, spec.bounds.width, source.width),
        (height, spec.bounds.height, source.height),
    ];
    let exceeds_bounds = sides
        .iter()
        .any(|&(side, bound, _)| bound.is_some_and(|b| side > b));
    let misses_bounds = sides
        .iter()
        .any(|&(side, bound, _)| bound.is_some_and(|b| side != b));
    let is_enlarged = sides.iter().any(|&(side, _, source)| side > source);
    match spec.fit {
        Fit::Inside | Fit::Cover | Fit::Fill if exceeds_bounds => Err(lie("outside its bounds")),
        Fit::Contain if misses_bounds => Err(lie("not padded to its bounds")),
        Fit::Fill if spec.enlarge && misses_bounds => Err(lie("not stretched to its bounds")),
        Fit::Inside | Fit::Cover | Fit::Fill | Fit::Outside if !spec.enlarge && is_enlarged => {
            Err(lie("larger than the source"))
        }
        _ => Ok(()),
    }
}

/// The format is the one asked for, or else one that the engine said it writes.
fn media_type(
    index: usize,
    thumbnail: &Thumbnail,
    spec: &Spec,
    engine: &EngineInfo,
) -> Result<(), Lie> {
    let expected = match &spec.encoding.media_type {
        Some(asked) if *asked == thumbnail.media_type => return Ok(()),
        Some(asked) => asked.clone(),
        None if engine.encodes.contains(&thumbnail.media_type) => return Ok(()),
        None => engine.encodes.join("`, `"),
    };
    Err(Lie::MediaType {
        index,
        expected,
        returned: excerpt(&thumbnail.media_type),
    })
}

/// The bytes begin like an image of that type and size. A type that this host
/// does not know is believed, as long as the bytes are not of a known one.
fn data(index: usize, thumbnail: &Thumbnail) -> Result<(), Lie> {
    let lie = |what: String| Err(Lie::Data { index, what });
    let claimed = thumbnail.media_type.as_str();
    let Dimensions { width, height } = thumbnail.dimensions;
    if let Some(is_one) = placeholder(claimed, &thumbnail.data) {
        return if is_one {
            Ok(())
        } else {
            lie(format!("no `{claimed}`"))
        };
    }
    match Header::read(&thumbnail.data) {
        None if thumbnail.data.is_empty() => lie("missing".into()),
        None if KNOWN.contains(&claimed) => lie(format!("not `{claimed}`")),
        None => Ok(()),
        Some(found) if found.media_type != claimed => {
            lie(format!("`{}`, not `{claimed}`", found.media_type))
        }
        Some(found) => match found.dimensions {
            None if MEASURED.contains(&claimed) => lie(format!("a broken `{claimed}`")),
            Some((w, h)) if (w, h) != (width, height) => {
                lie(format!("{w}x{h} pixels, not {width}x{height}"))
            }
            _ => Ok(()),
        },
    }
}

/// True if bytes can be the placeholder they claim to be; `None` if they claim to be a
/// picture. The few bytes of one may begin like a picture of some format.
fn placeholder(claimed: &str, data: &[u8]) -> Option<bool> {
    match claimed {
        THUMBHASH => Some((5..=25).contains(&data.len())),
        BLURHASH => Some((6..=166).contains(&data.len()) && data.iter().all(u8::is_ascii_graphic)),
        COLOR => Some(match data {
            [b'#', digits @ ..] => digits.len() == 6 && digits.iter().all(u8::is_ascii_hexdigit),
            _ => false,
        }),
        _ => None,
    }
}
