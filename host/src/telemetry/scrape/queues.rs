//! Depth and age of queues, asked for now and then.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::time::{Instant, timeout};

use super::exported::{QUEUE_MESSAGES, QUEUE_OLDEST};
use crate::ports::{Depth, Queue, QueueError};
use crate::report::MessageReport;
use crate::text::with_causes;

/// Name of the queue of work.
const WORK: &str = "work";

/// Name of the queue of dead letters.
const DEAD_LETTERS: &str = "dead-letters";

/// Pause between two looks at the queues: each is a request, which may cost.
const PAUSE: Duration = Duration::from_secs(15);

/// Time for the queues to answer: whoever scrapes waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// Time for which the age of a message that was worked on is remembered, at least.
const MEMORY: Duration = Duration::from_secs(60);

/// The queues of a process, and the last that was heard of them.
#[derive(Debug)]
pub(super) struct Queues {
    watched: Vec<(&'static str, Arc<dyn Queue>)>,
    messages: Family<[(&'static str, &'static str); 2], Gauge>,
    oldest: Family<[(&'static str, &'static str); 1], Gauge<f64, AtomicU64>>,
    looked: tokio::sync::Mutex<Option<Instant>>,
    seen: Mutex<Seen>,
}

impl Queues {
    pub(super) fn register(
        registry: &mut Registry,
        work: Arc<dyn Queue>,
        dead_letters: Option<Arc<dyn Queue>>,
    ) -> Self {
        let dead_letters = dead_letters.map(|queue| (DEAD_LETTERS, queue));
        let queues = Self {
            watched: [(WORK, work)].into_iter().chain(dead_letters).collect(),
            messages: Family::default(),
            oldest: Family::default(),
            looked: tokio::sync::Mutex::default(),
            seen: Mutex::default(),
        };
        QUEUE_MESSAGES.register(registry, queues.messages.clone());
        QUEUE_OLDEST.register(registry, queues.oldest.clone());
        queues
    }

    /// Add the age at which a message was taken.
    pub(super) fn add(&self, report: &MessageReport) {
        let age = report.sent.and_then(|sent| sent.elapsed().ok());
        if let Some(age) = age {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.add(age.saturating_sub(report.took), Instant::now());
        }
    }

    /// Ask the queues, unless they were asked lately.
    pub(super) async fn refresh(&self) {
        let Ok(mut looked) = self.looked.try_lock() else {
            return;
        };
        if looked.is_some_and(|looked| looked.elapsed() < PAUSE) {
            return;
        }
        let all = self.watched.iter().map(|(name, queue)| async move {
            let answered = timeout(PATIENCE, state(&**queue)).await;
            (*name, answered)
        });
        for (name, answered) in futures_util::future::join_all(all).await {
            match answered {
                Ok(Ok((depth, oldest))) => self.show(name, depth, oldest),
                Ok(Err(error)) => {
                    let reason = with_causes(&error);
                    tracing::debug!(error.message = reason, "a queue does not tell its depth");
                    self.forget(name);
                }
                Err(_) => self.forget(name),
            }
        }
        *looked = Some(Instant::now());
    }

    fn show(&self, name: &'static str, depth: Depth, oldest: Option<SystemTime>) {
        self.set(name, "visible", depth.visible);
        if name == WORK {
            self.set(name, "in-flight", depth.in_flight);
        }
        let age = match oldest {
            Some(sent) => Some(sent.elapsed().unwrap_or_default()),
            // A queue that knows has nothing; one that does not may have.
            None if depth.total() == 0 => Some(Duration::ZERO),
            None if name == WORK => self.seen(),
            None => None,
        };
        let labels = [("queue", name)];
        match age {
            Some(age) => drop(self.oldest.get_or_create(&labels).set(age.as_secs_f64())),
            None => drop(self.oldest.remove(&labels)),
        }
    }

    fn set(&self, name: &'static str, state: &'static str, count: u64) {
        let gauge = self
            .messages
            .get_or_create(&[("queue", name), ("state", state)]);
        gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Show nothing of a queue that does not answer.
    fn forget(&self, name: &'static str) {
        for state in ["visible", "in-flight"] {
            self.messages.remove(&[("queue", name), ("state", state)]);
        }
        self.oldest.remove(&[("queue", name)]);
    }

    fn seen(&self) -> Option<Duration> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.oldest(Instant::now())
    }
}

async fn state(queue: &dyn Queue) -> Result<(Depth, Option<SystemTime>), QueueError> {
    Ok((queue.depth().await?, queue.oldest().await?))
}

/// The greatest age of a message in the last minute or two.
#[derive(Debug, Default)]
struct Seen {
    since: Option<Instant>,
    now: Option<Duration>,
    before: Option<Duration>,
}

impl Seen {
    fn turn(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        let periods = now.duration_since(since).as_secs() / MEMORY.as_secs();
        if periods > 0 {
            let last = self.now.take();
            self.before = if periods == 1 { last } else { None };
            self.since = Some(now);
        }
    }

    fn add(&mut self, age: Duration, now: Instant) {
        self.turn(now);
        self.now = self.now.max(Some(age));
    }

    fn oldest(&mut self, now: Instant) -> Option<Duration> {
        self.turn(now);
        self.now.max(self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_age_of_what_was_worked_on_is_forgotten_after_a_while() {
        let mut seen = Seen::default();
        let (begun, second) = (Instant::now(), Duration::from_secs(1));
        assert_eq!(seen.oldest(begun), None);
        seen.add(900 * second, begun);
        seen.add(5 * second, begun + second);
        assert_eq!(seen.oldest(begun + 59 * second), Some(900 * second));
        seen.add(7 * second, begun + 61 * second);
        assert_eq!(seen.oldest(begun + 62 * second), Some(900 * second));
        assert_eq!(seen.oldest(begun + 130 * second), Some(7 * second));
        assert_eq!(seen.oldest(begun + 400 * second), None);
    }
}
