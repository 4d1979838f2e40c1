//! Failures of S3 and SQS as a user sees them, through the adapters and their
//! own HTTP client.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use tokio::sync::watch;

use super::cloud::{Cloud, EVERY, Fault, Order};
use super::*;
use crate::batch::{Batch, PermanentFailures};
use crate::letter;
use crate::memory::MemoryQueue;
use crate::pipeline::Pipeline;
use crate::ports::{Message, Queue};
use crate::redrive::{Options, Redrive};
use crate::report::MessageReport;
use crate::results::Results;
use crate::testing::world::{World, written};
use crate::worker::{self, Wish, Worker};

/// Receptions of a message before it becomes a dead letter.
const RECEPTIONS: u32 = 3;

/// A fault, and what becomes of the message.
struct Row {
    operation: &'static str,
    after: u64,
    count: u64,
    fault: Fault,
    seen: Seen,
}

/// The fate of a message, each time in turn.
enum Seen {
    /// `done`, `skip`, or `retry` and why; `dead letter` says that the message is a dead
    /// letter with that reason.
    Each(&'static [&'static str]),
    /// It is handed back for this reason until it is a dead letter with that reason.
    GivenUp(&'static str),
}

impl Seen {
    fn each(&self) -> Vec<String> {
        match self {
            Seen::Each(seen) => seen.iter().map(|seen| (*seen).to_owned()).collect(),
            Seen::GivenUp(kind) => {
                let retry = format!("retry: {kind}");
                vec![retry.clone(), retry, format!("dead letter: {kind}")]
            }
        }
    }
}

/// Trials side by side.
const AT_ONE_TIME: usize = 8;

const fn row(
    operation: &'static str,
    (after, count): (u64, u64),
    fault: Fault,
    seen: &'static [&'static str],
) -> Row {
    Row {
        operation,
        after,
        count,
        fault,
        seen: Seen::Each(seen),
    }
}

