use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::*;
use crate::batch::PermanentFailures;
use crate::config::Config;
use crate::event::{Change, notification};
use crate::memory::MemoryQueue;
use crate::object::Location;
use crate::pipeline::Pipeline;
use crate::ports::{Outgoing, Queue};
use crate::service::Service;
use crate::telemetry::Spans;
use crate::testing::events::{blessed, fixtures};
use crate::testing::world::{IMAGES, THUMBNAILS, World, written};

/// A function over a world in memory.
fn function(world: &World, permanent: PermanentFailures) -> Generate {
    configured(world, permanent, &[])
}

/// The same, with more variables set.
fn configured(world: &World, permanent: PermanentFailures, set: &[(&str, &str)]) -> Generate {
    let always = [
        ("THUMBNAILS_BUCKET", THUMBNAILS),
        ("PRESETS", "small=75x75"),
    ];
    let variable = |name: &str| {
        let mut all = always.iter().chain(set);
        all.find(|(set, _)| *set == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let config = Config::read(variable).unwrap();
    over(world, permanent, config, None)
}

pub(super) fn over(
    world: &World,
    permanent: PermanentFailures,
    config: Config,
    spans: Option<Arc<dyn Spans>>,
) -> Generate {
    let (objects, engine) = (world.store.clone(), world.engine.clone());
    let Config {
        settings,
        concurrency,
        ..
    } = config;
    let pipeline = Pipeline::new(objects, engine.clone(), settings);
    Generate::new(Service::of(pipeline, engine, permanent, concurrency, spans))
}

pub(super) fn context() -> Context {
    Context {
        request: "request-1".to_owned(),
        trace: None,
        left: Duration::from_secs(60),
    }
}

/// A batch of SQS with these bodies, called `message-0` and so on.
pub(super) fn batch(bodies: &[&str]) -> Value {
    let records = bodies.iter().enumerate().map(|(index, body)| {
        json!({
            "messageId": format!("message-{index}"),
            "receiptHandle": "receipt",
            "body": body,
            "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1700000000000" },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:source",
            "awsRegion": "us-east-1",
        })
    });
    json!({ "Records": records.collect::<Vec<_>>() })
}

#[tokio::test]
async fn only_the_messages_that_are_not_done_stay_in_the_queue() {
    let world = World::holding(&[("good.png", "png 1"), ("bad.png", "corrupt")]).await;
    let function = function(&world, PermanentFailures::Retry);
    let test_event = json!({ "Event": "s3:TestEvent", "Bucket": IMAGES }).to_string();
    let bodies = [
        written("good.png").as_str(),
        written("bad.png").as_str(),
        "no event",
        &test_event,
        &written("gone.png"),
    ]
    .map(str::to_owned);
    let event = batch(&bodies.each_ref().map(String::as_str));
    let answer = function.handle(event, context()).await.unwrap();
    let failures = json!([
        { "itemIdentifier": "message-1" },
        { "itemIdentifier": "message-2" },
    ]);
    assert_eq!(answer, json!({ "batchItemFailures": failures }));
    assert_eq!(world.thumbnails().await.len(), 1);
}

#[tokio::test]
async fn a_batch_that_is_done_has_an_empty_list_of_failures() {
    let world = World::new();
    world.write("good.png", "png 1").await;
    let function = function(&world, PermanentFailures::Retry);
    let answer = function
        .handle(batch(&[&written("good.png")]), context())
        .await;
    assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
}

#[tokio::test]
async fn a_rejected_message_leaves_when_it_is_a_dead_letter() {
    let world = World::new();
    world.write("bad.png", "corrupt").await;
    let dead_letters = Arc::new(MemoryQueue::new("dead-letters"));
    let permanent = PermanentFailures::DeadLetter {
        queue: dead_letters.clone(),
        at_once: true,
        max_receive_count: None,
    };
    let function = function(&world, permanent);
    let answer = function
        .handle(batch(&[&written("bad.png")]), context())
        .await;
    assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
    assert_eq!(dead_letters.depth().await.unwrap().total(), 1);
}

#[tokio::test]
async fn a_batch_with_a_message_that_cannot_be_named_is_tried_again_as_a_whole() {
    let function = function(&World::new(), PermanentFailures::Retry);
    let mut event = batch(&[&written("good.png")]);
    event["Records"][0]["messageId"] = Value::Null;
    let failed = function.handle(event, context()).await;
    assert!(
        matches!(failed, Err(Failure::InvalidEvent(_))),
        "{failed:?}"
    );
}

/// `tests/events/NAME.json`.
fn fixture(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/events");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn an_event_that_nobody_keeps_fails_the_invocation_unless_it_is_done() {
    let world = World::new();
    let key = "holiday 2026/café + beach.jpg";
    let done = function(&world, PermanentFailures::Retry);
    for name in ["s3-put.json", "sns-records.json"] {
        world.write(key, &format!("jpeg {name}")).await;
        let answer = done.handle(fixture(name), context()).await.unwrap();
        assert_eq!(answer["objects"][0]["disposition"], "done", "{name}");
    }
    let answer = done
        .handle(fixture("event-bridge.json"), context())
        .await
        .unwrap();
    assert_eq!(answer["objects"][0]["disposition"], "skip");

    world.write(key, "corrupt").await;
    for event in [
        fixture("s3-put.json"),
        json!({ "hello": "world" }),
        json!(null),
    ] {
        let failed = done.handle(event, context()).await;
        assert!(matches!(failed, Err(Failure::WorkNotDone(_))), "{failed:?}");
    }
}

#[tokio::test]
async fn every_kind_of_event_has_the_answer_that_its_sender_understands() {
    let set = [("PROPAGATE_DELETES", "yes")];
    for (name, event) in fixtures() {
        let world = World::new();
        for key in [
            "holiday 2026/café + beach.jpg",
            "holiday 2026/100%25+café.jpg",
            "uploads/from a form.png",
            "copied.png",
            "big.tiff",
        ] {
            world.write(key, "jpeg 1").await;
        }
        world.write("damaged.png", "corrupt").await;
        let function = configured(&world, PermanentFailures::Retry, &set);
        let event = serde_json::from_str(&event).unwrap();
        let answer = match function.handle(event, context()).await {
            Ok(answer) => answer,
            Err(failure) => json!({ "failure": failure.to_string() }),
        };
        let text = serde_json::to_string_pretty(&answer).unwrap();
        blessed(&format!("answers/{name}.json"), &(text + "\n"));
        // What became of it is to be seen in the bucket as well.
        let made = world.thumbnails().await.into_keys();
        let made: String = made.map(|key| key + "\n").collect();
        blessed(&format!("thumbnails/{name}.txt"), &made);
    }
}

#[tokio::test]
async fn thumbnails_that_are_up_to_date_are_left_alone_if_that_is_asked_for() {
    let world = World::new();
    world.write("cat.png", "png 1").await;
    let set = [("SKIP_EXISTING", "yes")];
    let function = configured(&world, PermanentFailures::Retry, &set);
    let event: Value = serde_json::from_str(&written("cat.png")).unwrap();
    for expected in ["done", "skip", "skip"] {
        let answer = function.handle(event.clone(), context()).await.unwrap();
        assert_eq!(answer["objects"][0]["disposition"], expected);
    }
    world.write("cat.png", "png 2").await;
    let answer = function.handle(event, context()).await.unwrap();
    assert_eq!(answer["objects"][0]["disposition"], "done");
}

#[tokio::test]
async fn thumbnails_follow_their_source_if_that_is_asked_for() {
    for (propagate, left) in [("yes", 0), ("no", 1)] {
        let world = World::new();
        world.write("cat.png", "png 1").await;
        let set = [("PROPAGATE_DELETES", propagate)];
        let function = configured(&world, PermanentFailures::Retry, &set);
        let mut bodies = vec![written("cat.png")];
        for _ in 0..2 {
            let event = batch(&[bodies.pop().unwrap().as_str()]);
            let answer = function.handle(event, context()).await.unwrap();
            assert_eq!(answer, json!({ "batchItemFailures": [] }));
            world.remove("cat.png").await;
            let cat = Location::new(IMAGES, "cat.png");
            bodies.push(notification(Change::Removed, &cat, None, None));
        }
        assert_eq!(world.thumbnails().await.len(), left, "{propagate}");
    }
}

#[tokio::test]
async fn own_thumbnails_are_never_sources_though_they_lie_beside_them() {
    let world = World::new();
    let set = [
        ("THUMBNAILS_BUCKET", IMAGES),
        ("SOURCE_BUCKET", IMAGES),
        ("THUMBNAIL_NAME", "thumbnails/{key}/{preset}.{ext}"),
        ("PRESETS", "small=75x75"),
    ];
    let config = Config::read(|name| {
        let found = set.iter().find(|(set, _)| *set == name);
        found.map(|(_, value)| (*value).to_owned())
    });
    let function = over(&world, PermanentFailures::Retry, config.unwrap(), None);
    world.write("cat.png", "png 1").await;
    let answer = function
        .handle(batch(&[&written("cat.png")]), context())
        .await;
    assert_eq!(answer.unwrap(), json!({ "batchItemFailures": [] }));
    let before = world.sources().await;
    let own = written("thumbnails/cat.png/small.png");
    assert!(
        before.contains_key("thumbnails/cat.png/small.png"),
        "{before:?}"
    );
    let event: Value = serde_json::from_str(&own).unwrap();
    let answer = function.handle(event, context()).await.unwrap();
    assert_eq!(answer["objects"][0]["disposition"], "skip");
    assert_eq!(world.sources().await, before);
}

#[tokio::test]
async fn each_task_of_a_job_has_its_own_result() {
    let sources = [("a folder/good+1.png", "png 1"), ("bad.png", "corrupt")];
    let world = World::holding(&sources).await;
    let function = function(&world, PermanentFailures::Retry);
    for version in ["1.0", "2.0"] {
        let bucket = if version == "1.0" {
            ("s3BucketArn", "arn:aws:s3:::images")
        } else {
            ("s3Bucket", "images")
        };
        let tasks = ["a+folder/good%2B1.png", "bad.png", "%zz", "gone.png"];
        let tasks = tasks.iter().enumerate().map(|(index, key)| {
            let id = format!("task-{index}");
            json!({ "taskId": id, "s3Key": key, "s3VersionId": null, (bucket.0): bucket.1 })
        });
        let event = json!({
            "invocationSchemaVersion": version,
            "invocationId": "invocation-1",
            "job": { "id": "job-1", "userArguments": { "any": "thing" } },
            "tasks": tasks.collect::<Vec<_>>(),
        });
        let answer = function.handle(event, context()).await.unwrap();
        assert_eq!(answer["invocationSchemaVersion"], version);
        assert_eq!(answer["invocationId"], "invocation-1");
        assert_eq!(answer["treatMissingKeysAs"], "TemporaryFailure");
        let results = answer["results"].as_array().unwrap();
        let codes: Vec<_> = results.iter().map(|result| &result["resultCode"]).collect();
        let expected = [
            "Succeeded",
            "PermanentFailure",
            "PermanentFailure",
            "Succeeded",
        ];
        assert_eq!(codes, expected, "{results:?}");
        assert_eq!(results[0]["taskId"], "task-0");
        assert_eq!(results[0]["resultString"], "1 thumbnail");
        assert_eq!(results[3]["resultString"], "skipped: gone");
    }
    assert_eq!(world.thumbnails().await.len(), 1);
}

#[tokio::test]
async fn a_job_of_an_unknown_version_is_refused() {
    let function = function(&World::new(), PermanentFailures::Retry);
    let event = json!({ "invocationSchemaVersion": "3.0", "invocationId": "1", "tasks": [] });
    let failed = function.handle(event, context()).await;
    assert!(
        matches!(failed, Err(Failure::InvalidEvent(_))),
        "{failed:?}"
    );
}

#[test]
fn a_deadline_that_cannot_be_true_is_not_believed() {
    let now = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    for (deadline, expected) in [
        (1_800_000_012_000, Duration::from_secs(12)),
        (600_000, GUESS),
        (0, GUESS),
        (u64::MAX, GUESS),
        (1_900_000_000_000, GUESS),
    ] {
        assert_eq!(left(deadline, now), expected, "{deadline}");
    }
}

#[test]
fn a_redrive_that_is_asked_for_wrongly_is_refused_with_the_reason() {
    for (payload, named) in [
        (json!({ "maximum": 3 }), "maximum"),
        (json!({ "max": "3" }), "\"3\""),
        (json!({ "max": -1 }), "-1"),
        (json!({ "dryRun": "yes" }), "yes"),
        (json!({ "ratePerSecond": 0 }), "ratePerSecond"),
        (json!({ "native": true, "max": 3 }), "native"),
        (json!({ "native": true, "dryRun": true }), "native"),
        (json!([]), "object"),
        (json!("all"), "object"),
    ] {
        let refused = redrive::Payload::of(payload.clone())
            .unwrap_err()
            .to_string();
        assert!(refused.contains(named), "{payload}: {refused}");
    }
    for payload in [
        json!(null),
        json!({}),
        json!({ "max": 3, "dryRun": true, "keyPrefix": "a/", "errorKind": "engine-trap",
                "ratePerSecond": 0.5, "native": false }),
        json!({ "native": true, "ratePerSecond": 10 }),
    ] {
        assert!(redrive::Payload::of(payload.clone()).is_ok(), "{payload}");
    }
}

#[tokio::test]
async fn a_redrive_tells_what_it_moved_and_what_is_left() {
    let (from, to) = (MemoryQueue::new("dead"), MemoryQueue::new("source"));
    let (from, to) = (Arc::new(from), Arc::new(to));
    for number in 0..150 {
        let letter = Outgoing::new(written(&format!("{number}.png")));
        from.send(vec![letter]).await.pop().unwrap().unwrap();
    }
    let payload = redrive::Payload::of(json!({ "max": 120 })).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    let report = redrive::redrive(from, to.clone(), payload, deadline)
        .await
        .unwrap();
    let answer = redrive::answer(report);
    for (name, count) in [
        ("found", 150),
        ("moved", 120),
        ("skipped", 0),
        ("failed", 0),
        ("left", 30),
    ] {
        assert_eq!(answer[name], count, "{name}");
    }
    assert_eq!(answer["entries"].as_array().unwrap().len(), 100);
    assert_eq!(answer["untold"], 20);
    assert_eq!(to.depth().await.unwrap().total(), 120);
}
