//! Files that appear whole or not at all.

use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

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

/// A file that is being written out of sight, until it gets its name. If it never
/// does, it is removed.
#[derive(Debug)]
pub(super) struct HalfWritten {
    path: PathBuf,
    named: bool,
}

impl HalfWritten {
    /// Write `bytes` to a new file in `folder`, and bring them to the disk if
    /// that is asked for.
    pub(super) fn write(folder: &Path, bytes: &[u8], to_disk: bool) -> io::Result<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{:016x}-{count}", nonce()));
        let mut file = File::create_new(&path)?;
        let written = Self { path, named: false };
        file.write_all(bytes)?;
        if to_disk {
            file.sync_all()?;
        }
        Ok(written)
    }

    /// Its present path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Give it its name, in place of a file that has it.
    pub(super) fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.named = true;
        Ok(())
    }
}

impl Drop for HalfWritten {
    fn drop(&mut self) {
        if !self.named {
            // What stays behind is swept away at the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// A number that no other process has, on whichever machine: in two containers,
/// both may have the same id.
pub(crate) fn nonce() -> u64 {
    static NONCE: OnceLock<u64> = OnceLock::new();
    *NONCE.get_or_init(|| RandomState::new().build_hasher().finish())
}

/// Bring the names in `folder` to the disk.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    // A folder cannot be opened like this everywhere; where it cannot, names
    // are brought to the disk by the system in its own time.
    match File::open(folder) {
        Ok(opened) => opened.sync_all(),
        Err(_) if cfg!(not(unix)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Remove what half-written files earlier processes left in `folder`.
///
/// Those of a process that is still writing are younger than `age`.
pub(super) fn sweep(folder: &Path, age: std::time::Duration) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|elapsed| elapsed > age)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
