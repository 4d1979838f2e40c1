//! Traces of a function, sent before it answers: afterwards it is frozen.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, ResponseBodyTooLarge};
use opentelemetry_otlp::{OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT, RetryPolicy, WithHttpConfig as _};
use tokio::time::{Instant, timeout};

use super::Failure;
use crate::error::with_causes;
use crate::telemetry::{self, Spans};

/// Longest time that an answer waits for its spans to be sent.
const BOUND: Duration = Duration::from_secs(1);

/// Time before the deadline in which nothing waits for spans: the answer needs it.
const ANSWER: Duration = Duration::from_millis(200);

/// Pause before spans are sent once more: a connection from before the function was
/// frozen may be gone.
const PAUSE: Duration = Duration::from_millis(10);

/// Longest answer of a collector, in bytes.
const LONGEST: usize = 64 << 10;

/// Client of the SDK, so that no other one is in the package.
#[derive(Debug)]
struct Client {
    connector: Connector,
    patience: Duration,
}

/// The traces that the standard variables ask for. To be called within a runtime.
///
/// # Errors
/// If they ask for what this program cannot do.
pub fn traces(lookup: impl Fn(&str) -> Option<String>) -> Result<Option<Arc<dyn Spans>>, Failure> {
    let patience = [
        "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ];
    let patience = patience
        .iter()
        .find_map(|name| lookup(name)?.trim().parse().ok());
    let patience = patience.map_or(OTEL_EXPORTER_OTLP_TIMEOUT_DEFAULT, Duration::from_millis);
    let with = |exporter: telemetry::Exporter| {
        let connector = Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build();
        let retries = RetryPolicy::disabled()
            .with_max_retries(1)
            .with_initial_delay(PAUSE)
            .with_max_delay(PAUSE);
        let client = Client {
            connector,
            patience,
        };
        exporter.with_http_client(client).with_retry_policy(retries)
    };
    telemetry::traces_by(lookup, with)
        .map_err(|error| Failure::InvalidConfiguration(with_causes(&error)))
}

/// Send what waits, for as long as an answer that is due at `deadline` may wait for it.
pub(super) async fn flush(spans: &Arc<dyn Spans>, deadline: Instant) {
    let left = deadline.saturating_duration_since(Instant::now());
    let spans = spans.clone();
    let sent = tokio::task::spawn_blocking(move || spans.flush());
    // What is late is sent on while the next answer is made, or is lost.
    let _ = timeout(BOUND.min(left.saturating_sub(ANSWER)), sent).await;
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        timeout(self.patience, self.send(request)).await?
    }
}

impl Client {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = HttpRequest::try_from(request.map(SdkBody::from))?;
        let answer = self.connector.call(request).await?;
        let (head, rest) = answer.try_into_http1x()?.into_parts();
        let mut body = Vec::new();
        let mut rest = ByteStream::new(rest);
        while let Some(part) = rest.next().await {
            body.extend_from_slice(&part?);
            if body.len() > LONGEST {
                return Err(Box::new(ResponseBodyTooLarge::new()));
            }
        }
        Ok(Response::from_parts(head, Bytes::from(body)))
    }
}

#[cfg(test)]
#[cfg(feature = "monitors")]
mod tests;
