//! Manifests: what they say, and that it is true at every moment.

use super::*;
use crate::manifest::State;
use crate::ports::{NewObject, PutOptions};

/// Location of the manifest of the only source.
const MANIFEST: &str = "cat/manifest.json";

#[tokio::test]
async fn a_manifest_says_what_there_is() {
    let world = World::new().with_manifests();
    let event = world.write("cat", "png cat").await;
    let outcome = world.pipeline().process(&event, None).await.unwrap();
    assert_eq!(outcome.written.len(), 2, "a manifest is no thumbnail");
    assert_eq!(world.thumbnails().await, world.expected().await);
    let manifest = world.manifests().await.remove("cat").unwrap();
    assert_eq!(manifest.state, State::Done);
    assert_eq!(manifest.source.bucket, IMAGES);
    assert_eq!(manifest.source.etag, World::etag("png cat").as_str());
    assert_eq!(manifest.source.bytes, Some(7));
    let image = manifest.source.image.unwrap();
    assert_eq!((image.media_type.as_str(), image.frames), ("image/png", 1));
    let thumbnails: Vec<(&str, &str, &str, &str)> = manifest
        .thumbnails
        .iter()
        .map(|it| {
            (
                it.preset.as_str(),
                it.spec.as_str(),
                it.key.as_str(),
                it.media_type.as_str(),
            )
        })
        .collect();
    assert_eq!(
        thumbnails,
        [
            ("small", "75x75", "cat/small.png", "image/png"),
            ("web", "200x,webp", "cat/web.webp", "image/webp"),
        ]
    );
    assert_eq!(manifest.engine.unwrap().version, "1.0.0");
    let placeholder = manifest.placeholder.unwrap();
    assert_eq!(placeholder.thumbhash.map(|text| text.len()), Some(28));
    assert!(placeholder.color.is_some());
    assert_eq!(world.lies().await, [""; 0]);
    let info = world
        .store
        .head(&Location::new(THUMBNAILS, MANIFEST))
        .await
        .unwrap();
    assert_eq!(info.content_type.as_deref(), Some("application/json"));
    assert_eq!(info.cache_control.as_deref(), Some("no-cache"));
}

