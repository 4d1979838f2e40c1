//! Engines that were compiled by an earlier start. Each engine here says its name in
//! its words for a failure, and the code of one under the name of another shows
//! whether it is run.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use testkit::component::Component;

use crate::desk::text;
use crate::process::finish;
use crate::tool::thimble;

struct Cache {
    world: TempDir,
    /// The file of the engine `ours`, with the code of the engine `theirs` in it.
    file: PathBuf,
}

impl Cache {
    fn new() -> Self {
        let mut cache = Self {
            world: TempDir::new().unwrap(),
            file: PathBuf::new(),
        };
        fs::write(cache.path("notes.txt"), "dear diary").unwrap();
        fs::write(cache.path("ours.wasm"), engine("ours")).unwrap();
        fs::write(cache.path("theirs.wasm"), engine("theirs")).unwrap();
        assert!(cache.runs("ours", &[]));
        cache.file = cache.files().remove(0);
        let ours = fs::read(&cache.file).unwrap();
        fs::remove_file(&cache.file).unwrap();
        assert!(cache.runs("theirs", &[]));
        let theirs = cache.files().remove(0);
        assert_ne!(fs::read(&theirs).unwrap(), ours);
        fs::rename(theirs, &cache.file).unwrap();
        cache
    }

    fn path(&self, name: &str) -> PathBuf {
        self.world.path().join(name)
    }

    fn folder(&self) -> PathBuf {
        self.path("caches/thimble")
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder()).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn start(&self, engine: &str, options: &[&str]) -> Output {
        let mut command = thimble(&["generate", "notes.txt", "-o", "thumbs"]);
        command
            .args(["--preset", "small=8x8", "--preset", "tiny=5x5,cover"])
            .args(options)
            .current_dir(self.world.path())
            .env("THIMBLE_ENGINE", format!("{engine}.wasm"))
            .env_remove("THIMBLE_CACHE")
            .env("XDG_CACHE_HOME", self.path("caches"));
        finish(command.spawn().unwrap())
    }

    /// True if the engine is run that is asked for.
    fn runs(&self, engine: &str, options: &[&str]) -> bool {
        let said = text(&self.start(engine, options).stderr);
        assert!(said.contains("ours") || said.contains("theirs"), "{said}");
        said.contains(engine)
    }

    fn is_used(&self) -> bool {
        !self.runs("ours", &[])
    }
}

/// An engine that is large enough to be kept, because of a section of its own.
fn engine(name: &str) -> Vec<u8> {
    let mut bytes =
        Component::that_claims(|claim| claim.error = Some((0, name.to_owned().leak()))).build();
    let padding = 200_000_u32;
    bytes.push(0);
    bytes.extend([padding & 127 | 128, padding >> 7 & 127 | 128, padding >> 14].map(|b| b as u8));
    bytes.push(3);
    bytes.extend(b"pad");
    bytes.resize(bytes.len() + padding as usize - 4, 0);
    bytes
}

#[test]
fn the_second_start_compiles_nothing() {
    let cache = Cache::new();
    assert!(cache.is_used());
    assert!(cache.runs("ours", &["--engine-cache", "none"]));
    assert!(cache.runs("ours", &["--engine-cache", "elsewhere"]));
    assert_eq!(fs::read_dir(cache.path("elsewhere")).unwrap().count(), 1);
    assert!(cache.is_used());
}

#[test]
fn what_is_not_whole_is_compiled_again() {
    let cache = Cache::new();
    let whole = fs::read(&cache.file).unwrap();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for content in [&changed[..], &whole[..whole.len() - 1], b"", &whole[..64]] {
        fs::write(&cache.file, content).unwrap();
        assert!(!cache.is_used(), "{} bytes", content.len());
        assert_ne!(fs::read(&cache.file).unwrap(), content);
    }
}

#[test]
fn what_somebody_else_may_write_is_not_run() {
    let cache = Cache::new();
    let theirs = fs::read(&cache.file).unwrap();
    let with_modes = |folder, file| {
        let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode));
        fs::write(&cache.file, &theirs).unwrap();
        set(&cache.file, file).unwrap();
        set(&cache.folder(), folder).unwrap();
        let is_used = cache.is_used();
        set(&cache.folder(), 0o700).unwrap();
        is_used
    };
    assert!(with_modes(0o700, 0o600));
    for (folder, file) in [
        (0o720, 0o600),
        (0o702, 0o600),
        (0o700, 0o620),
        (0o700, 0o602),
    ] {
        assert!(!with_modes(folder, file), "{folder:o} {file:o}");
    }
    let elsewhere = cache.path("elsewhere");
    fs::write(&elsewhere, &theirs).unwrap();
    fs::remove_file(&cache.file).unwrap();
    symlink(&elsewhere, &cache.file).unwrap();
    assert!(!cache.is_used(), "a link");
}

#[test]
fn the_cache_does_not_grow_without_bound() {
    let cache = Cache::new();
    for age in 1..40 {
        let file = File::create(cache.folder().join(format!("engine-{age}"))).unwrap();
        let then = SystemTime::now() - Duration::from_hours(age);
        file.set_modified(then).unwrap();
    }
    assert!(cache.runs("theirs", &[]));
    let files = cache.files();
    assert_eq!(files.len(), 16);
    assert!(files.contains(&cache.folder().join("engine-14")));
    assert!(files.contains(&cache.file), "it was used a moment ago");
}
