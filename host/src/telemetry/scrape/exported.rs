//! Metrics that are scraped: their names and meanings, in one place.
//!
//! Rules of alerts and dashboards are written in these names, and a table of the
//! documentation is made of them.

use prometheus_client::registry::{Metric, Registry, Unit};

/// The kind of a metric, as Prometheus knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sum that only grows.
    Counter,
    /// A value of the moment.
    Gauge,
    /// Numbers of values by their size.
    Histogram,
    /// A constant with labels.
    Info,
}

impl Kind {
    /// The word of OpenMetrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }

    /// The end of the name of a series, which is no part of the name of the metric.
    fn suffix(self) -> &'static str {
        match self {
            Self::Counter => "_total",
            Self::Info => "_info",
            Self::Gauge | Self::Histogram => "",
        }
    }
}

/// A metric that is scraped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The name to ask for in PromQL.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    /// The most series of it that a process has.
    pub series: usize,
    /// Commands that have it.
    pub commands: &'static [&'static str],
    /// The meaning.
    pub meaning: &'static str,
}

impl Exported {
    /// Let a registry show `metric` under this name.
    pub(super) fn register(&self, registry: &mut Registry, metric: impl Metric) {
        let name = self.name.strip_suffix(self.kind.suffix());
        let name = name.unwrap_or(self.name);
        for unit in [Unit::Seconds, Unit::Bytes] {
            let bare = name.strip_suffix(unit.as_str());
            if let Some(bare) = bare.and_then(|bare| bare.strip_suffix('_')) {
                registry.register_with_unit(bare, self.meaning, unit, metric);
                return;
            }
        }
        registry.register(name, self.meaning, metric);
    }
}

macro_rules! exported {
    ($($name:ident = $text:literal: $kind:ident $labels:tt, $series:expr, of $commands:ident,
       $meaning:literal;)+) => {
        $(
            pub(super) const $name: Exported = Exported {
                name: $text,
                kind: Kind::$kind,
                labels: &$labels,
                series: $series,
                commands: $commands,
                meaning: $meaning,
            };
        )+

        /// All of them.
        pub const EXPORTED: &[Exported] = &[$($name,)+];
    };
}

/// Number of kinds of failure that have a series each. There are more, but not in the life of a
/// process.
pub(super) const KINDS: usize = 9;

/// Number of those who may be to blame for a failure.
const BLAMED: usize = 5;

/// Bounds of the buckets of a stage, in seconds: a small image, a photo, a large one,
/// one of which somebody should know, the last that waits for a second try.
pub(super) const BOUNDS: [f64; 5] = [0.02, 0.1, 0.5, 2.0, 10.0];

/// Series of one histogram: its bounds, infinity, the sum and the count.
const BUCKETS: usize = BOUNDS.len() + 3;

const WORKER: &[&str] = &["worker", "local"];
const LISTEN: &[&str] = &["listen"];
const SERVERS: &[&str] = &["worker", "local", "listen"];
const REDRIVE: &[&str] = &["redrive"];

exported! {
    IMAGES = "thimble_images_total": Counter ["outcome"], 4, of WORKER,
        "images by outcome: done, skipped, rejected, retried";
    FAILURES = "thimble_failures_total": Counter ["kind", "blame"], KINDS + BLAMED, of WORKER,
        "failures by kind and by who can act; after nine kinds, the kind is other";
    DEAD_LETTERS = "thimble_dead_letters_total": Counter [], 1, of WORKER,
        "messages that became dead letters";
    THUMBNAILS = "thimble_thumbnails_total": Counter [], 1, of WORKER,
        "thumbnails that were written";
    SOURCE_BYTES = "thimble_source_bytes_total": Counter [], 1, of WORKER,
        "the size of the sources of these thumbnails";
    THUMBNAIL_BYTES = "thimble_thumbnail_bytes_total": Counter [], 1, of WORKER,
        "the size of these thumbnails";
    STAGES = "thimble_stage_seconds": Histogram ["stage"], 3 * BUCKETS, of WORKER,
        "time of an image by stage: fetch, engine, store; waiting for memory and for an engine included";
    ENGINE = "thimble_engine_info": Info ["version", "digest"], 1, of WORKER,
        "the engine that is live";
    ENGINE_SWAPS = "thimble_engine_swaps_total": Counter [], 1, of WORKER,
        "engines that became live";
    ENGINE_REFUSALS = "thimble_engine_refusals_total": Counter [], 1, of WORKER,
        "engines that were tried and refused";
    ENGINE_PROBLEMS = "thimble_engine_problems_total": Counter [], 1, of WORKER,
        "looks after which the channel of engines could not be followed";
    CONFIG_PROBLEMS = "thimble_config_problems_total": Counter [], 1, of WORKER,
        "looks after which the configuration file could not be followed";
    QUEUE_MESSAGES = "thimble_queue_messages": Gauge ["queue", "state"], 3, of SERVERS,
        "messages that are visible or in flight, in the queue work or dead-letters, asked for every 15 s at most";
    QUEUE_OLDEST = "thimble_queue_oldest_seconds": Gauge ["queue"], 2, of SERVERS,
        "age of the oldest message; of a queue that does not tell, of those that were worked on lately";
    HEALTHY = "thimble_healthy": Gauge [], 1, of SERVERS,
        "1 as long as /healthz answers 200, otherwise 0";
    MEMORY = "process_resident_memory_bytes": Gauge [], 1, of SERVERS,
        "memory of the process that is in use, on Linux";
    START = "process_start_time_seconds": Gauge [], 1, of SERVERS,
        "start of the process, in seconds since 1970";
    EVENTS = "thimble_events_total": Counter ["status"], 6, of LISTEN,
        "events that thimble listen answered, by status of HTTP";
    REDRIVE_SUCCESS = "thimble_redrive_success": Gauge [], 1, of REDRIVE,
        "1 if the last redrive moved all that it was to move, otherwise 0";
    REDRIVE_TIME = "thimble_redrive_time_seconds": Gauge [], 1, of REDRIVE,
        "end of the last redrive, in seconds since 1970";
}
