//! Counts of a command that works, for its log and as metrics.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::super::voice::Voice;
use crate::ports::EngineIdentity;
use crate::report::{Counts, MessageReport};
use crate::service::Service;
use crate::telemetry::{Form, Measures, Scrape};
use crate::text::with_causes;

/// The name of a worker in its metrics.
const NAME: &str = "worker";

/// Pause between two lines about what was done.
const PERIOD: Duration = Duration::from_secs(60);

/// Counts of what became of messages.
#[derive(Debug)]
pub(in crate::cli) struct Tally {
    begun: Instant,
    service: Service,
    /// Numbers to be scraped, if they are.
    scrape: Option<Scrape>,
    /// Numbers for metrics, and the voice to write them with, if they are wanted.
    measures: Option<(Mutex<Measures>, Voice)>,
    counts: Mutex<Counts>,
}

impl Tally {
    /// Nothing is done by `service` yet. Metrics are written with `metrics`, if there is one,
    /// and shown in `scrape`.
    pub(in crate::cli) fn new(
        service: Service,
        scrape: Option<Scrape>,
        metrics: Option<Voice>,
    ) -> Self {
        Self {
            begun: Instant::now(),
            service,
            scrape,
            measures: metrics.map(|voice| (Mutex::new(Measures::new(NAME)), voice)),
            counts: Mutex::default(),
        }
    }

    pub(in crate::cli) fn add(&self, report: &MessageReport) {
        lock(&self.counts).add(report);
        if let Some((measures, _)) = &self.measures {
            lock(measures).add(report);
        }
        if let Some(scrape) = &self.scrape {
            scrape.add(report);
        }
    }

    /// The page of metrics of a worker that is well or not; nothing if none are scraped.
    pub(in crate::cli) async fn page(&self, is_well: bool, form: Form) -> String {
        let Some(scrape) = &self.scrape else {
            return String::new();
        };
        self.gather();
        scrape.live(self.engine());
        scrape.page(is_well, form).await
    }

    /// True if metrics are scraped.
    pub(in crate::cli) fn is_scraped(&self) -> bool {
        self.scrape.is_some()
    }

    /// The engine of one key; while a canary is out the log has the others.
    fn engine(&self) -> Arc<EngineIdentity> {
        self.service.engine.identity("")
    }

    /// Add what engine and configuration have counted since the last time, which is told
    /// once, to all who count.
    fn gather(&self) {
        for (metric, count) in self.service.counts() {
            if let Some((measures, _)) = &self.measures {
                lock(measures).count(metric, count);
            }
            if let Some(scrape) = &self.scrape {
                scrape.count(metric, count);
            }
        }
    }

    /// Tell what was done, every minute in which there was something.
    pub(in crate::cli) async fn tell(self: Arc<Self>) {
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
    pub(in crate::cli) fn end(&self) {
        self.log("worker ended");
        self.measure();
    }

    /// Write what was counted since the last time to the standard output, which
    /// has nothing else: an agent makes metrics of its lines.
    fn measure(&self) {
        let Some((measures, voice)) = &self.measures else {
            return;
        };
        self.gather();
        let lines = lock(measures).take(&self.engine(), SystemTime::now());
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
