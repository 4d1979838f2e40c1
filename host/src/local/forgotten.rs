//! Failures that are forgotten: files whose dead letters were purged, and which are
//! left alone until they change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::files::{self, HalfWritten};
use super::stamp::Stamp;
use crate::object::ETag;

/// Memory of files that were given up, a file for each.
#[derive(Clone, Debug)]
pub(super) struct Forgotten {
    folder: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    key: String,
    stamp: Stamp,
}

impl Forgotten {
    /// The memory in `state`, which is made when there is something to remember.
    pub(super) fn within(state: &Path) -> Self {
        Self {
            folder: state.join("forgotten"),
        }
    }

    /// Remember that the image called `key` was given up as the file at `path` is
    /// now, if it was that already when it `failed`. False if it may be another.
    pub(super) fn add(
        &self,
        key: &str,
        path: &Path,
        failed: Option<SystemTime>,
    ) -> io::Result<bool> {
        let Some(stamp) = fs::symlink_metadata(path).ok().as_ref().and_then(Stamp::of) else {
            return Ok(true);
        };
        if !failed.is_some_and(|failed| stamp.was_there(failed)) {
            return Ok(false);
        }
        files::make_folders(&self.folder)?;
        let key = key.to_owned();
        let place = self.place(&key);
        let bytes = serde_json::to_vec(&Entry { key, stamp })?;
        HalfWritten::write(&self.folder, &bytes)?.rename(&place)?;
        Ok(true)
    }

    /// True if the image called `key` was given up, as it is or as it was.
    pub(super) fn knows(&self, key: &str) -> bool {
        fs::exists(self.place(key)).unwrap_or(false)
    }

    /// True if the image called `key` was given up and is as it was. One that has
    /// changed is remembered no more.
    pub(super) fn holds(&self, key: &str, now: Option<&Stamp>) -> bool {
        let place = self.place(key);
        let Ok(bytes) = fs::read(&place) else {
            return false;
        };
        let entry = serde_json::from_slice::<Entry>(&bytes).ok();
        let holds = entry.is_some_and(|entry| entry.key == key && Some(&entry.stamp) == now);
        if !holds {
            // An entry that is left counts for nothing, because the stamp is another.
            let _ = files::remove(&place);
        }
        holds
    }

    fn place(&self, key: &str) -> PathBuf {
        self.folder.join(ETag::of(key.as_bytes()).as_str())
    }
}
