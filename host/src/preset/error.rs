//! Mistakes in the line of a preset.

use std::fmt;
use std::ops::Range;

/// Malformed preset, with the place of the mistake.
///
/// As text it is one line; [`pointer`](Self::pointer) draws the preset with a
/// mark beneath the mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetError {
    pub(super) text: String,
    /// The offending part, in bytes of `text`, at characters' boundaries.
    pub(super) place: Range<usize>,
    pub(super) problem: Problem,
}

/// Mistake in the line of a preset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// There is nothing, or no `=` where the name ends.
    #[error("a preset is a name and a size, for example small=200x200")]
    NoName,
    /// The name is empty, too long, or of characters that are not safe.
    #[error("a name is 1 to 64 letters, digits, `-` and `_`, and begins with a letter or digit")]
    Name,
    /// The size is not `WxH`, `Wx` or `xH`.
    #[error("a size is for example 200x200, 200x (any height) or x200 (any width)")]
    Bounds,
    /// A side is zero or too large for a number.
    #[error("a side is a number of pixels from 1 to 65535")]
    Side,
    /// A word that is nothing of the grammar.
    #[error("no fit, focus or format is called that{}", suggestion.map(|word| format!("; did you mean `{word}`?")).unwrap_or_default())]
    Word {
        /// The word that was perhaps meant.
        suggestion: Option<&'static str>,
    },
    /// The same thing is said twice.
    #[error("the {0} is given twice")]
    Twice(&'static str),
    /// The quality is out of range.
    #[error("a quality is q1 (smallest) to q100 (best)")]
    Quality,
    /// The most bytes are not a number of bytes.
    #[error("max-bytes is a number of bytes from 1 to 4294967295, for example max-bytes=20000")]
    MaxBytes,
    /// The format has no quality that could be lowered for fewer bytes.
    #[error("max-bytes lowers the quality, and this format has none: name jpeg or webp instead")]
    NoQuality,
    /// The focus is not a point.
    #[error("a point is two numbers from 0 to 1, for example at(0.5;0.3)")]
    Point,
    /// The background is not a color.
    #[error("a color is #rrggbb or #rrggbbaa in hexadecimal digits, for example bg=#ffffff")]
    Color,
    /// The name of a setting cannot be one.
    #[error("the name of a setting is made of lower case letters, digits, `-` and `.`")]
    SettingName,
    /// The value of a setting is missing or cannot be shown.
    #[error("the value of a setting is 1 to 64 visible characters")]
    SettingValue,
}

impl PresetError {
    /// The mistake.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The mistake in words, with the word that is wrong.
    pub fn reason(&self) -> String {
        let wrong = self.text.get(self.place.clone()).unwrap_or_default();
        match &self.problem {
            Problem::Word { .. } => format!("`{}`: {}", wrong.escape_debug(), self.problem),
            problem => problem.to_string(),
        }
    }

    /// Position of the mistake, in characters from 1.
    pub fn column(&self) -> usize {
        self.text
            .get(..self.place.start)
            .map_or(1, |before| before.chars().count() + 1)
    }

    /// The preset, and beneath it a mark for each character of the mistake.
    pub fn pointer(&self) -> String {
        let wrong = self.text.get(self.place.clone()).unwrap_or_default();
        let shown: String = self
            .text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let marks = "^".repeat(wrong.chars().count().max(1));
        format!("{shown}\n{:indent$}{marks}", "", indent = self.column() - 1)
    }
}

impl fmt::Display for PresetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "preset `{}`, column {}: {}",
            self.text.escape_debug(),
            self.column(),
            self.reason()
        )
    }
}

impl std::error::Error for PresetError {}
