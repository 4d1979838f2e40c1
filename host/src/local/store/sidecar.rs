//! Sidecars: the ETag and the metadata of objects, in files beside the buckets.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::super::files::{self, HalfWritten};
use super::super::stamp::Stamp;
use crate::object::{ETag, Location};
use crate::ports::{Attributes, PutOptions};

/// Metadata of an object. It counts only for the bytes of its ETag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sidecar {
    /// For people who look at it, and against two keys of one digest.
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) etag: String,
    pub(super) stamp: Option<Stamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) cache_control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) content_language: Option<String>,
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(super) metadata: Attributes,
}

impl Sidecar {
    /// Metadata of an object that is written with `options`.
    pub(super) fn new(location: &Location, etag: &ETag, options: &PutOptions) -> Self {
        Self {
            bucket: location.bucket.clone(),
            key: location.key.clone(),
            etag: etag.as_str().to_owned(),
            stamp: None,
            content_type: options.content_type.clone(),
            cache_control: options.cache_control.clone(),
            content_disposition: options.content_disposition.clone(),
            content_language: options.content_language.clone(),
            metadata: options.metadata.clone(),
        }
    }

    /// Path of the sidecar: a name that any key has, however long or odd.
    fn path(folder: &Path, location: &Location) -> PathBuf {
        let digest = ETag::of(format!("{}/{}", location.bucket, location.key).as_bytes());
        let (first, rest) = digest.as_str().split_at(2);
        folder.join(first).join(rest)
    }

    /// The metadata, unless there is none or it cannot be read.
    pub(super) fn read(folder: &Path, location: &Location) -> Option<Self> {
        let bytes = fs::read(Self::path(folder, location)).ok()?;
        let sidecar: Self = serde_json::from_slice(&bytes).ok()?;
        (sidecar.bucket == location.bucket && sidecar.key == location.key).then_some(sidecar)
    }

    /// Write it, in place of an older one. It need not reach the disk: without it
    /// the object counts for nothing but its bytes.
    pub(super) fn write(&self, folder: &Path, new: &Path, location: &Location) -> io::Result<()> {
        let path = Self::path(folder, location);
        if let Some(parent) = path.parent() {
            files::make_folders(parent)?;
        }
        HalfWritten::write(new, &serde_json::to_vec(self)?)?.rename(&path)
    }

    /// Forget it.
    pub(super) fn remove(folder: &Path, location: &Location) {
        // What is left counts for nothing without the bytes it speaks of.
        let _ = files::remove(&Self::path(folder, location));
    }
}
