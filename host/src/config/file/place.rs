//! The place of a configuration file, and reading it: a file of this machine, an object, or
//! what an engine store has for a channel.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::{File, MAX_BYTES, Mistake};
use crate::engines::{ChannelName, EngineStore};
use crate::error::with_causes;
use crate::object::{ETag, Location, split_s3};
use crate::ports::{GetOptions, ObjectStore, StoreProblem};
use crate::trust::Trust;

/// Beginning of the name of a place in an engine store.
const IN_STORE: &str = "channel:";

/// A file of this machine, an object, or the file of a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Path(PathBuf),
    /// An object.
    Object(Location),
    /// The file of a channel of an engine store, signed like that.
    Channel(Box<InStore>),
}

/// The file of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InStore {
    /// The channel.
    pub channel: String,
    /// Keys that are believed.
    pub trust: Trust,
}

/// A version of a file: the same version has the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    etag: Option<ETag>,
    modified: Option<SystemTime>,
    bytes: u64,
    /// Of a file in an engine store: an older one is none.
    serial: u64,
}

impl Version {
    /// The version of the file at `path`.
    ///
    /// # Errors
    /// If nothing is known of it.
    pub fn of(path: &Path) -> io::Result<Self> {
        let metadata = std::fs::metadata(path)?;
        Ok(Self {
            modified: metadata.modified().ok(),
            bytes: metadata.len(),
            ..Self::default()
        })
    }
}

impl Place {
    /// The place that `text` names: a path, `s3://BUCKET/KEY`, or `channel:NAME`, of which
    /// nothing is believed yet.
    pub fn of(text: &str) -> Self {
        if let Some(channel) = text.strip_prefix(IN_STORE) {
            let channel = channel.to_owned();
            return Self::Channel(Box::new(InStore {
                channel,
                ..InStore::default()
            }));
        }
        match split_s3(text) {
            Some((bucket, key)) => Self::Object(Location::new(bucket, key)),
            None => Self::Path(PathBuf::from(text)),
        }
    }

    /// The same place; the file of a channel is believed by `trust`.
    #[must_use]
    pub fn believing(self, trust: Trust) -> Self {
        match self {
            Self::Channel(within) => Self::Channel(Box::new(InStore { trust, ..*within })),
            other => other,
        }
    }

    /// The file and its version; `None` if that is `seen`. An object is one in `objects`, and
    /// the file of a channel is in `engines`.
    ///
    /// # Errors
    /// If it cannot be read, with the reason.
    pub async fn read(
        &self,
        objects: Option<&Arc<dyn ObjectStore>>,
        engines: Option<&EngineStore>,
        seen: Option<&Version>,
    ) -> Result<Option<(File, Version)>, String> {
        match self {
            Self::Path(path) => {
                let unread = |error| format!("{self}: it cannot be read: {error}");
                let version = Version::of(path).map_err(unread)?;
                if seen == Some(&version) {
                    return Ok(None);
                }
                let file = File::read(path).map_err(|mistake| mistake.to_string())?;
                Ok(Some((file, version)))
            }
            Self::Object(location) => {
                let missing = || format!("{self}: there is no store of objects");
                let objects = objects.ok_or_else(missing)?;
                self.fetch(location, &**objects, seen).await
            }
            Self::Channel(within) => {
                let read = within.read(engines, seen).await;
                let read = read.map_err(|problem| format!("{self}: {problem}"))?;
                Ok(read.map(|(text, version)| (File::parse(&self.to_string(), &text), version)))
            }
        }
    }

    async fn fetch(
        &self,
        location: &Location,
        objects: &dyn ObjectStore,
        seen: Option<&Version>,
    ) -> Result<Option<(File, Version)>, String> {
        let options = GetOptions {
            max_bytes: Some(MAX_BYTES),
            if_none_match: seen.and_then(|seen| seen.etag.clone()),
        };
        let object = match objects.get(location, &options).await {
            Ok(object) => object,
            Err(error) if error.problem == StoreProblem::NotModified => return Ok(None),
            Err(error) => return Err(format!("{self}: {}", error.problem)),
        };
        let version = Version {
            etag: Some(object.info.etag),
            bytes: object.body.len() as u64,
            ..Version::default()
        };
        if seen == Some(&version) {
            return Ok(None);
        }
        let name = self.to_string();
        let file = File::of_bytes(&name, object.body.to_vec());
        let file = file.map_err(|problem| {
            let place = None;
            let file = name.clone();
            Mistake {
                file,
                place,
                problem,
            }
            .to_string()
        })?;
        Ok(Some((file, version)))
    }
}

impl InStore {
    async fn read(
        &self,
        store: Option<&EngineStore>,
        seen: Option<&Version>,
    ) -> Result<Option<(String, Version)>, String> {
        let channel = self.channel.parse::<ChannelName>();
        let channel = channel.map_err(|error| error.to_string())?;
        let Some(store) = store else {
            let advice = "set ENGINE_STORE to the store that the channel is in, s3://BUCKET/PREFIX";
            return Err(advice.to_owned());
        };
        let known = seen.and_then(|seen| seen.etag.as_ref());
        let read = store.configuration(&channel, &self.trust, known).await;
        let Some((found, etag)) = read.map_err(|error| with_causes(&error))? else {
            return Ok(None);
        };
        let newest = seen.map_or(0, |seen| seen.serial);
        if found.serial < newest {
            return Err(format!(
                "its serial is {} and was {newest} before: an old file was put in its place; \
                 publish the right one anew",
                found.serial
            ));
        }
        let version = Version {
            etag: Some(etag),
            bytes: found.text.len() as u64,
            serial: found.serial,
            ..Version::default()
        };
        Ok(Some((found.text, version)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Object(Location { bucket, key }) => write!(f, "s3://{bucket}/{key}"),
            Self::Channel(within) => write!(f, "{IN_STORE}{}", within.channel),
        }
    }
}
