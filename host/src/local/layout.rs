//! Layout of a folder of images and its thumbnails: where each of them lies.
//!
//! ```text
//!            its own folder DIR        from SOURCE to TARGET
//! images     DIR/images                SOURCE, and nothing is written there
//! thumbnails DIR/thumbnails            TARGET
//! engines    DIR/engines               TARGET/.thimble/engines
//! state      DIR/.thimble              TARGET/.thimble
//! ```

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::files::{self, HalfWritten};
use super::paths::resolved;
use crate::ports::QueueError;
use crate::text::printable;

/// The bucket of the sources.
pub const IMAGES: &str = "images";

/// The bucket of the thumbnails.
pub const THUMBNAILS: &str = "thumbnails";

/// The bucket of the engine store, if there is one.
pub const ENGINES: &str = "engines";

/// Name of the folder of the state.
pub const STATE: &str = ".thimble";

/// Name of the file of a target that says which folder its sources are in.
const SOURCE: &str = "source";

/// Reason why a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// There is nothing of that name.
    #[error("there is no such folder; make it first: {0}")]
    Missing(String),
    /// There is something else of that name.
    #[error("not a folder: {0}")]
    NotAFolder(String),
    /// The thumbnails would lie around the sources, or among them.
    #[error(
        "the thumbnails need a folder of their own, beside or inside that of the images; this one is \
         that of the images, or around it: {0}"
    )]
    Around(String),
    /// There are thumbnails of other sources.
    #[error(
        "{target} has the thumbnails of {images}; choose another folder, or remove {target}/.thimble \
         to begin anew"
    )]
    OtherSource {
        /// The folder of the thumbnails.
        target: String,
        /// The folder of their sources.
        images: String,
    },
    /// It cannot be read or written.
    #[error("the folder cannot be used: {path}")]
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

/// Places of sources, thumbnails and state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The folder that is named to other commands.
    pub(super) root: PathBuf,
    /// The sources.
    pub(super) images: PathBuf,
    /// The thumbnails.
    pub(super) thumbnails: PathBuf,
    /// The engine store, if there is one.
    pub(super) engines: PathBuf,
    /// Queues, metadata, half-written files.
    pub(super) state: PathBuf,
    /// True if sources and thumbnails are two folders of somebody's choice.
    pub(super) apart: bool,
}

impl Layout {
    /// Layout of the folder at `root`: its own, unless it is the target of another.
    ///
    /// # Errors
    /// If it is no folder, or cannot be read.
    pub fn of(root: &Path) -> Result<Self, FolderError> {
        check(root)?;
        match recorded(&root.join(STATE))? {
            Some(source) => Ok(Self::apart(&source, root)),
            None => Ok(Self {
                images: root.join(IMAGES),
                thumbnails: root.join(THUMBNAILS),
                engines: root.join(ENGINES),
                state: root.join(STATE),
                root: root.to_owned(),
                apart: false,
            }),
        }
    }

    /// Layout of the thumbnails in `target` of the sources in `source`. Nothing is
    /// made in the one, and the other is made when work begins.
    ///
    /// # Errors
    /// If there is no such source, or the target has its thumbnails of another one,
    /// or would lie around the source.
    pub fn between(source: &Path, target: &Path) -> Result<Self, FolderError> {
        check(source)?;
        let source = source
            .canonicalize()
            .map_err(|error| unusable(source, error))?;
        let target = resolved(target).map_err(|error| unusable(target, error))?;
        if source.starts_with(&target) {
            return Err(FolderError::Around(name(&target)));
        }
        match recorded(&target.join(STATE))? {
            Some(other) if other != source => Err(FolderError::OtherSource {
                target: name(&target),
                images: name(&other),
            }),
            None if is_used(&target.join(STATE)) => Err(FolderError::OtherSource {
                images: name(&target.join(IMAGES)),
                target: name(&target),
            }),
            _ => Ok(Self::apart(&source, &target)),
        }
    }

    fn apart(source: &Path, target: &Path) -> Self {
        let state = target.join(STATE);
        Self {
            root: target.to_owned(),
            images: source.to_owned(),
            thumbnails: target.to_owned(),
            engines: state.join(ENGINES),
            state,
            apart: true,
        }
    }

    /// Make what is missing, but no sources.
    pub(super) fn make(&self) -> Result<(), FolderError> {
        if self.apart {
            check(&self.images)?;
            fs::create_dir_all(&self.state).map_err(|error| unusable(&self.state, error))?;
            return self.record();
        }
        for folder in [&self.images, &self.thumbnails, &self.state] {
            match fs::create_dir(folder) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => check(folder)?,
                made => made.map_err(|error| unusable(folder, error))?,
            }
        }
        Ok(())
    }

    /// Write down the folder of the sources, for commands that are only told the
    /// target, and against another source for the same target.
    fn record(&self) -> Result<(), FolderError> {
        let path = self.state.join(SOURCE);
        let written = match fs::exists(&path) {
            Ok(true) => Ok(()),
            _ => HalfWritten::write(&self.state, &as_bytes(&self.images))
                .and_then(HalfWritten::synced)
                .and_then(|file| file.rename(&path))
                .and_then(|()| files::sync_folder(&self.state)),
        };
        written.map_err(|error| unusable(&path, error))
    }

    /// The sources.
    pub fn images(&self) -> &Path {
        &self.images
    }

    /// The thumbnails.
    pub fn thumbnails(&self) -> &Path {
        &self.thumbnails
    }

    /// Queues, metadata, half-written files.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// True if sources and thumbnails are two folders of somebody's choice.
    pub fn is_apart(&self) -> bool {
        self.apart
    }

    /// True if nobody has worked here yet.
    pub fn is_new(&self) -> bool {
        !self.state.is_dir()
    }

    /// True if the folder is one of its own, and has no sources yet.
    pub fn lacks_images(&self) -> bool {
        !self.apart && !self.images.exists()
    }

    /// Folders that hold no sources, wherever they lie: ours.
    pub(super) fn reserved(&self) -> Vec<PathBuf> {
        if self.apart {
            vec![self.thumbnails.clone(), self.state.clone()]
        } else {
            Vec::new()
        }
    }
}

pub(super) fn unusable(path: &Path, error: io::Error) -> FolderError {
    FolderError::Unusable {
        path: name(path),
        error,
    }
}

/// A path for people.
fn name(path: &Path) -> String {
    printable(path.display())
}

/// Fails unless there is a folder at `path`.
fn check(path: &Path) -> Result<(), FolderError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(FolderError::NotAFolder(name(path))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(FolderError::Missing(name(path))),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(FolderError::NotAFolder(name(path)))
        }
        Err(error) => Err(unusable(path, error)),
    }
}

/// True if somebody worked with `state`. One that has no folders yet is that of a process
/// which was killed before it had written down where its sources are.
fn is_used(state: &Path) -> bool {
    let mut entries = fs::read_dir(state).into_iter().flatten().flatten();
    entries.any(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
}

/// The folder of the sources that `state` tells of, if it tells of one.
fn recorded(state: &Path) -> Result<Option<PathBuf>, FolderError> {
    let path = state.join(SOURCE);
    match files::read(&path) {
        Ok(bytes) => Ok(Some(from_bytes(bytes))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(unusable(&path, error)),
    }
}

#[cfg(unix)]
fn as_bytes(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

#[cfg(unix)]
fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    let name: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    PathBuf::from(name)
}

#[cfg(not(unix))]
fn as_bytes(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

#[cfg(not(unix))]
fn from_bytes(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
