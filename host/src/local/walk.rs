//! Walks over folders of images, and the files that they leave alone.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, DirEntry, FileType};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::text::{plural, printable};

mod pattern;
mod rules;

pub use pattern::{Pattern, PatternError};
pub use rules::Rules;

/// Reason to leave a file or a folder alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftAlone {
    /// Its name begins with a dot.
    Hidden,
    /// Another program keeps things in it that are no images.
    Litter,
    /// A pattern of the user takes it out.
    Excluded,
    /// A link, which may lead anywhere.
    Link,
    /// Its name is no text.
    NotText,
    /// A pipe, a socket or a device.
    NotAFile,
    /// A file without content.
    Empty,
    /// It failed, its dead letter was purged, and it has not changed since.
    Purged,
}

impl LeftAlone {
    /// The word for reports of programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hidden => "hidden",
            Self::Litter => "litter",
            Self::Excluded => "excluded",
            Self::Link => "link",
            Self::NotText => "notText",
            Self::NotAFile => "notAFile",
            Self::Empty => "empty",
            Self::Purged => "purged",
        }
    }
}

/// Most empty files that are named: their owners expect thumbnails of them.
const NAMED: usize = 10;

/// Numbers of files and folders that were left alone. A folder counts as one,
/// whatever is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<LeftAlone, u64>,
    /// The first of the empty files.
    empty: Vec<String>,
}

impl Tally {
    /// One more.
    pub fn add(&mut self, reason: LeftAlone) {
        *self.counts.entry(reason).or_default() += 1;
    }

    /// One more file, which is empty and goes by `name`.
    pub fn add_empty(&mut self, name: &str) {
        self.add(LeftAlone::Empty);
        if self.empty.len() < NAMED {
            self.empty.push(printable(name));
        }
    }

    /// Each reason with its number.
    pub fn counts(&self) -> impl Iterator<Item = (LeftAlone, u64)> + '_ {
        let counts = self.counts.iter();
        counts.map(|(reason, count)| (*reason, *count))
    }

    /// True if nothing was left alone.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }
}

impl Tally {
    fn empty_ones(&self, count: u64) -> String {
        let names = self.empty.join(", ");
        match count.saturating_sub(self.empty.len() as u64) {
            0 => format!("{count} empty ({names})"),
            more => format!("{count} empty ({names} and {more} more)"),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: u64 = self.counts.values().sum();
        let kinds = self.counts().map(|(reason, count)| match reason {
            LeftAlone::Hidden => format!("{count} hidden"),
            LeftAlone::Litter => format!("{count} of other programs"),
            LeftAlone::Excluded => format!("{count} excluded"),
            LeftAlone::Empty => self.empty_ones(count),
            LeftAlone::Purged => format!("{count} purged before"),
            LeftAlone::Link => plural(count, "link"),
            LeftAlone::NotText if count == 1 => "1 name that is not text".to_owned(),
            LeftAlone::NotText => format!("{count} names that are not text"),
            LeftAlone::NotAFile => plural(count, "special file"),
        });
        let kinds: Vec<String> = kinds.collect();
        write!(f, "{total} left alone: {}", kinds.join(", "))
    }
}

/// Step of a walk.
#[derive(Debug)]
pub enum Step {
    /// A file that may be an image.
    File {
        /// Its names below the beginning of the walk, divided by slashes.
        key: String,
        /// Its path.
        path: PathBuf,
    },
    /// A file or folder that is left alone.
    LeftAlone(LeftAlone),
    /// A file or folder that could not be looked at.
    Unread {
        /// Its path, for people.
        path: String,
        /// The reason.
        error: io::Error,
    },
}

/// Walk over all files below a folder, in the order of their names. Links are not
/// followed. What cannot be read costs itself and nothing else.
#[derive(Debug)]
pub struct Walk {
    rules: Rules,
    /// Folders that are passed over in silence.
    reserved: Vec<PathBuf>,
    /// The entries that are left of each folder on the way.
    open: Vec<(String, Vec<DirEntry>)>,
    /// Steps that come before all others.
    ahead: Vec<Step>,
    /// The folder to begin with.
    first: Option<(String, PathBuf)>,
}

impl Walk {
    /// A walk from `folder` on.
    pub fn new(folder: &Path, rules: Rules) -> Self {
        Self::below(folder, "", rules)
    }

    /// A walk over the part of `folder` below `key`. The keys stay those of files in
    /// `folder`.
    pub fn below(folder: &Path, key: &str, rules: Rules) -> Self {
        let start = if key.is_empty() {
            (String::new(), folder.to_owned())
        } else {
            (format!("{key}/"), folder.join(key))
        };
        Self {
            rules,
            reserved: Vec::new(),
            open: Vec::new(),
            ahead: Vec::new(),
            first: Some(start),
        }
    }

    /// The same walk, past these folders without a word.
    #[must_use]
    pub fn but_not(self, reserved: Vec<PathBuf>) -> Self {
        Self { reserved, ..self }
    }

    /// Up to `most` steps, made where that may block.
    pub(super) async fn steps(mut self, most: usize) -> io::Result<(Self, Vec<Step>)> {
        super::files::blocking(move || {
            let steps = self.by_ref().take(most).collect();
            Ok((self, steps))
        })
        .await
    }

    fn enter(&mut self, key: String, folder: &Path) {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        match entries {
            Ok(mut entries) => {
                entries.sort_by_key(|entry| Reverse(entry.file_name()));
                self.open.push((key, entries));
            }
            // It was removed meanwhile.
            Err(error) if is_gone(&error) => {}
            Err(error) => self.ahead.push(unread(folder, error)),
        }
    }

    /// The step to an entry; nothing if there is none to tell of.
    fn visit(&mut self, parent: &str, entry: &DirEntry) -> Option<Step> {
        let path = entry.path();
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) if is_gone(&error) => return None,
            Err(error) => return Some(unread(&path, error)),
        };
        let judged = self.judge(parent, &entry.file_name(), kind);
        if self.reserved.contains(&path) {
            return None;
        }
        match judged {
            Err(reason) => Some(Step::LeftAlone(reason)),
            Ok(key) if kind.is_dir() => {
                self.enter(format!("{key}/"), &path);
                None
            }
            Ok(key) => Some(Step::File { key, path }),
        }
    }

    /// The key of an entry, unless it is left alone.
    fn judge(&self, parent: &str, name: &OsStr, kind: FileType) -> Result<String, LeftAlone> {
        let key = format!("{parent}{}", name.to_string_lossy());
        if let Some(reason) = self.rules.of_name(&key, kind.is_dir()) {
            return Err(reason);
        }
        match name.to_str() {
            _ if kind.is_symlink() => Err(LeftAlone::Link),
            None => Err(LeftAlone::NotText),
            Some(_) if !kind.is_dir() && !kind.is_file() => Err(LeftAlone::NotAFile),
            Some(_) => Ok(key),
        }
    }
}

impl Iterator for Walk {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        if let Some((key, folder)) = self.first.take() {
            self.enter(key, &folder);
        }
        loop {
            if let Some(step) = self.ahead.pop() {
                return Some(step);
            }
            let (parent, entries) = self.open.last_mut()?;
            let Some(entry) = entries.pop() else {
                self.open.pop();
                continue;
            };
            let parent = parent.clone();
            if let Some(step) = self.visit(&parent, &entry) {
                return Some(step);
            }
        }
    }
}

/// True for a file without content, which is no image, or none yet.
pub(crate) fn is_empty(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

fn unread(path: &Path, error: io::Error) -> Step {
    Step::Unread {
        path: printable(path.display()),
        error,
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
