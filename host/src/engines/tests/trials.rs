use std::time::SystemTime;

use serde_json::Value;

use super::*;
use crate::ports::EngineFailure;
use crate::telemetry::Measures;

/// A host that runs engine 1 and tries `canary` on every object.
async fn trying(canary: &Component) -> (World, Registry, Reference, Reference) {
    let (world, one) = World::serving(&good(1)).await;
    let two = world.publish(canary).await;
    world.try_out(&two, WHOLE).await;
    let registry = world.registry().await;
    (world, registry, one, two)
}

#[tokio::test]
async fn a_canary_serves_its_share_and_always_the_same_objects() {
    let (world, registry, one, two) = trying(&good(2)).await;
    is_served_by(&registry, &two).await;
    world
        .change(|channel| channel.unwrap().end_trial(9))
        .await
        .unwrap();
    is_served_by(&registry, &one).await;
    world.try_out(&two, 300).await;
    let mut tried = 0;
    for number in 0..100 {
        let key = format!("photo-{number}.png");
        let first = serve(&registry, &key, GOOD_SOURCE).await.unwrap();
        let again = serve(&registry, &key, GOOD_SOURCE).await.unwrap();
        assert_eq!(first.engine, again.engine);
        assert_eq!(registry.identity(&key), first.engine);
        tried += u32::from(first.engine.digest == two.engine.to_string());
    }
    assert!((15..=45).contains(&tried), "{tried}");
    world.promote(&two).await;
    is_served_by(&registry, &two).await;
    assert_eq!(registry.status().canary, None);
}

#[tokio::test]
async fn what_a_canary_fails_with_is_done_by_the_current_engine() {
    let (_, registry, one, two) = trying(&Component::that_runs("(unreachable)")).await;
    let tried = two.engine.to_string();
    for failures in 1..=3 {
        assert!(registry.status().canary.is_some());
        let made = serve(&registry, "cat.png", BAD_SOURCE).await.unwrap();
        assert_eq!(made.engine.digest, one.engine.to_string());
        if failures == 1 {
            // A success in between begins a new row.
            let made = serve(&registry, "cat.png", GOOD_SOURCE).await.unwrap();
            assert_eq!(made.engine.digest, tried);
            assert!(serve(&registry, "cat.png", BAD_SOURCE).await.is_ok());
        }
    }
    assert_eq!(registry.status().canary, None, "it is off");
    is_served_by(&registry, &one).await;
    let told = |registry: &Registry| {
        let mut measures = Measures::new("worker");
        for (metric, count) in registry.counts() {
            measures.count(metric, count);
        }
        let lines = measures.take(&registry.identity(""), SystemTime::UNIX_EPOCH);
        lines
            .first()
            .map(|line| serde_json::from_str::<Value>(line).unwrap())
    };
    let metrics = told(&registry).unwrap();
    assert_eq!(metrics["CanaryFailures"], 4.0);
    assert_eq!(metrics["CanaryCalls"], 5.0);
    assert_eq!(told(&registry), None, "what was told is not told again");
}

#[tokio::test]
async fn a_canary_that_refuses_what_the_current_engine_takes_fails() {
    let picky = Component::that_claims(|claim| claim.error = Some((1, "never seen such a thing")));
    let (_, registry, one, _) = trying(&picky).await;
    for _ in 0..3 {
        let made = serve(&registry, "cat.png", BAD_SOURCE).await.unwrap();
        assert_eq!(made.engine.digest, one.engine.to_string());
    }
    assert_eq!(registry.status().canary, None);
}

#[tokio::test]
async fn a_source_that_both_fail_with_is_not_the_canarys_fault() {
    let world = World::new();
    let corrupt = |text| Component::that_claims(move |claim| claim.error = Some((1, text)));
    let one = world.publish(&corrupt("no")).await;
    world.promote(&one).await;
    world
        .try_out(&world.publish(&corrupt("no, not at all")).await, WHOLE)
        .await;
    let registry = world.registry().await;
    for _ in 0..5 {
        let error = serve(&registry, "cat.png", BAD_SOURCE).await.unwrap_err();
        assert_eq!(
            error.failure,
            EngineFailure::MalformedSource("no".to_owned())
        );
        assert_eq!(error.engine.unwrap().digest, one.engine.to_string());
    }
    assert!(registry.status().canary.is_some());
}

#[tokio::test]
async fn a_decoder_that_crashes_in_both_is_not_the_canarys_fault_and_is_told_by_its_format() {
    let crashes = Component::that_runs;
    let (world, one) = World::serving(&crashes("(unreachable)")).await;
    let two = world.publish(&crashes("(nop) (unreachable)")).await;
    assert_ne!(one.engine, two.engine);
    world.try_out(&two, WHOLE).await;
    let registry = world.registry().await;
    for (source, format) in [
        (&b"\0\0\0\x20ftypavif"[..], "image/avif"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heif"),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "image/svg+xml",
        ),
    ] {
        let error = serve(&registry, "cat", source).await.unwrap_err();
        assert_eq!(
            error.failure.to_string(),
            format!(
                "the engine crashed: wasm `unreachable` instruction executed, in a source that \
                 begins as {format}"
            )
        );
        assert_eq!(error.engine.unwrap().digest, one.engine.to_string());
    }
    assert!(registry.status().canary.is_some());
}

#[tokio::test]
async fn a_canary_that_hangs_leaves_time_for_the_current_engine() {
    let (_, registry, one, _) =
        trying(&Component::that_runs("(loop $l (br $l)) (unreachable)")).await;
    let hurry = Request {
        deadline: Some(tokio::time::Instant::now() + Duration::from_secs(20)),
        ..request("cat.png", BAD_SOURCE)
    };
    let made = registry.generate(hurry).await.unwrap();
    assert_eq!(made.engine.digest, one.engine.to_string());
}

#[tokio::test]
async fn a_canary_that_cannot_be_loaded_does_not_keep_a_new_engine_from_being_live() {
    let (world, registry, _, two) = trying(&good(2)).await;
    world.promote(&two).await;
    let bad = world
        .publish(&Component::that_tests_with("(unreachable)"))
        .await;
    world.try_out(&bad, WHOLE).await;
    clings_to(&registry, &two, "self-test").await;
    assert_eq!(registry.status().canary, None);
}
