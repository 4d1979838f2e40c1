//! Pictures on the page: thumbnails of the last images, and sources of dead letters.
//!
//! A picture is asked for by a number that the page has given out, never by a key. It is
//! read through the store like any other object, within a limit, and is sent only if its
//! first bytes are those of a format that a browser draws; under that type, whatever the
//! object says of itself.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use hyper::StatusCode;
use tokio::time::{Instant, timeout, timeout_at};

use super::letters::Letter;
use super::reply::{self, Reply};
use super::{Inner, lock};
use crate::object::Location;
use crate::ports::{GetOptions, ObjectInfo, StoreError, StoreProblem};
use crate::recipe::media_type::MEDIA_TYPES;
use crate::wasm::format_of;

/// The largest picture that is sent, in bytes.
const LARGEST: u64 = 8 << 20;

/// Pictures that are read or sent at one time: so many times [`LARGEST`] may be in memory.
pub(super) const AT_ONE_TIME: usize = 8;

/// Time to read a picture, waiting for others included.
const PATIENCE: Duration = Duration::from_secs(8);

/// Time to look at the sources of a page of letters.
const GLANCE: Duration = Duration::from_secs(3);

/// Sources that are looked at side by side.
const SIDE_BY_SIDE: usize = 8;

/// Sources that numbers were given out for: those of the last pages of letters.
const NUMBERED: usize = 1_000;

/// A format that browsers draw, and that no script can be in.
struct Raster {
    media_type: &'static str,
    extensions: &'static [&'static str],
}

const RASTERS: [Raster; 7] = [
    Raster {
        media_type: "image/jpeg",
        extensions: &["jpg", "jpeg", "jpe", "jfif"],
    },
    Raster {
        media_type: "image/png",
        extensions: &["png", "apng"],
    },
    Raster {
        media_type: "image/webp",
        extensions: &["webp"],
    },
    Raster {
        media_type: "image/gif",
        extensions: &["gif"],
    },
    Raster {
        media_type: "image/avif",
        extensions: &["avif"],
    },
    Raster {
        media_type: "image/bmp",
        extensions: &["bmp", "dib"],
    },
    Raster {
        media_type: "image/vnd.microsoft.icon",
        extensions: &["ico", "cur"],
    },
];

/// The picture of a dead letter, as far as it can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Picture {
    /// It is drawn on the page.
    Drawn,
    /// It is drawn when somebody asks for it: it was too much for an engine, and may be
    /// for a browser.
    OnRequest,
    /// It is not, for this reason.
    No(&'static str),
}

/// Sources that numbers were given out for.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    numbers: HashMap<Location, u64>,
    oldest: VecDeque<(u64, Location)>,
    next: u64,
}

impl Numbered {
    /// The number of `source`, by which it can be asked for from now on.
    pub(super) fn number(&mut self, source: &Location) -> u64 {
        if let Some(number) = self.numbers.get(source) {
            return *number;
        }
        self.next += 1;
        self.numbers.insert(source.clone(), self.next);
        self.oldest.push_back((self.next, source.clone()));
        if self.oldest.len() > NUMBERED
            && let Some((_, oldest)) = self.oldest.pop_front()
        {
            self.numbers.remove(&oldest);
        }
        self.next
    }

    /// The source of that number.
    pub(super) fn source(&self, number: u64) -> Option<Location> {
        let found = self.oldest.iter().find(|(known, _)| *known == number);
        found.map(|(_, source)| source.clone())
    }
}

/// True for the key of a thumbnail that browsers draw, as far as its name tells.
pub(super) fn is_drawn(key: &str) -> bool {
    extension(key).is_some_and(|extension| of_extension(&extension).is_some())
}

/// The pictures of `letters`, in their order.
pub(super) async fn of_letters(inner: &Inner, letters: &[Letter]) -> Vec<Picture> {
    let mut pictures = Vec::with_capacity(letters.len());
    let end = Instant::now() + GLANCE;
    for some in letters.chunks(SIDE_BY_SIDE) {
        let looks: Vec<_> = some.iter().map(|letter| of_letter(inner, letter)).collect();
        match timeout_at(end, join_all(looks)).await {
            Ok(looked_at) => pictures.extend(looked_at),
            Err(_) => break,
        }
    }
    let late = Picture::No("the store did not answer in time");
    pictures.resize(letters.len(), late);
    pictures
}

async fn of_letter(inner: &Inner, letter: &Letter) -> Picture {
    let Some(source) = &letter.source else {
        return Picture::No("the message names no image");
    };
    let reason = match inner.parts.objects.head(source).await {
        Ok(info) => why_not(&source.key, &info),
        Err(error) => Some(unreadable(&error)),
    };
    let kind = letter.kind.as_deref().unwrap_or_default();
    match reason {
        Some(reason) => Picture::No(reason),
        None if kind == "limit-exceeded" || kind.starts_with("engine-") => Picture::OnRequest,
        None => Picture::Drawn,
    }
}

/// Reason why a source is not shown, as far as its name and its size tell.
fn why_not(key: &str, info: &ObjectInfo) -> Option<&'static str> {
    if info.size.is_some_and(|size| size > LARGEST) {
        return Some("it has more than 8 MiB");
    }
    if info.size == Some(0) {
        return Some("it is empty");
    }
    let extension = extension(key)?;
    let is_other = MEDIA_TYPES
        .iter()
        .any(|(_, extensions)| extensions.contains(&extension.as_str()));
    let is_drawn = of_extension(&extension).is_some();
    (is_other && !is_drawn).then_some("browsers do not draw this format")
}

