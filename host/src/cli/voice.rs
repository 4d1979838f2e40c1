//! How things are told, and to whom.

use std::fmt::Display;
use std::io::Write;

use indicatif::ProgressBar;

/// How things are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Voice {
    /// To somebody who watches: words, and bars of progress.
    Watched,
    /// To somebody who reads it later.
    Words,
    /// To somebody who wants to hear of nothing but failures.
    Quiet,
    /// To a program: a line of JSON for each thing.
    Json,
}

impl Voice {
    pub(in crate::cli) fn new(quiet: bool, json: bool, is_watched: bool) -> Self {
        match (quiet, json, is_watched) {
            (true, ..) => Self::Quiet,
            (_, true, _) => Self::Json,
            (_, _, true) => Self::Watched,
            _ => Self::Words,
        }
    }

    /// Whether words are for somebody.
    pub(in crate::cli) fn speaks(self) -> bool {
        matches!(self, Self::Watched | Self::Words)
    }

    /// A sign of life, for somebody who watches.
    pub(in crate::cli) fn bar(self) -> ProgressBar {
        if self == Self::Watched {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::hidden()
        }
    }
}

/// Write a line of results. If nobody reads them any more, the work goes on all
/// the same.
pub(in crate::cli) fn say(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Write a line about what went wrong.
pub(in crate::cli) fn complain(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
