//! Patterns of names that a walk leaves alone, as somebody types them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::local::paths::resolved;
use crate::text::printable;

/// Pattern of names to leave alone, as somebody gave it.
///
/// Without a slash it is that of a file or folder anywhere, with one that of a path
/// below the folder of a walk: `*.txt`, `raw`, `2023/raw/**`. The path may begin with that
/// folder, as it was named, from the root, or through links. A slash at its end takes only
/// folders. Upper and lower case differ.
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

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        // Those before it may be names on the way to the folder, which are no patterns.
        let last = names(text).last();
        compiled(last.ok_or_else(|| PatternError::Malformed("it is empty".to_owned()))?)?;
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
            return self.exclusion(&below, true, folder).map(Some);
        }
        let mut others = folders.iter().filter(|other| *other != folder);
        if others.any(|other| self.below(&names, other).is_some()) {
            return Ok(None);
        }
        if self.is_absolute() && is_elsewhere(&names, folder) {
            return Err(self.outside(folder));
        }
        let whole = self.is_absolute() || names.len() > 1;
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        self.exclusion(&names, whole, folder).map(Some)
    }

    fn is_absolute(&self) -> bool {
        self.text.starts_with('/')
    }

    /// The names behind `folder`, if the pattern begins with it or with a folder in it,
    /// whatever links lead there.
    fn below(&self, names: &[&str], folder: &Path) -> Option<Vec<String>> {
        // A name alone is that of something in the folder, even if the folder has it as well.
        if names.len() == 1 && !self.is_absolute() {
            return None;
        }
        let whole = resolved(folder).ok()?;
        let base = Path::new(if self.is_absolute() { "/" } else { "." });
        // What the folder has itself is meant by a path that does not begin with it.
        let first = names.first().filter(|first| **first != "..");
        let is_in_folder = first.is_some_and(|first| folder.join(first).exists());
        let may_lead_in =
            |start: &Path| self.is_absolute() || start.exists() && start != base && !is_in_folder;
        (0..=names.len()).find_map(|count| {
            let (start, rest) = names.split_at_checked(count)?;
            let path = base.join(start.iter().collect::<PathBuf>());
            let real = resolved(&path).ok()?;
            let inner = real.strip_prefix(&whole).ok()?;
            let is_plain = !start.iter().copied().any(has_wildcards);
            let is_meant = inner.as_os_str().is_empty() || is_plain && may_lead_in(&path);
            if !is_meant || rest.contains(&"..") {
                return None;
            }
            let inner = inner
                .iter()
                .map(|name| name.to_str().map(glob::Pattern::escape));
            let rest = rest.iter().map(|name| Some((*name).to_owned()));
            inner.chain(rest).collect()
        })
    }

    fn exclusion(
        &self,
        names: &[String],
        whole: bool,
        folder: &Path,
    ) -> Result<Exclusion, PatternError> {
        if names.is_empty() {
            return Err(PatternError::Whole(self.to_string()));
        }
        if names.iter().any(|name| name == "..") {
            return Err(self.outside(folder));
        }
        Ok(Exclusion {
            names: compiled(&names.join("/"))?,
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
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        let text = if self.whole { key } else { name };
        let takes = (is_folder || !self.folders) && self.names.matches_with(text, options);
        if takes {
            self.took.store(true, Ordering::Relaxed);
        }
        takes
    }
}

/// The names of a path, without those that lead nowhere.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('/').filter(|name| !matches!(*name, "" | "."))
}

fn compiled(pattern: &str) -> Result<glob::Pattern, PatternError> {
    glob::Pattern::new(pattern).map_err(|error| {
        let reason = error.msg.to_lowercase();
        PatternError::Malformed(format!("{reason} in {}", printable(pattern)))
    })
}

fn has_wildcards(name: &str) -> bool {
    name.contains(['*', '?', '['])
}

