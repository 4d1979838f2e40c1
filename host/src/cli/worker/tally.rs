//! Counts of a worker, for its log and as metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::super::voice::Voice;
use crate::error::Disposition;
use crate::ports::Engine;
use crate::report::MessageReport;
use crate::telemetry::Measures;

/// The name of a worker in its metrics.
const NAME: &str = "worker";

/// Pause between two lines about what was done.
const PERIOD: Duration = Duration::from_secs(60);

/// Counts of what became of messages.
#[derive(Debug)]
pub(super) struct Tally {
    begun: Instant,
    engine: Arc<dyn Engine>,
    /// Numbers for metrics and where they go, if somebody wants them.
    measures: Option<(Mutex<Measures>, Voice)>,
    done: AtomicU64,
    skipped: AtomicU64,
    rejected: AtomicU64,
    retried: AtomicU64,
    thumbnails: AtomicU64,
}

impl Tally {
    /// Nothing is done yet. Metrics are written with `metrics`, if there is one.
    pub(super) fn new(engine: Arc<dyn Engine>, metrics: Option<Voice>) -> Self {
        Self {
            begun: Instant::now(),
            engine,
            measures: metrics.map(|voice| (Mutex::new(Measures::new(NAME)), voice)),
            done: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            thumbnails: AtomicU64::new(0),
        }
    }

    pub(super) fn add(&self, report: &MessageReport) {
        let counter = match report.disposition {
            Disposition::Done => &self.done,
            Disposition::Skip => &self.skipped,
            Disposition::Reject => &self.rejected,
            Disposition::Retry => &self.retried,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let outcomes = report.objects.iter().flat_map(|object| &object.result);
        let written: usize = outcomes.map(|outcome| outcome.written.len()).sum();
        self.thumbnails.fetch_add(written as u64, Ordering::Relaxed);
        if let Some((measures, _)) = &self.measures {
            let mut measures = measures.lock().unwrap_or_else(PoisonError::into_inner);
            measures.add(report);
        }
    }

    /// Tell what was done, every minute in which there was something.
    pub(super) async fn tell(self: Arc<Self>) {
        let mut told = 0;
        loop {
            tokio::time::sleep(PERIOD).await;
            let total = self.total();
            if total > told {
                told = total;
                self.log("worker goes on");
            }
            self.measure();
        }
    }

    fn total(&self) -> u64 {
        let all = [&self.done, &self.skipped, &self.rejected, &self.retried];
        all.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// The last that is told.
    pub(super) fn end(&self) {
        self.log("worker ended");
        self.measure();
    }

    /// Write what was counted since the last time to the standard output, which
    /// has nothing else: an agent makes metrics of its lines.
    fn measure(&self) {
        let Some((measures, voice)) = &self.measures else {
            return;
        };
        let mut measures = measures.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = measures.take(&*self.engine, SystemTime::now());
        drop(measures);
        for line in lines {
            if let Err(error) = voice.say(line) {
                tracing::warn!(error.message = %error, "metrics could not be written");
            }
        }
    }

    fn log(&self, what: &str) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        tracing::info!(
            worker.done = count(&self.done),
            worker.skipped = count(&self.skipped),
            worker.rejected = count(&self.rejected),
            worker.retried = count(&self.retried),
            thumbnails.count = count(&self.thumbnails),
            worker.seconds = self.begun.elapsed().as_secs_f64(),
            "{what}"
        );
    }
}
