//! The place of a configuration file, and reading it.

use std::fmt;
use std::path::PathBuf;
use std::time::SystemTime;

use super::{File, MAX_BYTES, Mistake};
use crate::object::{ETag, Location, split_s3};
use crate::ports::{GetOptions, ObjectStore, StoreProblem};

/// A file of this machine, or an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    Path(PathBuf),
    /// An object.
    Object(Location),
}

/// A version of a file: the same version has the same text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    etag: Option<ETag>,
    modified: Option<SystemTime>,
    bytes: u64,
}

impl Place {
    /// The place that `text` names: a path, or `s3://BUCKET/KEY`.
    pub fn of(text: &str) -> Self {
        match split_s3(text) {
            Some((bucket, key)) => Self::Object(Location::new(bucket, key)),
            None => Self::Path(PathBuf::from(text)),
        }
    }

    /// The file and its version; `None` if that is `seen`. `objects` is needed for objects.
    ///
    /// # Errors
    /// If it cannot be read, with the reason.
    pub async fn read(
        &self,
        objects: Option<&dyn ObjectStore>,
        seen: Option<&Version>,
    ) -> Result<Option<(File, Version)>, String> {
        match self {
            Self::Path(path) => {
                let unread = |error| format!("{self}: it cannot be read: {error}");
                let metadata = std::fs::metadata(path).map_err(unread)?;
                let version = Version {
                    etag: None,
                    modified: metadata.modified().ok(),
                    bytes: metadata.len(),
                };
                if seen == Some(&version) {
                    return Ok(None);
                }
                let file = File::read(path).map_err(|mistake| mistake.to_string())?;
                Ok(Some((file, version)))
            }
            Self::Object(location) => match objects {
                Some(objects) => self.fetch(location, objects, seen).await,
                None => Err(format!("{self}: there is no store of objects")),
            },
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
            modified: None,
            bytes: object.body.len() as u64,
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

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Object(Location { bucket, key }) => write!(f, "s3://{bucket}/{key}"),
        }
    }
}
