//! Where the lines of log go.

use tracing_subscriber::filter::EnvFilter;

/// How a line is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line of JSON, for machines.
    Json,
    /// A line of text, for people.
    Text,
}

/// Write the log to the standard error from now on, as far as `filter` lets it
/// through (`info`, or `warn,thimble=debug`). A filter that cannot be read lets
/// warnings through. Whoever calls this first in a process decides.
pub fn start(format: Format, filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match format {
        Format::Json => lines
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .try_init(),
        Format::Text => lines.with_target(false).try_init(),
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
}
