//! Rules of a walk: the names that are left alone.

use std::str::FromStr;

use super::LeftAlone;

/// Files and folders in which other programs keep what is theirs, beside those with
/// a dot in front, in lower case.
const LITTER: [&str; 14] = [
    // Windows
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "$recycle.bin",
    "recycler",
    "system volume information",
    // Synology, QNAP and other network drives
    "@eadir",
    "#recycle",
    "#snapshot",
    "@recycle",
    "@recently-snapshot",
    "@tmp",
    // Archives made by macOS
    "__macosx",
    // Linux
    "lost+found",
];

/// Choice of the names that are left alone.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// False where every file counts, such as among thumbnails.
    choosy: bool,
    excluded: Vec<Pattern>,
}

/// Pattern of names to leave alone.
///
/// Without a slash it is that of a file or folder anywhere, with one that of a path
/// below the images: `*.txt`, `raw`, `2023/raw/**`. A slash at its end takes only
/// folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: glob::Pattern,
    whole: bool,
    folders: bool,
}

/// Mistake in a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a pattern is for example *.txt, raw or 2023/raw/**: {0}")]
pub struct PatternError(String);

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let names = text.trim_start_matches('/').trim_end_matches('/');
        if names.is_empty() {
            return Err(PatternError("it is empty".to_owned()));
        }
        let pattern = glob::Pattern::new(names);
        Ok(Self {
            text: pattern.map_err(|error| PatternError(error.msg.to_lowercase()))?,
            whole: text.trim_end_matches('/').contains('/'),
            folders: text.ends_with('/'),
        })
    }
}

impl Pattern {
    fn takes(&self, key: &str, name: &str, is_folder: bool) -> bool {
        let options = glob::MatchOptions {
            require_literal_separator: true,
            ..glob::MatchOptions::default()
        };
        let text = if self.whole { key } else { name };
        (is_folder || !self.folders) && self.text.matches_with(text, options)
    }
}

impl Rules {
    /// Hidden files, litter, and what the patterns take are left alone.
    pub fn new(excluded: Vec<Pattern>) -> Self {
        Self {
            choosy: true,
            excluded,
        }
    }

    /// Every name counts.
    pub(in crate::local) fn none() -> Self {
        Self::default()
    }

    /// Reason to leave the file or folder at `key` alone, as far as its own name
    /// tells.
    pub(super) fn of_name(&self, key: &str, is_folder: bool) -> Option<LeftAlone> {
        let name = key.rsplit('/').next().unwrap_or(key);
        if !self.choosy {
            None
        } else if name.starts_with('.') {
            Some(LeftAlone::Hidden)
        } else if LITTER.contains(&name.to_lowercase().as_str()) {
            Some(LeftAlone::Litter)
        } else {
            let takes = |pattern: &Pattern| pattern.takes(key, name, is_folder);
            let excluded = self.excluded.iter().any(takes);
            excluded.then_some(LeftAlone::Excluded)
        }
    }

    /// True if the names of a file, and of all folders on the way to it, let it be
    /// an image.
    pub(in crate::local) fn take(&self, key: &str, is_folder: bool) -> bool {
        let folders = key.match_indices('/').filter_map(|(at, _)| key.get(..at));
        folders
            .map(|folder| (folder, true))
            .chain([(key, is_folder)])
            .all(|(key, is_folder)| self.of_name(key, is_folder).is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_left_alone_by_one_table() {
        let patterns = ["*.txt", "raw", "2023/old/**", "out/", "/top.png"];
        let patterns = patterns.map(|text| text.parse().unwrap());
        let rules = Rules::new(patterns.to_vec());
        for (key, takes) in [
            ("cat.jpg", true),
            ("a/b/cat.jpg", true),
            ("no extension", true),
            (".hidden.jpg", false),
            ("a/.trash/cat.jpg", false),
            ("a/._cat.jpg", false),
            ("@eaDir/cat.jpg", false),
            ("a/Thumbs.db", false),
            ("THUMBS.DB", false),
            ("notes.txt", false),
            ("a/notes.txt", false),
            ("a/raw/cat.jpg", false),
            ("raw.jpg", true),
            ("2023/old/a/cat.jpg", false),
            ("a/2023/old/cat.jpg", true),
            ("out/cat.jpg", false),
            ("a/out", true),
            ("top.png", false),
            ("a/top.png", true),
        ] {
            assert_eq!(rules.take(key, false), takes, "{key}");
        }
        assert!(Rules::none().take(".hidden/Thumbs.db", false));
    }

    #[test]
    fn a_pattern_that_is_none_is_told_with_examples() {
        for text in ["", "/", "a**b", "[a"] {
            let error = text.parse::<Pattern>().unwrap_err().to_string();
            assert!(
                error.starts_with("a pattern is for example *.txt"),
                "{error}"
            );
        }
    }
}
