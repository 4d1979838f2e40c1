//! Keys of files: where their thumbnails are written.
//!
//! A key is the path of a file below the folder that all given files and folders
//! share, so that `a/cat.jpg` and `b/cat.jpg` stay apart and nothing is ever written
//! outside the output folder, whatever the paths look like.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;
use super::excluding::Excluding;
use super::source::is_stream;
use crate::local::{Step, Tally, Walk, is_empty, without_parents};
use crate::text::printable;

/// A file and the key that it goes by.
#[derive(Debug, PartialEq)]
pub(super) struct Keyed {
    pub(super) path: PathBuf,
    /// `None` if the name cannot be written as text.
    pub(super) key: Option<String>,
    /// True if it was found in a folder, and not named.
    pub(super) found: bool,
}

/// Files that were named, and those in the folders that were.
#[derive(Debug)]
pub(super) struct Gathered {
    /// The folder that they share.
    pub(super) shared: PathBuf,
    pub(super) files: Vec<Keyed>,
    /// Number of other things in the folders.
    pub(super) left_alone: Tally,
    /// Files and folders that could not be looked at, and the reasons.
    pub(super) unread: Vec<(String, io::Error)>,
}

/// Gives each file its key. Folders are walked over without what is excluded, and `output`
/// in them is none of theirs.
pub(super) fn gather(
    named: &[PathBuf],
    excluding: &Excluding,
    output: &Path,
) -> Result<Gathered, Failure> {
    let places: Vec<PathBuf> = named
        .iter()
        .map(|file| place(file))
        .collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    for (file, place) in named.iter().zip(&places) {
        if !seen.insert(place.clone()) {
            let file = printable(file.display());
            return Err(Failure::Usage(format!("given twice: {file}")));
        }
    }
    let around = named.iter().zip(&places);
    let around = around.map(|(path, place)| match is_folder(path) {
        true => Some(place.as_path()),
        false => place.parent(),
    });
    let folders: Vec<PathBuf> = named
        .iter()
        .filter(|path| is_folder(path))
        .cloned()
        .collect();
    let mut gathered = Gathered {
        shared: shared_folder(around.flatten()),
        files: Vec::new(),
        left_alone: Tally::default(),
        unread: Vec::new(),
    };
    for (path, place) in named.iter().zip(&places) {
        if is_folder(path) {
            let rules = excluding.rules(path, &folders)?;
            let walk = Walk::new(path, rules).but_not(within(path, output));
            gathered.walk(walk, place, &mut seen);
        } else {
            gathered.add(path.clone(), place, false);
        }
    }
    Ok(gathered)
}

impl Gathered {
    fn walk(&mut self, walk: Walk, folder: &Path, seen: &mut BTreeSet<PathBuf>) {
        for step in walk {
            match step {
                Step::File { path, .. } if is_empty(&path) => {
                    self.left_alone.add_empty(&path.to_string_lossy());
                }
                Step::File { key, path } => {
                    let place = folder.join(&key);
                    if seen.insert(place.clone()) {
                        self.add(path, &place, true);
                    }
                }
                Step::LeftAlone(reason) => self.left_alone.add(reason),
                Step::Unread { path, error } => self.unread.push((path, error)),
            }
        }
    }

    fn add(&mut self, path: PathBuf, place: &Path, found: bool) {
        let key = key(place, &self.shared);
        self.files.push(Keyed { path, key, found });
    }
}

fn is_folder(path: &Path) -> bool {
    path.is_dir() && !is_stream(path)
}

/// The path by which a walk over `folder` meets `output`, if it does.
fn within(folder: &Path, output: &Path) -> Vec<PathBuf> {
    let real = |path: &Path| path.canonicalize().or_else(|_| place(path)).ok();
    let (Some(whole), Some(output)) = (real(folder), real(output)) else {
        return Vec::new();
    };
    let below = output.strip_prefix(whole);
    below.map_or_else(|_| Vec::new(), |below| vec![folder.join(below)])
}

/// The absolute path, without `.` and `..`.
fn place(file: &Path) -> io::Result<PathBuf> {
    Ok(without_parents(&std::path::absolute(file)?))
}

fn shared_folder<'a>(mut folders: impl Iterator<Item = &'a Path>) -> PathBuf {
    let first = folders.next().unwrap_or(Path::new("")).to_path_buf();
    folders.fold(first, |shared, folder| {
        let both = shared.components().zip(folder.components());
        both.take_while(|(left, right)| left == right)
            .map(|(left, _)| left)
            .collect()
    })
}

fn key(place: &Path, shared: &Path) -> Option<String> {
    let below = place.strip_prefix(shared).ok()?;
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts
        .map(|parts| parts.join("/"))
        .filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks the keys of some files that are named together.
    fn have_keys(files: &[&str], expected: &[&str]) {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let gathered = gather(&files, &Excluding::default(), Path::new("thumbs"));
        let keyed = gathered.unwrap().files.into_iter();
        let keys: Vec<String> = keyed.map(|keyed| keyed.key.unwrap()).collect();
        assert_eq!(keys, expected);
    }

    #[test]
    fn files_keep_the_part_of_their_path_that_tells_them_apart() {
        have_keys(&["photo.jpg"], &["photo.jpg"]);
        have_keys(&["/pictures/2024/photo.jpg"], &["photo.jpg"]);
        let two = &["a/cat.jpg", "b/cat.jpg"];
        have_keys(two, two);
        have_keys(&["/a/b/cat.jpg", "/a/cat.jpg"], &["b/cat.jpg", "cat.jpg"]);
        have_keys(
            &["/abc/cat.jpg", "/abd/cat.jpg"],
            &["abc/cat.jpg", "abd/cat.jpg"],
        );
        have_keys(&["/a b/1+1%.jpg", "/a b/é.jpg"], &["1+1%.jpg", "é.jpg"]);
    }

    #[test]
    fn no_key_leads_out_of_its_folder() {
        have_keys(&["../../photo.jpg"], &["photo.jpg"]);
        have_keys(&["/a/../../../etc/photo.jpg"], &["photo.jpg"]);
        have_keys(&["/a/./x/../y.jpg", "/a/z.jpg"], &["y.jpg", "z.jpg"]);
    }

    #[test]
    fn the_same_file_by_two_paths_is_noticed() {
        let files = ["a/cat.jpg", "a/../a/./cat.jpg"].map(PathBuf::from);
        let gathered = gather(&files, &Excluding::default(), Path::new("thumbs"));
        assert!(matches!(gathered, Err(Failure::Usage(text)) if text.contains("twice")));
    }
}
