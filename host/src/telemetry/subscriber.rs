//! The log: lines on the standard error.

use std::io;

use tracing::Level;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterFn, LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::Registry;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::text::json_lines;

/// The crates of AWS's SDK. Below `info` some of them write the id of the access
/// key, and an id is half of a key.
const SDK: &str = "aws_";

/// Form of a line of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of JSON, for machines.
    Json,
    /// A line of text, for people.
    Text {
        /// True for escape codes of colors, which only a terminal takes.
        colored: bool,
    },
}

/// Write the log to the standard error from now on, as far as `filter` lets it
/// through (`info`, or `warn,thimble=debug`). A filter that cannot be read lets
/// warnings through, of which the first says so. Lines of AWS's SDK below `info` are
/// never written, whatever the filter says. The first call in a process decides.
pub fn start(format: Format, filter: &str) {
    let read = targets(filter);
    let is_unread = read.is_none();
    let targets = read.unwrap_or_else(|| Targets::new().with_default(Level::WARN));
    let most = Layer::<Registry>::max_level_hint(&targets).unwrap_or(LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt()
        .with_max_level(most)
        // A line that cannot be written is lost: to say so on the same standard
        // error would panic.
        .log_internal_errors(false)
        .with_writer(io::stderr);
    let started = match format {
        Format::Json => {
            let lines = lines.json().flatten_event(true).with_current_span(true);
            let lines = lines.with_writer(|| Escaped(io::stderr()));
            let lines = lines.finish().with(sdk_at_info());
            lines.with(targets).try_init()
        }
        Format::Text { colored } => {
            let lines = lines.with_ansi(colored).with_target(false);
            let lines = lines.finish().with(sdk_at_info());
            lines.with(targets).try_init()
        }
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    } else if is_unread {
        tracing::warn!(
            filter,
            "the filter of the log cannot be read, so warnings are written; it is for example info, \
             or warn,thimble=debug"
        );
    }
}

/// The filter, if it can be read: a level, and targets with their levels, between commas.
/// Directives of spans, which have brackets, would be read as targets that nothing has, and
/// so would a misspelled level.
fn targets(filter: &str) -> Option<Targets> {
    let parts = filter.split(',').map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let is_known = |part: &str| match part.split_once('=') {
        Some((target, _)) => !target.contains('['),
        None => part.parse::<LevelFilter>().is_ok(),
    };
    let is_readable = !parts.is_empty() && parts.iter().all(|part| is_known(part));
    let text = is_readable.then(|| parts.join(","))?;
    text.parse().ok()
}

/// Give every warning of adapters and engines to `tell` from now on, a line at a
/// time: for a command that speaks with people, and tells of images itself.
pub fn tell_warnings(tell: impl Fn(&str) + Clone + Send + Sync + 'static) {
    let told = |line: &tracing::Metadata<'_>| {
        let ours = [
            "thimble::local",
            "thimble::engines",
            "thimble::reload",
            "thimble::telemetry::traces",
        ];
        ours.iter().any(|target| line.target().starts_with(target)) && *line.level() <= Level::WARN
    };
    let lines = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_level(false)
        .with_target(false)
        .without_time()
        .log_internal_errors(false)
        .with_writer(move || Lines(tell.clone()));
    if lines.finish().with(filter_fn(told)).try_init().is_err() {
        tracing::debug!("the log was started before");
    }
}

/// Writer that gives away what it is given.
struct Lines<T>(T);

impl<T: Fn(&str)> io::Write for Lines<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writer of lines of JSON in which all that a terminal would obey is escaped.
struct Escaped<W>(W);

impl<W: io::Write> io::Write for Escaped<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = json_lines(&String::from_utf8_lossy(bytes));
        self.0.write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn sdk_at_info() -> FilterFn {
    filter_fn(|line| !line.target().starts_with(SDK) || *line.level() <= Level::INFO)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_filter_says_what_is_written_or_is_unreadable() {
        for (filter, info, debug) in [
            ("info", true, false),
            ("info,", true, false),
            (" info , ", true, false),
            (",,warn,", false, false),
            ("warn,thimble=debug", true, true),
            ("warn, thimble=debug,", true, true),
            ("warn,other=debug", false, false),
            ("off", false, false),
        ] {
            let targets = targets(filter).unwrap();
            let writes = |level| targets.would_enable("thimble::worker", &level);
            let warns = filter != "off";
            assert_eq!(writes(Level::WARN), warns, "{filter}");
            assert_eq!(writes(Level::INFO), info, "{filter}");
            assert_eq!(writes(Level::DEBUG), debug, "{filter}");
        }
        for filter in [
            "",
            ",",
            "verbose",
            "info,thimble",
            "thimble=loud",
            "thimble[object]=debug",
            "info,thimble[object]",
            "info,thimble[{key}]=debug",
            "a=b=c",
        ] {
            assert_eq!(targets(filter), None, "{filter}");
        }
    }

    #[test]
    fn a_line_of_json_holds_nothing_that_a_terminal_obeys() {
        let mut lines = Escaped(Vec::new());
        let text = "{\"a\":\"\u{9b}31m\u{202e}é\"}\n";
        lines.write_all(text.as_bytes()).unwrap();
        let written = String::from_utf8(lines.0).unwrap();
        assert_eq!(written, "{\"a\":\"\\u009b31m\\u202eé\"}\n");
    }
}