fn unreadable(error: &StoreError) -> &'static str {
    match error.problem {
        StoreProblem::NotFound => "it is gone",
        StoreProblem::TooLarge { .. } => "it has more than 8 MiB",
        StoreProblem::Archived => "it is archived",
        StoreProblem::Denied | StoreProblem::FileDenied | StoreProblem::KeyDenied => {
            "this host may not read it"
        }
        _ => "the store does not give it",
    }
}

/// The thumbnail `index` of the image `number`, if that is one of the last.
pub(super) async fn thumbnail(inner: &Inner, number: u64, index: usize) -> Reply {
    let found = {
        let recent = lock(&inner.recent);
        let mut images = recent.images.iter();
        images
            .find(|image| image.number == number)
            .and_then(|image| {
                let thumbnails = image.result.as_ref().ok()?;
                Some((image.source.clone(), thumbnails.keys.get(index)?.clone()))
            })
    };
    let Some((source, key)) = found else {
        return unknown();
    };
    let recipes = inner.parts.pipeline.recipes().await;
    match recipes.of(&source) {
        Some(recipe) => send(inner, &recipe.at(key)).await,
        None => unknown(),
    }
}

/// The source that was given this number, if it was one of the last.
pub(super) async fn source(inner: &Inner, number: u64) -> Reply {
    let source = lock(&inner.numbered).source(number);
    match source {
        Some(source) => send(inner, &source).await,
        None => unknown(),
    }
}

async fn send(inner: &Inner, location: &Location) -> Reply {
    let late = || reply::busy("the picture did not come in time");
    let read = async {
        // It is never closed.
        let permit = Arc::clone(&inner.pictures).acquire_owned().await.ok()?;
        let options = GetOptions {
            max_bytes: Some(LARGEST),
            ..GetOptions::default()
        };
        Some((inner.parts.objects.get(location, &options).await, permit))
    };
    let (object, permit) = match timeout(PATIENCE, read).await {
        Ok(Some((Ok(object), permit))) => (object, permit),
        Ok(Some((Err(error), _))) => {
            let words = unreadable(&error);
            return reply::text(StatusCode::NOT_FOUND, format_args!("no picture: {words}"));
        }
        Ok(None) | Err(_) => return late(),
    };
    match of_bytes(&object.body) {
        Some(raster) => reply::picture(raster.media_type, object.body, permit),
        None => {
            let words = "no picture: browsers do not draw this format";
            reply::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, words)
        }
    }
}

fn unknown() -> Reply {
    let words = "no picture has this number any more; load the page again";
    reply::text(StatusCode::NOT_FOUND, words)
}

/// The extension of a key, in small letters.
fn extension(key: &str) -> Option<String> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let (_, extension) = name.rsplit_once('.')?;
    Some(extension.to_ascii_lowercase())
}

fn of_extension(extension: &str) -> Option<&'static Raster> {
    RASTERS
        .iter()
        .find(|raster| raster.extensions.contains(&extension))
}

fn of_bytes(bytes: &[u8]) -> Option<&'static Raster> {
    let format = format_of(bytes)?;
    RASTERS.iter().find(|raster| raster.media_type == format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_browsers_draw_is_a_picture() {
        for (bytes, expected) in [
            (b"\xff\xd8\xff\xe0JFIF".as_slice(), Some("image/jpeg")),
            (b"\x89PNG\r\n\x1a\n", Some("image/png")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"GIF89a", Some("image/gif")),
            (b"\0\0\0\x20ftypavif", Some("image/avif")),
            (b"BM\x46\0\0\0\0\0\0\0\x36", Some("image/bmp")),
            (b"\0\0\x01\0\x01\0", Some("image/vnd.microsoft.icon")),
            (b"BMI and other measures of health", None),
            (b"RIFF\0\0\0\0WAVE", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"<!doctype html><script>alert(1)</script>", None),
            (b"\0\0\0\x18ftypheic", None),
            (b"RIFF", None),
            (b"", None),
        ] {
            let found = of_bytes(bytes).map(|raster| raster.media_type);
            assert_eq!(found, expected, "{bytes:?}");
        }
        for (key, drawn) in [
            ("a/cat.jpg/small.WEBP", true),
            ("cat.jpg/manifest.json", false),
            ("cat.jpg/tiny.thumbhash", false),
            ("jpg", false),
            ("a.jpg/b", false),
        ] {
            assert_eq!(is_drawn(key), drawn, "{key}");
        }
    }

    #[test]
    fn numbers_are_kept_for_the_last_sources() {
        let mut numbered = Numbered::default();
        let source = |number: usize| Location::new("images", number.to_string());
        let first = numbered.number(&source(0));
        assert_eq!(numbered.number(&source(0)), first);
        for number in 1..NUMBERED {
            numbered.number(&source(number));
        }
        assert_eq!(numbered.source(first), Some(source(0)));
        let last = numbered.number(&source(NUMBERED));
        assert_eq!(numbered.source(first), None);
        assert_eq!(numbered.source(last), Some(source(NUMBERED)));
        assert_eq!(numbered.numbers.len(), NUMBERED);
    }
}
