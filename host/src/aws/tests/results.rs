//! Results in a queue of SQS and in a topic of SNS, while either fails.

use std::collections::BTreeMap;

use super::cloud::{Cloud, EVERY, Fault, Order};
use super::faults::{letters, sqs, taken, work};
use super::*;
use crate::aws::Topic;
use crate::manifest::Manifest;
use crate::memory::MemoryQueue;
use crate::results::{Outcome, QueuedResults, Results};
use crate::testing::world::{World, written};
use crate::trust::Digest;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:results";
const UNTOLD: &str = "retry: result-untold";
const DEAD: &str = "dead letter: result-untold";

/// Requests that go wrong, the way, and the fate of the message of the source each time.
type Row = (u64, Fault, &'static [&'static str]);

#[rustfmt::skip]
const OF_TOPICS: &[Row] = &[
    (0, Fault::Reset, &["done"]),
    (2, Fault::Refused(400, "Throttling"), &["done"]),
    (1, Fault::Refused(429, "Throttled"), &[UNTOLD, "done"]),
    (1, Fault::Refused(500, "InternalError"), &["done"]),
    (1, Fault::Reset, &["done"]),
    (1, Fault::AnswerLost, &["done"]),
    (4, Fault::Refused(500, "InternalError"), &[UNTOLD, "done"]),
    (1, Fault::Refused(400, "KMSThrottling"), &[UNTOLD, "done"]),
    (1, Fault::Refused(403, "AuthorizationError"), &[UNTOLD, "done"]),
    (EVERY, Fault::Refused(404, "NotFound"), &[UNTOLD, UNTOLD, DEAD]),
    (EVERY, Fault::Refused(400, "KMSAccessDenied"), &[UNTOLD, UNTOLD, DEAD]),
    (EVERY, Fault::Refused(400, "InvalidParameter"), &[UNTOLD, UNTOLD, DEAD]),
];

#[rustfmt::skip]
const OF_QUEUES: &[Row] = &[
    (0, Fault::Reset, &["done"]),
    (2, Fault::Refused(400, "ThrottlingException"), &["done"]),
    (1, Fault::AnswerLost, &["done"]),
    (4, Fault::Refused(500, "InternalFailure"), &[UNTOLD, "done"]),
    (1, Fault::Refused(403, "AccessDenied"), &[UNTOLD, "done"]),
    // The fourth message is the letter.
    (3, Fault::Refused(400, "QueueDoesNotExist"), &[UNTOLD, UNTOLD, DEAD]),
];

fn topic(connection: &Connection) -> Arc<dyn Results> {
    Arc::new(Topic::new(connection, TOPIC.parse().unwrap()))
}

fn queued(connection: &Connection) -> Arc<dyn Results> {
    Arc::new(QueuedResults::new(Arc::new(sqs(connection, "results"))))
}

