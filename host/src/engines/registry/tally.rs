//! Counts of engines that come and go.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metric::Metric;

/// A number that only goes up until it is read.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Looks at the channel.
    pub(super) checks: Count,
    /// Those after which what the channel says was not done.
    pub(super) problems: Count,
    /// Engines that became live.
    pub(super) swaps: Count,
    /// Engines that were tried and found wanting.
    pub(super) refusals: Count,
    /// Those of them that were not compiled in time, or within the memory.
    pub(super) given_up: Count,
    /// Sources that a canary was given.
    pub(super) canary_calls: Count,
    /// Those that it failed with and the current engine did not.
    pub(super) canary_failures: Count,
}

impl Tally {
    /// Counts since they were last taken.
    pub(super) fn take(&self) -> Vec<(Metric, u64)> {
        [
            (Metric::EngineChecks, &self.checks),
            (Metric::EngineProblems, &self.problems),
            (Metric::EngineSwaps, &self.swaps),
            (Metric::EngineRefusals, &self.refusals),
            (Metric::EngineCompilesGivenUp, &self.given_up),
            (Metric::CanaryCalls, &self.canary_calls),
            (Metric::CanaryFailures, &self.canary_failures),
        ]
        .map(|(metric, count)| (metric, count.0.swap(0, Ordering::Relaxed)))
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect()
    }
}
