use std::sync::atomic::AtomicBool;

use super::*;
use crate::metric::Metric;
use crate::testing::{Fault, MeddledStore, Meddler, Verb, deciding};
use crate::trust::seal;

/// A host that runs engine 1, and engine 2 published.
pub(super) async fn between_two() -> (World, Registry, Reference, Reference) {
    let (world, one) = World::serving(&good(1)).await;
    let registry = world.registry().await;
    is_served_by(&registry, &one).await;
    let two = world.publish(&good(2)).await;
    (world, registry, one, two)
}

#[tokio::test]
async fn a_promoted_engine_becomes_live_and_a_rolled_back_one_does_too() {
    let (world, registry, one, two) = between_two().await;
    world.promote(&two).await;
    is_served_by(&registry, &two).await;
    assert_eq!(registry.status().serial, 2);
    world.roll_back().await;
    is_served_by(&registry, &one).await;
    assert_eq!(registry.status().serial, 3);
    assert_eq!(registry.status().problem, None);
}

#[tokio::test]
async fn a_call_in_flight_ends_with_the_engine_it_began_with() {
    // A call that is over as soon as it has begun shows nothing: try another.
    for _ in 0..100 {
        let (world, registry, one, two) = between_two().await;
        let slow = registry.generate(request("cat.png", GOOD_SOURCE));
        let mut slow = std::pin::pin!(slow);
        // Poll it once, so that it has begun.
        let is_in_flight = std::future::poll_fn(|context| {
            std::task::Poll::Ready(slow.as_mut().poll(context).is_pending())
        });
        if is_in_flight.await {
            world.promote(&two).await;
            is_served_by(&registry, &two).await;
            assert_eq!(slow.await.unwrap().engine.digest, one.engine.to_string());
            return;
        }
    }
    panic!("no call was in flight for long enough to promote an engine");
}

/// A host whose store meddles.
async fn meddled(world: &World, meddler: Meddler) -> Registry {
    let objects = MeddledStore::new(world.objects.clone(), meddler);
    let store = EngineStore::new(Arc::new(objects), BUCKET, PREFIX);
    world.registry_over(store).await
}

/// A host whose store has a fault at each read while the switch is on.
async fn faulty(world: &World, fault: Fault) -> (Registry, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(false));
    let is_on = switch.clone();
    let meddler =
        deciding(move |call| fault.when(is_on.load(Ordering::Relaxed) && call.verb == Verb::Get));
    (meddled(world, meddler).await, switch)
}

#[tokio::test]
async fn a_channel_that_is_out_of_reach_changes_nothing_until_it_is_back() {
    let (world, _, one, two) = between_two().await;
    let (registry, is_down) = faulty(&world, Fault::Refused).await;
    world.promote(&two).await;
    is_down.store(true, Ordering::Relaxed);
    clings_to(&registry, &one, "could not be reached").await;
    is_down.store(false, Ordering::Relaxed);
    is_served_by(&registry, &two).await;
    assert_eq!(registry.status().problem, None);
}

#[tokio::test]
async fn a_channel_that_never_answers_is_given_up_and_looked_at_later() {
    let (world, _, one, _) = between_two().await;
    let (registry, is_silent) = faulty(&world, Fault::Never).await;
    is_silent.store(true, Ordering::Relaxed);
    // Nothing is left to compile, which takes real time.
    tokio::time::pause();
    clings_to(&registry, &one, "did not answer in time").await;
}

/// The host serves with an engine once it is promoted, and has no problem.
async fn follows(registry: &Registry, world: &World, engine: &Reference) {
    world.promote(engine).await;
    is_served_by(registry, engine).await;
    assert_eq!(registry.status().problem, None);
}

/// The documents of the channel before an engine is promoted, and after.
async fn promoted(world: &World, engine: &Reference) -> (Bytes, Bytes) {
    let key = stable();
    let first = world.read(&key).await;
    world.promote(engine).await;
    (first, world.read(&key).await)
}

#[tokio::test]
async fn a_channel_that_is_not_believed_changes_nothing() {
    let (world, registry, one, two) = between_two().await;
    let key = stable();
    let (first, second) = promoted(&world, &two).await;
    let text = String::from_utf8(second.to_vec()).unwrap();
    let changed = |from: &str, to: &str| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        Bytes::from(changed)
    };
    let stranger = SecretKey::generate();
    let newer = Channel::begin(ChannelName::default(), two.clone(), 9);
    for (document, because) in [
        (Bytes::from_static(b"{\"format\":1,"), "cannot be read"),
        (Bytes::new(), "cannot be read"),
        (changed("\"format\": 1", "\"format\": 9"), "format 9"),
        (
            changed("\\\"serial\\\":2", "\\\"serial\\\":3"),
            "was changed",
        ),
        (
            seal(&newer, Some(&stranger)).unwrap().into(),
            "not signed by a trusted key",
        ),
        (
            seal(&newer, None).unwrap().into(),
            "not signed by a trusted key",
        ),
        (vec![b' '; 300 << 10].into(), "262144"),
    ] {
        world.write(&key, document).await;
        clings_to(&registry, &one, because).await;
    }
    world.write(&key, second).await;
    is_served_by(&registry, &two).await;
    assert_eq!(registry.status().problem, None);

    world.write(&key, first).await;
    clings_to(&registry, &two, "serial 1, and 2 was seen before").await;
    world.remove(&key).await;
    clings_to(&registry, &two, "the channel is gone").await;
}

