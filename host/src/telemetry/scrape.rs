//! Metrics to be scraped by Prometheus, in the text format of OpenMetrics.
//!
//! The numbers are those of the lines of log: both are fed by the same reports. A process
//! has 60 series at most, whatever it meets: none has a key, a message or anything else of
//! a stranger's for a label.

use std::sync::Arc;

use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::form::Form;
use crate::metric::Metric;
use crate::ports::{EngineIdentity, Queue};
use crate::report::MessageReport;

mod exported;
mod process;
mod queues;
mod works;

pub use exported::{EXPORTED, Exported, Kind};
use process::Process;
use queues::Queues;
use works::Works;

/// The metrics of a process.
#[derive(Debug)]
pub struct Scrape {
    registry: Registry,
    process: Process,
    queues: Queues,
    works: Works,
    healthy: Gauge,
    events: Family<[(&'static str, String); 1], Counter>,
}

impl Scrape {
    /// Metrics of a worker on the queue `work`, if this program has any.
    pub fn of_worker(work: Arc<dyn Queue>, dead_letters: Option<Arc<dyn Queue>>) -> Option<Self> {
        let mut scrape = Self::of(work, dead_letters);
        scrape.works = Works::register(&mut scrape.registry);
        Some(scrape)
    }

    /// Metrics of a door that puts events into `queue`, if this program has any.
    pub fn of_door(queue: Arc<dyn Queue>) -> Option<Self> {
        let mut scrape = Self::of(queue, None);
        exported::EVENTS.register(&mut scrape.registry, scrape.events.clone());
        Some(scrape)
    }

    fn of(work: Arc<dyn Queue>, dead_letters: Option<Arc<dyn Queue>>) -> Self {
        let mut registry = Registry::default();
        let healthy = Gauge::default();
        exported::HEALTHY.register(&mut registry, healthy.clone());
        Self {
            process: Process::register(&mut registry),
            queues: Queues::register(&mut registry, work, dead_letters),
            works: Works::default(),
            healthy,
            events: Family::default(),
            registry,
        }
    }

    /// Add what became of a message.
    pub fn add(&self, report: &MessageReport) {
        self.works.add(report);
        self.queues.add(report);
    }

    /// Add `count` to a metric that is not about messages.
    pub fn count(&self, metric: Metric, count: u64) {
        self.works.count(metric, count);
    }

    /// Add an event that was answered with this status.
    pub fn event(&self, status: u16) {
        let labels = [("status", status.to_string())];
        self.events.get_or_create(&labels).inc();
    }

    /// Show this engine as the one that is live.
    pub fn live(&self, engine: Arc<EngineIdentity>) {
        self.works.live(engine);
    }

    /// The page of metrics, of a process that is well or not.
    pub async fn page(&self, is_well: bool, form: Form) -> String {
        self.healthy.set(i64::from(is_well));
        self.process.sample();
        self.queues.refresh().await;
        let mut page = String::new();
        // A text takes whatever is written into it.
        let _ = match form {
            Form::OpenMetrics => text::encode(&mut page, &self.registry),
            Form::Text => prometheus_text::encode(&mut page, &self.registry),
        };
        page
    }
}

/// The metrics of a redrive that moved all it was to move, or did not, for a file that
/// others collect; if this program has any.
pub fn redriven(is_whole: bool) -> Option<String> {
    let mut registry = Registry::default();
    let success = Gauge::<i64>::default();
    success.set(i64::from(is_whole));
    exported::REDRIVE_SUCCESS.register(&mut registry, success);
    exported::REDRIVE_TIME.register(&mut registry, process::now());
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests;
