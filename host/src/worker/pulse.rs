//! Signs of life of a worker, for those who watch it from outside.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Activity of a worker, and its beginning.
#[derive(Debug)]
pub struct Pulse {
    doing: Mutex<Doing>,
    /// Longest time for a queue to answer.
    queue: Duration,
    /// Longest time without any work ending.
    work: Duration,
}

#[derive(Clone, Copy, Debug)]
enum Doing {
    /// It has asked the queue for messages, and has no answer yet.
    Asking(Instant),
    /// It has its hands full.
    Working(Instant),
    /// It finishes what is in hand.
    Stopping,
}

/// Reason why a worker is not healthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// The queue has not answered for so long.
    QueueSilent(Duration),
    /// No work has ended for so long, though it should have.
    Stuck(Duration),
    /// It finishes what is in hand and takes nothing new.
    Stopping,
}

impl Pulse {
    /// The pulse of a worker that starts now. It is healthy as long as the queue
    /// answers within `queue`, and work ends within `work` while hands are full.
    pub fn new(queue: Duration, work: Duration) -> Self {
        Self {
            doing: Mutex::new(Doing::Asking(Instant::now())),
            queue,
            work,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Doing> {
        self.doing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue answered, or some work ended.
    pub(super) fn beat(&self) {
        let mut doing = self.lock();
        // Who stops does not begin again.
        if !matches!(*doing, Doing::Stopping) {
            *doing = Doing::Asking(Instant::now());
        }
    }

    /// All hands are full; nothing is asked of the queue.
    pub(super) fn full(&self) {
        let mut doing = self.lock();
        if let Doing::Asking(_) = *doing {
            *doing = Doing::Working(Instant::now());
        }
    }

    /// Nothing is taken any more.
    pub fn stop(&self) {
        *self.lock() = Doing::Stopping;
    }

    /// Check that the worker is well.
    ///
    /// # Errors
    /// With the ailment.
    pub fn check(&self) -> Result<(), Ailment> {
        match *self.lock() {
            Doing::Stopping => Err(Ailment::Stopping),
            Doing::Asking(since) if since.elapsed() > self.queue => {
                Err(Ailment::QueueSilent(since.elapsed()))
            }
            Doing::Working(since) if since.elapsed() > self.work => {
                Err(Ailment::Stuck(since.elapsed()))
            }
            Doing::Asking(_) | Doing::Working(_) => Ok(()),
        }
    }
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QueueSilent(time) => {
                write!(f, "the queue has not answered for {} s", time.as_secs())
            }
            Self::Stuck(time) => write!(f, "no work has ended for {} s", time.as_secs()),
            Self::Stopping => f.write_str("the worker is stopping"),
        }
    }
}
