//! Reading variables, and remembering every mistake on the way.

use std::fmt;
use std::str::FromStr;

use super::file;
use super::variables::{self, Choice, Number, Variable};
use crate::text::printable;

/// A mistake in a variable, or in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// In one variable.
    Variable {
        /// The variable.
        variable: &'static str,
        /// Its value, if it has one.
        value: Option<String>,
        /// The value that was expected, or the reason why one is needed.
        expected: String,
    },
    /// In the file.
    File(file::Mistake),
}

impl Mistake {
    /// The variable, if it is in one.
    pub fn variable(&self) -> Option<&'static str> {
        match self {
            Self::Variable { variable, .. } => Some(variable),
            Self::File(_) => None,
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (variable, value, expected) = match self {
            Self::Variable {
                variable,
                value,
                expected,
            } => (variable, value, expected),
            Self::File(mistake) => return mistake.fmt(f),
        };
        match value.as_ref().map(printable) {
            Some(value) => write!(f, "{variable}: {expected} is expected, not: {value}"),
            None => write!(f, "{variable}: set it, because {expected}"),
        }
    }
}

/// All that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes(pub Vec<Mistake>);

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistakes {}

type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// Reads variables. Each method returns something to go on with, even after a
/// mistake, so that those behind it are found too.
pub(super) struct Reader<'a> {
    lookup: Box<Lookup<'a>>,
    mistakes: Vec<Mistake>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self {
            lookup: Box::new(lookup),
            mistakes: Vec::new(),
        }
    }

    pub(super) fn mistake(&mut self, variable: &Variable, value: &str, expected: &str) {
        self.mistakes.push(Mistake::Variable {
            variable: variable.name,
            value: Some(value.to_owned()),
            expected: expected.to_owned(),
        });
    }

    pub(super) fn lacks(&mut self, variable: &Variable, why: &str) {
        self.mistakes.push(Mistake::Variable {
            variable: variable.name,
            value: None,
            expected: why.to_owned(),
        });
    }

    pub(super) fn in_file(&mut self, mistakes: Vec<file::Mistake>) {
        self.mistakes
            .extend(mistakes.into_iter().map(Mistake::File));
    }

    /// A variable that is set to nothing is as good as not set: templates of
    /// deployments write empty values.
    pub(super) fn text(&self, variable: &Variable) -> Option<String> {
        (self.lookup)(variable.name)
            .map(|value| value.trim().to_owned())
            .filter(|v| !v.is_empty())
    }

    /// The value of a variable whose default is a text.
    pub(super) fn text_or_default(&self, variable: &Variable) -> String {
        self.text(variable)
            .unwrap_or_else(|| variable.default.to_string())
    }

    pub(super) fn log_filter(&self) -> String {
        self.text_or_default(&variables::LOG_LEVEL)
    }

    /// The entries of a list. One that is set and has none is a mistake: who wrote
    /// it meant something.
    pub(super) fn list(&mut self, variable: &Variable) -> Vec<String> {
        let Some(text) = self.text(variable) else {
            return Vec::new();
        };
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(str::to_owned).collect();
        if parts.is_empty() {
            self.mistake(variable, &text, "a list with commas between its entries");
        }
        parts
    }

    pub(super) fn number(&mut self, number: &Number) -> u64 {
        self.number_or(number, number.default)
    }

    /// The value of a variable whose default only the machine knows.
    pub(super) fn number_or(&mut self, number: &Number, default: u64) -> u64 {
        let Number {
            variable,
            least,
            most,
            ..
        } = number;
        let Some(value) = self.text(variable) else {
            return default;
        };
        match value.replace('_', "").parse() {
            Ok(number) if (*least..=*most).contains(&number) => number,
            _ => {
                let expected = format!("a whole number from {least} to {most}");
                self.mistake(variable, &value, &expected);
                default
            }
        }
    }

    /// True if the variable says the second word rather than the first, its
    /// default.
    pub(super) fn choice(&mut self, choice: &Choice) -> bool {
        let Choice {
            variable,
            first,
            second,
        } = choice;
        match self.text(variable) {
            None => false,
            Some(value) if value == *first => false,
            Some(value) if value == *second => true,
            Some(value) => {
                self.mistake(variable, &value, &format!("{first} or {second}"));
                false
            }
        }
    }

    /// A value of a type that says itself what is wrong with a text; `what` is
    /// what it is called.
    pub(super) fn parsed<T>(&mut self, variable: &Variable, what: &str) -> T
    where
        T: FromStr + Default,
        T::Err: fmt::Display,
    {
        let Some(value) = self.text(variable) else {
            return T::default();
        };
        value.parse().unwrap_or_else(|error| {
            self.mistake(variable, &value, &format!("{what} ({error})"));
            T::default()
        })
    }

    /// The mistakes so far.
    #[cfg(feature = "cli")]
    pub(super) fn mistakes(self) -> Vec<Mistake> {
        self.mistakes
    }

    /// The mistakes so far, and those of what was read without a part of it; a lack is none
    /// of those, because that part may have had what is missing.
    pub(super) fn fail<T>(mut self, read: Result<T, Mistakes>) -> Result<T, Mistakes> {
        let others = read.err().map_or(Vec::new(), |mistakes| mistakes.0);
        let is_lack = |other: &Mistake| matches!(other, Mistake::Variable { value: None, .. });
        self.mistakes
            .extend(others.into_iter().filter(|other| !is_lack(other)));
        Err(Mistakes(self.mistakes))
    }

    pub(super) fn finish<T>(self, config: T) -> Result<T, Mistakes> {
        if self.mistakes.is_empty() {
            Ok(config)
        } else {
            Err(Mistakes(self.mistakes))
        }
    }
}
