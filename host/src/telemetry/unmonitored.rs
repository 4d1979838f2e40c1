//! A program that is built without the feature `monitors`: no metrics are scraped from it,
//! and no traces sent.

use std::sync::Arc;

use super::form::Form;
use super::spans::{Spans, TracesError};
use crate::metric::Metric;
use crate::ports::{EngineIdentity, Queue};
use crate::report::MessageReport;

/// Metrics that there are none of.
#[derive(Debug)]
pub enum Scrape {}

impl Scrape {
    /// Metrics of a worker, if this program has any.
    pub fn of_worker(_work: Arc<dyn Queue>, _letters: Option<Arc<dyn Queue>>) -> Option<Self> {
        None
    }

    /// Metrics of a door, if this program has any.
    pub fn of_door(_queue: Arc<dyn Queue>) -> Option<Self> {
        None
    }

    /// Add what became of a message.
    pub fn add(&self, _report: &MessageReport) {
        match *self {}
    }

    /// Add to a metric that is not about messages.
    pub fn count(&self, _metric: Metric, _count: u64) {
        match *self {}
    }

    /// Add an event that was answered.
    pub fn event(&self, _status: u16) {
        match *self {}
    }

    /// Show this engine as the one that is live.
    pub fn live(&self, _engine: Arc<EngineIdentity>) {
        match *self {}
    }

    /// The page of metrics.
    pub async fn page(&self, _is_well: bool, _form: Form) -> String {
        match *self {}
    }
}

/// The metrics of a redrive, if this program has any.
pub fn redriven(_is_whole: bool) -> Option<String> {
    None
}

/// The traces that the standard variables ask for, if this program has any.
///
/// # Errors
/// None.
pub fn traces(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Arc<dyn Spans>>, TracesError> {
    let names = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    ];
    if names.into_iter().any(|name| lookup(name).is_some()) {
        tracing::warn!("there are no traces: this program was built without `monitors`");
    }
    Ok(None)
}
