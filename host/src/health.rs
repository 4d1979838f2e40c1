//! Health endpoint of a worker, for the supervisor that restarts it: `GET /healthz`
//! answers 200 or 503. Beside it lies the page of metrics, `GET /metrics`.

use std::fmt::Display;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method, Request, StatusCode};

use crate::http::{self, Answer, Bounds, answer};
use crate::telemetry::Form;

/// A probe asks every few seconds, and waits for the answer.
const BOUNDS: Bounds = Bounds {
    clients: 16,
    patience: Duration::from_secs(5),
};

/// Path of the health.
pub const PATH: &str = "/healthz";

/// Path of the metrics.
pub const METRICS: &str = "/metrics";

/// Page of metrics, written anew for each who asks, in the form that they take.
pub type Page = Arc<dyn Fn(Form) -> BoxFuture<'static, String> + Send + Sync>;

/// Health server, bound to its address.
pub struct Server {
    server: http::Server,
    metrics: Option<Page>,
}

impl Server {
    /// Listen at `address`.
    ///
    /// # Errors
    /// If the address is taken, or not of this machine.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            server: http::Server::bind(address, BOUNDS).await?,
            metrics: None,
        })
    }

    /// The same, with a page of metrics if there is one.
    #[must_use]
    pub fn showing(self, metrics: Option<Page>) -> Self {
        Self { metrics, ..self }
    }

    /// Address of the server: the system chooses the port if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.server.address()
    }

    /// Answer with the result of `check`, for ever.
    pub async fn run<E: Display>(self, check: impl Fn() -> Result<(), E> + Send + Sync + 'static) {
        let Self { server, metrics } = self;
        let check = Arc::new(check);
        // Only the head of a request is looked at.
        let service = move |request: Request<_>| {
            let (check, metrics) = (check.clone(), metrics.clone());
            async move {
                let path = request.uri().path();
                if path != PATH && path != METRICS {
                    return answer(StatusCode::NOT_FOUND, "look at /healthz or /metrics");
                }
                if request.method() != Method::GET {
                    return answer(StatusCode::METHOD_NOT_ALLOWED, "GET is answered");
                }
                if path == METRICS {
                    return show(metrics.as_ref(), request.headers()).await;
                }
                match check() {
                    Ok(()) => answer(StatusCode::OK, "well"),
                    Err(ailment) => answer(StatusCode::SERVICE_UNAVAILABLE, ailment),
                }
            }
        };
        server.run(service, pending::<()>()).await;
    }
}

/// Answer with a page of metrics, to a request with these headers.
pub async fn show(metrics: Option<&Page>, headers: &HeaderMap) -> Answer {
    let Some(metrics) = metrics else {
        return answer(
            StatusCode::NOT_FOUND,
            "no metrics are scraped from this program; build it with the feature `monitors`",
        );
    };
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let form = Form::accepted(accept);
    let mut page = Answer::new(Full::from(metrics(form).await));
    let headers = page.headers_mut();
    let media_type = HeaderValue::from_static(form.media_type());
    headers.insert(CONTENT_TYPE, media_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    page
}

#[cfg(test)]
mod tests;
