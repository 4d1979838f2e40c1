//! Metrics of the work on images.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::exported::{
    BOUNDS, CONFIG_PROBLEMS, DEAD_LETTERS, ENGINE, ENGINE_PROBLEMS, ENGINE_REFUSALS, ENGINE_SWAPS,
    FAILURES, IMAGES, KINDS, SOURCE_BYTES, STAGES, THUMBNAIL_BYTES, THUMBNAILS,
};
use crate::error::Verdict;
use crate::metric::Metric;
use crate::ports::EngineIdentity;
use crate::report::{Counts, MessageReport, Outcome};
use crate::text::excerpt;

/// Labels and their values.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Counts of images, failures and engines.
#[derive(Debug)]
pub(super) struct Works {
    images: Family<Labels<1>, Counter>,
    failures: Failures,
    dead_letters: Counter,
    thumbnails: Counter,
    source_bytes: Counter,
    thumbnail_bytes: Counter,
    stages: Family<Labels<1>, Histogram, fn() -> Histogram>,
    engine: Live,
    engine_swaps: Counter,
    engine_refusals: Counter,
    engine_problems: Counter,
    config_problems: Counter,
}

impl Default for Works {
    fn default() -> Self {
        Self {
            images: Family::default(),
            failures: Failures::default(),
            dead_letters: Counter::default(),
            thumbnails: Counter::default(),
            source_bytes: Counter::default(),
            thumbnail_bytes: Counter::default(),
            stages: Family::new_with_constructor(|| Histogram::new(BOUNDS)),
            engine: Live::default(),
            engine_swaps: Counter::default(),
            engine_refusals: Counter::default(),
            engine_problems: Counter::default(),
            config_problems: Counter::default(),
        }
    }
}

impl Works {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let works = Self::default();
        // A series that begins at 0 tells of the first time as well.
        for outcome in ["done", "skipped", "rejected", "retried"] {
            drop(works.images.get_or_create(&[("outcome", outcome)]));
        }
        for stage in ["fetch", "engine", "store"] {
            drop(works.stages.get_or_create(&[("stage", stage)]));
        }
        IMAGES.register(registry, works.images.clone());
        FAILURES.register(registry, works.failures.counters.clone());
        STAGES.register(registry, works.stages.clone());
        ENGINE.register(registry, works.engine.clone());
        for (exported, counter) in [
            (DEAD_LETTERS, &works.dead_letters),
            (THUMBNAILS, &works.thumbnails),
            (SOURCE_BYTES, &works.source_bytes),
            (THUMBNAIL_BYTES, &works.thumbnail_bytes),
            (ENGINE_SWAPS, &works.engine_swaps),
            (ENGINE_REFUSALS, &works.engine_refusals),
            (ENGINE_PROBLEMS, &works.engine_problems),
            (CONFIG_PROBLEMS, &works.config_problems),
        ] {
            exported.register(registry, counter.clone());
        }
        works
    }

    /// Add what became of a message.
    pub(super) fn add(&self, report: &MessageReport) {
        let counts = Counts::of([report]);
        for (outcome, count) in [
            ("done", counts.objects.done),
            ("skipped", counts.objects.skipped),
            ("rejected", counts.objects.rejected),
            ("retried", counts.objects.retried),
        ] {
            if count > 0 {
                let images = self.images.get_or_create(&[("outcome", outcome)]);
                images.inc_by(count);
            }
        }
        self.dead_letters.inc_by(counts.dead_letters);
        self.thumbnails.inc_by(counts.thumbnails);
        self.source_bytes.inc_by(counts.bytes_read);
        self.thumbnail_bytes.inc_by(counts.bytes_written);
        for object in &report.objects {
            match &object.result {
                Ok(outcome) if outcome.skipped.is_none() => self.time(outcome),
                Ok(_) => {}
                Err(error) => self.failures.add(error.verdict()),
            }
        }
    }

    fn time(&self, outcome: &Outcome) {
        let time = |stage, took: Duration| {
            let stages = self.stages.get_or_create(&[("stage", stage)]);
            stages.observe(took.as_secs_f64());
        };
        time("fetch", outcome.took.get);
        time("engine", outcome.took.generate);
        time("store", outcome.took.put);
    }

    /// Add to one of the counts of engines and of the configuration.
    pub(super) fn count(&self, metric: Metric, count: u64) {
        let counter = match metric {
            Metric::EngineSwaps => &self.engine_swaps,
            Metric::EngineRefusals => &self.engine_refusals,
            Metric::EngineProblems => &self.engine_problems,
            Metric::ConfigProblems => &self.config_problems,
            _ => return,
        };
        counter.inc_by(count);
    }

    /// Show this engine as the one that is live.
    pub(super) fn live(&self, engine: Arc<EngineIdentity>) {
        *self.engine.lock() = Some(engine);
    }
}

/// Failures by their kind: the first few by name, so that no sender of images decides
/// how many series there are.
#[derive(Debug, Default)]
struct Failures {
    counters: Family<Labels<2>, Counter>,
    known: Mutex<BTreeSet<(&'static str, &'static str)>>,
}

impl Failures {
    fn add(&self, verdict: Verdict) {
        let blame = verdict.blame.as_str();
        let kind = if self.has_a_name((verdict.kind, blame)) {
            verdict.kind
        } else {
            "other"
        };
        let labels = [("kind", kind), ("blame", blame)];
        self.counters.get_or_create(&labels).inc();
    }

    fn has_a_name(&self, failure: (&'static str, &'static str)) -> bool {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < KINDS {
            known.insert(failure);
        }
        known.contains(&failure)
    }
}

/// The engine that is live.
#[derive(Clone, Debug, Default)]
struct Live(Arc<Mutex<Option<Arc<EngineIdentity>>>>);

impl Live {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<EngineIdentity>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EncodeMetric for Live {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Some(engine) = &*self.lock() else {
            return Ok(());
        };
        // Its author wrote the version.
        let version = excerpt(&engine.version);
        let digest = engine.digest.get(..12).unwrap_or(&engine.digest);
        encoder.encode_info(&[("version", version.as_str()), ("digest", digest)])
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Info
    }

    fn is_empty(&self) -> bool {
        self.lock().is_none()
    }
}
