//! The folder of `thimble local`, opened: its objects and its queues.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use super::forgotten::Forgotten;
use super::layout::{ENGINES, FolderError, Layout, unusable};
use super::queue::{DirectoryQueue, RedrivePolicy};
use super::store::{Buckets, DirectoryStore};
use super::walk::{Rules, Walk};
use crate::engines::EngineStore;
use crate::ports::QueueError;

/// Number of times that a message is handed out before it becomes a dead letter:
/// on one machine little fails that trying again helps with, and that passes
/// soon.
pub const MAX_RECEIVE_COUNT: u32 = 5;

/// A folder with images, thumbnails and queues.
#[derive(Clone, Debug)]
pub struct Folder {
    layout: Layout,
    /// Its objects.
    pub store: DirectoryStore,
}

impl Folder {
    /// Open the folder at `root`, and make in it what it lacks.
    ///
    /// # Errors
    /// If it is none, or cannot be read or written.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        Self::with(Layout::of(root)?)
    }

    /// Open the folders of `layout`, and make what they lack.
    ///
    /// # Errors
    /// If they cannot be read or written.
    pub fn with(layout: Layout) -> Result<Self, FolderError> {
        layout.make()?;
        let Layout { images, state, .. } = &layout;
        fs::read_dir(images).map_err(|error| unusable(images, error))?;
        let buckets = Buckets::of(&layout);
        let store = DirectoryStore::over(buckets, state).map_err(|error| unusable(state, error))?;
        Ok(Self { layout, store })
    }

    /// Places of its sources, thumbnails and state.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A walk over the sources that `rules` do not leave alone.
    pub(super) fn walk_images(&self, rules: &Rules) -> Walk {
        Walk::new(&self.layout.images, rules.clone()).but_not(self.layout.reserved())
    }

    /// A walk over the thumbnails whose keys begin with the folder `below`.
    pub(super) fn walk_thumbnails(&self, below: &str) -> Walk {
        let walk = Walk::below(&self.layout.thumbnails, below, Rules::none());
        walk.but_not(vec![self.layout.state.clone()])
    }

    /// True for a path in a folder of ours that lies among the sources.
    pub(super) fn is_reserved(&self, path: &Path) -> bool {
        let reserved = self.layout.reserved();
        reserved.iter().any(|reserved| path.starts_with(reserved))
    }

    /// Images that were given up.
    pub(super) fn forgotten(&self) -> Forgotten {
        Forgotten::within(&self.layout.state)
    }

    /// Leave the images of these keys alone until they change, which failed at these times.
    /// Those that have changed since are not left alone. Returns the number of them.
    ///
    /// # Errors
    /// If that cannot be written down.
    pub fn forget(
        &self,
        failed: impl IntoIterator<Item = (String, Option<SystemTime>)>,
    ) -> Result<u64, FolderError> {
        let forgotten = self.forgotten();
        let mut changed = 0;
        for (key, at) in failed {
            let path = self.layout.images.join(&key);
            match forgotten.add(&key, &path, at) {
                Ok(is_forgotten) => changed += u64::from(!is_forgotten),
                Err(error) => return Err(unusable(&self.layout.state, error)),
            }
        }
        Ok(changed)
    }

    /// The engines of this folder, if it has a store of its own.
    pub fn engines(&self) -> Option<EngineStore> {
        let objects = Arc::new(self.store.clone());
        let is_there = self.layout.engines.is_dir();
        is_there.then(|| EngineStore::new(objects, ENGINES, ""))
    }

    /// The queue of what is to be done, to work on: by one process at a time.
    ///
    /// # Errors
    /// If another process works on it, or it cannot be read or written.
    pub fn work(&self, dead_letters: Arc<DirectoryQueue>) -> Result<DirectoryQueue, QueueError> {
        work_within(&self.layout.state, dead_letters)
    }

    /// The queue of what is to be done, to send to and to look at.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn queue(&self) -> Result<DirectoryQueue, QueueError> {
        DirectoryQueue::share(&self.layout.state.join("queue"))
    }

    /// The dead letters, to send to and to look at.
    ///
    /// # Errors
    /// If they cannot be read or written.
    pub fn dead_letters(&self) -> Result<DirectoryQueue, QueueError> {
        dead_letters_within(&self.layout.state)
    }

    /// The queue of what is to be done, to look at without a right to write; `None` if
    /// there is none yet.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn open_queue_read_only(layout: &Layout) -> Result<Option<DirectoryQueue>, QueueError> {
        DirectoryQueue::open_read_only(&layout.state.join("queue"))
    }

    /// The same for the dead letters.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn open_dead_letters_read_only(
        layout: &Layout,
    ) -> Result<Option<DirectoryQueue>, QueueError> {
        DirectoryQueue::open_read_only(&layout.state.join("dead-letters"))
    }

    /// The dead letters, to take from: by one process at a time.
    ///
    /// # Errors
    /// If another process takes from them, or they cannot be read or written.
    pub fn own_dead_letters(&self) -> Result<DirectoryQueue, QueueError> {
        own_dead_letters_within(&self.layout.state)
    }
}

/// The queue of what is to be done in the folder `state`, to work on: by one process at a
/// time. It is made if there is none.
///
/// # Errors
/// If another process works on it, or it cannot be read or written.
pub fn work_within(
    state: &Path,
    dead_letters: Arc<DirectoryQueue>,
) -> Result<DirectoryQueue, QueueError> {
    let policy = RedrivePolicy {
        max_receive_count: MAX_RECEIVE_COUNT,
        dead_letters,
    };
    DirectoryQueue::own(&state.join("queue"), Some(policy))
}

/// The dead letters in the folder `state`, to send to and to look at. Their queue is made
/// if there is none.
///
/// # Errors
/// If they cannot be read or written.
pub fn dead_letters_within(state: &Path) -> Result<DirectoryQueue, QueueError> {
    DirectoryQueue::share(&state.join("dead-letters"))
}

/// The dead letters in the folder `state`, to take from: by one process at a time.
///
/// # Errors
/// If another process takes from them, or they cannot be read or written.
pub fn own_dead_letters_within(state: &Path) -> Result<DirectoryQueue, QueueError> {
    DirectoryQueue::own(&state.join("dead-letters"), None)
}
