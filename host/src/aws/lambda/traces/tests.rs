use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::tests::{batch, context, over};
use super::super::{Context, Generate};
use super::*;
use crate::batch::PermanentFailures;
use crate::config::Config;
use crate::memory::MemoryQueue;
use crate::report::ObjectReport;
use crate::telemetry::{Ids, Origin, X_RAY};
use crate::testing::collector::{Collector, asking, hex, image};
use crate::testing::queue::all;
use crate::testing::world::{THUMBNAILS, World, written};

const UPLOAD: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const INVOCATION: &str = "5759e988bd862e3fe1be46a994272793";
const SENDER: &str = "00f067aa0ba902b7";

fn config() -> Config {
    let set = BTreeMap::from([("THUMBNAILS_BUCKET", THUMBNAILS), ("PRESETS", "a=75x75")]);
    Config::read(|name| set.get(name).map(|value| (*value).to_owned())).unwrap()
}

fn function(world: &World, spans: Arc<dyn Spans>) -> Generate {
    over(world, PermanentFailures::Retry, config(), Some(spans))
}

fn x_ray(trace: &str, sampled: u8) -> String {
    let (time, rest) = trace.split_at(8);
    format!("Root=1-{time}-{rest};Parent={SENDER};Sampled={sampled}")
}

fn invoked(sampled: u8) -> Context {
    Context {
        trace: Some(x_ray(INVOCATION, sampled)),
        ..context()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_are_with_the_collector_before_there_is_an_answer() {
    let world = World::new();
    let collector = Collector::default();
    let address = collector.start(StatusCode::OK).await;
    let function = function(&world, traces(asking(&address)).unwrap().unwrap());
    for name in ["uploaded", "alone", "job", "event", "untraced", "undecided"] {
        world.write(name, "png").await;
    }
    let mut messages = batch(&[&written("uploaded"), &written("alone")]);
    messages["Records"][0]["attributes"][X_RAY] = json!(x_ray(UPLOAD, 1));
    let job = json!({
        "invocationSchemaVersion": "1.0",
        "invocationId": "1",
        "tasks": [{ "taskId": "1", "s3Key": "job", "s3BucketArn": "arn:aws:s3:::images" }],
    });
    let direct = |key| -> Value { serde_json::from_str(&written(key)).unwrap() };
    for (event, context, images) in [
        (
            messages,
            invoked(1),
            vec![("uploaded", UPLOAD), ("alone", INVOCATION)],
        ),
        (job, invoked(1), vec![("job", INVOCATION)]),
        (direct("event"), invoked(1), vec![("event", INVOCATION)]),
    ] {
        function.handle(event, context).await.unwrap();
        let all = collector.spans();
        for (key, trace) in images {
            let span = image(&all, key);
            assert_eq!(hex(&span.trace_id), trace, "{key}");
            assert_eq!(hex(&span.parent_span_id), SENDER, "{key}");
            assert_eq!(hex(&span.links[0].trace_id), trace, "{key}");
            let stages = all
                .iter()
                .filter(|stage| stage.parent_span_id == span.span_id);
            assert_eq!(stages.count(), 3, "{key}");
        }
    }
    // X-Ray keeps no trace of most invocations and senders, which is no reason to keep none here.
    let mut undecided = batch(&[&written("undecided")]);
    undecided["Records"][0]["attributes"][X_RAY] = json!(x_ray(UPLOAD, 0));
    for (key, event) in [("untraced", direct("untraced")), ("undecided", undecided)] {
        function.handle(event, invoked(0)).await.unwrap();
        let all = collector.spans();
        let span = image(&all, key);
        assert!(![INVOCATION, UPLOAD].contains(&hex(&span.trace_id).as_str()));
        assert!(span.links.is_empty(), "{key}");
    }
}

#[tokio::test]
async fn a_dead_letter_has_the_trace_of_the_invocation_only_if_there_are_spans() {
    let kept = x_ray(INVOCATION, 1);
    // Nobody is left to say that they are to be sent, so that nothing waits for them.
    let (spans, _) = stuck();
    for (spans, expected) in [(None, None), (Some(spans), Some(&kept))] {
        let world = World::holding(&[("bad", "corrupt")]).await;
        let letters = Arc::new(MemoryQueue::new("dead-letters"));
        let at_once = PermanentFailures::DeadLetter {
            at_once: true,
            max_receive_count: None,
            queue: letters.clone(),
        };
        let event = batch(&[&written("bad")]);
        let function = over(&world, at_once, config(), spans);
        function.handle(event, invoked(1)).await.unwrap();
        let letter = all(&*letters).await.pop().unwrap();
        assert_eq!(letter.attributes.get(X_RAY), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_fails_changes_no_answer() {
    let refusing = Collector::default().start(StatusCode::BAD_REQUEST).await;
    for address in ["http://127.0.0.1:9", &refusing] {
        let world = World::holding(&[("good", "png"), ("bad", "corrupt")]).await;
        let function = function(&world, traces(asking(address)).unwrap().unwrap());
        for _ in 0..2 {
            let event = batch(&[&written("good"), &written("bad")]);
            let answer = function.handle(event, context()).await.unwrap();
            let failures = json!([{ "itemIdentifier": "message-1" }]);
            assert_eq!(answer, json!({ "batchItemFailures": failures }));
        }
        assert_eq!(world.thumbnails().await.len(), 1);
    }
}

/// Spans that are never sent until somebody says so.
#[derive(Debug)]
struct Stuck(Mutex<Receiver<()>>);

impl Spans for Stuck {
    fn image(&self, _origin: &Origin, _report: &ObjectReport) -> Ids {
        Ids {
            trace: String::new(),
            span: String::new(),
        }
    }

    fn flush(&self) {
        // Nobody says so, or the test is over.
        let _ = self.0.lock().unwrap().recv();
    }

    fn end(&self) {}
}

fn stuck() -> (Arc<dyn Spans>, Sender<()>) {
    let (sender, receiver) = channel();
    (Arc::new(Stuck(Mutex::new(receiver))), sender)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_waits_for_a_collector_that_does_not_answer() {
    let world = World::holding(&[("good", "png")]).await;
    let (spans, stuck) = stuck();
    let function = function(&world, spans);
    let answer = function.handle(batch(&[&written("good")]), context()).await;
    assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(world.thumbnails().await.len(), 1);
    // It is still stuck.
    stuck.send(()).unwrap();
}

/// Time that an answer waits for spans that are stuck, of the time that is left for it.
async fn waited(left: Duration) -> Duration {
    let (spans, _stuck) = stuck();
    let begun = Instant::now();
    let mut flushed = std::pin::pin!(flush(&spans, begun + left));
    loop {
        // The clock stands still while a thread is stuck, unless it is moved.
        tokio::select! {
            biased;
            () = &mut flushed => return begun.elapsed(),
            () = std::future::ready(()) => assert!(begun.elapsed() < left, "{left:?}"),
        }
        tokio::time::advance(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_200_ms_of_an_invocation_are_for_its_answer() {
    for (left, expected) in [(100, 0), (500, 300), (60_000, 1_000)] {
        let [left, expected] = [left, expected].map(Duration::from_millis);
        let waited = waited(left).await;
        // Timers of tokio are right to the millisecond.
        let is_right = (expected..=expected + Duration::from_millis(2)).contains(&waited);
        assert!(is_right, "{waited:?} of {left:?}");
    }
}

#[test]
fn headers_of_the_environment_are_sent() {
    // They count for a process. In one that has some the collector of this test asks for them.
    let test = "aws::lambda::traces::tests::spans_are_with_the_collector_before_there_is_an_answer";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20word")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn traces_are_off_unless_a_collector_is_named() {
    assert!(traces(|_| None).unwrap().is_none());
    let grpc = |name: &str| match name {
        "OTEL_EXPORTER_OTLP_PROTOCOL" => Some("grpc".to_owned()),
        _ => asking("http://127.0.0.1:9")(name),
    };
    let refused = traces(grpc).unwrap_err();
    assert!(
        matches!(refused, Failure::InvalidConfiguration(_)),
        "{refused}"
    );
}