/// A fault of each request, for which a message is given up.
const fn never(operation: &'static str, fault: Fault, kind: &'static str) -> Row {
    Row {
        operation,
        after: 0,
        count: EVERY,
        fault,
        seen: Seen::GivenUp(kind),
    }
}

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // What passes within a few attempts is not even noticed.
    row("GetObject", (0, 2), Fault::Refused(503, "SlowDown"), &["done"]),
    row("GetObject", (0, 1), Fault::Refused(500, "InternalError"), &["done"]),
    row("GetObject", (0, 1), Fault::Reset, &["done"]),
    row("GetObject", (0, 1), Fault::Silence, &["done"]),
    row("GetObject", (0, 1), Fault::SlowBody, &["done"]),
    row("PutObject", (0, 2), Fault::Refused(503, "SlowDown"), &["done"]),
    row("PutObject", (1, 1), Fault::Reset, &["done"]),
    row("PutObject", (0, 1), Fault::AnswerLost, &["done"]),
    row("PutObject", (1, 1), Fault::AnswerLost, &["done"]),
    row("HeadObject", (0, 1), Fault::Refused(500, ""), &["done"]),
    row("ReceiveMessage", (0, 2), Fault::Refused(400, "ThrottlingException"), &["done"]),
    row("ReceiveMessage", (0, 1), Fault::Refused(500, "InternalFailure"), &["done"]),
    row("ReceiveMessage", (0, 1), Fault::Reset, &["done"]),
    row("DeleteMessageBatch", (0, 1), Fault::Refused(500, "InternalFailure"), &["done"]),
    // A body that breaks off is not read again at once: the message comes back.
    row("GetObject", (0, 1), Fault::CutBody, &["retry: store-unavailable", "done"]),
    row("GetObject", (0, 1), Fault::ShortBody, &["retry: store-unavailable", "done"]),
    row("GetObject", (0, 1), Fault::StalledBody, &["retry: store-unavailable", "done"]),
    // What outlasts the attempts of a request is handed back.
    row("GetObject", (0, 4), Fault::Refused(503, "SlowDown"), &["retry: throttled", "done"]),
    row("GetObject", (0, 4), Fault::Refused(503, "ServiceUnavailable"), &["retry: store-unavailable", "done"]),
    row("GetObject", (0, 4), Fault::Silence, &["retry: store-timeout", "done"]),
    row("PutObject", (1, 4), Fault::Refused(500, "InternalError"), &["retry: store-unavailable", "done"]),
    row("PutObject", (1, 4), Fault::AnswerLost, &["retry: store-unavailable", "done"]),
    row("PutObject", (0, 1), Fault::Refused(403, "AccessDenied"), &["retry: access-denied", "done"]),
    row("HeadObject", (0, 4), Fault::Refused(503, ""), &["retry: store-unavailable", "done"]),
    row("ListObjectsV2", (0, 4), Fault::Refused(503, "SlowDown"), &["retry: throttled", "done"]),
    // An answer that was lost took the message along: it comes back by itself.
    row("ReceiveMessage", (0, 1), Fault::AnswerLost, &["done"]),
    // What is done and cannot be deleted is done again, and to the same end.
    row("DeleteMessageBatch", (0, 4), Fault::Refused(500, "InternalFailure"), &["done", "done"]),
    row("DeleteMessageBatch", (0, 1), Fault::AnswerLost, &["done"]),
    row("DeleteMessageBatch", (0, 1), Fault::Refused(403, "AccessDenied"), &["done", "done"]),
    // What never passes ends as a dead letter that says why.
    never("GetObject", Fault::Refused(503, "SlowDown"), "throttled"),
    never("GetObject", Fault::Refused(403, "AccessDenied"), "access-denied"),
    never("PutObject", Fault::Refused(404, "NoSuchBucket"), "missing-bucket"),
    never("GetObject", Fault::CutBody, "store-unavailable"),
    never("PutObject", Fault::Reset, "store-unavailable"),
    // Stores that are not AWS's own leave out, and refuse, what AWS's does not.
    row("GetObject HeadObject", (0, EVERY), Fault::Unannounced, &["done"]),
    row("PutObject", (0, EVERY), Fault::RefusedWith("checksum", 501, "NotImplemented"), &["done"]),
    row("PutObject", (0, EVERY), Fault::RefusedWith("checksum", 400, "InvalidArgument"), &["done"]),
    row("PutObject", (0, EVERY), Fault::NoETag, &["done"]),
    never("GetObject", Fault::NoETag, "store-unsupported"),
    never("HeadObject", Fault::NoETag, "store-unsupported"),
    // What somebody has to mend says who, and is tried no more often than policy says.
    never("PutObject", Fault::Refused(501, "NotImplemented"), "store-unsupported"),
    never("GetObject", Fault::Refused(400, "KMS.DisabledException"), "kms-denied"),
    row("GetObject", (0, EVERY), Fault::Refused(403, "InvalidObjectState"),
        &["reject: source-archived", "reject: source-archived", "dead letter: source-archived"]),
    // What is gone by the time that its event arrives is nobody's business.
    row("GetObject HeadObject", (0, EVERY), Fault::Refused(404, "NoSuchKey"), &["skip"]),
    // A store that contradicts itself is not believed.
    never("GetObject", Fault::Refused(404, "NoSuchKey"), "keeps-changing"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_the_cloud_ends_as_it_should_and_nothing_is_lost() {
    // As many as keep a busy machine from making messages come back by themselves.
    let trials = stream::iter(ROWS).map(|row| tokio::spawn(trial(row)));
    let results: Vec<_> = trials.buffer_unordered(AT_ONE_TIME).collect().await;
    let wrong: Vec<String> = results
        .into_iter()
        .map(Result::unwrap)
        .filter_map(Result::err)
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

async fn trial(row: &Row) -> Result<(), String> {
    let world = World::new();
    world
        .write("cat.png", "png cat, of more than a few bytes")
        .await;
    let dead = Arc::new(MemoryQueue::new("dead"));
    let queue = MemoryQueue::with_dead_letters("source", RECEPTIONS, dead.clone());
    let queue = Arc::new(queue);
    let (cloud, connection) =
        Cloud::start(world.store.clone(), &[queue.clone(), dead.clone()]).await;
    queue.send(vec![Outgoing::new(written("cat.png"))]).await;
    cloud.order(Order {
        operation: row.operation,
        after: row.after,
        count: row.count,
        fault: row.fault,
    });
    let seen = work(&world, &connection, None).await;
    let name = format!("{} {:?} x {}", row.operation, row.fault, row.count);
    let expected = row.seen.each();
    if seen != expected {
        let asked = cloud.asked();
        return Err(format!(
            "{name}: {seen:?} instead of {expected:?}, asked {asked} times"
        ));
    }
    let last = seen.last().map(String::as_str).unwrap_or_default();
    let letters = letters(&dead).await;
    let ended = match last.split_once(": ") {
        Some(("dead letter", kind)) => letters == [Some(kind.to_owned())],
        _ => letters.is_empty(),
    };
    if !ended || queue.depth().await.unwrap().total() != 0 {
        return Err(format!(
            "{name}: dead letters {letters:?}, {:?}",
            queue.depth().await
        ));
    }
    if last == "done" && world.thumbnails().await != world.expected().await {
        return Err(format!(
            "{name}: the thumbnails are not those of the source"
        ));
    }
    Ok(())
}

/// The fate of each message, until the queue is empty.
pub(super) async fn work(
    world: &World,
    connection: &Connection,
    results: Option<Arc<dyn Results>>,
) -> Vec<String> {
    let store = Arc::new(S3::new(connection));
    let pipeline = Pipeline::new(store, world.engine.clone(), world.settings.clone());
    let pipeline = pipeline.telling(results);
    let permanent = PermanentFailures::DeadLetter {
        queue: Arc::new(sqs(connection, "dead")),
        at_once: false,
        max_receive_count: Some(RECEPTIONS),
    };
    let batch = Arc::new(Batch::new(Arc::new(pipeline), permanent, 4));
    let seen = Arc::new(Mutex::new(vec![]));
    let sight = seen.clone();
    let observer =
        Arc::new(move |report: &MessageReport| sight.lock().unwrap().push(words(report)));
    let options = worker::Options {
        concurrency: 4,
        visibility: Duration::from_secs(8),
        wait: Duration::from_secs(1),
        budget: Duration::from_secs(60),
        backoff: Duration::ZERO,
        patience: Duration::from_secs(60),
    };
    let worker = Worker::new(
        Arc::new(sqs(connection, "source")),
        batch,
        options,
        observer,
    );
    let (_wishes, wish) = watch::channel(Wish::Finish);
    worker.run(wish).await.unwrap();
    seen.lock().unwrap().clone()
}

fn words(report: &MessageReport) -> String {
    let kind = report.worst().map(|error| error.verdict().kind);
    match (report.dead_lettered, kind) {
        (true, Some(kind)) => format!("dead letter: {kind}"),
        (false, Some(kind)) => format!("{}: {kind}", report.disposition.as_str()),
        (_, None) => report.disposition.as_str().to_owned(),
    }
}

pub(super) fn sqs(connection: &Connection, name: &str) -> Sqs {
    let endpoint = connection.config.endpoint_url().unwrap();
    Sqs::new(connection, format!("{endpoint}/123456789012/{name}"))
}

pub(super) async fn taken(queue: &MemoryQueue) -> Vec<Message> {
    let options = ReceiveOptions {
        max: 100,
        visibility: None,
        wait: Duration::ZERO,
    };
    queue.receive(&options).await.unwrap()
}

/// The kind of each dead letter.
pub(super) async fn letters(dead: &MemoryQueue) -> Vec<Option<String>> {
    let kind = |letter: Message| letter.attributes.get(letter::KIND).cloned();
    taken(dead).await.into_iter().map(kind).collect()
}

/// The report of a redrive of three letters while something goes wrong: moved and
/// failed; and how many copies too many the source queue ends with.
type Redriven = (&'static str, u64, Fault, (u64, u64), usize);

#[rustfmt::skip]
const REDRIVES: &[Redriven] = &[
    ("SendMessageBatch", 1, Fault::Refused(500, "InternalFailure"), (3, 0), 0),
    ("SendMessageBatch", 1, Fault::Refused(400, "ThrottlingException"), (3, 0), 0),
    // SQS cannot know a message again: the first is sent twice.
    ("SendMessageBatch", 1, Fault::AnswerLost, (3, 0), 1),
    ("SendMessageBatch", EVERY, Fault::Refused(403, "AccessDenied"), (0, 3), 0),
    ("DeleteMessageBatch", 1, Fault::AnswerLost, (3, 0), 0),
    ("DeleteMessageBatch", EVERY, Fault::Refused(403, "AccessDenied"), (0, 3), 3),
    ("DeleteMessageBatch", 2, Fault::Reset, (3, 0), 0),
];

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_never_lost_by_a_redrive_that_goes_wrong() {
    let trials = REDRIVES.iter().map(|row| tokio::spawn(redriven(row)));
    for trial in join_all(trials).await {
        trial.unwrap();
    }
}

async fn redriven((operation, count, fault, told, copies): &'static Redriven) {
    let name = format!("{operation} {fault:?} x {count}");
    let world = World::new();
    let (dead, source) = (MemoryQueue::new("dead"), MemoryQueue::new("source"));
    let (dead, source) = (Arc::new(dead), Arc::new(source));
    for number in 0..3 {
        dead.send(vec![Outgoing::new(number.to_string())]).await;
    }
    let (cloud, connection) =
        Cloud::start(world.store.clone(), &[dead.clone(), source.clone()]).await;
    cloud.order(Order {
        operation,
        after: 0,
        count: *count,
        fault: *fault,
    });
    let redrive = Redrive {
        from: Arc::new(sqs(&connection, "dead")),
        to: Arc::new(sqs(&connection, "source")),
        options: Options::default(),
    };
    let report = redrive.run(None).await.unwrap();
    assert_eq!((report.moved, report.failed), *told, "{name}: {report:?}");
    cloud.mend();
    let moved = taken(&source).await;
    let mut left = dead.depth().await.unwrap().total();
    let mut bodies: Vec<String> = moved.iter().map(|message| message.body.clone()).collect();
    if left > 0 {
        // What is still there is moved by the next run.
        for message in 1..=3 {
            let _ = dead
                .set_visibility(
                    &crate::ports::Receipt(format!("{message}#1")),
                    Duration::ZERO,
                )
                .await;
        }
        redrive.run(None).await.unwrap();
        left = dead.depth().await.unwrap().total();
        bodies.extend(taken(&source).await.into_iter().map(|message| message.body));
    }
    assert_eq!(left, 0, "{name}");
    bodies.sort();
    let sent = bodies.len();
    bodies.dedup();
    assert_eq!(bodies, ["0", "1", "2"], "{name}");
    assert_eq!(sent - bodies.len(), *copies, "{name}");
}
