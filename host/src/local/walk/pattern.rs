//! Patterns of names that a walk leaves alone, as somebody types them.

use std::env;
use std::fmt;
use std::path::{Component, Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::text::printable;

/// Pattern of names to leave alone, as somebody gave it.
///
/// Without a slash it is that of a file or folder anywhere, with one that of a path
/// below the folder of a walk: `*.txt`, `raw`, `2023/raw/**`. The path may begin with that
/// folder, as it was named or from the root. A slash at its end takes only folders.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    /// True once it has taken something in a walk.
    took: Arc<AtomicBool>,
}

/// Mistake in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is none.
    #[error("a pattern is for example *.txt, raw or 2023/raw/**: {0}")]
    Malformed(String),
    /// Nothing below the folder of a walk can be called that.
    #[error(
        "{pattern} is not in {folder}; a pattern is a name, such as raw or '*.txt', or a path below \
         that folder, such as 2023/raw"
    )]
    Outside {
        /// The pattern.
        pattern: String,
        /// The folder of the walk.
        folder: String,
    },
    /// It is the folder of a walk.
    #[error("{0} is the whole folder; name what is in it, such as raw, '*.txt' or 2023/raw")]
    Whole(String),
}

/// A pattern as it is read in the walk over one folder.
#[derive(Clone, Debug)]
pub(super) struct Exclusion {
    names: glob::Pattern,
    /// True for a path below the folder, false for a name anywhere.
    whole: bool,
    /// True if only folders are meant.
    folders: bool,
    took: Arc<AtomicBool>,
}

/// A folder of a walk, by each of the paths that a pattern may begin with.
struct Start {
    /// Names on the way from the root.
    from_root: Vec<Vec<String>>,
    /// Names on the way from the working directory.
    from_here: Vec<Vec<String>>,
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        compiled(&names(text).collect::<Vec<_>>())?;
        Ok(Self {
            text: text.to_owned(),
            took: Arc::default(),
        })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.text))
    }
}

impl Pattern {
    /// True if it has left anything alone in the walks so far.
    pub fn took_something(&self) -> bool {
        self.took.load(Ordering::Relaxed)
    }

    /// This pattern in a walk over `folder`; `None` if it begins with another one of
    /// `folders`.
    pub(super) fn within(
        &self,
        folder: &Path,
        folders: &[PathBuf],
    ) -> Result<Option<Exclusion>, PatternError> {
        let names: Vec<&str> = names(&self.text).collect();
        if let Some(below) = self.below(&names, folder) {
            return self.exclusion(below, true, folder).map(Some);
        }
        let mut others = folders.iter().filter(|other| *other != folder);
        if others.any(|other| self.below(&names, other).is_some()) {
            return Ok(None);
        }
        if self.is_absolute() && is_elsewhere(&names, folder) {
            return Err(self.outside(folder));
        }
        let whole = self.is_absolute() || names.len() > 1;
        self.exclusion(&names, whole, folder).map(Some)
    }

    fn is_absolute(&self) -> bool {
        self.text.starts_with('/')
    }

    /// The names behind `folder`, if the pattern begins with it.
    fn below<'a>(&self, names: &'a [&'a str], folder: &Path) -> Option<&'a [&'a str]> {
        let start = Start::of(folder);
        // A name alone is that of something in the folder, even if the folder has it as well.
        let (starts, least) = match self.is_absolute() {
            true => (start.from_root, 0),
            false => (start.from_here, usize::from(names.len() == 1)),
        };
        let mut behind = starts.iter().filter_map(|start| {
            let begins = names.iter().zip(start).all(|(name, own)| name == own);
            names.get(start.len()..).filter(|_| begins)
        });
        behind.find(|below| below.len() >= least)
    }

    fn exclusion(
        &self,
        names: &[&str],
        whole: bool,
        folder: &Path,
    ) -> Result<Exclusion, PatternError> {
        if names.is_empty() {
            return Err(PatternError::Whole(self.to_string()));
        }
        if names.contains(&"..") {
            return Err(self.outside(folder));
        }
        Ok(Exclusion {
            names: compiled(names)?,
            whole,
            folders: self.text.ends_with('/'),
            took: self.took.clone(),
        })
    }

    fn outside(&self, folder: &Path) -> PatternError {
        PatternError::Outside {
            pattern: self.to_string(),
            folder: printable(folder.display()),
        }
    }
}

impl Exclusion {
    /// True if it takes the file or folder at `key`, whose last name is `name`; it
    /// remembers that.
    pub(super) fn takes(&self, key: &str, name: &str, is_folder: bool) -> bool {
        let options = glob::MatchOptions {
            require_literal_separator: true,
            ..glob::MatchOptions::default()
        };
        let text = if self.whole { key } else { name };
        let takes = (is_folder || !self.folders) && self.names.matches_with(text, options);
        if takes {
            self.took.store(true, Ordering::Relaxed);
        }
        takes
    }
}

impl Start {
    fn of(folder: &Path) -> Self {
        let plain = std::path::absolute(folder).map(|path| without_parents(&path));
        let mut from_root: Vec<PathBuf> = plain.into_iter().collect();
        from_root.extend(folder.canonicalize());
        let mut from_here: Vec<PathBuf> = Vec::new();
        if folder.is_relative() {
            from_here.push(folder.to_owned());
        }
        if let Ok(here) = env::current_dir() {
            let below = from_root
                .iter()
                .filter_map(|path| path.strip_prefix(&here).ok());
            from_here.extend(below.map(Path::to_owned));
        }
        let words = |paths: Vec<PathBuf>| {
            let words = paths.iter().filter_map(|path| words(path));
            words.filter(|words| !words.is_empty()).collect()
        };
        Self {
            from_root: words(from_root),
            from_here: words(from_here),
        }
    }
}

/// The names of a path, without those that lead nowhere.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|name| !matches!(*name, "" | "."))
}

