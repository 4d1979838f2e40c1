use std::collections::BTreeMap;

use hyper::StatusCode;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as Code;

use super::*;
use crate::batch::{Batch, PermanentFailures};
use crate::object::Location;
use crate::ports::{Attributes, Message};
use crate::telemetry::{W3C, X_RAY};
use crate::testing::collector::{Collector, asking, hex, image};
use crate::testing::world::{IMAGES, World, written};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER: &str = "00f067aa0ba902b7";

async fn end(spans: Arc<dyn Spans>) {
    tokio::task::spawn_blocking(move || spans.end())
        .await
        .unwrap();
}

/// Let images be worked on, each of a message with one attribute.
async fn work(spans: &Arc<dyn Spans>, images: &[(&str, &str, &str, &str)]) {
    let world = World::new();
    let batch = Batch::new(Arc::new(world.pipeline()), PermanentFailures::Retry, 4);
    let batch = batch.traced(Some(spans.clone()));
    for (key, body, name, value) in images {
        world.write(key, body).await;
        let message = Message {
            attributes: Attributes::from([((*name).to_owned(), (*value).to_owned())]),
            ..Message::direct(format!("message of {key}"), written(key))
        };
        batch.one(&message, None).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_is_a_span_in_the_trace_of_its_sender_and_its_stages_are_spans() {
    let collector = Collector::default();
    let address = collector.start(StatusCode::OK).await;
    let spans = traces(asking(&address)).unwrap().unwrap();
    let w3c = format!("00-{TRACE}-{SENDER}-01");
    let x_ray = format!(
        "Root=1-{}-{};Parent={SENDER};Sampled=1",
        &TRACE[..8],
        &TRACE[8..]
    );
    let dropped = format!("00-{TRACE}-{SENDER}-00");
    let undecided = x_ray.replace("Sampled=1", "Sampled=0");
    work(
        &spans,
        &[
            ("w3c", "png", W3C, &w3c),
            ("x-ray", "trap", X_RAY, &x_ray),
            ("alone", "png", "other", "1"),
            ("unsampled", "png", W3C, &dropped),
            ("undecided", "png", X_RAY, &undecided),
        ],
    )
    .await;
    end(spans).await;
    let all = collector.spans();
    assert_eq!(collector.service().unwrap(), "StringValue(\"thimble\")");
    let image = |name| image(&all, name);
    for name in ["w3c", "x-ray"] {
        let span = image(name);
        assert_eq!(hex(&span.trace_id), TRACE);
        assert_eq!(hex(&span.parent_span_id), SENDER);
        let links: Vec<[String; 2]> = (span.links.iter())
            .map(|link| [hex(&link.trace_id), hex(&link.span_id)])
            .collect();
        assert_eq!(links, [[TRACE.to_owned(), SENDER.to_owned()]]);
    }
    let (whole, alone) = (image("w3c"), image("alone"));
    for alone in [alone, image("undecided")] {
        assert_ne!(hex(&alone.trace_id), TRACE);
        assert!(alone.parent_span_id.is_empty() && alone.links.is_empty());
    }
    for parent in [whole, alone] {
        let stages = all
            .iter()
            .filter(|span| span.parent_span_id == parent.span_id);
        let mut stages: Vec<&Span> = stages.collect();
        stages.sort_by_key(|span| (span.start_time_unix_nano, span.end_time_unix_nano));
        let names: Vec<&str> = stages.iter().map(|span| span.name.as_str()).collect();
        assert_eq!(names, ["fetch", "engine", "store"]);
        for stage in stages {
            assert_eq!(stage.trace_id, parent.trace_id);
            assert!(stage.end_time_unix_nano <= parent.end_time_unix_nano);
        }
    }
    let failed = image("x-ray").status.as_ref().unwrap();
    assert_eq!(failed.code, i32::from(Code::Error as u8));
    assert!(failed.message.contains("crashed"), "{}", failed.message);
    assert_ne!(
        whole.status.as_ref().map(|status| status.code),
        Some(failed.code)
    );
    // One is not kept by its sender, and so not here; four are, three with their stages.
    assert_eq!(all.len(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_down_or_says_no_costs_spans_and_nothing_else() {
    let refusing = Collector::default().start(StatusCode::BAD_REQUEST).await;
    for address in ["http://127.0.0.1:9", &refusing] {
        let spans = traces(asking(address)).unwrap().unwrap();
        let report = ObjectReport {
            location: Some(Location::new(IMAGES, "a")),
            result: Ok(Outcome::default()),
            took: Duration::from_millis(30),
        };
        let origin = Origin {
            message: "1".to_owned(),
            sender: None,
            trace: None,
        };
        // More than the queue of spans holds.
        let ids: Vec<Ids> = (0..10_000).map(|_| spans.image(&origin, &report)).collect();
        assert_ne!(ids[0], ids[1]);
        assert_eq!((ids[0].trace.len(), ids[0].span.len()), (32, 16));
        let ended = tokio::time::timeout(2 * CLOSING, end(spans)).await;
        assert!(ended.is_ok(), "{address}");
    }
}

#[tokio::test]
async fn traces_are_off_unless_a_collector_is_named_in_a_language_that_is_spoken() {
    let with = |set: &[(&'static str, &str)]| {
        let set: BTreeMap<&str, String> = (set.iter())
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        traces(move |name| set.get(name).cloned()).map(|spans| spans.is_some())
    };
    let (endpoint, all) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9/");
    let own = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9/x");
    assert_eq!(with(&[]), Ok(false));
    assert_eq!(with(&[(endpoint, " ")]), Ok(false));
    assert_eq!(with(&[(endpoint, all)]), Ok(true));
    assert_eq!(with(&[own]), Ok(true));
    assert_eq!(with(&[own, ("OTEL_SDK_DISABLED", "true")]), Ok(false));
    assert_eq!(with(&[own, ("OTEL_TRACES_EXPORTER", "none")]), Ok(false));
    let protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    assert_eq!(with(&[own, (protocol, "http/protobuf")]), Ok(true));
    assert_eq!(
        with(&[own, (protocol, "grpc")]),
        Err(TracesError::Protocol("grpc".to_owned()))
    );
    let settings = with(&[(endpoint, "no address at all")]);
    assert!(
        matches!(settings, Err(TracesError::Settings(_))),
        "{settings:?}"
    );
}
