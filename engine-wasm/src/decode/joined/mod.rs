//! Codecs that are joined to the engine: components that decode what it does not know.
//!
//! An engine that is open imports `thimble:codec/codec`, of `wit/codec/`. In the one that is
//! shipped, the import was replaced by a codec of no formats when it was made a component,
//! and natively there is none. What a codec hands over is [checked](check) as a host checks
//! an engine: a codec that lies is an error that names it.

mod check;

use std::sync::OnceLock;

use self::import::{Bytes, Limits as CodecLimits};
use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, Task};
use crate::format::Format;

mod bindings {
    wit_bindgen::generate!({
        world: "open",
        path: "../wit/codec",
        additional_derives: [PartialEq],
    });
}

use bindings::thimble::codec::codec as import;

/// Bytes by which a codec recognizes a source.
const HEAD: usize = 4096;

/// The most formats of joined codecs.
const MOST: usize = 100;

/// The longest version of an engine that a host takes, in bytes.
const MOST_OF_VERSION: usize = 64;

/// A format of a joined codec.
#[derive(Debug)]
struct Joined {
    media_type: String,
    codec: String,
    version: String,
}

impl Joined {
    fn format(&'static self) -> Format {
        Format::new(&self.media_type, &self.media_type)
    }

    /// The codec has broken the contract: the fault is neither source's nor engine's.
    fn lied(&self, reason: impl std::fmt::Display) -> Error {
        let Joined {
            media_type,
            codec,
            version,
        } = self;
        Error::other(format!(
            "the codec {codec} {version} for {media_type} lies: {reason}"
        ))
    }

    /// An error of the codec, as one of the contract.
    fn refused(&self, error: import::Error) -> Error {
        let say = |reason: String| format!("{}: {reason}", self.media_type);
        match error {
            import::Error::UnsupportedFormat(reason) => Error::UnsupportedFormat(say(reason)),
            import::Error::MalformedSource(reason) => Error::MalformedSource(say(reason)),
            import::Error::LimitExceeded(reason) => Error::LimitExceeded(say(reason)),
            import::Error::Other(reason) => Error::other(say(reason)),
        }
    }
}

/// The formats, each at the place that its codec names it by.
fn joined() -> &'static [Joined] {
    static JOINED: OnceLock<Vec<Joined>> = OnceLock::new();
    JOINED.get_or_init(|| {
        if cfg!(not(target_family = "wasm")) {
            return Vec::new();
        }
        let formats = import::describe().into_iter().take(MOST);
        let joined = formats.map(|format| Joined {
            media_type: format.media_type,
            codec: format.codec,
            version: format.version,
        });
        joined.collect()
    })
}

/// Formats of joined codecs.
pub(crate) fn formats() -> impl Iterator<Item = Format> {
    joined().iter().map(Joined::format)
}

/// The version of the engine, with the joined codecs and theirs as semver's metadata of a
/// build: as many as there is room for.
pub(crate) fn version(engine: &str) -> String {
    named(engine, joined())
}

fn named(engine: &str, joined: &[Joined]) -> String {
    let mut version = engine.to_owned();
    let mut last = None;
    for Joined {
        codec,
        version: of_codec,
        ..
    } in joined
    {
        let divider = if last.is_none() { '+' } else { '.' };
        let is_new = last.replace(codec) != Some(codec);
        let added = format!("{divider}{codec}.{}", of_codec.replace('+', "-"));
        if is_new && version.len() + added.len() <= MOST_OF_VERSION {
            version.push_str(&added);
        }
    }
    version
}

/// The joined format of a source, and its place.
fn recognize(source: &[u8]) -> Result<Option<(u32, &'static Joined)>, Error> {
    let joined = joined();
    let Some(first) = joined.first() else {
        return Ok(None);
    };
    let head = &source[..source.len().min(HEAD)];
    let Some(place) = import::recognize(&check::to_words(head)) else {
        return Ok(None);
    };
    let format = joined.get(place as usize);
    let format = format.ok_or_else(|| first.lied(format!("it has no format {place}")))?;
    Ok(Some((place, format)))
}

/// The header of a source of a joined format.
pub(super) fn read_header(source: &[u8], limits: &Limits) -> Result<Option<Header>, Error> {
    let Some((place, format)) = recognize(source)? else {
        return Ok(None);
    };
    let read = import::read_header(place, &check::to_words(source), within(limits));
    let header = read.map_err(|error| format.refused(error))?;
    let header = check::header(format.format(), &header);
    header.map(Some).map_err(|reason| format.lied(reason))
}

/// Decodes a source whose header is within the limits.
pub(super) fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let of_format = |format: &Joined| format.media_type == task.header.format.media_type();
    let found = joined()
        .iter()
        .zip(0..)
        .find(|(format, _)| of_format(format));
    let Some((format, place)) = found else {
        return Err(Error::other("a header of a format without a codec"));
    };
    let wanted = import::Wanted {
        width: task.wanted.width,
        height: task.wanted.height,
    };
    let source: Bytes = check::to_words(task.source);
    let picture = import::decode(place, &source, wanted, within(task.limits));
    drop(source);
    let picture = picture.map_err(|error| format.refused(error))?;
    check::picture(picture, task).map_err(|reason| format.lied(reason))
}

fn within(limits: &Limits) -> CodecLimits {
    CodecLimits {
        max_pixels: limits.max_pixels,
        max_side: limits.max_side,
        max_profile: limits.max_profile,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(names: &[(&str, &str)]) -> Vec<Joined> {
        let joined = names.iter().map(|(codec, version)| Joined {
            media_type: format!("image/{codec}"),
            codec: (*codec).into(),
            version: (*version).into(),
        });
        joined.collect()
    }

    #[test]
    fn the_version_names_codecs_as_far_as_there_is_room() {
        assert_eq!(named("0.1.0", &[]), "0.1.0");
        let two = joined(&[("heic", "0.2.0"), ("heic", "0.2.0"), ("qoi", "1.0.0+b")]);
        assert_eq!(named("0.1.0", &two), "0.1.0+heic.0.2.0.qoi.1.0.0-b");
        let long = "x".repeat(60);
        let long = joined(&[("qoi", "1.0.0"), (&long, "1.0.0"), ("svg", "1.0.0")]);
        assert_eq!(named("0.1.0", &long), "0.1.0+qoi.1.0.0.svg.1.0.0");
    }

    #[test]
    fn errors_name_the_format_and_lies_the_codec() {
        let [qoi] = joined(&[("qoi", "1.0.0")]).try_into().unwrap();
        let qoi: Joined = qoi;
        assert_eq!(
            qoi.refused(import::Error::MalformedSource("it ends".into())),
            Error::MalformedSource("image/qoi: it ends".into())
        );
        assert_eq!(
            qoi.lied("7 planes"),
            Error::Other("the codec qoi 1.0.0 for image/qoi lies: 7 planes".into())
        );
    }
}
