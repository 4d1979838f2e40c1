//! Machine code of engines that were compiled before, for the next start.
//!
//! Compiling takes seconds, and gives the same code for as long as the engine,
//! the compiler and its configuration are the same.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File, Metadata, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::time::SystemTime;

use crate::text::{printable, with_causes};
use crate::trust::Digest;
use crate::wasm::artifact::Artifact;
use crate::wasm::compiled::Compiled;
use crate::wasm::runtime::config_here;

/// The smallest engine that is kept, in bytes. A smaller one is compiled before
/// anybody notices.
const SMALLEST: usize = 128 << 10;

/// The most engines that are kept. The one that was not used for the longest time
/// makes room.
const MOST: usize = 16;

/// The most bytes of machine code that are read: twenty times our engine.
const MAX_CODE: u64 = 128 << 20;

/// Length of the digest before the machine code, as text.
const DIGEST: usize = 64;

/// A folder of compiled engines, of which only this user has the say.
///
/// Whoever could put machine code there could as well replace this program. So a
/// folder or a file that another user owns or may write is as good as none. Nothing
/// depends on the folder: what cannot be read is compiled, what cannot be written
/// is compiled again.
#[derive(Clone, Debug)]
pub struct CodeCache {
    folder: PathBuf,
}

impl CodeCache {
    /// A cache in this folder, which is made when there is something to keep.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The code of an engine, if it was compiled for a runtime such as that of
    /// this process.
    pub(super) fn get(&self, artifact: &Artifact) -> Option<Compiled> {
        if !is_worth_keeping(artifact) || !is_ours(&fs::symlink_metadata(&self.folder).ok()?) {
            return None;
        }
        let file = open(&self.path(artifact)?).ok()?;
        if !is_ours(&file.metadata().ok()?) {
            return None;
        }
        let mut bytes = Vec::new();
        (&file).take(MAX_CODE).read_to_end(&mut bytes).ok()?;
        let (digest, code) = bytes.split_at_checked(DIGEST)?;
        let is_whole = Digest::of(code).to_string().as_bytes() == digest;
        bytes.drain(..DIGEST);
        is_whole.then(|| {
            // It only delays when the engine makes room.
            let _ = file.set_modified(SystemTime::now());
            Compiled::by_an_earlier_start(bytes, artifact)
        })
    }

    /// Keeps the code of an engine.
    pub(super) fn put(&self, artifact: &Artifact, compiled: &Compiled) {
        if !is_worth_keeping(artifact) {
            return;
        }
        if let Err(error) = self.try_put(artifact, compiled.code()) {
            tracing::debug!(
                folder = printable(self.folder.display()),
                error.message = with_causes(&error),
                "a compiled engine is not kept"
            );
        }
    }

    fn try_put(&self, artifact: &Artifact, code: &[u8]) -> io::Result<()> {
        make_folder(&self.folder)?;
        if !is_ours(&fs::symlink_metadata(&self.folder)?) {
            return Err(io::Error::other("another user owns or may write it"));
        }
        let path = self
            .path(artifact)
            .ok_or_else(|| io::Error::other("no compiler works here"))?;
        let draft = path.with_extension(format!("{}.draft", process::id()));
        let mut file = create(&draft)?;
        file.write_all(Digest::of(code).to_string().as_bytes())?;
        file.write_all(code)?;
        fs::rename(&draft, &path)?;
        self.make_room()
    }

    /// Removes all but the newest, drafts of programs that were killed among them.
    fn make_room(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
        files.sort();
        let old = files.len().saturating_sub(MOST);
        for (_, path) in files.iter().take(old) {
            fs::remove_file(path)?;
        }
        Ok(())
    }

    /// The file of an engine. Its name says what the code depends on: the engine,
    /// this program's version, wasmtime's, the processor and the configuration.
    fn path(&self, artifact: &Artifact) -> Option<PathBuf> {
        let compiler = wasmtime::Engine::new(&config_here()).ok()?;
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        compiler.precompile_compatibility_hash().hash(&mut hasher);
        let name = format!("{}-{:016x}", artifact.digest(), hasher.finish());
        Some(self.folder.join(name))
    }
}

fn is_worth_keeping(artifact: &Artifact) -> bool {
    artifact.bytes().len() >= SMALLEST
}

/// True if this user owns it and nobody else may write it.
#[cfg(unix)]
fn is_ours(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    let is_mine = metadata.uid() == rustix::process::geteuid().as_raw();
    is_mine && !metadata.is_symlink() && metadata.mode() & 0o022 == 0
}

/// Elsewhere nobody is asked who may write, so nothing is kept.
#[cfg(not(unix))]
fn is_ours(_metadata: &Metadata) -> bool {
    false
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    // A link leads to a file that somebody else chose.
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
    }
    options.open(path)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        options.mode(0o600);
    }
    options.open(path)
}
