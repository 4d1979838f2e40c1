//! Places of engine stores, as people name them.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::repository::{NotARepository, Repository};
use crate::object::{Buckets, Location};
use crate::text::printable;

/// The place of an engine store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnginePlace {
    /// A bucket, and the beginning of its keys there.
    Bucket(Buckets, Location),
    /// A folder of this machine.
    Folder(PathBuf),
    /// A repository of an OCI registry.
    Repository(Repository),
}

/// A text names no place for engines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEnginePlace {
    /// It is a URL of another kind.
    #[error(
        "an engine store is s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, \
         oci://REGISTRY/NAME, file:DIR or a folder, not: {0}"
    )]
    Kind(String),
    /// It names no bucket.
    #[error("the bucket is missing; write {0}://BUCKET or {0}://BUCKET/PREFIX")]
    NoBucket(&'static str),
    /// It means to be a repository, and is none.
    #[error(transparent)]
    Repository(#[from] NotARepository),
}

impl FromStr for EnginePlace {
    type Err = NotAnEnginePlace;

    fn from_str(text: &str) -> Result<Self, NotAnEnginePlace> {
        if Repository::is_meant(text) {
            return Ok(Self::Repository(text.parse()?));
        }
        if let Some((buckets, rest)) = Buckets::of(text) {
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            return match bucket {
                "" => Err(NotAnEnginePlace::NoBucket(buckets.scheme())),
                _ => Ok(Self::Bucket(buckets, Location::new(bucket, prefix))),
            };
        }
        let path = match text.strip_prefix("file:") {
            Some(path) => path.strip_prefix("//").unwrap_or(path),
            None => text,
        };
        if path.is_empty() || path.contains("://") {
            return Err(NotAnEnginePlace::Kind(printable(text)));
        }
        Ok(Self::Folder(PathBuf::from(path)))
    }
}

impl fmt::Display for EnginePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bucket(of, place) => write!(f, "{}://{place}", of.scheme()),
            Self::Folder(path) => f.write_str(&printable(path.display())),
            Self::Repository(repository) => write!(f, "oci://{repository}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> Result<EnginePlace, NotAnEnginePlace> {
        text.parse()
    }

    #[test]
    fn engines_are_in_a_bucket_a_folder_or_a_registry() {
        let bucket = |of, bucket, prefix| EnginePlace::Bucket(of, Location::new(bucket, prefix));
        for (text, expected) in [
            ("s3://engines", bucket(Buckets::S3, "engines", "")),
            (
                "gs://engines/a/b",
                bucket(Buckets::Google, "engines", "a/b"),
            ),
            ("az://engines/a/", bucket(Buckets::Azure, "engines", "a/")),
            ("engines", EnginePlace::Folder("engines".into())),
            ("file:engines", EnginePlace::Folder("engines".into())),
            (
                "file:///srv/engines",
                EnginePlace::Folder("/srv/engines".into()),
            ),
        ] {
            assert_eq!(place(text), Ok(expected), "{text}");
        }
        let registry = place("oci://ghcr.io/team/engines").unwrap();
        assert!(matches!(registry, EnginePlace::Repository(_)));
        assert_eq!(registry.to_string(), "oci://ghcr.io/team/engines");
        assert_eq!(
            place("gs://engines/a").unwrap().to_string(),
            "gs://engines/a"
        );
    }

    #[test]
    fn what_is_none_of_them_is_told_what_they_look_like() {
        for (text, words) in [
            ("", "an engine store is s3://BUCKET/PREFIX"),
            ("file:", "an engine store is s3://BUCKET/PREFIX"),
            ("https://host/engines", "not: https://host/engines"),
            ("az://", "write az://BUCKET"),
            ("gs:///a", "write gs://BUCKET"),
            ("oci://ghcr.io/Team", "a repository looks like"),
        ] {
            let told = place(text).unwrap_err().to_string();
            assert!(told.contains(words), "{text}: {told}");
        }
    }
}
