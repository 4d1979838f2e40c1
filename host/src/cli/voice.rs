//! The one way in which commands write.
//!
//! Results go to the standard output and everything else to the standard error, a
//! line at a time, from whichever thread. A write that fails is an error for the
//! command to decide about. The reader that has gone is the common one: see
//! [`unless_unheard`].
//!
//! Whatever a stranger managed to smuggle into a line, no terminal obeys it: this
//! is the last wall, behind those who escape what they show.

use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;
use serde::Serialize;

use crate::text::{printable_json, printable_lines};

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

    /// Results to `out`, the rest to `err`, which a person may watch.
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

    /// True if the standard error takes colors: it is a terminal, and `NO_COLOR` is
    /// not set.
    pub(in crate::cli) fn has_colors(&self) -> bool {
        let forbidden = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        self.is_watched() && !forbidden
    }

    /// Write a line of results.
    pub(in crate::cli) fn say(&self, line: impl Display) -> io::Result<()> {
        self.write(&self.streams.out, printable_lines(line))
    }

    /// Write a result as a line of JSON.
    pub(in crate::cli) fn say_json(&self, value: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_string(value)?;
        self.write(&self.streams.out, printable_json(&line))
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

/// Success, too, when the reader has gone. A command ends when nobody
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that can be read.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(lock(&self.0).clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            lock(&self.0).write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A writer whose reader has gone.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn results_and_notes_go_their_own_ways_and_move_no_cursor() {
        let (out, err) = (Paper::default(), Paper::default());
        let voice = Voice::new(Box::new(out.clone()), Box::new(err.clone()), false);
        voice.say("one\ntwo \u{1b}[2J").unwrap();
        voice.say_json(&"\u{9b}31m").unwrap();
        voice.note("careful\r").unwrap();
        assert_eq!(out.text(), "one\ntwo \\u{1b}[2J\n\"\\u009b31m\"\n");
        assert_eq!(err.text(), "careful\\u{d}\n");
    }

    #[test]
    fn only_a_reader_that_has_gone_is_nothing_to_worry_about() {
        let voice = Voice::new(Box::new(Gone), Box::new(Paper::default()), false);
        let told = voice.say("anybody?");
        assert!(told.as_ref().is_err_and(is_unheard));
        assert!(unless_unheard(told).is_ok());
        assert!(unless_unheard(Err(io::ErrorKind::StorageFull.into())).is_err());
    }
}
