//! A rate that is kept.

use std::time::Duration;

use tokio::time::Instant;

/// The longest pause: slower than one in a day is as good as never, and would
/// overflow.
const LONGEST: Duration = Duration::from_secs(86_400);

/// A pace of at most so many a second, or as fast as it goes.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: Option<f64>,
    next: Instant,
}

impl Pace {
    pub(crate) fn new(rate: Option<f64>) -> Self {
        Self {
            rate: rate.filter(|rate| *rate > 0.0),
            next: Instant::now(),
        }
    }

    /// The moment at which the next may go.
    pub(crate) fn next(&self) -> Instant {
        self.next
    }

    /// Wait until `count` may go.
    pub(crate) async fn wait(&mut self, count: usize) {
        let Some(rate) = self.rate else {
            return;
        };
        tokio::time::sleep_until(self.next).await;
        let pause = Duration::try_from_secs_f64(count as f64 / rate).unwrap_or(LONGEST);
        self.next = Instant::now() + pause.min(LONGEST);
    }
}
