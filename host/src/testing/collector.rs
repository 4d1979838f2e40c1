//! A collector of traces, for tests of whoever sends them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::StatusCode;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use crate::http::{Bounds, Server, answer, body};

/// A collector that answers with a status, and what it was sent.
#[derive(Clone, Default)]
pub(crate) struct Collector(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Collector {
    /// Returns its address.
    pub(crate) async fn start(&self, status: StatusCode) -> String {
        let bounds = Bounds {
            clients: 4,
            patience: Duration::from_secs(10),
        };
        let server = Server::bind(([127, 0, 0, 1], 0).into(), bounds).await;
        let server = server.unwrap();
        let address = format!("http://{}", server.address().unwrap());
        let requests = self.0.clone();
        let respond = move |request: hyper::Request<_>| {
            let requests = requests.clone();
            async move {
                assert_eq!(request.uri().path(), "/v1/traces");
                assert_eq!(request.headers()["content-type"], "application/x-protobuf");
                for (name, value) in expected() {
                    assert_eq!(request.headers()[name.as_str()], value);
                }
                let body = body(request, 1 << 20).await.unwrap();
                let request = ExportTraceServiceRequest::decode(body).unwrap();
                requests.lock().unwrap().push(request);
                answer(status, "")
            }
        };
        tokio::spawn(server.run(respond, std::future::pending::<()>()));
        address
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.0.lock().unwrap();
        let resources = requests.iter().flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// The name of the service that it was told.
    pub(crate) fn service(&self) -> Option<String> {
        let requests = self.0.lock().unwrap();
        let resource = requests.first()?.resource_spans.first()?.resource.clone()?;
        let mut attributes = resource.attributes.into_iter();
        let name = attributes.find(|attribute| attribute.key == "service.name")?;
        Some(format!("{:?}", name.value?.value?))
    }
}

/// The headers that the environment has for a collector.
fn expected() -> Vec<(String, String)> {
    let all = std::env::var("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default();
    let pairs = all.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.replace("%20", " ")))
        .collect()
}

/// The variables that name a collector.
pub(crate) fn asking(address: &str) -> impl Fn(&str) -> Option<String> {
    let set: BTreeMap<&str, String> = [("OTEL_EXPORTER_OTLP_ENDPOINT", address.to_owned())].into();
    move |name| set.get(name).cloned()
}

/// The span of the image with this key, of which there is one.
pub(crate) fn image<'a>(all: &'a [Span], name: &str) -> &'a Span {
    let key = |span: &Span| {
        let mut attributes = span.attributes.iter();
        let key = attributes.find(|attribute| attribute.key == "object.key")?;
        Some(format!("{:?}", key.value.as_ref()?.value.as_ref()?))
    };
    let named = |span: &&Span| key(span).is_some_and(|key| key.contains(&format!("\"{name}\"")));
    let found: Vec<&Span> = all.iter().filter(named).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0]
}

/// An id as headers have it.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
