//! The one way in which commands write.
//!
//! Results go to the standard output and everything else to the standard error, a
//! line at a time, from whichever thread. A write that fails is an error for the
//! command to decide about. The reader that has gone is the common one: see
//! [`unless_unheard`].
//!
//! No command of a stranger reaches a terminal, whatever a line is made of: control
//! characters are escaped here. Text of strangers that must stay on its line is made
//! [`printable`](crate::text::printable) by who puts it there.

use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use serde::Serialize;

use crate::telemetry::Format;
use crate::text::{self, printable_lines};

/// Writers of a command, and the tone that it was asked for. Cheap to clone.
#[derive(Clone)]
pub struct Voice {
    streams: Arc<Streams>,
    tone: Tone,
}

struct Streams {
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
    /// True if a person watches `err`, on a terminal.
    is_watched: bool,
    /// The bar that is on the terminal now: it makes room for lines.
    bar: Mutex<ProgressBar>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    /// Words, for people.
    Words,
    /// Failures, and nothing else.
    Quiet,
    /// Lines of JSON, for programs.
    Json,
}

impl Voice {
    /// The standard output and error of this process.
    pub fn of_process() -> Self {
        // Not locked: some commands write from several threads.
        let (out, err) = (io::stdout(), io::stderr());
        let is_watched = err.is_terminal();
        Self::new(Box::new(out), Box::new(err), is_watched)
    }

    /// Writes results to `out` and the rest to `err`, which somebody may watch.
    pub fn new(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, is_watched: bool) -> Self {
        let streams = Streams {
            out: Mutex::new(out),
            err: Mutex::new(err),
            is_watched,
            bar: Mutex::new(ProgressBar::hidden()),
        };
        Self {
            streams: Arc::new(streams),
            tone: Tone::Words,
        }
    }

    /// The same writers, in the tone that the options of a command ask for.
    pub(in crate::cli) fn with_tone(&self, quiet: bool, json: bool) -> Self {
        let tone = match (quiet, json) {
            (true, _) => Tone::Quiet,
            (_, true) => Tone::Json,
            _ => Tone::Words,
        };
        Self {
            streams: self.streams.clone(),
            tone,
        }
    }

    /// True if there are words for people.
    pub(in crate::cli) fn speaks(&self) -> bool {
        self.tone == Tone::Words
    }

    /// True if results are lines of JSON.
    pub(in crate::cli) fn is_json(&self) -> bool {
        self.tone == Tone::Json
    }

    /// True if only failures are told.
    pub(in crate::cli) fn is_quiet(&self) -> bool {
        self.tone == Tone::Quiet
    }

    /// True if the standard error takes colors. A terminal does, unless `NO_COLOR` or
    /// `CLICOLOR=0` forbids them; with `CLICOLOR_FORCE` everything does.
    pub(in crate::cli) fn has_colors(&self) -> bool {
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        if variable("NO_COLOR").is_some() {
            return false;
        }
        let is_forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        is_forced || self.is_watched() && variable("CLICOLOR").is_none_or(|value| value != "0")
    }

    /// Format of the log: words for people, or lines of JSON.
    pub(in crate::cli) fn log_format(&self, words: bool) -> Format {
        if words {
            let colored = self.has_colors();
            Format::Text { colored }
        } else {
            Format::Json
        }
    }

    /// Write a line of results.
    pub(in crate::cli) fn say(&self, line: impl Display) -> io::Result<()> {
        self.write(&self.streams.out, printable_lines(line))
    }

    /// Write a result as a line of JSON.
    pub(in crate::cli) fn say_json(&self, value: &impl Serialize) -> io::Result<()> {
        self.write(&self.streams.out, text::json(value)?)
    }

    /// Write bytes that are the result: they are none of a stranger's, or go where
    /// they were asked for.
    pub(in crate::cli) fn give(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = lock(&self.streams.out);
        out.write_all(bytes)?;
        out.flush()
    }

    /// Write a line that is no result: a hint, a warning, a failure.
    pub(in crate::cli) fn note(&self, line: impl Display) -> io::Result<()> {
        self.write(&self.streams.err, printable_lines(line))
    }

    fn write(&self, stream: &Mutex<Box<dyn Write + Send>>, mut line: String) -> io::Result<()> {
        line.push('\n');
        let bar = lock(&self.streams.bar).clone();
        bar.suspend(|| lock(stream).write_all(line.as_bytes()))
    }

    /// A sign of life, for a person who watches.
    pub(in crate::cli) fn bar(&self) -> ProgressBar {
        if self.is_watched() && self.speaks() {
            self.show(ProgressBar::new_spinner())
        } else {
            ProgressBar::hidden()
        }
    }

    /// True if a person watches the standard error.
    pub(in crate::cli) fn is_watched(&self) -> bool {
        self.streams.is_watched
    }

    /// Let lines make their way past `bar`.
    pub(in crate::cli) fn show(&self, bar: ProgressBar) -> ProgressBar {
        *lock(&self.streams.bar) = bar.clone();
        bar
    }
}

impl fmt::Debug for Voice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voice")
            .field("tone", &self.tone)
            .finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// True if the reader went away, as `head` does when it has seen enough.
pub(in crate::cli) fn is_unheard(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Lets a reader go whose presence does not matter. A command ends when nobody
/// reads its results any more, unless it does work besides: that is finished, and
/// decides how the command ends.
pub(in crate::cli) fn unless_unheard(told: io::Result<()>) -> io::Result<()> {
    told.or_else(|error| {
        if is_unheard(&error) {
            Ok(())
        } else {
            Err(error)
        }
    })
}
