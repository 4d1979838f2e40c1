//! Manifests: for each source a document of its thumbnails, written when they are there.
//!
//! A reader who finds one need not ask whether the thumbnails are ready, and a store that
//! tells of new objects tells by it that they are. [`Manifest`] is what it says, in a form
//! that has a version; `docs/manifest.schema.json` describes it to programs.
//! [`ManifestName`] is where it lies.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::contract::Dimensions;
use crate::object::{ETag, Location};
use crate::ports::{EngineIdentity, Placeholder};
use crate::preset::Preset;
use crate::trust::Digest;

mod name;

pub use name::{ManifestName, ManifestNameError};

/// Version of the form: a reader of one version can read what is added to it.
pub const VERSION: u32 = 1;

/// The largest manifest that is read, in bytes: more than any host writes.
pub const MAX_BYTES: u64 = 4 << 20;

/// The longest reason in the short form of a manifest, in bytes.
const SHORT_REASON: usize = 4 << 10;

/// Manifests of a host: their names, and the sources that have one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifests {
    /// Their names.
    pub name: ManifestName,
    /// True if a source that was rejected has one too, which says why.
    pub of_rejected: bool,
}

/// The outcome of the work on one version of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Version of the form, [`VERSION`].
    pub version: u32,
    /// Outcome.
    pub state: State,
    /// The version of the source that it is about.
    pub source: Source,
    /// The thumbnails, in the order of the presets. Empty for a source that was rejected.
    pub thumbnails: Vec<Thumbnail>,
    /// Placeholder of the source, if the engine makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<StandIn>,
    /// The reason why there are no thumbnails, for a source that was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The engine that made the thumbnails, or failed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Maker>,
    /// Warnings of the engine.
    pub warnings: Vec<String>,
    /// The place of the whole manifest, if this is the short form of one that is too long for
    /// the carrier of a result: then thumbnails and warnings stand only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Whole>,
    /// Time of writing, in UTC and as of RFC 3339.
    pub written: String,
}

/// Outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The thumbnails are there.
    Done,
    /// There are none of this version, and trying again cannot help.
    Rejected,
}

impl State {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Rejected => "rejected",
        }
    }
}

/// The place of a whole manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Whole {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
}

/// A version of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The ETag, which names the bytes.
    pub etag: String,
    /// The version, in stores that keep several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The size of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Properties of the image, if it is one.
    #[serde(flatten)]
    pub image: Option<Image>,
}

/// Properties of an image, as the engine found them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Format, by content.
    pub media_type: String,
    /// Width as it is meant to be seen.
    pub width: u32,
    /// Height as it is meant to be seen.
    pub height: u32,
    /// Number of frames.
    pub frames: u32,
}

/// A thumbnail that is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Thumbnail {
    /// Name of the preset.
    pub preset: String,
    /// The rest of the preset, as it is written.
    pub spec: String,
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The ETag, if the store told it: a read that asks for it finds these bytes or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The SHA-256.
    pub sha256: Digest,
    /// The size of the file.
    pub bytes: u64,
    /// Format.
    pub media_type: String,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Placeholder: a page shows it before a thumbnail has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StandIn {
    /// A ThumbHash, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbhash: Option<String>,
    /// The dominant color: `#` and six hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
}

/// Reason of a rejection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// The kind of failure, a stable word.
    pub kind: String,
    /// The same in a sentence.
    pub message: String,
    /// The one who must act.
    pub blame: String,
}

/// An engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Maker {
    /// The name of the implementation.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The SHA-256 of the portable component.
    pub digest: String,
}

impl Manifest {
    /// A manifest about the version `etag` of the source at `location`, to be filled in.
    pub(crate) fn new(state: State, location: &Location, etag: &ETag) -> Self {
        Self {
            version: VERSION,
            state,
            source: Source {
                bucket: location.bucket.clone(),
                key: location.key.clone(),
                etag: etag.to_string(),
                version: None,
                bytes: None,
                image: None,
            },
            thumbnails: Vec::new(),
            placeholder: None,
            reason: None,
            engine: None,
            warnings: Vec::new(),
            whole: None,
            written: time(SystemTime::now()),
        }
    }

