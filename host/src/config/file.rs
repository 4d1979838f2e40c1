//! The configuration file, `thimble.toml`: which sources get which thumbnails.
//!
//! ```toml
//! [presets]
//! face = "96x96,cover,webp"
//! wide = "1280x"
//!
//! [default]
//! presets = ["wide"]
//!
//! [[rule]]
//! prefix = "avatars/"
//! presets = ["face"]
//! ```
//!
//! Every mistake is told at once, with its line and column. What the file means together
//! with the variables of the environment is said by [`File::recipes`].

use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use crate::preset::Preset;
use crate::text::{excerpt, printable};

mod keys;
mod lines;
mod list;
mod place;
mod resolve;
mod schema;
mod storage;
mod tree;

pub use keys::{KEYS, Key, Kind, Section};
pub use place::{InStore, Place, Version};
pub use resolve::Given;
pub use schema::schema;

use lines::Lines;
use tree::Tree;

/// The name that a file has by custom.
pub const NAME: &str = "thimble.toml";

/// The largest file that is read, in bytes: thousands of rules.
pub const MAX_BYTES: u64 = 1 << 20;

/// The most rules.
pub const MAX_RULES: usize = 1_000;

/// A configuration file that was read.
#[derive(Clone, Debug)]
pub struct File {
    name: String,
    text: String,
    lines: Lines,
    mistakes: Vec<Mistake>,
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file.
    pub file: String,
    /// The line, from 1, and the column in characters, from 1; `None` if the file is not
    /// that of a person at all.
    pub place: Option<(usize, usize)>,
    /// The problem, and its remedy.
    pub problem: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", printable(&self.file))?;
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        write!(f, " {}", printable(&self.problem))
    }
}

impl File {
    /// The file called `name` that reads `text`, with all its mistakes.
    pub fn parse(name: &str, text: &str) -> Self {
        let mut file = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            lines: Lines::default(),
            mistakes: Vec::new(),
        };
        if text.len() as u64 > MAX_BYTES {
            file.mistakes.push(too_large(name, text.len() as u64));
            return file;
        }
        let mut tree = Tree::read(text);
        let lines = Lines::read(&mut tree);
        let found = std::mem::take(&mut tree.mistakes);
        drop(tree);
        for (at, problem) in found {
            let mistake = file.mistake(at, problem);
            file.mistakes.push(mistake);
        }
        file.lines = lines;
        file
    }

    /// The file at `path`.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(path: &Path) -> Result<Self, Mistake> {
        let name = path.display().to_string();
        let failed = |problem: String| Mistake {
            file: name.clone(),
            place: None,
            problem,
        };
        let unread = |error: std::io::Error| failed(format!("it cannot be read: {error}"));
        let file = fs::File::open(path).map_err(unread)?;
        let size = file.metadata().map_err(unread)?.len();
        if size > MAX_BYTES {
            return Err(too_large(&name, size));
        }
        let mut bytes = Vec::new();
        // What is no file, such as a pipe, does not say how large it is.
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(unread)?;
        Self::of_bytes(&name, bytes).map_err(failed)
    }

    /// The file called `name` with these bytes.
    ///
    /// # Errors
    /// If they are no text.
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, String> {
        let text = String::from_utf8(bytes)
            .map_err(|error| format!("it is no text in UTF-8: {}", error.utf8_error()))?;
        Ok(Self::parse(name, &text))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The mistakes that it has by itself, without what variables add.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.mistakes
    }

    /// The buckets that its rules take sources of, each once.
    pub fn source_buckets(&self) -> Vec<&str> {
        let rules = self.lines.rules.iter();
        let mut buckets: Vec<&str> = rules
            .flat_map(|rule| rule.sources.buckets.iter().map(String::as_str))
            .collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }

    /// The line of a rule, or of the default if there is one.
    pub fn line_of(&self, rule: Option<usize>) -> Option<usize> {
        let rule = rule.map(|index| self.lines.rules.get(index));
        let output = rule.map_or(Some(&self.lines.default), |rule| Some(&rule?.output));
        let is_there = |output: &&lines::Output| rule.is_some() || !output.places.is_empty();
        let at = output.filter(is_there)?.at;
        Some(position(&self.text, at).0)
    }

    /// A problem of a preset, where that is written.
    pub fn about(&self, preset: &Preset, problem: impl fmt::Display) -> Mistake {
        let mut known = self.lines.written.iter();
        let written = known.find(|(known, _)| known == preset);
        match written {
            Some((_, at)) => self.mistake(*at, problem),
            None => Mistake {
                file: self.name.clone(),
                place: None,
                problem: problem.to_string(),
            },
        }
    }

    /// A mistake at `at`, in bytes.
    fn mistake(&self, at: usize, problem: impl fmt::Display) -> Mistake {
        Mistake {
            file: self.name.clone(),
            place: Some(position(&self.text, at)),
            problem: problem.to_string(),
        }
    }
}

fn too_large(name: &str, size: u64) -> Mistake {
    Mistake {
        file: name.to_owned(),
        place: None,
        problem: format!(
            "it has {size} bytes, and at most {MAX_BYTES} are read; this is hardly the file that \
             was meant"
        ),
    }
}

/// Line and column of a place in a text, from 1.
fn position(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// A text of a file, short and quoted.
fn quoted(text: &str) -> String {
    format!("`{}`", excerpt(text))
}

#[cfg(test)]
mod tests;