/// True if an absolute path is there, and not below `folder`, as far as it has no
/// wildcards. One name proves nothing: `/tmp` is `tmp` at the top of the folder as well.
fn is_elsewhere(names: &[&str], folder: &Path) -> bool {
    let plain = names.iter().take_while(|name| !has_wildcards(name));
    let plain: PathBuf = plain.collect();
    plain.components().count() > 1
        && Path::new("/").join(&plain).exists()
        && !folder.join(plain).exists()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// Reads a pattern in the walk over the folder of `folders` that comes first.
    fn read(text: &str, folders: &[&str]) -> Result<Option<Exclusion>, PatternError> {
        let folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
        text.parse::<Pattern>()?.within(&folders[0], &folders)
    }

    #[test]
    fn a_path_is_read_below_the_folder_however_it_is_written() {
        let here = env::current_dir().unwrap().display().to_string();
        for row in [
            "2024 in photos is 2024",
            "2024 in photos is a/2024",
            "./2024 in photos is 2024",
            "2024/ in photos is 2024",
            "photos/2024 in photos is 2024",
            "./photos//./2024/ in photos/ is 2024",
            "photos/2024 in ./photos is 2024",
            "photos/2024 in a/../photos is 2024",
            "photos/2024 in HERE/photos is 2024",
            "HERE/photos/2024 in photos is 2024",
            "HERE/photos/2024 in . is photos/2024",
            "HERE/photos/2024 in HERE is photos/2024",
            "../photos/20* in ../photos is 2024",
            "../2024 in .. is 2024",
            "photos/*.txt in photos is notes.txt",
            "2024/raw in . is 2024/raw",
            "2024/raw in photos is 2024/raw",
            "photos in photos is photos",
            "/2024 in photos is 2024",
            "/photos/2024 in photos is photos/2024",
            "photos [1]/2024 in photos [1] is 2024",
        ] {
            let row = row.replace("HERE", &here);
            let (pattern, rest) = row.split_once(" in ").unwrap();
            let (folder, key) = rest.split_once(" is ").unwrap();
            let exclusion = read(pattern, &[folder]).unwrap().unwrap();
            let name = key.rsplit('/').next().unwrap();
            assert!(exclusion.takes(key, name, true), "{row}");
        }
    }

    #[test]
    fn a_path_leads_into_the_folder_through_links_and_names_like_patterns() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name).display().to_string();
        std::fs::create_dir_all(root.path().join("[2024 trip/sub[1]/raw")).unwrap();
        for (link, target) in [("all", "[2024 trip"), ("part", "[2024 trip/sub[1]")] {
            std::os::unix::fs::symlink(target, root.path().join(link)).unwrap();
        }
        let here = env::current_dir().unwrap();
        let up = here.components().skip(1).map(|_| "..");
        let here = up.collect::<Vec<_>>().join("/");
        let from_here = |name: &str| format!("{here}{}", at(name));
        for (pattern, folder, key) in [
            (at("[2024 trip/raw"), at("[2024 trip"), "raw"),
            (at("[2024 trip/raw"), at("all"), "raw"),
            (at("all/raw"), at("[2024 trip"), "raw"),
            (at("all/raw/*.txt"), at("[2024 trip"), "raw/a.txt"),
            (at("part/raw"), at("[2024 trip"), "sub[1]/raw"),
            (at("all/../[2024 trip/raw"), at("[2024 trip"), "raw"),
            (from_here("[2024 trip/raw"), at("[2024 trip"), "raw"),
            (from_here("all/raw"), at("[2024 trip"), "raw"),
            (from_here("part/raw"), at("[2024 trip"), "sub[1]/raw"),
            ("raw/x".to_owned(), at("[2024 trip"), "raw/x"),
            ("/tmp".to_owned(), at("[2024 trip"), "tmp"),
            ("/tmp/*".to_owned(), at("[2024 trip"), "tmp/x"),
        ] {
            let exclusion = read(&pattern, &[&folder]).unwrap().unwrap();
            let name = key.rsplit('/').next().unwrap();
            assert!(exclusion.takes(key, name, true), "{pattern} in {folder}");
            assert!(!exclusion.takes(&format!("a/{key}"), name, true));
        }
        let error = read(&at("[2024 trip/[raw/x"), &[&at("[2024 trip")]).unwrap_err();
        assert!(matches!(error, PatternError::Malformed(_)), "{error}");
    }

    #[test]
    fn upper_and_lower_case_differ() {
        let exclusion = read("*.txt", &["photos"]).unwrap().unwrap();
        assert!(exclusion.takes("a.txt", "a.txt", false));
        assert!(!exclusion.takes("a.TXT", "a.TXT", false));
        let exclusion = read("photos/Raw", &["photos"]).unwrap().unwrap();
        assert!(!exclusion.takes("raw", "raw", true));
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