#[tokio::test]
async fn a_document_of_another_channel_is_not_followed() {
    let (world, registry, one, two) = between_two().await;
    let beta: ChannelName = "beta".parse().unwrap();
    let begin = |_: Option<&Channel>| Ok(Channel::begin(beta.clone(), two.clone(), 9));
    let change = world.store.plan(&beta, &world.author, begin).await.unwrap();
    world.store.commit(&change, &world.author).await.unwrap();
    let document = world.read(&channel_key(&beta)).await;
    world.write(&stable(), document).await;
    clings_to(&registry, &one, "channel beta lies in the place of stable").await;
}

#[tokio::test]
async fn two_documents_of_one_serial_are_not_both_believed() {
    let (world, registry, one, two) = between_two().await;
    let (first, _) = promoted(&world, &two).await;
    is_served_by(&registry, &two).await;
    world.write(&stable(), first).await;
    world.promote(&world.publish(&good(3)).await).await;
    clings_to(&registry, &two, "something else under the same serial 2").await;
    let _ = one;
}

#[tokio::test]
async fn an_engine_that_is_missing_or_damaged_is_not_used_until_it_is_mended() {
    let (world, registry, one, two) = between_two().await;
    let key = wasm_key(two.engine);
    let bytes = world.read(&key).await;
    world.promote(&two).await;
    let mut flipped = bytes.to_vec();
    flipped[bytes.len() / 2] ^= 1;
    let longer = [&bytes[..], b"!"].concat();
    for damage in [
        flipped,
        bytes[..bytes.len() - 1].to_vec(),
        longer,
        Vec::new(),
    ] {
        world.write(&key, damage).await;
        clings_to(&registry, &one, "was damaged or replaced").await;
    }
    world.remove(&key).await;
    clings_to(&registry, &one, "is missing").await;
    // Publishing it once more mends it.
    world.write(&key, "damaged").await;
    assert_eq!(world.publish(&good(2)).await, two);
    is_served_by(&registry, &two).await;
}

#[tokio::test]
async fn a_release_that_is_missing_damaged_or_of_another_engine_is_not_used() {
    let (world, registry, one, two) = between_two().await;
    world.promote(&two).await;
    let key = release_key(two.release);
    let release = world.read(&key).await;
    world.remove(&key).await;
    clings_to(&registry, &one, "is missing").await;
    world
        .write(&key, world.read(&release_key(one.release)).await)
        .await;
    clings_to(&registry, &one, "was damaged or replaced").await;
    world.write(&key, release).await;
    is_served_by(&registry, &two).await;

    let confused = Reference {
        engine: one.engine,
        ..two.clone()
    };
    let refused = world
        .change(|channel| channel.unwrap().promote(confused, 9))
        .await;
    assert!(matches!(
        refused,
        Err(EngineStoreError::NoChange(NoChange::Live))
    ));
}

#[tokio::test]
async fn engines_that_are_not_good_enough_are_refused_each_for_its_reason() {
    let (world, registry, one, two) = between_two().await;
    let hang = "(loop $l (br $l)) (unreachable)";
    let greed = "(drop (memory.grow (i32.const 1000))) (i32.const 0x4000)";
    for (engine, because) in [
        (
            // Found out when it is instantiated and not before.
            Component::with_contract("frames: u32,\n  }", "frames: u32,\n    hash: string,\n  }"),
            "is not the one of the contract",
        ),
        (
            Component::with_contract("@0.1.0", "@0.2.0"),
            "thimble:engine/thumbnailer@0.2.0",
        ),
        (
            Component::that_tests_with("(unreachable)"),
            "fails its self-test: the engine crashed",
        ),
        (
            Component::that_tests_with(hang),
            "fails its self-test: the engine was stopped",
        ),
        (
            Component::that_tests_with(greed),
            "fails its self-test: the engine asked for more",
        ),
        (
            Component::that_describes_with(hang),
            "does not describe itself",
        ),
    ] {
        let bad = world.publish(&engine).await;
        world.promote(&bad).await;
        clings_to(&registry, &one, because).await;
    }
    follows(&registry, &world, &two).await;
}

#[tokio::test]
async fn an_engine_that_was_refused_for_good_is_not_fetched_again() {
    let (world, _, one, _) = between_two().await;
    let gets = Arc::new(AtomicU64::new(0));
    let counted = gets.clone();
    let counting = deciding(move |call| {
        let is_engine = call.verb == Verb::Get && call.target.contains("/engines/");
        counted.fetch_add(u64::from(is_engine), Ordering::Relaxed);
        Fault::None
    });
    let registry = meddled(&world, counting).await;
    let before = gets.load(Ordering::Relaxed);
    let bad = world
        .publish(&Component::that_tests_with("(unreachable)"))
        .await;
    world.promote(&bad).await;
    for _ in 0..10 {
        clings_to(&registry, &one, "self-test").await;
    }
    assert_eq!(gets.load(Ordering::Relaxed) - before, 1);
}

