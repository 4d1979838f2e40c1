use std::sync::Mutex;

use serde_json::json;

use super::*;
use crate::error::Disposition;
use crate::letter;
use crate::memory::MemoryQueue;
use crate::ports::Queue;
use crate::testing::queue::all;
use crate::testing::world::{World, written};
use crate::testing::{Fault, MeddledQueue, Verb, deciding};

fn message(id: &str, body: String) -> Message {
    Message {
        attributes: [("color".to_owned(), "blue".to_owned())].into(),
        ..Message::direct(id, body)
    }
}

/// A message that says that these keys were written.
fn about(id: &str, keys: &[&str]) -> Message {
    let records: Vec<serde_json::Value> = keys
        .iter()
        .map(|key| {
            let mut body: serde_json::Value = serde_json::from_str(&written(key)).unwrap();
            body["Records"][0].take()
        })
        .collect();
    message(id, json!({ "Records": records }).to_string())
}

async fn world() -> World {
    World::holding(&[
        ("good", "png good"),
        ("other", "jpeg other"),
        ("bad", "malformed"),
        ("panic", "panic"),
        ("slow", "slow"),
        ("trap", "trap"),
    ])
    .await
}

fn batch(world: &World, permanent: PermanentFailures) -> Batch {
    Batch::new(Arc::new(world.pipeline()), permanent, 4)
}

