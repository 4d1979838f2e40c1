//! Traces by OTLP: a span for each image, sent to a collector.
//!
//! Off unless one of the standard variables names a collector. The spans of a process wait
//! in a queue of bounded length for a thread of their own. A collector that is slow or down
//! costs spans and nothing else.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    Link, Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags,
    TraceId, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{
    HttpExporterBuilderSet, Protocol, SpanExporterBuilder, WithExportConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use tokio::runtime::Handle;

use super::spans::{Ids, Origin, Sender, Spans, TracesError};
use crate::error::with_causes;
use crate::report::{ObjectReport, Outcome, Stages};
use crate::text::printable;

mod within;

use within::Within;

/// Name of the service in traces, unless `OTEL_SERVICE_NAME` has another.
const SERVICE: &str = "thimble";

/// Time to send what is left at the end of a process.
const CLOSING: Duration = Duration::from_secs(5);

/// Sender of spans by HTTP, before it knows to whom.
pub(crate) type Exporter = SpanExporterBuilder<HttpExporterBuilderSet>;

/// Sends spans to a collector.
struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

/// The traces that the standard variables ask for. To be called within a runtime.
///
/// # Errors
/// If they ask for what this program cannot do.
#[cfg(feature = "monitors")]
pub fn traces(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<Arc<dyn Spans>>, TracesError> {
    traces_by(lookup, |exporter| {
        crate::tls::choose_provider();
        exporter
    })
}

/// The same, sent by what `with` makes of an exporter.
///
/// # Errors
/// As above.
pub(crate) fn traces_by(
    lookup: impl Fn(&str) -> Option<String>,
    with: impl FnOnce(Exporter) -> Exporter,
) -> Result<Option<Arc<dyn Spans>>, TracesError> {
    let set = |name: &str| lookup(name).filter(|value| !value.trim().is_empty());
    let is_off = set("OTEL_SDK_DISABLED").is_some_and(|word| word.eq_ignore_ascii_case("true"))
        || set("OTEL_TRACES_EXPORTER").is_some_and(|word| word == "none");
    let of_all = || {
        let base = set("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Some(format!("{}/v1/traces", base.trim_end_matches('/')))
    };
    let endpoint = set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(of_all);
    let Some(endpoint) = endpoint.filter(|_| !is_off) else {
        return Ok(None);
    };
    let protocol =
        set("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL").or_else(|| set("OTEL_EXPORTER_OTLP_PROTOCOL"));
    if let Some(other) = protocol.filter(|protocol| protocol != "http/protobuf") {
        return Err(TracesError::Protocol(printable(other)));
    }
    let has_a_name = set("OTEL_SERVICE_NAME").is_some()
        || set("OTEL_RESOURCE_ATTRIBUTES").is_some_and(|all| all.contains("service.name="));
    let exporter = with(opentelemetry_otlp::SpanExporter::builder().with_http());
    let traces = Traces::start(exporter, endpoint, has_a_name)?;
    Ok(Some(Arc::new(traces)))
}

impl Traces {
    fn start(exporter: Exporter, endpoint: String, has_a_name: bool) -> Result<Self, TracesError> {
        let sender = exporter
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| TracesError::Settings(printable(with_causes(&error))))?;
        let exporter = Telling {
            sender,
            runtime: Handle::current(),
            fails: AtomicBool::new(false),
        };
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_attribute(version);
        let resource = match has_a_name {
            true => resource,
            false => resource.with_service_name(SERVICE),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_batch_exporter(exporter)
            .build();
        let tracer = provider.tracer(SERVICE);
        Ok(Self { provider, tracer })
    }

    /// Spans of the stages of an image, each at its time.
    fn stages(&self, took: &Stages, now: &Now, parent: &Context) {
        let Some(ended) = took.ended else {
            return;
        };
        let mut end = now.at(ended.into_std());
        for (name, took) in [
            ("store", took.put),
            ("engine", took.generate),
            ("fetch", took.get),
        ] {
            let start = end.checked_sub(took).unwrap_or(end);
            let builder = self.tracer.span_builder(name).with_start_time(start);
            let mut span = self.tracer.build_with_context(builder, parent);
            span.end_with_timestamp(end);
            end = start;
        }
    }
}

impl Spans for Traces {
    fn image(&self, origin: &Origin, report: &ObjectReport) -> Ids {
        let now = Now::new();
        let builder = self
            .tracer
            .span_builder("image")
            .with_kind(SpanKind::Consumer)
            .with_start_time(now.before(report.took))
            .with_attributes(attributes(origin, report));
        // In the trace of the sender, and linked to its span: a message is of one sender.
        let (parent, links) = match origin.sender {
            Some(sender) => {
                let sender = context(sender);
                let parent = Context::new().with_remote_span_context(sender.clone());
                (parent, vec![Link::with_context(sender)])
            }
            None => (Context::new(), Vec::new()),
        };
        let builder = builder.with_links(links);
        let mut span = self.tracer.build_with_context(builder, &parent);
        if let Err(error) = &report.result {
            span.set_status(Status::error(printable(with_causes(error))));
        }
        let ids = Ids {
            trace: span.span_context().trace_id().to_string(),
            span: span.span_context().span_id().to_string(),
        };
        let parent = parent.with_span(span);
        if let Ok(outcome) = &report.result {
            self.stages(&outcome.took, &now, &parent);
        }
        parent.span().end_with_timestamp(now.time);
        ids
    }

    fn flush(&self) {
        // What cannot be sent is told by the exporter, and what is late is sent later.
        let _ = self.provider.force_flush();
    }

    fn end(&self) {
        // Whatever else goes wrong was told when it did.
        if let Err(OTelSdkError::Timeout(_)) = self.provider.shutdown_with_timeout(CLOSING) {
            tracing::warn!("the collector is slow, and the last traces are lost");
        }
    }
}

/// Attributes of the span of an image, in the words of the log.
fn attributes(origin: &Origin, report: &ObjectReport) -> Vec<KeyValue> {
    let mut all = vec![
        KeyValue::new("messaging.message.id", printable(&origin.message)),
        KeyValue::new("disposition", report.disposition().as_str()),
    ];
    if let Some(location) = &report.location {
        all.push(KeyValue::new("object.bucket", printable(&location.bucket)));
        all.push(KeyValue::new("object.key", printable(&location.key)));
    }
    match &report.result {
        Ok(outcome) => all.extend(done(outcome)),
        Err(error) => all.push(KeyValue::new("error.type", error.verdict().kind)),
    }
    all
}

fn done(outcome: &Outcome) -> Vec<KeyValue> {
    if let Some(skipped) = outcome.skipped {
        return vec![KeyValue::new("skip.reason", skipped.as_str())];
    }
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut all = vec![
        KeyValue::new("object.bytes", count(outcome.bytes)),
        KeyValue::new("thumbnails.count", count(outcome.written.len() as u64)),
        KeyValue::new("thumbnails.bytes", count(outcome.bytes_written)),
    ];
    if let Some(engine) = &outcome.engine {
        all.push(KeyValue::new("engine.digest", printable(&engine.digest)));
        all.push(KeyValue::new("engine.version", printable(&engine.version)));
    }
    all
}

fn context(sender: Sender) -> SpanContext {
    let flags = TraceFlags::default().with_sampled(sender.sampled);
    let (trace, span) = (TraceId::from(sender.trace), SpanId::from(sender.span));
    SpanContext::new(trace, span, flags, true, Default::default())
}

/// The present, by the clock of the wall and by the one that never jumps.
struct Now {
    time: SystemTime,
    instant: std::time::Instant,
}

impl Now {
    fn new() -> Self {
        Self {
            time: SystemTime::now(),
            instant: std::time::Instant::now(),
        }
    }

    fn before(&self, time: Duration) -> SystemTime {
        self.time.checked_sub(time).unwrap_or(self.time)
    }

    fn at(&self, instant: std::time::Instant) -> SystemTime {
        self.before(self.instant.saturating_duration_since(instant))
    }
}

/// Exporter that tells of the first failure in a row, and sends within a runtime: the thread
/// of the spans has none.
#[derive(Debug)]
struct Telling {
    sender: opentelemetry_otlp::SpanExporter,
    runtime: Handle,
    fails: AtomicBool,
}

impl SpanExporter for Telling {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len();
        let sent = Within::new(self.runtime.clone(), self.sender.export(batch)).await;
        let failed_before = self.fails.swap(sent.is_err(), Ordering::Relaxed);
        if let Err(error) = &sent
            && !failed_before
        {
            tracing::warn!(
                spans = count,
                error.message = printable(with_causes(error)),
                "traces could not be sent, and are lost until they can; work goes on"
            );
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.sender.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.sender.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.sender.set_resource(resource);
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Traces")
    }
}

#[cfg(test)]
#[cfg(feature = "monitors")]
mod tests;
