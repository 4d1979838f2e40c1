//! The folder that a user names, and what is in it.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::queue::{DirectoryQueue, RedrivePolicy};
use super::store::DirectoryStore;
use crate::engines::EngineStore;
use crate::ports::QueueError;
use crate::text::printable;

/// The bucket of the sources.
pub const IMAGES: &str = "images";

/// The bucket of the thumbnails.
pub const THUMBNAILS: &str = "thumbnails";

/// The bucket of the engine store, if there is one.
pub const ENGINES: &str = "engines";

/// Number of times that a message is handed out before it becomes a dead letter:
/// on one machine little fails that trying again helps with, and that passes
/// soon.
pub const MAX_RECEIVE_COUNT: u32 = 5;

/// Reason why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing of that name.
    #[error("there is no such folder; make it first: {0}")]
    Missing(String),
    /// There is something else of that name.
    #[error("not a folder: {0}")]
    NotAFolder(String),
    /// It cannot be read or written.
    #[error("the folder cannot be used: {path}: {error}")]
    Unusable {
        /// The path.
        path: String,
        /// The reason.
        #[source]
        error: io::Error,
    },
    /// One of its queues cannot be used.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// A folder with images, thumbnails and queues.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    state: PathBuf,
    /// Its objects.
    pub store: DirectoryStore,
}

impl Folder {
    /// Open the folder at `root`, and make in it what it lacks.
    ///
    /// # Errors
    /// If it is none, or cannot be read or written.
    pub fn open(root: &Path) -> Result<Self, FolderError> {
        let shown = || printable(root.to_string_lossy());
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(FolderError::NotAFolder(shown())),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(FolderError::Missing(shown()));
            }
            Err(error) if error.kind() == ErrorKind::NotADirectory => {
                return Err(FolderError::NotAFolder(shown()));
            }
            Err(error) => return Err(unusable(root, error)),
        }
        let state = root.join(".thimble");
        for folder in [root.join(IMAGES), root.join(THUMBNAILS), state.clone()] {
            match fs::create_dir(&folder) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    if !folder.is_dir() {
                        let shown = printable(folder.to_string_lossy());
                        return Err(FolderError::NotAFolder(shown));
                    }
                }
                made => made.map_err(|error| unusable(&folder, error))?,
            }
        }
        fs::read_dir(root.join(IMAGES)).map_err(|error| unusable(&root.join(IMAGES), error))?;
        let store = DirectoryStore::open(root, &state).map_err(|error| unusable(&state, error))?;
        Ok(Self {
            root: root.to_owned(),
            state,
            store,
        })
    }

    /// The folder of the sources.
    pub fn images(&self) -> PathBuf {
        self.root.join(IMAGES)
    }

    /// The engines of this folder, if it has a store of its own.
    pub fn engines(&self) -> Option<EngineStore> {
        let objects = Arc::new(self.store.clone());
        let is_there = self.root.join(ENGINES).is_dir();
        is_there.then(|| EngineStore::new(objects, ENGINES, ""))
    }

    /// The queue of what is to be done, to work on: by one process at a time.
    ///
    /// # Errors
    /// If another process works on it, or it cannot be read or written.
    pub fn work(&self, dead_letters: Arc<DirectoryQueue>) -> Result<DirectoryQueue, QueueError> {
        let policy = RedrivePolicy {
            max_receive_count: MAX_RECEIVE_COUNT,
            dead_letters,
        };
        DirectoryQueue::own(&self.state.join("queue"), Some(policy))
    }

    /// The queue of what is to be done, to send to and to look at.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn queue(&self) -> Result<DirectoryQueue, QueueError> {
        DirectoryQueue::share(&self.state.join("queue"))
    }

    /// The dead letters, to send to and to look at.
    ///
    /// # Errors
    /// If they cannot be read or written.
    pub fn dead_letters(&self) -> Result<DirectoryQueue, QueueError> {
        DirectoryQueue::share(&self.state.join("dead-letters"))
    }

    /// The dead letters, to take from: by one process at a time.
    ///
    /// # Errors
    /// If another process takes from them, or they cannot be read or written.
    pub fn own_dead_letters(&self) -> Result<DirectoryQueue, QueueError> {
        DirectoryQueue::own(&self.state.join("dead-letters"), None)
    }
}

fn unusable(path: &Path, error: io::Error) -> FolderError {
    FolderError::Unusable {
        path: printable(path.to_string_lossy()),
        error,
    }
}
