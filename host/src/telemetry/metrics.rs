//! Metrics in the embedded metric format of CloudWatch: a line of JSON in the
//! log, from which CloudWatch takes the numbers. No agent, no request.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::metric::{Metric, NAMESPACE, Unit};
use crate::report::{Counts, MessageReport, ObjectReport};

/// The most values that one metric may hold in a line.
const VALUES: usize = 100;

/// Numbers on their way into the log, under the dimensions of who counted them.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    dimensions: Vec<(String, String)>,
    notes: Vec<(&'static str, String)>,
    numbers: Vec<Numbers>,
}

/// The numbers of one name.
#[derive(Clone, Debug)]
struct Numbers {
    metric: Metric,
    values: Vec<f64>,
    /// Number of values so far, and the stride at which they are kept.
    seen: usize,
    stride: usize,
}

impl Numbers {
    fn new(metric: Metric) -> Self {
        Self {
            metric,
            values: Vec::new(),
            seen: 0,
            stride: 1,
        }
    }

    fn add(&mut self, value: f64) {
        match self.metric.unit() {
            Unit::Milliseconds => self.add_to_sample(value),
            Unit::Count | Unit::Bytes => self.add_to_sum(value),
        }
    }

    /// A sum stays right, however many numbers there are.
    fn add_to_sum(&mut self, value: f64) {
        if self.values.len() < VALUES {
            self.values.push(value);
        } else if let Some(last) = self.values.last_mut() {
            *last += value;
        }
    }

    /// A distribution stays right if what is kept of it is spread evenly: whenever
    /// there is no more room, each second value goes, and of what follows too.
    fn add_to_sample(&mut self, value: f64) {
        let is_kept = self.seen.is_multiple_of(self.stride);
        self.seen += 1;
        if !is_kept {
            return;
        }
        if self.values.len() == VALUES {
            self.values = self.values.iter().copied().step_by(2).collect();
            self.stride *= 2;
        }
        self.values.push(value);
    }
}

impl Metrics {
    /// No numbers yet; `dimensions` are few and of few values, because each
    /// combination is a metric of its own that is paid for.
    pub fn new<'a>(dimensions: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let dimensions = dimensions
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            dimensions: dimensions.collect(),
            notes: Vec::new(),
            numbers: Vec::new(),
        }
    }

    /// Say something that is to be found with the numbers, and that divides them
    /// into no metrics of their own.
    pub fn note(&mut self, name: &'static str, value: &str) {
        self.notes.push((name, value.to_owned()));
    }

    /// Add a number; the numbers of one name are a distribution.
    pub fn add(&mut self, metric: Metric, value: f64) {
        let known = self.numbers.iter().position(|known| known.metric == metric);
        let known = known.unwrap_or_else(|| {
            self.numbers.push(Numbers::new(metric));
            self.numbers.len() - 1
        });
        self.numbers[known].add(value);
    }

    /// Add what became of a message and of the objects it speaks of.
    pub fn add_message(&mut self, report: &MessageReport) {
        let counts = Counts::of([report]);
        for (metric, count) in [
            (Metric::DeadLetters, counts.dead_letters),
            (Metric::Objects, counts.objects.total()),
            (Metric::Done, counts.objects.done),
            (Metric::Skipped, counts.objects.skipped),
            (Metric::Rejected, counts.objects.rejected),
            (Metric::Retried, counts.objects.retried),
        ] {
            if count > 0 {
                self.add(metric, count as f64);
            }
        }
        for object in &report.objects {
            self.add_object(object);
        }
    }

    fn add_object(&mut self, report: &ObjectReport) {
        self.add(Metric::Duration, milliseconds(report.took));
        if let Ok(outcome) = &report.result
            && outcome.skipped.is_none()
        {
            self.add(Metric::Thumbnails, outcome.written.len() as f64);
            self.add(Metric::SourceBytes, outcome.bytes as f64);
            self.add(Metric::ThumbnailBytes, outcome.bytes_written as f64);
            self.add(Metric::GetDuration, milliseconds(outcome.took.get));
            self.add(
                Metric::GenerateDuration,
                milliseconds(outcome.took.generate),
            );
            self.add(Metric::PutDuration, milliseconds(outcome.took.put));
        }
    }

    /// The line for the log, with the time it is for; nothing without numbers.
    pub fn line(&self, now: SystemTime) -> Option<String> {
        if self.numbers.is_empty() {
            return None;
        }
        let timestamp = now
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let names: Vec<&str> = self
            .dimensions
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        let units: Vec<Value> = self
            .numbers
            .iter()
            .map(|of| json!({ "Name": of.metric.name(), "Unit": of.metric.unit().as_str() }))
            .collect();
        let mut line = Map::new();
        let timestamp = u64::try_from(timestamp).unwrap_or(u64::MAX);
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": timestamp,
                "CloudWatchMetrics": [
                    { "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": units }
                ],
            }),
        );
        for (name, value) in &self.notes {
            line.insert((*name).to_owned(), value.as_str().into());
        }
        for (name, value) in &self.dimensions {
            line.insert(name.clone(), value.as_str().into());
        }
        for numbers in &self.numbers {
            let value = match numbers.values.as_slice() {
                [one] => json!(one),
                several => json!(several),
            };
            line.insert(numbers.metric.name().to_owned(), value);
        }
        Some(Value::Object(line).to_string())
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metrics_where_cloudwatch_looks_for_them() {
        let mut metrics = Metrics::new([("Function", "generate-thumbnails")]);
        assert_eq!(metrics.line(UNIX_EPOCH), None);
        metrics.note("EngineDigest", "0123");
        metrics.add(Metric::Objects, 1.0);
        metrics.add(Metric::Objects, 1.0);
        metrics.add(Metric::Duration, 12.5);
        let line = metrics
            .line(UNIX_EPOCH + Duration::from_secs(7))
            .expect("numbers");
        let expected = json!({
            "_aws": {
                "Timestamp": 7000,
                "CloudWatchMetrics": [{
                    "Namespace": "Thimble",
                    "Dimensions": [["Function"]],
                    "Metrics": [
                        { "Name": "Objects", "Unit": "Count" },
                        { "Name": "Duration", "Unit": "Milliseconds" },
                    ],
                }],
            },
            "Function": "generate-thumbnails",
            "EngineDigest": "0123",
            "Objects": [1.0, 1.0],
            "Duration": 12.5,
        });
        assert_eq!(
            serde_json::from_str::<Value>(&line).expect("JSON"),
            expected
        );
    }

    #[test]
    fn counts_beyond_what_a_line_holds_are_not_lost() {
        let mut metrics = Metrics::default();
        for _ in 0..250 {
            metrics.add(Metric::Objects, 1.0);
        }
        let line = metrics.line(UNIX_EPOCH).expect("numbers");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let values = line["Objects"].as_array().expect("several").clone();
        assert_eq!(values.len(), VALUES);
        assert_eq!(values.iter().filter_map(Value::as_f64).sum::<f64>(), 250.0);
    }

    #[test]
    fn durations_beyond_what_a_line_holds_are_a_sample_of_all_the_time() {
        let mut metrics = Metrics::default();
        for duration in 0..1_000 {
            metrics.add(Metric::Duration, f64::from(duration));
        }
        let line = metrics.line(UNIX_EPOCH).expect("numbers");
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let values = line["Duration"].as_array().expect("several");
        let sample: Vec<u64> = values
            .iter()
            .filter_map(Value::as_f64)
            .map(|value| value as u64)
            .collect();
        let even: Vec<u64> = (0..1_000).step_by(16).collect();
        assert_eq!(sample, even);
    }
}