    /// The same without what can be long; `whole` is the place of the rest, if it is written.
    pub(crate) fn short(&self, whole: Option<&Location>) -> Self {
        let mut short = self.clone();
        short.thumbnails.clear();
        short.warnings.clear();
        if let Some(reason) = &mut short.reason {
            let end = reason.message.floor_char_boundary(SHORT_REASON);
            reason.message.truncate(end);
        }
        short.whole = whole.map(|Location { bucket, key }| Whole {
            bucket: bucket.clone(),
            key: key.clone(),
        });
        short
    }

    /// The manifest that `bytes` are, if they are one of a version that this host knows.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let manifest: Self = serde_json::from_slice(bytes).ok()?;
        (manifest.version == VERSION).then_some(manifest)
    }

    /// True if it says that this version of the source has the thumbnails of `presets`,
    /// made by `engine`, or else by any.
    pub(crate) fn holds(
        &self,
        etag: &ETag,
        presets: &[Preset],
        engine: Option<&EngineIdentity>,
    ) -> bool {
        let is_theirs = |(thumbnail, preset): (&Thumbnail, &Preset)| {
            (thumbnail.preset.as_str(), thumbnail.spec.as_str()) == parts(&preset.to_string())
        };
        self.state == State::Done
            && self.source.etag == etag.as_str()
            && engine.is_none_or(|engine| self.engine.as_ref() == Some(&Maker::from(engine)))
            && self.thumbnails.len() == presets.len()
            && self.thumbnails.iter().zip(presets).all(is_theirs)
    }
}

impl Thumbnail {
    /// The thumbnail with these bytes that was written for `preset`.
    pub(crate) fn new(
        preset: &Preset,
        target: &Location,
        etag: Option<&ETag>,
        made: &crate::contract::Thumbnail,
    ) -> Self {
        let line = preset.to_string();
        let (name, spec) = parts(&line);
        let Dimensions { width, height } = made.dimensions;
        Self {
            preset: name.to_owned(),
            spec: spec.to_owned(),
            bucket: target.bucket.clone(),
            key: target.key.clone(),
            etag: etag.map(ETag::to_string),
            sha256: Digest::of(&made.data),
            bytes: made.data.len() as u64,
            media_type: made.media_type.clone(),
            width,
            height,
        }
    }
}

impl From<&EngineIdentity> for Maker {
    fn from(engine: &EngineIdentity) -> Self {
        Self {
            name: engine.name.clone(),
            version: engine.version.clone(),
            digest: engine.digest.clone(),
        }
    }
}

impl StandIn {
    /// The words for a placeholder, if there is any.
    pub(crate) fn of(placeholder: &Placeholder) -> Option<Self> {
        let Placeholder { thumbhash, color } = placeholder;
        let is_any = thumbhash.is_some() || color.is_some();
        is_any.then(|| Self {
            thumbhash: thumbhash.as_deref().map(|hash| STANDARD.encode(hash)),
            color: color.clone(),
        })
    }
}

/// Name and rest of a preset as it is written.
fn parts(line: &str) -> (&str, &str) {
    line.split_once('=').unwrap_or((line, ""))
}

/// A time in UTC, to the second, as of RFC 3339.
pub(crate) fn time(time: SystemTime) -> String {
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Years that begin in March have their odd day at the end.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    let year = era * 400 + year + turn;
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (1_798_761_599, "2026-12-31T23:59:59Z"),
        ] {
            assert_eq!(time(UNIX_EPOCH + Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn what_is_no_manifest_of_this_version_is_not_read() {
        let manifest = Manifest::new(
            State::Done,
            &Location::new("images", "cat"),
            &ETag::new("1"),
        );
        let text = serde_json::to_string(&manifest).unwrap();
        assert_eq!(Manifest::read(text.as_bytes()), Some(manifest));
        let newer = text.replace("\"version\":1", "\"version\":2");
        for other in [newer.as_str(), "{}", "", "[1]"] {
            assert_eq!(Manifest::read(other.as_bytes()), None, "{other}");
        }
    }
}
