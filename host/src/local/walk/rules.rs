//! Rules of a walk: the names that are left alone.

use std::path::{Path, PathBuf};

use super::LeftAlone;
use super::pattern::{Exclusion, Pattern, PatternError};

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
    excluded: Vec<Exclusion>,
}

impl Rules {
    /// Hidden files and litter are left alone.
    pub fn choosy() -> Self {
        Self {
            choosy: true,
            excluded: Vec::new(),
        }
    }

    /// The same, and what `patterns` take in a walk over `folder`, which is one of
    /// `folders`.
    ///
    /// # Errors
    /// If one of the patterns can take nothing there.
    pub fn excluding(
        patterns: &[Pattern],
        folder: &Path,
        folders: &[PathBuf],
    ) -> Result<Self, PatternError> {
        let excluded = patterns
            .iter()
            .filter_map(|pattern| pattern.within(folder, folders).transpose());
        Ok(Self {
            excluded: excluded.collect::<Result<_, _>>()?,
            ..Self::choosy()
        })
    }

    /// Every name counts.
    pub(in crate::local) fn none() -> Self {
        Self::default()
    }

    /// Reason to leave the file or folder at `key` alone, as far as its own name
    /// tells.
    pub(super) fn of_name(&self, key: &str, is_folder: bool) -> Option<LeftAlone> {
        let name = key.rsplit('/').next().unwrap_or(key);
        // Each of them is asked, since each tells whether it took anything.
        let takes = |taken, pattern: &Exclusion| pattern.takes(key, name, is_folder) || taken;
        let is_excluded = self.excluded.iter().fold(false, takes);
        if !self.choosy {
            None
        } else if name.starts_with('.') {
            Some(LeftAlone::Hidden)
        } else if LITTER.contains(&name.to_lowercase().as_str()) {
            Some(LeftAlone::Litter)
        } else {
            is_excluded.then_some(LeftAlone::Excluded)
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
        let rules = Rules::excluding(&patterns, Path::new("photos"), &[]).unwrap();
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
            ("notes.TXT", true),
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
}
