//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(all(test, target_os = "linux"))]
use super::journal;
use crate::text::printable;

/// Run `work` where it may block.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Failure of a blocking call: a problem that its caller knows, or one of the system.
pub(super) enum Failure<P> {
    Problem(P),
    Io(io::Error),
}

impl<P> From<io::Error> for Failure<P> {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Something that was written and may not be on the disk yet.
#[derive(Debug)]
pub(super) enum Written {
    /// The content of a file.
    Content(File),
    /// The names in a folder.
    Names(PathBuf),
}

/// A file that is being written out of sight, until it gets its name. If it never
/// does, it is removed.
#[derive(Debug)]
pub(super) struct HalfWritten {
    path: PathBuf,
    file: Option<File>,
    named: bool,
}

impl HalfWritten {
    /// Write `bytes` to a new file in `folder`.
    pub(super) fn write(folder: &Path, bytes: &[u8]) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{:016x}-{count}", nonce()));
        let mut file = File::create_new(&path)?;
        let mut written = Self {
            path,
            file: None,
            named: false,
        };
        file.write_all(bytes)?;
        #[cfg(all(test, target_os = "linux"))]
        journal::written(&written.path, &file, bytes);
        written.file = Some(file);
        Ok(written)
    }

    /// The same file, once it is on the disk.
    pub(super) fn synced(self) -> io::Result<Self> {
        if let Some(file) = &self.file {
            sync_content(file)?;
        }
        Ok(self)
    }

    /// Its size, times and number.
    pub(super) fn metadata(&self) -> io::Result<fs::Metadata> {
        match &self.file {
            Some(file) => file.metadata(),
            None => fs::metadata(&self.path),
        }
    }

    /// Its content, to be brought to the disk.
    pub(super) fn content(&mut self) -> Option<Written> {
        self.file.take().map(Written::Content)
    }

    /// Give it its name, in place of a file that has it.
    pub(super) fn rename(mut self, to: &Path) -> io::Result<()> {
        rename(&self.path, to)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for HalfWritten {
    fn drop(&mut self) {
        if !self.named {
            // What stays behind is swept away at the next start.
            let _ = remove(&self.path);
        }
    }
}

/// A number that no other process has, on whichever machine: in two containers,
/// both may have the same id.
pub(crate) fn nonce() -> u64 {
    static NONCE: OnceLock<u64> = OnceLock::new();
    *NONCE.get_or_init(|| RandomState::new().build_hasher().finish())
}

/// Bring the content of a file to the disk.
pub(super) fn sync_content(file: &File) -> io::Result<()> {
    #[cfg(all(test, target_os = "linux"))]
    let barrier = journal::begin();
    file.sync_all()?;
    #[cfg(all(test, target_os = "linux"))]
    barrier.reached_content(file);
    Ok(())
}

/// Bring the names in `folder` to the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(all(test, target_os = "linux"))]
    let barrier = journal::begin();
    // A folder cannot be opened like this everywhere; where it cannot, names
    // are brought to the disk by the system in its own time.
    match File::open(folder) {
        Ok(opened) => opened.sync_all()?,
        Err(_) if cfg!(not(unix)) => {}
        Err(error) => return Err(error),
    }
    #[cfg(all(test, target_os = "linux"))]
    barrier.reached_names(folder);
    Ok(())
}

/// Bring the whole file system that `file` is on to the disk.
#[cfg(target_os = "linux")]
pub(super) fn sync_whole(file: &File) -> io::Result<()> {
    #[cfg(all(test, target_os = "linux"))]
    let barrier = journal::begin();
    rustix::fs::syncfs(file)?;
    #[cfg(all(test, target_os = "linux"))]
    barrier.reached_all(file);
    Ok(())
}

/// Bring the whole file system that `file` is on to the disk.
#[cfg(not(target_os = "linux"))]
pub(super) fn sync_whole(_file: &File) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Give a file another name, in place of a file that has it.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)?;
    #[cfg(all(test, target_os = "linux"))]
    journal::renamed(from, to);
    Ok(())
}

/// Remove a file.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    #[cfg(all(test, target_os = "linux"))]
    journal::removed(path);
    Ok(())
}

/// Remove a folder that holds nothing.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    fs::remove_dir(path)?;
    #[cfg(all(test, target_os = "linux"))]
    journal::removed(path);
    Ok(())
}

/// Make `folder` and the folders around it, as far as they are missing.
pub(super) fn make_folders(folder: &Path) -> io::Result<()> {
    #[cfg(all(test, target_os = "linux"))]
    let missing = journal::missing(folder);
    fs::create_dir_all(folder)?;
    #[cfg(all(test, target_os = "linux"))]
    journal::made(&missing);
    Ok(())
}

/// Remove what half-written files earlier processes left in `folder`.
///
/// Those of a process that is still writing are younger than `age`. What is no file is
/// not ours, and what cannot be removed stays: nothing reads it.
pub(super) fn sweep(folder: &Path, age: std::time::Duration) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let modified = metadata.modified();
        let is_old = modified.is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed > age));
        if !is_old || !metadata.is_file() {
            continue;
        }
        let path = entry.path();
        match remove(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                let file = printable(path.display());
                tracing::warn!(%file, %error, "a file that was left half-written stays");
            }
            _ => {}
        }
    }
    Ok(())
}

/// Fail if there is something at `path` that is no file: to open a pipe may take for
/// ever.
pub(super) fn check_kind(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            let reason = "it is no file; remove it";
            Err(io::Error::new(ErrorKind::InvalidInput, reason))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The content of a file, and of nothing else.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    check_kind(path)?;
    fs::read(path)
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::nonce;

    #[test]
    fn half_written_files_of_two_processes_have_two_names() {
        const ASKED: &str = "THIMBLE_TEST_NONCE";
        if env::var_os(ASKED).is_some() {
            println!("\nnumber {}", nonce());
            return;
        }
        let number = || {
            let mut other = Command::new(env::current_exe().unwrap());
            let test = "local::files::tests::half_written_files_of_two_processes_have_two_names";
            other.args(["--exact", test, "--nocapture"]).env(ASKED, "1");
            let said = String::from_utf8(other.output().unwrap().stdout).unwrap();
            let mut lines = said.lines();
            lines
                .find(|line| line.starts_with("number "))
                .map(str::to_owned)
        };
        let (one, other) = (number().unwrap(), number().unwrap());
        assert_ne!(one, other);
        assert_eq!(nonce(), nonce());
    }
}
