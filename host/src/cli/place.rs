//! Places of queues and buckets, as people name them: a URL, or a folder.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;

use crate::text::printable;

mod nats;
mod queue;

pub(super) use crate::object::Buckets;
pub(super) use nats::NatsPlace;
pub(super) use queue::{QueuePlace, without_password};

/// Name of the state folder inside a `thimble local` folder.
const STATE: &str = ".thimble";

/// The place of a worker's objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StorePlace {
    /// Buckets of a cloud.
    Cloud(Buckets),
    /// A `thimble local` folder.
    Folder(PathBuf),
}

/// The place of sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SourcePlace {
    /// A bucket of a cloud.
    Cloud {
        of: Buckets,
        bucket: String,
        prefix: String,
    },
    /// A `thimble local` folder.
    Folder {
        root: PathBuf,
        bucket: String,
        prefix: String,
    },
}

/// Mistake in the name of a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PlaceError {
    #[error(
        "a URL of a queue looks like https://sqs.eu-west-1.amazonaws.com/123456789012/name, \
         not like this: {0}"
    )]
    Malformed(String),
    #[error(
        "a queue is https://… or sqs:NAME, nats://HOST:PORT/STREAM, \
         postgres://USER@HOST/DATABASE, file:DIR or a folder, not: {0}"
    )]
    NotAQueueUrl(String),
    #[error("a queue of SQS is named as sqs:NAME, with a-z, A-Z, 0-9, -, _ and ., not: sqs:{0}")]
    SqsName(String),
    #[error("a folder is named as file:DIR or file:///DIR, not: {0}")]
    FolderUrl(String),
    #[error(
        "a stream is named as nats://HOST:PORT/STREAM or nats://HOST:PORT/STREAM/SUBJECT, without \
         . * and > in its name, not: {0}"
    )]
    Nats(String),
    #[error(
        "credentials do not belong into a URL; set NATS_CREDS, or NATS_USER and NATS_PASSWORD, and \
         leave out what is before the @: {0}"
    )]
    NatsCredentials(String),
    #[error("a queue is named by its URL, not by its ARN; use {url}")]
    QueueArn { url: String },
    #[error("a bucket is named as s3://BUCKET/PREFIX, not by its ARN; use {url}")]
    BucketArn { url: String },
    #[error(
        "the bucket is missing; write {scheme}://BUCKET or {scheme}://BUCKET/PREFIX, not: {text}"
    )]
    NoBucket { scheme: &'static str, text: String },
    #[error("not the name of a bucket; use a-z, 0-9, - and .: {0}")]
    BucketName(String),
    #[error(
        "sources are named as s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or by \
         a folder, not: {0}"
    )]
    NotASource(String),
    #[error(
        "a store is s3://, gs://, az:// or a folder, not: {0}; the events name the bucket of a \
         source, and --thumbnails that of the thumbnails"
    )]
    NotAStore(String),
    #[error("there is no such folder, and it is not the URL of a queue either: {0}")]
    NoFolder(String),
    #[error("not a folder with a queue; name a `thimble local` folder, or a queue in one: {0}")]
    NotAQueue(String),
    #[error("not a `thimble local` folder; create one with `thimble local DIR`: {0}")]
    NotLocal(String),
}

impl FromStr for StorePlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        if let Some((buckets, rest)) = Buckets::of(text) {
            return match rest {
                "" => Ok(Self::Cloud(buckets)),
                _ => Err(PlaceError::NotAStore(printable(text))),
            };
        }
        if let Some(buckets) = Buckets::ALL.into_iter().find(|of| of.scheme() == text) {
            return Ok(Self::Cloud(buckets));
        }
        match path(text) {
            Some(path) => Ok(Self::Folder(PathBuf::from(path))),
            None => Err(PlaceError::NotAStore(printable(text))),
        }
    }
}

/// The path that a text names: bare, or as `file:PATH` or `file:///PATH`. `None` for a URL of
/// another kind.
fn path(text: &str) -> Option<&str> {
    match text.strip_prefix("file:") {
        Some(path) => Some(path.strip_prefix("//").unwrap_or(path)),
        None => (!text.contains("://")).then_some(text),
    }
}

impl FromStr for SourcePlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        if let Some(rest) = text.strip_prefix("arn:") {
            return Err(match rest.rsplit_once(":::") {
                Some((_, bucket)) => PlaceError::BucketArn {
                    url: format!("s3://{bucket}"),
                },
                None => PlaceError::NotASource(printable(text)),
            });
        }
        let Some((of, rest)) = Buckets::of(text) else {
            let path = path(text).ok_or_else(|| PlaceError::NotASource(printable(text)))?;
            return in_folder(path);
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(PlaceError::NoBucket {
                scheme: of.scheme(),
                text: printable(text),
            });
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !bucket.bytes().all(allowed) {
            return Err(PlaceError::BucketName(printable(bucket)));
        }
        Ok(Self::Cloud {
            of,
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

/// The bucket and the prefix that a path leads to, in the nearest `thimble local`
/// folder above it.
fn in_folder(text: &str) -> Result<SourcePlace, PlaceError> {
    let path = Path::new(text);
    let is_kept = |folder: &&Path| folder.join(STATE).is_dir();
    let root = path.ancestors().find(is_kept);
    let root = root.ok_or_else(|| PlaceError::NotLocal(printable(text)))?;
    let below = path.strip_prefix(root).unwrap_or(Path::new(""));
    let parts: Vec<&str> = below
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect();
    let (bucket, keys) = parts.split_first().unwrap_or((&crate::local::IMAGES, &[]));
    let mut prefix = keys.join("/");
    if !prefix.is_empty() && text.ends_with('/') {
        prefix.push('/');
    }
    let here = root.as_os_str().is_empty();
    Ok(SourcePlace::Folder {
        root: if here { Path::new(".") } else { root }.to_owned(),
        bucket: (*bucket).to_owned(),
        prefix,
    })
}

/// The `thimble local` folder that `path` is, or has a queue of.
pub(super) fn local_root(path: &Path) -> Result<PathBuf, PlaceError> {
    let shown = || printable(path.to_string_lossy());
    if path.join(STATE).is_dir() {
        return Ok(path.to_owned());
    }
    if !path.is_dir() {
        return Err(PlaceError::NoFolder(shown()));
    }
    let state = path.parent().filter(|parent| parent.ends_with(STATE));
    let root = state.and_then(Path::parent);
    root.map(Path::to_owned)
        .ok_or_else(|| PlaceError::NotLocal(shown()))
}

/// The folder of a queue: `path` itself, or the queue `name` of a `thimble local`
/// folder.
pub(super) fn queue_folder(path: &Path, name: &str) -> Result<PathBuf, PlaceError> {
    let shown = || printable(path.to_string_lossy());
    if !path.is_dir() {
        return Err(PlaceError::NoFolder(shown()));
    }
    if fs::exists(path.join("format")).unwrap_or(false) {
        return Ok(path.to_owned());
    }
    if path.join(STATE).is_dir() {
        return Ok(path.join(STATE).join(name));
    }
    Err(PlaceError::NotAQueue(shown()))
}

/// The folder that keeps the queues of `path`: its state, which may not be there yet, or
/// the folder around it if `path` is one of the queues.
pub(super) fn queues_folder(path: &Path) -> Result<PathBuf, PlaceError> {
    if !path.is_dir() {
        return Err(PlaceError::NoFolder(printable(path.to_string_lossy())));
    }
    let around = path.parent().filter(|parent| parent.ends_with(STATE));
    Ok(around.map_or_else(|| path.join(STATE), Path::to_owned))
}

#[cfg(test)]
mod tests;
