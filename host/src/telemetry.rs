//! Logs and metrics: one line of log for each object, one for each batch, and
//! metrics of both.
//!
//! A failure is logged once, here, with dotted fields to search by. Bodies and
//! secrets never are. Keys are a stranger's text and are shown with their
//! control characters escaped.

use tracing::Span;

use crate::error::with_causes;
use crate::report::{BatchReport, Counts, MessageReport, ObjectReport, Skipped};
use crate::text::printable;

mod form;
mod measures;
mod metrics;
#[cfg(feature = "monitors")]
mod scrape;
mod spans;
#[cfg(feature = "logs")]
mod subscriber;
#[cfg(feature = "traces")]
mod traces;
#[cfg(not(feature = "monitors"))]
mod unmonitored;

pub use form::Form;
pub use measures::Measures;
pub use metrics::Metrics;
#[cfg(feature = "monitors")]
pub use scrape::{EXPORTED, Exported, Kind, Scrape, redriven};
pub use spans::{Ids, Origin, Sender, Spans, TracesError, W3C, X_RAY};
#[cfg(feature = "logs")]
pub use subscriber::{Format, start, tell_warnings};
#[cfg(feature = "monitors")]
pub use traces::traces;
#[cfg(feature = "lambda")]
pub(crate) use traces::{Exporter, traces_by};
#[cfg(not(feature = "monitors"))]
pub use unmonitored::{Scrape, redriven, traces};

/// One line for an object, with the ids of its span if spans are made.
pub(crate) fn object(report: &ObjectReport, origin: &Origin, spans: Option<&dyn Spans>) {
    let ids = spans.map(|spans| spans.image(origin, report));
    let trace = ids.as_ref().map(|ids| ids.trace.as_str());
    let span = ids.as_ref().map(|ids| ids.span.as_str());
    let (bucket, key) = match &report.location {
        Some(location) => (printable(&location.bucket), printable(&location.key)),
        None => (String::new(), String::new()),
    };
    let duration = report.took.as_secs_f64() * 1_000.0;
    match &report.result {
        Ok(outcome) => {
            let engine = outcome
                .engine
                .as_ref()
                .map_or("", |engine| engine.digest.as_str());
            tracing::info!(
                object.bucket = bucket,
                object.key = key,
                object.bytes = outcome.bytes,
                disposition = outcome.disposition().as_str(),
                skip.reason = outcome.skipped.map(Skipped::as_str),
                thumbnails.count = outcome.written.len(),
                thumbnails.bytes = outcome.bytes_written,
                thumbnails.removed = outcome.removed.len(),
                engine.digest = engine,
                engine.version = outcome
                    .engine
                    .as_ref()
                    .map(|engine| engine.version.as_str()),
                warnings = outcome.warnings.join("; "),
                duration.total_ms = duration,
                duration.get_ms = outcome.took.get.as_secs_f64() * 1_000.0,
                duration.generate_ms = outcome.took.generate.as_secs_f64() * 1_000.0,
                duration.put_ms = outcome.took.put.as_secs_f64() * 1_000.0,
                trace.id = trace,
                span.id = span,
                "object worked on"
            );
        }
        Err(error) => {
            let verdict = error.verdict();
            tracing::warn!(
                object.bucket = bucket,
                object.key = key,
                disposition = verdict.disposition.as_str(),
                error.kind = verdict.kind,
                error.blame = verdict.blame.as_str(),
                error.message = with_causes(error),
                engine.digest = error.engine_digest().unwrap_or_default(),
                engine.version = error.engine_version(),
                duration.total_ms = duration,
                trace.id = trace,
                span.id = span,
                "object failed"
            );
        }
    }
}

/// Span of every line about the work on a message: its id, and its trace.
pub(crate) fn span(origin: &Origin) -> Span {
    let (id, trace) = (&origin.message, &origin.trace);
    tracing::info_span!("message", message.id = id, trace.id = trace.as_deref())
}

/// Lines for the parts of a message that no line for an object has told of.
pub(crate) fn message(report: &MessageReport) {
    for error in report
        .objects
        .iter()
        .filter(|object| object.location.is_none())
    {
        if let Err(error) = &error.result {
            let verdict = error.verdict();
            tracing::warn!(
                message.id = report.id,
                disposition = verdict.disposition.as_str(),
                error.kind = verdict.kind,
                error.message = with_causes(error),
                "message not understood"
            );
        }
    }
    if report.dead_lettered {
        tracing::warn!(
            message.id = report.id,
            "message sent to the dead-letter queue"
        );
    }
    if let Some(error) = &report.dead_letter_failed {
        tracing::error!(
            message.id = report.id,
            error.message = with_causes(error),
            "message could not be sent to the dead-letter queue and will be tried again"
        );
    }
}

/// One line for a batch.
pub(crate) fn batch(report: &BatchReport) {
    let counts = Counts::of(&report.messages);
    tracing::info!(
        batch.messages = counts.messages.total(),
        batch.objects = counts.objects.total(),
        batch.done = counts.messages.done,
        batch.skipped = counts.messages.skipped,
        batch.rejected = counts.messages.rejected,
        batch.retried = counts.messages.retried,
        duration.total_ms = report.took.as_secs_f64() * 1_000.0,
        "batch worked on"
    );
}
