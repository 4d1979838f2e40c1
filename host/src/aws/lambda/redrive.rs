//! `redrive-dlq`: from the dead-letter queue back to the source queue.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Cold, Context, Failure, unreadable};
use crate::aws::{Connection, Sqs};
use crate::letter::Choice;
use crate::metric::Metric;
use crate::ports::{Queue, QueueError};
use crate::redrive::{Options, Redrive, Report};
use crate::telemetry::Metrics;

/// The name of this function in its metrics.
const NAME: &str = "redrive-dlq";

/// Most letters that an answer lists: Lambda bounds its length, and nobody reads
/// more. The numbers count all of them.
const TOLD: usize = 100;

/// Time of an invocation that is kept for its answer.
const CLOSING: Duration = Duration::from_secs(1);

/// Payload of an invocation.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Payload {
    max: Option<u64>,
    dry_run: bool,
    key_prefix: Option<String>,
    error_kind: Option<String>,
    pub(super) rate_per_second: Option<f64>,
    pub(super) native: bool,
}

impl Payload {
    pub(super) fn of(event: Value) -> Result<Self, Failure> {
        if event.is_null() {
            return Ok(Self::default());
        }
        if !event.is_object() {
            return Err(asked(
                "the payload must be an object, such as {} or {\"max\": 10}",
            ));
        }
        let payload = Self::deserialize(event).map_err(|error| {
            asked(&format!(
                "max, dryRun, keyPrefix, errorKind, ratePerSecond and native are understood: {error}"
            ))
        })?;
        if payload.rate_per_second.is_some_and(|rate| rate <= 0.0) {
            return Err(asked("ratePerSecond must be greater than 0"));
        }
        if payload.native && !payload.is_for_all() {
            return Err(asked(
                "native moves every letter: leave out max, dryRun, keyPrefix and errorKind",
            ));
        }
        Ok(payload)
    }

    /// True if it chooses no letters.
    fn is_for_all(&self) -> bool {
        let chosen = self.max.is_some() || self.key_prefix.is_some() || self.error_kind.is_some();
        !chosen && !self.dry_run
    }

    fn options(self) -> Options {
        Options {
            max: self.max,
            dry_run: self.dry_run,
            choice: Choice {
                key_prefix: self.key_prefix,
                error_kind: self.error_kind,
                ..Choice::default()
            },
            rate_per_second: self.rate_per_second,
        }
    }
}

fn asked(how: &str) -> Failure {
    Failure::InvalidEvent(how.to_owned())
}

/// Moves dead letters back.
#[derive(Debug)]
pub struct RedriveFunction {
    from: Sqs,
    to: Sqs,
    cold: Cold,
}

impl RedriveFunction {
    /// The function between the dead-letter queue and the source queue.
    pub fn new(connection: &Connection, dead_letters: &str, source: &str) -> Self {
        Self {
            from: Sqs::new(connection, dead_letters),
            to: Sqs::new(connection, source),
            cold: Cold::new(),
        }
    }

    /// Moves the letters that `event` asks for, and reports them. When time is over
    /// the answer says how many are left.
    ///
    /// # Errors
    /// If the event makes no sense, or the dead-letter queue cannot be read.
    pub async fn handle(&self, event: Value, context: Context) -> Result<Value, Failure> {
        let payload = Payload::of(event)?;
        let deadline = Instant::now() + context.left.saturating_sub(CLOSING);
        if payload.native {
            let rate = payload.rate_per_second;
            if let Some(answer) = super::native::run(&self.from, &self.to, rate, deadline).await? {
                return Ok(answer);
            }
            tracing::info!(
                "the queue does not redrive by itself, or may not be asked to: moving letter by letter"
            );
        }
        let report = redrive(
            Arc::new(self.from.clone()),
            Arc::new(self.to.clone()),
            payload,
            deadline,
        )
        .await
        .map_err(unreadable)?;
        self.measure(&report);
        tracing::info!(
            redrive.found = report.found,
            redrive.moved = report.moved,
            redrive.skipped = report.skipped,
            redrive.failed = report.failed,
            redrive.left = report.left,
            redrive.dry_run = report.dry_run,
            "letters redriven"
        );
        Ok(answer(report))
    }

    fn measure(&self, report: &Report) {
        let mut metrics = Metrics::new([("Function", NAME)]);
        for (metric, count) in [
            (Metric::Moved, report.moved),
            (Metric::Skipped, report.skipped),
            (Metric::Failed, report.failed),
            (Metric::Left, report.left),
        ] {
            metrics.add(metric, count as f64);
        }
        if self.cold.take() {
            metrics.add(Metric::ColdStart, 1.0);
        }
        if let Some(line) = metrics.line(SystemTime::now()) {
            println!("{line}");
        }
    }
}

pub(super) async fn redrive(
    from: Arc<dyn Queue>,
    to: Arc<dyn Queue>,
    payload: Payload,
    deadline: Instant,
) -> Result<Report, QueueError> {
    let options = payload.options();
    let redrive = Redrive { from, to, options };
    redrive.run(Some(deadline)).await
}

pub(super) fn answer(mut report: Report) -> Value {
    let untold = report.entries.len().saturating_sub(TOLD);
    report.entries.truncate(TOLD);
    let mut answer = json!(report);
    answer["untold"] = untold.into();
    answer
}
