//! Counts of a host's work, until they are written.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::metrics::Metrics;
use crate::metric::Metric;
use crate::ports::EngineIdentity;
use crate::report::MessageReport;

/// Numbers of a host since they were last written.
///
/// Failures are counted by their kind as well, each kind as a metric of its own,
/// so that an alarm can be about one and not another.
#[derive(Clone, Debug)]
pub struct Measures {
    function: &'static str,
    metrics: Metrics,
    errors: BTreeMap<&'static str, f64>,
}

impl Measures {
    /// Nothing yet, of the host that is called `function` in its metrics.
    pub fn new(function: &'static str) -> Self {
        Self {
            function,
            metrics: Metrics::new([("Function", function)]),
            errors: BTreeMap::new(),
        }
    }

    /// Add what became of a message.
    pub fn add(&mut self, report: &MessageReport) {
        self.metrics.add_message(report);
        let results = report.objects.iter().map(|object| &object.result);
        for error in results.filter_map(|result| result.as_ref().err()) {
            *self.errors.entry(error.verdict().kind).or_default() += 1.0;
        }
    }

    /// Add `count` to a metric.
    pub fn count(&mut self, metric: Metric, count: u64) {
        self.metrics.add(metric, count as f64);
    }

    /// The lines for the log with all that was counted, of a host with this engine,
    /// and begin anew.
    pub fn take(&mut self, engine: &EngineIdentity, now: SystemTime) -> Vec<String> {
        let Self {
            function,
            mut metrics,
            errors,
        } = std::mem::replace(self, Self::new(self.function));
        metrics.note("EngineDigest", &engine.digest);
        let errors = errors.into_iter().map(|(kind, count)| {
            let mut metrics = Metrics::new([("Function", function), ("ErrorKind", kind)]);
            metrics.add(Metric::Errors, count);
            metrics
        });
        let all = std::iter::once(metrics).chain(errors);
        all.filter_map(|metrics| metrics.line(now)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use serde_json::Value;

    use super::*;
    use crate::ports::Engine;
    use crate::testing::world::World;

    #[tokio::test]
    async fn each_way_in_which_an_engine_fails_is_counted_by_itself_and_told_once() {
        let world = World::new();
        let mut measures = Measures::new("worker");
        let bodies = ["png", "trap", "trap", "short", "malformed"];
        for report in world.worked_on(&bodies).await {
            measures.add(&report);
        }
        let engine = world.engine.identity("");
        let lines = measures.take(&engine, UNIX_EPOCH);
        let lines: Vec<Value> = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_default())
            .collect();
        let of_kind = |kind: &str| {
            let line = lines.iter().find(|line| line["ErrorKind"] == kind);
            line.and_then(|line| line["Errors"].as_f64())
        };
        assert_eq!(of_kind("engine-trap"), Some(2.0));
        assert_eq!(of_kind("engine-output"), Some(1.0));
        assert_eq!(of_kind("malformed-source"), Some(1.0));
        assert_eq!(lines[0]["Function"], "worker");
        assert_eq!(lines[0]["Rejected"].as_array().map(Vec::len), Some(4));
        let digest = engine.digest.as_str();
        assert_eq!(lines[0]["EngineDigest"].as_str(), Some(digest));
        assert_eq!(measures.take(&engine, UNIX_EPOCH), Vec::<String>::new());
    }
}
