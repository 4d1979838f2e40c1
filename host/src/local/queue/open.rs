//! Opening the folder of a queue, and owning it.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::FORMAT;
use crate::local::files;
use crate::ports::{QueueError, QueueProblem};

/// Error of a queue for one of the file system.
pub(super) fn error_of(folder: &Path, error: io::Error) -> QueueError {
    let problem = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => QueueProblem::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => QueueProblem::Full,
        ErrorKind::NotFound => QueueProblem::Missing,
        _ => QueueProblem::Unavailable,
    };
    QueueError::new(problem, folder.display()).because(error)
}

/// Check that `folder` is of a format that can be read, or make it so if it is
/// new.
pub(super) fn check_format(folder: &Path) -> Result<(), QueueError> {
    let path = folder.join("format");
    let unusable = |why: String| QueueError::new(QueueProblem::Unusable(why), folder.display());
    let text = match files::read(&path) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let line = format!("thimble-queue {FORMAT}\n");
            let written = files::HalfWritten::write(folder, line.as_bytes())
                .and_then(files::HalfWritten::synced)
                .and_then(|file| file.rename(&path));
            return written.map_err(|error| error_of(folder, error));
        }
        Err(error) => return Err(error_of(folder, error)),
    };
    let number = text
        .trim()
        .strip_prefix("thimble-queue ")
        .and_then(|text| text.parse::<u32>().ok());
    match number {
        Some(FORMAT) => Ok(()),
        Some(newer) if newer > FORMAT => Err(unusable(format!(
            "a newer version of Thimble wrote it (format {newer}, and this one reads {FORMAT}); \
             use that version, or empty the queue with it"
        ))),
        _ => Err(unusable(
            "its file `format` does not say that it is a queue of Thimble".into(),
        )),
    }
}

/// Further looks at a lock that somebody has. A process that has just been begun holds the
/// files of its parent until its own program runs, and with them a lock that the parent has
/// given back.
const LOOKS: u32 = 10;

/// Pause between two of these looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Become the one process that receives from the queue in `folder`.
pub(super) fn lock(folder: &Path) -> Result<File, QueueError> {
    let open = || {
        let path = folder.join("owner");
        files::check_kind(&path)?;
        let mut options = File::options();
        options.create(true).truncate(false).write(true).open(path)
    };
    let file = open().map_err(|error| error_of(folder, error))?;
    let mut locked = file.try_lock();
    for _ in 0..LOOKS {
        if !matches!(locked, Err(fs::TryLockError::WouldBlock)) {
            break;
        }
        thread::sleep(PAUSE);
        locked = file.try_lock();
    }
    match locked {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            let why = "another process works on it; stop that one first".to_owned();
            Err(QueueError::new(
                QueueProblem::Unusable(why),
                folder.display(),
            ))
        }
        Err(fs::TryLockError::Error(error)) => Err(error_of(folder, error)),
    }
}