/// One worker at a time; whatever it meets, and wherever it stops.
#[tokio::test]
async fn a_manifest_is_true_at_every_moment() {
    for (fault, skip_existing) in [
        (Fault::None, false),
        (Fault::None, true),
        (Fault::Refused, true),
        (Fault::Lost, false),
        (Fault::Lost, true),
    ] {
        for number in 0.. {
            let mut world = World::new().with_manifests();
            world.settings.skip_existing = skip_existing;
            let first = world.write("cat", "png 1").await;
            world.pipeline().process(&first, None).await.unwrap();
            let event = world.write("cat", "jpeg 2").await;
            let (outside, met) = (world.clone(), Arc::new(Mutex::new(false)));
            let seen = met.clone();
            let pipeline = world.meddled(Arc::new(move |call| {
                let (world, met) = (outside.clone(), seen.clone());
                Box::pin(async move {
                    assert_eq!(world.lies().await, [""; 0], "before {call:?}");
                    if call.number != number {
                        return Fault::None;
                    }
                    *met.lock().unwrap() = true;
                    if fault == Fault::None {
                        world.write("cat", "png 3").await;
                    }
                    fault
                })
            }));
            let _ = pipeline.process(&event, None).await;
            assert_eq!(world.lies().await, [""; 0], "{fault:?} at call {number}");
            // The message comes again until all is done.
            world.pipeline().process(&event, None).await.unwrap();
            let newest = world.sources().await.remove("cat").unwrap();
            let manifest = world.manifests().await.remove("cat").unwrap();
            assert_eq!(manifest.source.etag, World::etag(&newest).as_str());
            assert_eq!(world.lies().await, [""; 0]);
            assert_eq!(world.thumbnails().await, world.expected().await);
            if !*met.lock().unwrap() {
                assert!(number >= 8, "only {number} moments");
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_manifest_goes_before_the_thumbnails_of_a_source_that_is_gone() {
    for number in 0.. {
        let world = World::new().with_manifests();
        let written = world.write("cat", "png cat").await;
        world.pipeline().process(&written, None).await.unwrap();
        let event = world.remove("cat").await;
        let pipeline = world.meddled(deciding(move |call| {
            Fault::Refused.when(call.number == number)
        }));
        let done = pipeline.process(&event, None).await.is_ok();
        assert_eq!(world.lies().await, [""; 0], "refused call {number}");
        if done {
            assert_eq!(
                world.thumbnails().await.len() + world.manifests().await.len(),
                0
            );
            assert!(number >= 4, "only {number} moments");
            break;
        }
    }
}

#[tokio::test]
async fn a_rejected_source_has_a_manifest_with_the_reason_if_that_is_asked_for() {
    for of_rejected in [true, false] {
        let mut world = World::new().with_manifests();
        if !of_rejected {
            world = world.without_manifests_of_rejected();
        }
        world.settings.max_source = 20;
        for (body, kind, blame) in [
            ("malformed", "malformed-source", "source"),
            ("trap", "engine-trap", "engine"),
            ("png and much too large", "source-too-large", "source"),
        ] {
            let event = world.write("cat", body).await;
            let error = world.pipeline().process(&event, None).await.unwrap_err();
            assert_eq!(error.verdict().kind, kind);
            let Some(manifest) = world.manifests().await.remove("cat") else {
                assert!(!of_rejected, "{body}");
                continue;
            };
            assert!(of_rejected, "{body}");
            assert_eq!(manifest.state, State::Rejected);
            assert_eq!(manifest.source.etag, World::etag(body).as_str());
            assert!(manifest.thumbnails.is_empty());
            let reason = manifest.reason.unwrap();
            assert_eq!((reason.kind.as_str(), reason.blame.as_str()), (kind, blame));
            assert!(!reason.message.is_empty());
        }
        // Its cause is mended, and its message redriven.
        let event = world.write("cat", "png cat").await;
        world.pipeline().process(&event, None).await.unwrap();
        let manifest = world.manifests().await.remove("cat").unwrap();
        assert_eq!(manifest.state, State::Done);
    }
}

#[tokio::test]
async fn a_manifest_spares_the_listing_and_nothing_else() {
    let mut world = World::new().with_manifests();
    world.settings.skip_existing = true;
    let event = world.write("cat", "png cat").await;
    world.pipeline().process(&event, None).await.unwrap();
    let calls = Arc::new(Mutex::new(Vec::new()));
    let note = calls.clone();
    let pipeline = world.meddled(deciding(move |call| {
        note.lock().unwrap().push(call.verb);
        Fault::None
    }));
    let again = pipeline.process(&event, None).await.unwrap();
    assert_eq!(again.skipped, Some(Skipped::UpToDate));
    assert_eq!(
        *calls.lock().unwrap(),
        [Verb::Head, Verb::Get, Verb::Head, Verb::Head]
    );
    // Each of these is a reason to make them again.
    let put = async |key: &str, text: &'static str| {
        let new = NewObject::new(text).with(PutOptions::default());
        world
            .store
            .put(&Location::new(THUMBNAILS, key), new)
            .await
            .unwrap();
    };
    for key in [MANIFEST, "cat/small.png"] {
        put(key, "{}").await;
        let again = world.pipeline().process(&event, None).await.unwrap();
        assert_eq!(again.skipped, None, "{key} is something else");
        world
            .store
            .delete(&Location::new(THUMBNAILS, key))
            .await
            .unwrap();
        let again = world.pipeline().process(&event, None).await.unwrap();
        assert_eq!(again.skipped, None, "{key} is missing");
    }
    assert_eq!(world.lies().await, [""; 0]);
    assert!(world.is_up_to_date(&event.location).await);
}

#[tokio::test]
async fn manifests_that_are_left_over_go_with_their_source() {
    let mut world = World::new().with_manifests();
    let written = world.write("cat", "png cat").await;
    world.pipeline().process(&written, None).await.unwrap();
    world.settings.recipes.default.manifests = None;
    let removed = world.remove("cat").await;
    world.pipeline().process(&removed, None).await.unwrap();
    assert_eq!(world.thumbnails().await.len(), 0, "nothing at all is left");
}

/// `/manifest.json` is longer than `/small.png`.
#[tokio::test]
async fn a_source_whose_manifest_can_have_no_name_has_its_thumbnails_all_the_same() {
    let world = World::new().with_manifests();
    let key = "k".repeat(1_024 - "/small.png".len());
    let event = world.write(&key, "png cat").await;
    let outcome = world.pipeline().process(&event, None).await.unwrap();
    assert_eq!(world.thumbnails().await, world.expected().await);
    assert!(
        outcome.warnings[0].starts_with("there is no manifest: "),
        "{outcome:?}"
    );
    let bad = world.write(&key, "malformed").await;
    let error = world.pipeline().process(&bad, None).await.unwrap_err();
    assert_eq!(error.verdict().kind, "malformed-source");
    let gone = world.remove(&key).await;
    world.pipeline().process(&gone, None).await.unwrap();
    assert_eq!(world.thumbnails().await.len(), 0);
}
