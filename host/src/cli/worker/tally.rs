//! What a worker has done so far, for its log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::batch::MessageReport;
use crate::error::Disposition;

/// How often it is told what was done.
const PERIOD: Duration = Duration::from_secs(60);

/// Counts what becomes of messages.
#[derive(Debug)]
pub(super) struct Tally {
    begun: Instant,
    done: AtomicU64,
    skipped: AtomicU64,
    rejected: AtomicU64,
    retried: AtomicU64,
    thumbnails: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            done: AtomicU64::new(0),
            skipped: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            thumbnails: AtomicU64::new(0),
        }
    }
}

impl Tally {
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
    }

    /// Log what was done, every minute in which there was something.
    pub(super) async fn tell(self: Arc<Self>) {
        let mut told = 0;
        loop {
            tokio::time::sleep(PERIOD).await;
            let total = self.total();
            if total > told {
                told = total;
                self.log("worker goes on");
            }
        }
    }

    fn total(&self) -> u64 {
        let all = [&self.done, &self.skipped, &self.rejected, &self.retried];
        all.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    pub(super) fn log(&self, what: &str) {
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
