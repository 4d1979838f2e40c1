//! Counts of engines that come and go.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::metric::Metric;

/// Metrics that are counted here.
const COUNTED: [Metric; 7] = [
    Metric::EngineChecks,
    Metric::EngineProblems,
    Metric::EngineSwaps,
    Metric::EngineRefusals,
    Metric::EngineCompilesGivenUp,
    Metric::CanaryCalls,
    Metric::CanaryFailures,
];

/// Numbers that only go up until they are read.
#[derive(Debug, Default)]
pub(super) struct Tally([AtomicU64; COUNTED.len()]);

impl Tally {
    /// Counts one more of a metric that is counted here.
    pub(super) fn add(&self, metric: Metric) {
        let numbers = COUNTED.into_iter().zip(&self.0);
        for (_, number) in numbers.filter(|(counted, _)| *counted == metric) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts since they were last taken.
    pub(super) fn take(&self) -> Vec<(Metric, u64)> {
        let taken = self
            .0
            .each_ref()
            .map(|number| number.swap(0, Ordering::Relaxed));
        COUNTED
            .into_iter()
            .zip(taken)
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}