/// The messages that a receiver got, and the fate of the source, after a trial of `row`.
async fn trial(
    operation: &'static str,
    (count, fault, seen): &Row,
    results: fn(&Connection) -> Arc<dyn Results>,
) -> Vec<Manifest> {
    let name = format!("{operation} {fault:?} x {count}");
    let world = World::new().with_manifests();
    let sent = world.write("cat.png", "png cat").await;
    let dead = Arc::new(MemoryQueue::new("dead"));
    let queue = MemoryQueue::with_dead_letters("source", 3, dead.clone());
    let (queue, told) = (Arc::new(queue), Arc::new(MemoryQueue::new("results")));
    let queues = [queue.clone(), dead.clone(), told.clone()];
    let (cloud, connection) = Cloud::start(world.store.clone(), &queues).await;
    queue.send(vec![Outgoing::new(written("cat.png"))]).await;
    cloud.order(Order {
        operation,
        after: 0,
        count: *count,
        fault: *fault,
    });
    let receiver = results(&connection);
    assert_eq!(
        work(&world, &connection, Some(receiver)).await,
        *seen,
        "{name}"
    );
    // Whatever became of the result, the thumbnails and the manifest are there.
    assert_eq!(world.thumbnails().await, world.expected().await, "{name}");
    let written = world.manifests().await.remove("cat.png").unwrap();
    assert_eq!(
        Some(written.source.etag.as_str()),
        sent.etag.as_ref().map(|etag| etag.as_str())
    );
    let is_dead = seen.last().is_some_and(|last| last.starts_with("dead"));
    assert_eq!(letters(&dead).await.len(), usize::from(is_dead), "{name}");
    let published = cloud.published();
    for form in &published {
        assert_eq!(form["TopicArn"], TOPIC);
        // They come in any order.
        let entry = |number| format!("MessageAttributes.entry.{number}");
        let attributes = [1, 2].map(entry).map(|entry| {
            let value = &form[&format!("{entry}.Value.StringValue")];
            (form[&format!("{entry}.Name")].as_str(), value.as_str())
        });
        let attributes = BTreeMap::from(attributes);
        assert_eq!(attributes["thimble-state"], "done");
        assert!(attributes.contains_key("thimble-result"));
    }
    let published = published
        .into_iter()
        .map(|mut form| form.remove("Message").unwrap());
    let queued = taken(&told).await.into_iter().map(|message| message.body);
    let bodies: Vec<String> = published.chain(queued).collect();
    assert_eq!(
        bodies.is_empty(),
        is_dead,
        "{name}: at least once, unless it is a letter"
    );
    let read = bodies
        .iter()
        .map(|body| Manifest::read(body.as_bytes()).unwrap());
    let read: Vec<Manifest> = read.collect();
    assert!(read.last().is_none_or(|last| *last == written), "{name}");
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_reaches_its_topic_at_least_once_and_after_its_manifest() {
    for row in OF_TOPICS {
        let told = trial("Publish", row, topic).await;
        // An answer that was lost is the only way to tell the same thing twice.
        let copies = usize::from(matches!(row.1, Fault::AnswerLost));
        assert_eq!(told.len().saturating_sub(1), copies, "{:?}", row.1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_reaches_its_queue_at_least_once_and_after_its_manifest() {
    for row in OF_QUEUES {
        trial("SendMessageBatch", row, queued).await;
    }
}

fn result() -> Outcome {
    Outcome {
        id: Digest::of(b"cat"),
        state: crate::manifest::State::Done,
        key: "cat".to_owned(),
        body: "the whole".to_owned(),
        short: Some("the short form".to_owned()),
    }
}

#[tokio::test]
async fn a_topic_that_refuses_says_what_to_do() {
    let world = World::new();
    let (cloud, connection) = Cloud::start(world.store.clone(), &[]).await;
    for (status, code, may_pass, words) in [
        (
            403,
            "AuthorizationError",
            false,
            "allow this host sns:Publish",
        ),
        (404, "NotFound", false, "there is no such topic"),
        (400, "InvalidParameter", false, "see its greatest size"),
        (
            400,
            "KMSDisabled",
            false,
            "allow this host kms:GenerateDataKey",
        ),
        (500, "InternalError", true, "failed or could not be reached"),
        (
            400,
            "NobodyKnowsThis",
            true,
            "failed or could not be reached",
        ),
    ] {
        cloud.order(Order {
            operation: "Publish",
            after: 0,
            count: EVERY,
            fault: Fault::Refused(status, code),
        });
        let error = topic(&connection).tell(&result()).await.unwrap_err();
        assert_eq!(error.may_pass(), may_pass, "{error}");
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(TOPIC), "{text}");
    }
}

#[tokio::test]
async fn a_fifo_topic_keeps_the_results_of_a_source_in_order_and_drops_none() {
    let world = World::new();
    let (cloud, connection) = Cloud::start(world.store.clone(), &[]).await;
    let arn = format!("{TOPIC}.fifo").parse().unwrap();
    let topic = Topic::new(&connection, arn);
    for _ in 0..2 {
        topic.tell(&result()).await.unwrap();
    }
    let [first, second] = <[_; 2]>::try_from(cloud.published()).unwrap();
    assert_eq!(first["Message"], "the short form");
    assert_eq!(first["MessageGroupId"], second["MessageGroupId"]);
    assert_ne!(
        first["MessageDeduplicationId"],
        second["MessageDeduplicationId"]
    );
}
