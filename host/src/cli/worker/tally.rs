//! Counts of a worker, for its log and as metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::super::voice::Voice;
use crate::pipeline::Pipeline;
use crate::ports::Engine;
use crate::report::{Counts, MessageReport};
use crate::telemetry::Measures;
use crate::text::with_causes;

/// The name of a worker in its metrics.
const NAME: &str = "worker";

/// Pause between two lines about what was done.
const PERIOD: Duration = Duration::from_secs(60);

/// Counts of what became of messages.
#[derive(Debug)]
pub(super) struct Tally {
    begun: Instant,
    engine: Arc<dyn Engine>,
    pipeline: Arc<Pipeline>,
    /// Numbers for metrics, and the voice to write them with, if they are wanted.
    measures: Option<(Mutex<Measures>, Voice)>,
    counts: Mutex<Counts>,
}

impl Tally {
    /// Nothing is done yet. Metrics are written with `metrics`, if there is one.
    pub(super) fn new(
        engine: Arc<dyn Engine>,
        pipeline: Arc<Pipeline>,
        metrics: Option<Voice>,
    ) -> Self {
        Self {
            begun: Instant::now(),
            engine,
            pipeline,
            measures: metrics.map(|voice| (Mutex::new(Measures::new(NAME)), voice)),
            counts: Mutex::default(),
        }
    }

    pub(super) fn add(&self, report: &MessageReport) {
        lock(&self.counts).add(report);
        if let Some((measures, _)) = &self.measures {
            lock(measures).add(report);
        }
    }

    /// Tell what was done, every minute in which there was something.
    pub(super) async fn tell(self: Arc<Self>) {
        let mut told = 0;
        loop {
            tokio::time::sleep(PERIOD).await;
            let total = lock(&self.counts).messages.total();
            if total > told {
                told = total;
                self.log("worker goes on");
            }
            self.measure();
        }
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
        let lines = {
            let mut measures = lock(measures);
            for (metric, count) in self.pipeline.counts() {
                measures.count(metric, count);
            }
            measures.take(&*self.engine, SystemTime::now())
        };
        for line in lines {
            if let Err(error) = voice.say(line) {
                tracing::warn!(
                    error.message = with_causes(&error),
                    "metrics could not be written"
                );
            }
        }
    }

    fn log(&self, what: &str) {
        let counts = *lock(&self.counts);
        tracing::info!(
            worker.done = counts.messages.done,
            worker.skipped = counts.messages.skipped,
            worker.rejected = counts.messages.rejected,
            worker.retried = counts.messages.retried,
            thumbnails.count = counts.thumbnails,
            worker.seconds = self.begun.elapsed().as_secs_f64(),
            "{what}"
        );
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