#[tokio::test(start_paused = true)]
async fn no_message_disturbs_another() {
    let world = world().await;
    let messages = vec![
        about("good", &["good"]),
        about("bad", &["bad"]),
        about("panic", &["panic"]),
        message("garbage", "garbage".to_owned()),
        about("slow", &["slow"]),
        message("test", r#"{"Event": "s3:TestEvent"}"#.to_owned()),
        about("gone", &["gone"]),
        about("mixed", &["other", "bad"]),
        about("trap", &["trap"]),
    ];
    let deadline = Instant::now() + Duration::from_secs(10);
    let report = batch(&world, PermanentFailures::Retry)
        .work(messages, Some(deadline))
        .await;
    assert!(Instant::now() < deadline);
    let found: Vec<(&str, Disposition, Option<&str>)> = report
        .messages
        .iter()
        .map(|message| {
            let kind = message.worst().map(|error| error.verdict().kind);
            (message.id.as_str(), message.disposition, kind)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("good", Disposition::Done, None),
            ("bad", Disposition::Reject, Some("malformed-source")),
            ("panic", Disposition::Retry, Some("host-panic")),
            ("garbage", Disposition::Reject, Some("unknown-event")),
            ("slow", Disposition::Retry, Some("out-of-time")),
            ("test", Disposition::Skip, None),
            ("gone", Disposition::Skip, None),
            ("mixed", Disposition::Reject, Some("malformed-source")),
            ("trap", Disposition::Reject, Some("engine-trap")),
        ]
    );
    assert_eq!(world.thumbnails().await, world.expected().await);
    let answer = serde_json::to_value(report.response()).unwrap();
    let kept = ["bad", "panic", "garbage", "slow", "mixed", "trap"];
    let failures: Vec<_> = kept
        .iter()
        .map(|id| json!({ "itemIdentifier": id }))
        .collect();
    assert_eq!(answer, json!({ "batchItemFailures": failures }));
}

#[tokio::test]
async fn a_batch_that_is_all_done_answers_with_an_empty_list() {
    let world = world().await;
    let report = batch(&world, PermanentFailures::Retry)
        .work(vec![about("1", &["good"])], None)
        .await;
    let answer = serde_json::to_string(&report.response()).unwrap();
    assert_eq!(answer, r#"{"batchItemFailures":[]}"#);
}

#[tokio::test]
async fn a_rejected_message_becomes_a_dead_letter_that_says_why() {
    let world = world().await;
    let queue = Arc::new(MemoryQueue::new("dead-letters"));
    let permanent = PermanentFailures::DeadLetter {
        queue: queue.clone(),
        at_once: true,
        max_receive_count: None,
    };
    let trap = about("trap", &["trap"]);
    let report = batch(&world, permanent)
        .work(vec![trap.clone(), about("1", &["good"])], None)
        .await;
    assert_eq!(report.response().batch_item_failures, []);
    let letters = all(&*queue).await;
    let [letter] = letters.as_slice() else {
        panic!("{letters:?}")
    };
    assert_eq!(letter.body, trap.body);
    let attribute = |name: &str| letter.attributes.get(name).map(String::as_str);
    assert_eq!(
        attribute(letter::REASON),
        Some("the engine crashed: unreachable")
    );
    assert_eq!(attribute(letter::KIND), Some("engine-trap"));
    assert_eq!(attribute(letter::BLAME), Some("engine"));
    let engine = crate::ports::Engine::identity(&*world.engine, "");
    assert_eq!(attribute(letter::ENGINE), Some(engine.digest.as_str()));
    assert_eq!(attribute(letter::ORIGIN), Some("trap"));
    assert_eq!(attribute("color"), Some("blue"));
}

#[tokio::test]
async fn a_message_stays_when_its_dead_letter_cannot_be_sent() {
    let world = world().await;
    let inner = Arc::new(MemoryQueue::new("dead-letters"));
    let refusing = deciding(|_| Fault::Refused);
    let queue: Arc<dyn Queue> = Arc::new(MeddledQueue::new(inner, refusing));
    let permanent = PermanentFailures::DeadLetter {
        queue,
        at_once: true,
        max_receive_count: None,
    };
    let report = batch(&world, permanent)
        .work(vec![about("bad", &["bad"])], None)
        .await;
    assert_eq!(report.response().batch_item_failures.len(), 1);
}

/// Hands out a message as often as given, with the number of messages that each
/// batch keeps. Returns the kind of its dead letter.
async fn buried(at_once: bool, key: &str, receptions: &[(u32, usize)]) -> Option<String> {
    let world = world().await;
    let queue = Arc::new(MemoryQueue::new("dead-letters"));
    let permanent = PermanentFailures::DeadLetter {
        queue: queue.clone(),
        at_once,
        max_receive_count: Some(3),
    };
    let batch = batch(&world, permanent);
    for (receive_count, kept) in receptions {
        let message = Message {
            receive_count: *receive_count,
            ..about(key, &[key])
        };
        let deadline = Instant::now() + Duration::from_secs(5);
        let report = batch.work(vec![message], Some(deadline)).await;
        assert_eq!(report.response().batch_item_failures.len(), *kept);
    }
    let letter = all(&*queue).await.pop().unwrap();
    assert_eq!(queue.depth().await.unwrap().total(), 1);
    letter.attributes.get(letter::KIND).cloned()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_fails_the_last_time_says_why_in_its_dead_letter() {
    let kind = buried(true, "slow", &[(2, 1), (3, 0)]).await;
    assert_eq!(kind.as_deref(), Some("out-of-time"));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_message_that_is_tried_all_the_same_says_why_the_last_time() {
    let kind = buried(false, "bad", &[(1, 1), (2, 1), (3, 0)]).await;
    assert_eq!(kind.as_deref(), Some("malformed-source"));
}

#[tokio::test(start_paused = true)]
async fn no_more_objects_are_worked_on_at_one_time_than_configured() {
    let world = World::new();
    let now = Arc::new(Mutex::new((0_usize, 0_usize)));
    let seen = now.clone();
    let pipeline = world.meddled(Arc::new(move |call| {
        let now = seen.clone();
        Box::pin(async move {
            if call.verb == Verb::Get {
                {
                    let mut now = now.lock().unwrap();
                    now.0 += 1;
                    now.1 = now.1.max(now.0);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
                now.lock().unwrap().0 -= 1;
            }
            Fault::None
        })
    }));
    let mut messages = Vec::new();
    for number in 0..20 {
        let (one, two) = (format!("{number}/1"), format!("{number}/2"));
        world.write(&one, "png").await;
        world.write(&two, "png").await;
        messages.push(about(&number.to_string(), &[&one, &two]));
    }
    Batch::new(Arc::new(pipeline), PermanentFailures::Retry, 3)
        .work(messages, None)
        .await;
    assert_eq!(now.lock().unwrap().1, 3);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

#[tokio::test(start_paused = true)]
async fn two_events_of_one_object_do_its_work_once() {
    let mut world = World::new();
    world.settings.skip_existing = true;
    world.write("twice", "png").await;
    let slow = world.meddled(Arc::new(|call| {
        let reads = call.verb == Verb::Get;
        Box::pin(async move {
            if reads {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Fault::None
        })
    }));
    let report = Batch::new(Arc::new(slow), PermanentFailures::Retry, 4)
        .work(vec![about("1", &["twice"]), about("2", &["twice"])], None)
        .await;
    let mut found: Vec<Disposition> = report.messages.iter().map(|m| m.disposition).collect();
    found.sort();
    assert_eq!(found, [Disposition::Skip, Disposition::Done]);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

/// The world with an engine between it and a count of what is read.
fn counting(world: &World) -> (Batch, Arc<Mutex<Vec<String>>>) {
    let read = Arc::new(Mutex::new(Vec::new()));
    let seen = read.clone();
    let pipeline = world.meddled(deciding(move |call| {
        if call.verb == Verb::Get {
            seen.lock().unwrap().push(call.target.clone());
        }
        Fault::None
    }));
    let batch = Batch::new(Arc::new(pipeline), PermanentFailures::Retry, 4);
    (batch, read)
}

#[tokio::test(start_paused = true)]
async fn equal_objects_of_a_message_are_one_piece_of_work() {
    let world = world().await;
    let (batch, read) = counting(&world);
    let mut keys = vec!["good"; 1_500];
    keys.push("other");
    keys.push("bad");
    let message = about("1", &keys);
    let report = batch.one(&message, None).await;
    let objects: Vec<&str> = report
        .objects
        .iter()
        .map(|object| object.location.as_ref().unwrap().key.as_str())
        .collect();
    assert_eq!(objects, ["good", "other", "bad"]);
    assert_eq!(read.lock().unwrap().len(), 3);
    assert_eq!(report.disposition, Disposition::Reject);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_of_a_message_is_not_done_again_when_the_rest_had_no_time() {
    let world = world().await;
    let (batch, read) = counting(&world);
    let message = about("1", &["good", "slow", "other", "gone"]);
    let seconds = |seconds| Some(Instant::now() + Duration::from_secs(seconds));
    let first = batch.one(&message, seconds(10)).await;
    assert_eq!(first.disposition, Disposition::Retry);
    assert_eq!(first.worst().unwrap().verdict().kind, "out-of-time");
    assert_eq!(read.lock().unwrap().len(), 3);
    // Handed out again, only the rest is worked on.
    world.write("slow", "png quick").await;
    let second = batch.one(&message, seconds(10)).await;
    assert_eq!(second.disposition, Disposition::Done);
    assert_eq!(second.objects.len(), 4);
    assert_eq!(read.lock().unwrap().split_off(3), ["images/slow"]);
    // It has left its queue: whatever comes by that name is another message.
    batch.one(&message, seconds(10)).await;
    assert_eq!(read.lock().unwrap().len(), 3 + 3);
    assert_eq!(world.thumbnails().await, world.expected().await);
}
