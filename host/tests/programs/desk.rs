//! A folder to work in, the program to work with, and pictures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;
pub(crate) use testkit::built::engine;

use crate::process::{CACHE, PATIENCE, Running, finish};

/// A folder with images and thumbnails.
pub(crate) struct Desk {
    _directory: Option<TempDir>,
    pub(crate) root: PathBuf,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().join("desk");
        fs::create_dir(&root).unwrap();
        fs::create_dir(root.join("images")).unwrap();
        Self {
            _directory: Some(directory),
            root,
        }
    }

    /// A desk that `thimble local` has worked at, as far as other commands can tell.
    pub(crate) fn kept() -> Self {
        let desk = Self::new();
        fs::create_dir(desk.root.join(".thimble")).unwrap();
        desk
    }

    /// A desk in a folder that somebody else takes care of.
    pub(crate) fn at(root: &Path) -> Self {
        fs::create_dir_all(root.join("images")).unwrap();
        Self {
            _directory: None,
            root: root.to_owned(),
        }
    }

    /// A place that is no desk.
    pub(crate) fn nowhere(root: &Path) -> Self {
        Self {
            _directory: None,
            root: root.to_owned(),
        }
    }

    /// Write an image as most programs do: under another name, then renamed.
    pub(crate) fn image(&self, key: &str, bytes: &[u8]) {
        let path = self.root.join("images").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = self.root.join("half-written");
        fs::write(&beside, bytes).unwrap();
        fs::rename(beside, path).unwrap();
    }

    pub(crate) fn remove(&self, key: &str) {
        fs::remove_file(self.root.join("images").join(key)).unwrap();
    }

    /// The command line `thimble local DIR` and more.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thimble"));
        command
            .arg("local")
            .arg(&self.root)
            .args(arguments)
            .env("THIMBLE_ENGINE", engine())
            .env("THIMBLE_CACHE", CACHE);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Run the program to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        finish(self.command(arguments).spawn().unwrap())
    }

    /// Work everything off and return the summary.
    pub(crate) fn once(&self) -> Value {
        let output = self.run(&["--once", "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let last = text(&output.stdout).lines().last().unwrap().to_owned();
        serde_json::from_str::<Value>(&last).unwrap()["summary"].take()
    }

    /// Begin to watch.
    pub(crate) fn watch(&self) -> Running {
        let mut command = self.command(&[]);
        Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
    }

    /// Every file among the thumbnails, by its path.
    pub(crate) fn thumbnails(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.root.join("thumbnails"))
    }

    /// Wait for a thumbnail, and no longer than it takes to look.
    pub(crate) fn first_thumbnail(&self) {
        let begun = Instant::now();
        while self.thumbnails().is_empty() {
            assert!(begun.elapsed() < PATIENCE, "never: a thumbnail");
        }
    }

    /// The images that could not be made into thumbnails, and the kind of failure.
    pub(crate) fn dead_letters(&self) -> Vec<(String, String)> {
        let output = self.run(&["dead-letters", "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let line = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let field = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            assert!(!field("reason").is_empty(), "{line}");
            (field("key"), field("kind"))
        };
        let mut letters: Vec<_> = text(&output.stdout).lines().map(line).collect();
        letters.sort();
        letters
    }

    /// Number of files in the queue of work.
    pub(crate) fn messages(&self) -> usize {
        fs::read_dir(self.root.join(".thimble/queue/messages")).map_or(0, Iterator::count)
    }

    /// Numbers of images that wait, are in hand, and could not be made.
    pub(crate) fn status(&self) -> [u64; 3] {
        let output = self.run(&["status", "--json"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        ["waiting", "inHand", "deadLetters"].map(|name| status[name].as_u64().unwrap())
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A picture of blocks whose colors follow from `seed`, as a BMP.
pub(crate) fn picture(seed: u32) -> Vec<u8> {
    sized_picture(seed, 96, 64)
}

pub(crate) fn sized_picture(seed: u32, width: u32, height: u32) -> Vec<u8> {
    let row = (width * 3).div_ceil(4) * 4;
    let size = 54 + row * height;
    let mut bytes = b"BM".to_vec();
    for field in [size, 0, 54, 40, width, height] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.extend([1, 0, 24, 0]);
    bytes.extend([0; 24]);
    for y in 0..height {
        let start = bytes.len();
        for x in 0..width {
            let mut block = (x / 16 + 31 * (y / 16)).wrapping_add(seed.wrapping_mul(0x9e37_79b9));
            block = (block ^ (block >> 15)).wrapping_mul(0x2c1b_3c6d);
            block = (block ^ (block >> 12)).wrapping_mul(0x297a_2d39);
            bytes.extend(&block.to_le_bytes()[..3]);
        }
        bytes.resize(start + row as usize, 0);
    }
    bytes
}

/// Every file below `root`, by its path.
pub(crate) fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        // A folder may be removed while it is looked at.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                let key = path.strip_prefix(root).unwrap();
                found.insert(key.to_string_lossy().into_owned(), bytes);
            }
        }
    }
    found
}