#[tokio::test]
async fn an_engine_that_is_never_compiled_in_time_is_tried_three_times() {
    let world = World::new();
    let one = world.publish_compiled(&good(1)).await;
    world.promote(&one).await;
    let hasty = CompileLimits {
        time: Duration::ZERO,
        ..CompileLimits::default()
    };
    let registry = world.registry_with(Options {
        compile: hasty,
        ..world.options()
    });
    let registry = registry.await;
    // A small engine may be compiled before anybody has looked at the clock.
    let large = format!(
        "{} (i32.const 0)",
        "(drop (memory.grow (i32.const 0)))".repeat(20_000)
    );
    let large = world.publish(&Component::that_runs(&large)).await;
    world.promote(&large).await;
    let given_up = || {
        let counts = registry.counts().into_iter();
        let given_up = counts.filter(|(metric, _)| *metric == Metric::EngineCompilesGivenUp);
        given_up.map(|(_, count)| count).sum::<u64>()
    };
    // While an earlier try still holds the compiler there is none.
    let mut tries = 0;
    while tries < 3 {
        is_served_by(&registry, &one).await;
        tries += given_up();
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for _ in 0..10 {
        clings_to(&registry, &one, "not compiled within 0 s").await;
    }
    assert_eq!(given_up(), 0, "it is refused for good");
    let three = world.publish_compiled(&good(3)).await;
    follows(&registry, &world, &three).await;
}

#[tokio::test]
async fn a_preset_that_takes_all_of_the_time_is_named() {
    let (world, registry, _, _) = between_two().await;
    // The self-test and the presets of the others are two.
    let slow = Component::that_tests_with(
        "(if (i32.eq (local.get $count) (i32.const 1)) (then (loop $l (br $l))))
         (i32.const 0x4000)",
    );
    let slow = world.publish(&slow).await;
    world.promote(&slow).await;
    is_served_by(&registry, &slow).await;
    let options = Options {
        recipes: Recipes::from(vec!["huge=8x8".parse().unwrap()]).into(),
        ..world.options()
    };
    let refused = Registry::start(world.store.clone(), world.runtime.clone(), options, None).await;
    let refused = refused.unwrap_err().channel;
    assert!(
        refused.contains("cannot make the preset huge=8x8: the engine was stopped after 3s"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_engine_is_loaded_once_however_many_ask() {
    let (world, _, _, two) = between_two().await;
    let gets = Arc::new(AtomicU64::new(0));
    let counted = gets.clone();
    let wanted = wasm_key(two.engine);
    let counting: Meddler = Arc::new(move |call| {
        let is_engine = call.verb == Verb::Get && call.target.ends_with(&wanted);
        counted.fetch_add(u64::from(is_engine), Ordering::Relaxed);
        Box::pin(async {
            tokio::task::yield_now().await;
            Fault::None
        })
    });
    let registry = meddled(&world, counting).await;
    world.promote(&two).await;
    let calls = (0..100).map(|_| serve(&registry, "cat.png", GOOD_SOURCE));
    let made = futures_util::future::join_all(calls).await;
    assert!(made.iter().all(Result::is_ok));
    assert_eq!(gets.load(Ordering::Relaxed), 1);
    is_served_by(&registry, &two).await;
}

#[tokio::test]
async fn an_engine_that_traps_now_and_then_fails_those_images_and_no_others() {
    let world = World::new();
    let fragile = world.publish(&Component::that_runs("(unreachable)")).await;
    world.promote(&fragile).await;
    let registry = world.registry().await;
    for number in 0..12 {
        let source = if number % 3 == 0 {
            BAD_SOURCE
        } else {
            GOOD_SOURCE
        };
        let made = serve(&registry, "cat.png", source).await;
        assert_eq!(made.is_err(), number % 3 == 0);
        let failed = made.err().and_then(|error| error.engine);
        assert!(failed.is_none_or(|engine| engine.digest == fragile.engine.to_string()));
    }
    is_served_by(&registry, &fragile).await;
}

#[tokio::test]
async fn a_host_begins_with_the_engine_it_came_with_if_the_channel_has_none() {
    let world = World::new();
    let start = async |package: Option<Package>| {
        let (store, runtime) = (world.store.clone(), world.runtime.clone());
        Registry::start(store, runtime, world.options(), package).await
    };
    let nothing = start(None).await.unwrap_err().to_string();
    assert!(
        nothing.contains("nothing is published on the channel"),
        "{nothing}"
    );
    let runtime = world.runtime.clone();
    let package: Package = Box::new(move || {
        crate::wasm::SandboxedEngine::load(&runtime, &Artifact::new(good(7).build()), BUDGET)
    });
    let registry = start(Some(package)).await.unwrap();
    let status = registry.status();
    assert_eq!(
        (status.serial, status.current.version.as_str()),
        (0, "1.0.7")
    );
    assert_eq!(status.problem, None);
    let one = world.publish(&good(1)).await;
    world.promote(&one).await;
    is_served_by(&registry, &one).await;
}
