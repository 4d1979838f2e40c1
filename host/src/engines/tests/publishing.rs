use super::*;
use crate::testing::{Fault, MeddledStore, Verb, deciding};

#[tokio::test]
async fn of_two_promotes_at_one_time_one_wins_and_the_other_is_told() {
    let world = World::new();
    let one = world.publish(&good(1)).await;
    let two = world.publish(&good(2)).await;
    let three = world.publish(&good(3)).await;
    let name = ChannelName::default();
    let plan = async |engine: &Reference| {
        let change = |channel: Option<&Channel>| match channel {
            Some(channel) => channel.promote(engine.clone(), 9),
            None => Ok(Channel::begin(ChannelName::default(), engine.clone(), 9)),
        };
        world
            .store
            .plan(&name, &world.author, change)
            .await
            .unwrap()
    };
    // The first engine of a channel, and then another.
    for (winner, loser) in [(&one, &two), (&two, &three)] {
        let (first, second) = (plan(winner).await, plan(loser).await);
        world.store.commit(&first, &world.author).await.unwrap();
        let error = world
            .store
            .commit(&second, &world.author)
            .await
            .unwrap_err();
        assert!(matches!(error, EngineStoreError::Changed(_)), "{error:?}");
        assert!(
            error
                .to_string()
                .contains("somebody else changed the channel")
        );
        is_served_by(&world.registry().await, winner).await;
    }
}

#[tokio::test]
async fn publishing_the_same_again_gives_the_same_release() {
    let world = World::new();
    let one = world.publish(&good(1)).await;
    assert_eq!(world.publish(&good(1)).await, one);
    let compiled = world.publish_compiled(&good(1)).await;
    assert_ne!(compiled.release, one.release);
    assert_eq!(compiled.engine, one.engine);
    assert_eq!(world.publish_compiled(&good(1)).await, compiled);
}

#[tokio::test]
async fn a_publisher_who_is_stopped_at_any_write_leaves_no_harm_and_can_begin_again() {
    for fault in [Fault::Refused, Fault::Lost] {
        // Three for the release, one to try the store, and the promotion.
        for stopped_at in 0..5 {
            let world = World::new();
            let one = world.publish(&good(1)).await;
            world.promote(&one).await;
            let registry = world.registry().await;
            let puts = AtomicU64::new(0);
            let stopping = deciding(move |call| {
                let is_put = call.verb == Verb::Put;
                let number = puts.fetch_add(u64::from(is_put), Ordering::Relaxed);
                fault.when(is_put && number >= stopped_at)
            });
            let meddled = MeddledStore::new(world.objects.clone(), stopping);
            let store = EngineStore::new(Arc::new(meddled), BUCKET, PREFIX);
            let stopped = publish_and_promote(&world, &store).await;
            assert!(stopped.is_err(), "{fault:?} at {stopped_at}");
            let findings = world.store.check(world.author.trust()).await.unwrap();
            assert!(findings.is_empty(), "{findings:?}");
            let live = registry_live(&registry).await;
            let all_done = fault == Fault::Lost && stopped_at >= 3;
            assert_eq!(
                live == one.engine.to_string(),
                !all_done,
                "{fault:?} at {stopped_at}"
            );

            match publish_and_promote(&world, &world.store).await {
                Ok(two) => is_served_by(&registry, &two).await,
                Err(error) => {
                    // The answer was lost, the promotion was not.
                    let live = matches!(error, EngineStoreError::NoChange(NoChange::Live));
                    assert!(live && all_done, "{error:?}");
                }
            }
        }
    }
}

async fn publish_and_promote(
    world: &World,
    store: &EngineStore,
) -> Result<Reference, EngineStoreError> {
    let artifact = Artifact::new(good(2).build());
    let target = Target::native().unwrap();
    let compiled = Compiled::compile_for(target, &artifact).unwrap();
    let code = Bytes::copy_from_slice(compiled.code());
    let draft = draft(&good(2), vec![(target, code)]);
    let two = store.publish(&draft, &world.author, world.now()).await?;
    let name = ChannelName::default();
    let promote = |channel: Option<&Channel>| channel.unwrap().promote(two.clone(), world.now());
    let change = store.plan(&name, &world.author, promote).await?;
    store.commit(&change, &world.author).await?;
    Ok(two)
}

async fn registry_live(registry: &Registry) -> String {
    serve(registry, "cat.png", GOOD_SOURCE)
        .await
        .unwrap()
        .engine
        .digest
        .clone()
}

#[tokio::test]
async fn what_is_not_there_cannot_be_promoted() {
    let world = World::new();
    let one = world.publish(&good(1)).await;
    world.remove(&wasm_key(one.engine)).await;
    let begin = |_: Option<&Channel>| Ok(Channel::begin(ChannelName::default(), one.clone(), 9));
    let error = world.change(begin).await.unwrap_err();
    assert!(
        matches!(error, EngineStoreError::Missing { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn releases_are_found_by_name_and_by_the_beginning_of_a_digest() {
    let world = World::new();
    let one = world.publish(&good(1)).await;
    let newer = world.publish_compiled(&good(1)).await;
    let trust = world.author.trust();
    let find = async |words: &str| world.store.find(words, trust).await;
    let digest = one.engine.to_string();
    // Of two releases of one engine the newer is meant.
    for words in ["by-hand@1.0.0", &digest, &digest[..8], "latest"] {
        assert_eq!(find(words).await.unwrap(), newer, "{words}");
    }
    assert_eq!(find(&one.release.to_string()).await.unwrap(), one);
    world.publish(&good(2)).await;
    assert!(matches!(
        find("by-hand@1.0.0").await,
        Err(EngineStoreError::Ambiguous(_))
    ));
    for words in ["by-hand@2.0.0", "", "abc", "zzzzzzzz"] {
        assert!(
            matches!(find(words).await, Err(EngineStoreError::NoRelease(_))),
            "{words}"
        );
    }
}