fn compiled(names: &[&str]) -> Result<glob::Pattern, PatternError> {
    if names.is_empty() {
        return Err(PatternError::Malformed("it is empty".to_owned()));
    }
    glob::Pattern::new(&names.join("/"))
        .map_err(|error| PatternError::Malformed(error.msg.to_lowercase()))
}

/// True if an absolute path is there, and not below `folder`, as far as it has no
/// wildcards.
fn is_elsewhere(names: &[&str], folder: &Path) -> bool {
    let plain = names
        .iter()
        .take_while(|name| !name.contains(['*', '?', '[']));
    let plain: PathBuf = plain.collect();
    !plain.as_os_str().is_empty()
        && Path::new("/").join(&plain).exists()
        && !folder.join(plain).exists()
}

/// The names on a path, if they are text.
fn words(path: &Path) -> Option<Vec<String>> {
    let names = path.components().filter_map(|component| match component {
        Component::Normal(name) => Some(name.to_str().map(str::to_owned)),
        Component::ParentDir => Some(Some("..".to_owned())),
        _ => None,
    });
    names.collect()
}

/// The same path, without `.` and `..`.
pub(crate) fn without_parents(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            _ => plain.push(component),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a pattern in the walk over the folder of `folders` that comes first.
    fn read(text: &str, folders: &[&str]) -> Result<Option<Exclusion>, PatternError> {
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        text.parse::<Pattern>()?.within(&folders[0], &folders)
    }

    #[test]
    fn a_path_is_read_below_the_folder_however_it_is_written() {
        let here = env::current_dir().unwrap();
        let whole = here.join("photos/2024").display().to_string();
        let absolute = here.join("photos").display().to_string();
        let here = here.display().to_string();
        for (pattern, folder, key) in [
            ("2024", "photos", "2024"),
            ("2024", "photos", "a/2024"),
            ("./2024", "photos", "2024"),
            ("2024/", "photos", "2024"),
            ("photos/2024", "photos", "2024"),
            ("./photos//./2024/", "photos/", "2024"),
            ("photos/2024", "./photos", "2024"),
            ("photos/2024", "a/../photos", "2024"),
            ("photos/2024", &absolute, "2024"),
            (&whole, "photos", "2024"),
            (&whole, ".", "photos/2024"),
            (&whole, &here, "photos/2024"),
            ("../photos/20*", "../photos", "2024"),
            ("../2024", "..", "2024"),
            ("photos/*.txt", "photos", "notes.txt"),
            ("2024/raw", ".", "2024/raw"),
            ("2024/raw", "photos", "2024/raw"),
            ("photos", "photos", "photos"),
            ("/2024", "photos", "2024"),
            ("/photos/2024", "photos", "photos/2024"),
            ("photos [1]/2024", "photos [1]", "2024"),
        ] {
            let exclusion = read(pattern, &[folder]).unwrap().unwrap();
            let name = key.rsplit('/').next().unwrap();
            assert!(exclusion.takes(key, name, true), "{pattern} in {folder}");
        }
    }

    #[test]
    fn a_path_below_one_of_several_folders_is_none_below_the_others() {
        let exclusion = read("2023/raw", &["2024", "2023"]).unwrap();
        assert!(exclusion.is_none());
        let exclusion = read("2023/raw", &["2023", "2024"]).unwrap().unwrap();
        assert!(exclusion.takes("raw", "raw", true));
        assert!(!exclusion.takes("a/raw", "raw", true));
    }

    #[test]
    fn a_pattern_that_can_match_nothing_is_told_with_the_folder() {
        let elsewhere = tempfile::tempdir().unwrap();
        let elsewhere = elsewhere.path().display().to_string();
        let below = format!("{elsewhere}/*.txt");
        for pattern in ["../2024", "a/../b", "..", &elsewhere, &below] {
            let error = read(pattern, &["photos"]).unwrap_err();
            assert!(matches!(error, PatternError::Outside { .. }), "{error}");
            let told = error.to_string();
            assert!(
                told.starts_with(&format!("{pattern} is not in photos; ")),
                "{told}"
            );
        }
        for (pattern, folder) in [("a/photos/", "a/photos"), (&elsewhere, &elsewhere)] {
            let error = read(pattern, &[folder]).unwrap_err();
            assert!(matches!(error, PatternError::Whole(_)), "{error}");
        }
        for text in ["", "/", ".", "a**b", "[a"] {
            let error = text.parse::<Pattern>().unwrap_err().to_string();
            assert!(
                error.starts_with("a pattern is for example *.txt"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_pattern_knows_that_it_took_nothing() {
        let pattern: Pattern = "raw/".parse().unwrap();
        let exclusion = pattern.within(Path::new("photos"), &[]).unwrap().unwrap();
        assert!(!exclusion.takes("raw", "raw", false));
        assert!(!pattern.clone().took_something());
        assert!(exclusion.takes("raw", "raw", true));
        assert!(pattern.clone().took_something());
    }
}
