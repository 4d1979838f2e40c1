//! Files among the images of a folder that are none, as long as the process runs.
//!
//! Nothing is made of them again until they change, or another engine works: else every
//! look at the folder would read each video in it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::files;
use super::stamp::Stamp;
use crate::object::Location;
use crate::pipeline::{Bystanders, Unread};
use crate::ports::EngineIdentity;

/// Memory of the files of a folder that are no images.
#[derive(Debug)]
pub struct PassedOver {
    /// The folder of the images.
    images: PathBuf,
    judge: fn(&Path) -> bool,
    files: Mutex<BTreeMap<String, Known>>,
}

#[derive(Debug)]
struct Known {
    /// The file as it was judged; `None` if it is to be judged again.
    stamp: Option<Stamp>,
    /// The engine that does not know its format; `None` if it is too large for any.
    engine: Option<Arc<EngineIdentity>>,
    /// The work on it has ended so.
    is_told: bool,
    /// It was there in the last look at the whole folder, or came later.
    is_seen: bool,
}

impl PassedOver {
    /// No files yet, of those in the folder `images`. By path and first bytes, `judge` says
    /// of a file that no engine has read whether it is no image.
    pub fn new(images: &Path, judge: fn(&Path) -> bool) -> Self {
        Self {
            images: images.to_owned(),
            judge,
            files: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stamp(&self, key: &str) -> Option<Stamp> {
        Stamp::of(&fs::symlink_metadata(self.images.join(key)).ok()?)
    }

    fn note(&self, key: String, stamp: Option<Stamp>, unread: Unread) {
        // What was read may be another version than the one that is there, unless its
        // reader looks again. One that is too large is not read.
        let (stamp, engine) = match unread {
            Unread::TooLarge(size) => (stamp.filter(|stamp| stamp.size() == size), None),
            Unread::UnknownFormat(Some(engine)) => (stamp, Some(engine)),
            Unread::UnknownFormat(None) => (None, None),
        };
        let mut files = self.lock();
        let is_told = files.get(&key).is_some_and(|known| known.is_told);
        let known = Known {
            stamp: stamp.filter(Stamp::is_settled),
            engine,
            is_told,
            is_seen: true,
        };
        files.insert(key, known);
    }

    /// The work on the file called `key` has ended, because it is no image. True if that
    /// is news.
    pub fn tell(&self, key: &str) -> bool {
        let mut files = self.lock();
        let known = files.get_mut(key).filter(|known| !known.is_told);
        known.is_some_and(|known| {
            known.is_told = true;
            true
        })
    }

    /// Something else became of the file called `key`, or of the folder.
    pub fn forget(&self, key: &str) {
        let mut files = self.lock();
        files.remove(key);
        // A nought comes next after a slash.
        let below = format!("{key}/")..format!("{key}0");
        files.extract_if(below, |_, _| true).for_each(drop);
    }

    /// The names of all these files.
    pub fn keys(&self) -> Vec<String> {
        let files = self.lock();
        let told = files.iter().filter(|(_, known)| known.is_told);
        told.map(|(key, _)| key.clone()).collect()
    }

    /// True if the file called `key` was judged as it is, and `engine` would not judge it
    /// in another way.
    pub(super) fn holds(&self, key: &str, engine: impl FnOnce() -> Arc<EngineIdentity>) -> bool {
        if !self.lock().contains_key(key) {
            return false;
        }
        let (now, engine) = (self.stamp(key), engine());
        let mut files = self.lock();
        let Some(known) = files.get_mut(key).filter(|_| now.is_some()) else {
            return false;
        };
        known.is_seen = true;
        let is_same = known.engine.as_ref().is_none_or(|by| *by == engine);
        known.is_told && known.stamp == now && is_same
    }

    /// Judge all of them anew. Returns their names.
    pub(super) fn doubt(&self) -> Vec<String> {
        let mut files = self.lock();
        files.values_mut().for_each(|known| known.stamp = None);
        files.keys().cloned().collect()
    }

    /// A look at the whole folder begins.
    pub(super) fn begin(&self) {
        let mut files = self.lock();
        files.values_mut().for_each(|known| known.is_seen = false);
    }

    /// It is over: those that it has not seen are gone.
    pub(super) fn end(&self) {
        self.lock().retain(|_, known| known.is_seen);
    }
}

#[async_trait]
impl Bystanders for PassedOver {
    async fn is_no_image(&self, source: &Location, unread: Unread) -> bool {
        let key = source.key.clone();
        // As it was before it is looked at.
        let stamp = self.stamp(&key);
        let (judge, path) = (self.judge, self.images.join(&key));
        let judged = files::blocking(move || Ok(judge(&path))).await;
        let is_none = judged.unwrap_or(false);
        if is_none {
            self.note(key, stamp, unread);
        }
        is_none
    }
}
