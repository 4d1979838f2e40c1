//! Record of all that the adapters change in a folder, for tests that cut the power.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Change of a folder, or an end of waiting for the disk: all of its kind that was
/// recorded before the number `before` is on the disk.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Written {
        path: PathBuf,
        number: u64,
        bytes: Vec<u8>,
    },
    Renamed {
        from: PathBuf,
        to: PathBuf,
    },
    Removed(PathBuf),
    Made(PathBuf),
    ReachedContent {
        number: u64,
        before: usize,
    },
    ReachedNames {
        folder: PathBuf,
        before: usize,
    },
    ReachedAll {
        before: usize,
    },
    /// Something that was acknowledged.
    Told(String),
}

/// The record of one folder, for as long as it lives.
#[derive(Debug)]
pub(super) struct Journal {
    root: PathBuf,
    /// False if the file system is taken for one that has no call for all of it.
    whole: bool,
    changes: Mutex<Vec<Change>>,
}

static JOURNALS: Mutex<Vec<Arc<Journal>>> = Mutex::new(Vec::new());

fn journals() -> MutexGuard<'static, Vec<Arc<Journal>>> {
    JOURNALS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of(path: &Path) -> Option<Arc<Journal>> {
    let journals = journals();
    let found = journals.iter().find(|one| path.starts_with(&one.root));
    found.cloned()
}

impl Journal {
    /// Begin to record what changes in `root`.
    pub(super) fn of(root: &Path, whole: bool) -> Arc<Self> {
        let journal = Arc::new(Self {
            root: root.to_owned(),
            whole,
            changes: Mutex::default(),
        });
        journals().push(journal.clone());
        journal
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Change>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tell(&self, what: impl Into<String>) {
        self.lock().push(Change::Told(what.into()));
    }

    /// Number of changes so far.
    pub(super) fn length(&self) -> usize {
        self.lock().len()
    }

    /// End the record.
    pub(super) fn end(&self) -> Vec<Change> {
        journals().retain(|one| one.root != self.root);
        self.lock().clone()
    }
}

fn note(path: &Path, change: Change) {
    if let Some(journal) = of(path) {
        journal.lock().push(change);
    }
}

/// False if the file system of `folder` is taken for one that has no call for all of it.
pub(super) fn allows_whole(folder: &Path) -> bool {
    of(folder).is_none_or(|journal| journal.whole)
}

pub(super) fn written(path: &Path, file: &File, bytes: &[u8]) {
    let change = Change::Written {
        path: path.to_owned(),
        number: number(file),
        bytes: bytes.to_owned(),
    };
    note(path, change);
}

pub(super) fn renamed(from: &Path, to: &Path) {
    let (from, to) = (from.to_owned(), to.to_owned());
    note(&to.clone(), Change::Renamed { from, to });
}

pub(super) fn removed(path: &Path) {
    note(path, Change::Removed(path.to_owned()));
}

/// The folders that have to be made so that there is `folder`, the outermost first.
pub(super) fn missing(folder: &Path) -> Vec<PathBuf> {
    let missing = folder.ancestors().take_while(|folder| !folder.exists());
    let mut missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
    missing.reverse();
    missing
}

pub(super) fn made(folders: &[PathBuf]) {
    let made = folders.iter();
    made.for_each(|folder| note(folder, Change::Made(folder.clone())));
}

/// A barrier that begins: the length of each record.
pub(super) struct Barrier(Vec<(Arc<Journal>, usize)>);

pub(super) fn begin() -> Barrier {
    let journals = journals().clone();
    let lengths = journals.into_iter().map(|one| {
        let length = one.lock().len();
        (one, length)
    });
    Barrier(lengths.collect())
}

impl Barrier {
    fn reached(&self, path: &Path, change: impl Fn(usize) -> Change) {
        for (journal, before) in &self.0 {
            if path.starts_with(&journal.root) {
                journal.lock().push(change(*before));
            }
        }
    }

    pub(super) fn reached_content(&self, file: &File) {
        let number = number(file);
        self.reached(&path(file), |before| Change::ReachedContent {
            number,
            before,
        });
    }

    pub(super) fn reached_names(&self, folder: &Path) {
        self.reached(folder, |before| Change::ReachedNames {
            folder: folder.to_owned(),
            before,
        });
    }

    /// The barriers of other tests do not count, although they would.
    pub(super) fn reached_all(&self, file: &File) {
        self.reached(&path(file), |before| Change::ReachedAll { before });
    }
}

fn number(file: &File) -> u64 {
    let metadata = file.metadata().ok();
    metadata.map_or(0, |metadata| std::os::unix::fs::MetadataExt::ino(&metadata))
}

fn path(file: &File) -> PathBuf {
    let descriptor = std::os::fd::AsRawFd::as_raw_fd(file);
    fs::read_link(format!("/proc/self/fd/{descriptor}")).unwrap_or_default()
}
