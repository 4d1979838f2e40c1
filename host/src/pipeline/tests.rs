use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::*;
use crate::testing::world::{IMAGES, THUMBNAILS, World};
use crate::testing::{Fault, Meddler, Verb, deciding};

/// A meddler that does `what` before the call of this number.
fn before<F>(number: u64, what: impl Fn() -> F + Send + Sync + 'static) -> Meddler
where
    F: Future<Output = ()> + Send + 'static,
{
    Arc::new(move |call| {
        let work = (call.number == number).then(&what);
        Box::pin(async move {
            if let Some(work) = work {
                work.await;
            }
            Fault::None
        })
    })
}

#[tokio::test]
async fn every_preset_gets_its_thumbnail_with_what_readers_need_to_know() {
    let world = World::new();
    let event = world.write("a/my cat.png", "png cat").await;
    let outcome = world.pipeline().process(&event, None).await.unwrap();
    assert_eq!(outcome.disposition(), Disposition::Done);
    assert_eq!(
        outcome.written,
        ["a/my cat.png/small.png", "a/my cat.png/web.webp"]
    );
    assert_eq!(world.thumbnails().await, world.expected().await);
    let at = Location::new(THUMBNAILS, "a/my cat.png/web.webp");
    let info = world.store.head(&at).await.unwrap();
    assert_eq!(info.content_type.as_deref(), Some("image/webp"));
    assert_eq!(info.cache_control.as_deref(), Some("no-cache"));
    let metadata: BTreeMap<&str, &str> = info
        .metadata
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let etag = World::etag("png cat");
    let engine = world.engine.identity("");
    assert_eq!(
        metadata,
        [
            ("source-etag", etag.as_str()),
            ("preset", "web=200x,webp"),
            ("engine", &engine.digest),
            ("engine-version", "stamp 1.0.0")
        ]
        .into()
    );
}

#[tokio::test]
async fn sources_of_one_name_never_share_a_thumbnail() {
    let world = World::new();
    for (key, body) in [
        ("a/cat.jpg", "jpeg 1"),
        ("b/cat.jpg", "jpeg 2"),
        ("a/cat.png", "png 3"),
        ("cat", "png 4"),
    ] {
        let event = world.write(key, body).await;
        world.pipeline().process(&event, None).await.unwrap();
    }
    assert_eq!(world.thumbnails().await.len(), 8);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

/// A host that neither leaves thumbnails alone nor removes any is only allowed to
/// write them.
#[tokio::test]
async fn thumbnails_are_looked_at_only_by_those_who_may_leave_them_alone_or_remove_them() {
    for (skip_existing, propagate_deletes, looks) in [
        (false, false, false),
        (true, false, true),
        (false, true, true),
    ] {
        let mut world = World::new();
        world.settings.skip_existing = skip_existing;
        world.settings.propagate_deletes = propagate_deletes;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let note = seen.clone();
        let pipeline = world.meddled(deciding(move |call| {
            if call.target.starts_with(THUMBNAILS) && call.verb != Verb::Put {
                note.lock().unwrap().push(call.verb);
            }
            Fault::None
        }));
        let first = world.write("cat", "png old").await;
        let second = world.write("cat", "jpeg new").await;
        let gone = world.remove("dog").await;
        for event in [&first, &second, &first, &gone] {
            pipeline.process(event, None).await.unwrap();
        }
        assert_eq!(world.thumbnails().await, world.expected().await);
        let looked = !seen.lock().unwrap().is_empty();
        assert_eq!(looked, looks, "{skip_existing} {propagate_deletes}");
    }
}

#[tokio::test]
async fn an_old_event_mends_what_a_worker_that_died_left_behind() {
    let world = World::new();
    let old = world.write("cat", "png old").await;
    let pipeline = world.pipeline();
    pipeline.process(&old, None).await.unwrap();
    world.write("cat", "png new").await;
    // Nobody has seen the event of the newer one, or its worker was first.
    let outcome = pipeline.process(&old, None).await.unwrap();
    assert_eq!(outcome.disposition(), Disposition::Done);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

#[tokio::test]
async fn a_source_that_never_stands_still_is_tried_again_later() {
    let world = World::new();
    let event = world.write("cat", "png 0").await;
    let changing = world.clone();
    let pipeline = world.meddled(Arc::new(move |call| {
        let world = changing.clone();
        Box::pin(async move {
            if call.verb == Verb::Head {
                world
                    .write("cat", &format!("png {}", call.number + 1))
                    .await;
            }
            Fault::None
        })
    }));
    let error = pipeline.process(&event, None).await.unwrap_err();
    assert!(matches!(error, Error::KeepsChanging { .. }), "{error}");
    assert_eq!(error.verdict().disposition, Disposition::Retry);
}

#[tokio::test]
async fn a_half_written_source_is_not_rejected_once_it_is_whole() {
    let world = World::new();
    let event = world
        .write("cat", "malformed, because half of it is missing")
        .await;
    let whole = world.clone();
    // Before the look at the source that follows the engine's error.
    let pipeline = world.meddled(before(1, move || {
        let world = whole.clone();
        async move {
            world.write("cat", "png, whole").await;
            world.write("cat", "png whole").await;
        }
    }));
    let outcome = pipeline.process(&event, None).await.unwrap();
    assert_eq!(outcome.rounds, 2);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

#[tokio::test]
async fn what_is_not_for_us_is_left_alone() {
    let mut world = World::new();
    world.settings.sources = Filter {
        prefixes: vec!["in/".to_owned()],
        suffixes: vec![".png".to_owned()],
        excluded: vec!["in/private/".to_owned()],
    };
    world.settings.recipes.default.bucket = IMAGES.to_owned();
    world.settings.recipes.default.naming = "in/thumbnails/{key}/{preset}.{ext}".parse().unwrap();
    let pipeline = world.pipeline();
    for (key, skipped) in [
        (
            "in/thumbnails/in/cat.png/small.png",
            Some(Skipped::OwnOutput),
        ),
        ("out/cat.png", Some(Skipped::Excluded)),
        ("in/cat.jpg", Some(Skipped::Excluded)),
        ("in/private/cat.png", Some(Skipped::Excluded)),
        ("in/folder.png/", Some(Skipped::Excluded)),
        ("in/CAT.PNG", None),
    ] {
        let event = world.write(key, "png cat").await;
        assert_eq!(
            pipeline.process(&event, None).await.unwrap().skipped,
            skipped,
            "{key}"
        );
    }
}

#[tokio::test]
async fn a_removal_is_left_alone_unless_configured() {
    let mut world = World::new();
    world.settings.propagate_deletes = false;
    let written = world.write("cat", "png cat").await;
    world.pipeline().process(&written, None).await.unwrap();
    let removed = world.remove("cat").await;
    let outcome = world.pipeline().process(&removed, None).await.unwrap();
    assert_eq!(outcome.skipped, Some(Skipped::Removal));
    let outcome = world.pipeline().process(&written, None).await.unwrap();
    assert_eq!(outcome.skipped, Some(Skipped::Gone));
    assert_eq!(world.thumbnails().await.len(), 2);

    world.settings.propagate_deletes = true;
    let outcome = world.pipeline().process(&removed, None).await.unwrap();
    assert_eq!(outcome.removed, ["cat/small.png", "cat/web.webp"]);
    assert_eq!(world.thumbnails().await.len(), 0);
}

#[tokio::test]
async fn thumbnails_are_made_again_only_if_something_about_them_changed() {
    let mut world = World::new();
    world.settings.skip_existing = true;
    let event = world.write("cat", "png cat").await;
    let skipped = async |world: &World| {
        world
            .pipeline()
            .process(&event, None)
            .await
            .unwrap()
            .skipped
    };
    assert_eq!(skipped(&world).await, None);
    assert_eq!(skipped(&world).await, Some(Skipped::UpToDate));
    world.engine = Arc::new(crate::testing::StampEngine::new("2.0.0"));
    assert_eq!(skipped(&world).await, None, "another engine");
    assert_eq!(skipped(&world).await, Some(Skipped::UpToDate));
    world.settings.recipes.default.presets = vec!["small=80x80".parse().unwrap()];
    assert_eq!(skipped(&world).await, None, "another preset");
    world
        .store
        .delete(&Location::new(THUMBNAILS, "cat/small.png"))
        .await
        .unwrap();
    assert_eq!(skipped(&world).await, None, "a thumbnail is missing");
    world.write("cat", "png dog").await;
    assert_eq!(skipped(&world).await, None, "another source");
    assert_eq!(skipped(&world).await, Some(Skipped::UpToDate));
}

#[tokio::test]
async fn a_source_over_the_limit_is_rejected_and_one_that_grew_is_not() {
    let mut world = World::new();
    world.settings.max_source = 10;
    let pipeline = world.pipeline();
    let large = world.write("cat", "png much too large").await;
    let error = pipeline.process(&large, None).await.unwrap_err();
    assert_eq!(error.verdict().kind, "source-too-large");
    let mut grown = world.write("cat", "png large").await;
    grown.size = Some(1);
    grown.etag = None;
    assert_eq!(pipeline.process(&grown, None).await.unwrap().bytes, 9);
}

#[tokio::test]
async fn an_engine_that_returns_too_little_writes_nothing() {
    let world = World::new();
    let event = world.write("cat", "short by one").await;
    let error = world.pipeline().process(&event, None).await.unwrap_err();
    assert_eq!(error.verdict().kind, "engine-output");
    assert_eq!(world.thumbnails().await.len(), 0);
}

#[tokio::test]
async fn more_sources_than_fit_into_memory_wait_for_each_other() {
    let mut world = World::new();
    world.settings.memory = 1;
    let pipeline = Arc::new(world.pipeline());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..50 {
        let event = world.write(&number.to_string(), "png cat").await;
        let pipeline = pipeline.clone();
        tasks.spawn(async move { pipeline.process(&event, None).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap().unwrap();
    }
    assert_eq!(world.thumbnails().await, world.expected().await);
}

#[tokio::test]
async fn a_source_of_no_bytes_is_left_alone_until_it_has_some() {
    let world = World::new();
    let pipeline = world.pipeline();
    for key in ["empty.png", "dir/.keep", "photos_$folder$"] {
        let event = world.write(key, "").await;
        for size in [Some(0), None, Some(7)] {
            let event = ObjectEvent {
                size,
                ..event.clone()
            };
            let outcome = pipeline.process(&event, None).await.unwrap();
            assert_eq!(outcome.skipped, Some(Skipped::Unfit), "{key} {size:?}");
        }
    }
    // Its content may be there by the time that somebody looks.
    let early = world.write("empty.png", "").await;
    world.write("empty.png", "png whole").await;
    let outcome = pipeline.process(&early, None).await.unwrap();
    assert_eq!(outcome.disposition(), Disposition::Done);
    assert_eq!(world.thumbnails().await, world.expected().await);
}

/// The event that a sender writes who knows no encoding of keys.
fn unencoded(key: &str, change: &str) -> Result<ObjectEvent, Error> {
    let body = serde_json::json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": change,
        "s3": { "bucket": { "name": IMAGES }, "object": { "key": key } },
    }] });
    crate::event::parse(&body.to_string()).unwrap().remove(0)
}

#[tokio::test]
async fn a_record_whose_key_is_not_encoded_finds_its_object() {
    for key in ["raw+key.png", "100%.png", "a%2Fb+c.png", "%C3.png"] {
        let world = World::new();
        let pipeline = world.pipeline();
        world.write(key, "png cat").await;
        let written = unencoded(key, "ObjectCreated:Put").unwrap();
        let outcome = pipeline.process(&written, None).await.unwrap();
        assert_eq!(outcome.disposition(), Disposition::Done, "{key}");
        assert_eq!(world.thumbnails().await, world.expected().await, "{key}");
        world.remove(key).await;
        let removed = unencoded(key, "ObjectRemoved:Delete").unwrap();
        pipeline.process(&removed, None).await.unwrap();
        assert_eq!(world.thumbnails().await.len(), 0, "{key}");
    }
}

#[tokio::test]
async fn a_key_is_decoded_exactly_once_where_what_it_spells_is_there() {
    let world = World::new();
    let pipeline = world.pipeline();
    for (text, spelled) in [("a+b", "a b"), ("a%252Bb", "a%2Bb"), ("%41", "A")] {
        let meant = world.write(spelled, "png meant").await;
        world.write(text, "png other").await;
        let event = unencoded(text, "ObjectCreated:Put").unwrap();
        let outcome = pipeline.process(&event, None).await.unwrap();
        assert_eq!(outcome.written[0], format!("{spelled}/small.png"));
        assert_eq!(outcome.warnings, [""; 0], "{text}");
        // Neither is there: then it is gone, as ever.
        world.remove(spelled).await;
        world.remove(text).await;
        let outcome = pipeline.process(&event, None).await.unwrap();
        assert!(outcome.written.is_empty(), "{text}");
        assert_eq!(event.location, meant.location);
    }
}

#[tokio::test]
async fn a_key_that_neither_decodes_nor_is_there_is_rejected() {
    let world = World::new();
    let event = unencoded("%zz.png", "ObjectCreated:Put").unwrap();
    let error = world.pipeline().process(&event, None).await.unwrap_err();
    assert_eq!(error.verdict().kind, "unknown-event");
    assert_eq!(error.verdict().disposition, Disposition::Reject);
}

#[tokio::test]
async fn what_is_left_out_is_left_out_however_its_key_is_read() {
    let mut world = World::new();
    world.settings.recipes.default.bucket = IMAGES.to_owned();
    world.settings.recipes.default.naming = "own+thumbnails/{key}/{preset}.{ext}".parse().unwrap();
    world.settings.sources.prefixes = vec!["up+loads/".to_owned(), "own".to_owned()];
    let pipeline = world.pipeline();
    for (key, written) in [
        ("up+loads/cat.png", 2),
        ("own+thumbnails/cat.png/small.png", 0),
        ("elsewhere/c+t.png", 0),
    ] {
        world.write(key, "png cat").await;
        let event = unencoded(key, "ObjectCreated:Put").unwrap();
        let outcome = pipeline.process(&event, None).await.unwrap();
        assert_eq!(outcome.written.len(), written, "{key}");
    }
}

mod manifests;
mod moments;
mod results;
mod rules;
