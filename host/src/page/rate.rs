//! Counts by the time in which they fell.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Counts in each of the last units of time.
#[derive(Debug)]
pub(super) struct Rate {
    unit: Duration,
    kept: usize,
    begun: Instant,
    /// The number of the newest unit since it began.
    newest: u64,
    /// The oldest first.
    counts: VecDeque<Count>,
}

/// Counts in one unit of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    /// Images with thumbnails.
    pub(super) made: u64,
    /// Images that became dead letters.
    pub(super) failed: u64,
}

impl Rate {
    /// Counts in the last `kept` units, which begin `now`.
    pub(super) fn new(unit: Duration, kept: usize, now: Instant) -> Self {
        Self {
            unit,
            kept,
            begun: now,
            newest: 0,
            counts: [Count::default()].into(),
        }
    }

    pub(super) fn count(&mut self, now: Instant, made: u64, failed: u64) {
        self.advance(now);
        if let Some(count) = self.counts.back_mut() {
            count.made += made;
            count.failed += failed;
        }
    }

    /// Counts up to `now`, the oldest first: fewer than are kept, if it began only lately.
    pub(super) fn until(&mut self, now: Instant) -> impl ExactSizeIterator<Item = Count> + '_ {
        self.advance(now);
        self.counts.iter().copied()
    }

    fn advance(&mut self, now: Instant) {
        let since = now.saturating_duration_since(self.begun).as_nanos();
        let unit = u64::try_from(since / self.unit.as_nanos().max(1)).unwrap_or(u64::MAX);
        let passed = unit.saturating_sub(self.newest);
        self.newest = self.newest.max(unit);
        for _ in 0..passed.min(self.kept as u64) {
            self.counts.push_back(Count::default());
        }
        while self.counts.len() > self.kept {
            self.counts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_age_and_go() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut rate = Rate::new(Duration::from_secs(60), 3, begun);
        rate.count(at(1), 2, 0);
        rate.count(at(59), 1, 1);
        rate.count(at(61), 5, 0);
        let counts = |rate: &mut Rate, now| -> Vec<(u64, u64)> {
            let counts = rate.until(now);
            counts.map(|count| (count.made, count.failed)).collect()
        };
        assert_eq!(counts(&mut rate, at(62)), [(3, 1), (5, 0)]);
        assert_eq!(counts(&mut rate, at(200)), [(5, 0), (0, 0), (0, 0)]);
        // A clock that goes back counts for nothing, and a long sleep for no more than is kept.
        rate.count(at(0), 1, 0);
        assert_eq!(counts(&mut rate, at(200)), [(5, 0), (0, 0), (1, 0)]);
        assert_eq!(counts(&mut rate, at(1 << 40)), [(0, 0); 3]);
    }
}
