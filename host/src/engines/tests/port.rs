use super::*;
use crate::testing::engine::{Subject, suite};

/// Runs the suite for a host that follows the channel.
async fn passes(
    registry: &Registry,
    bad: Vec<(Bytes, &'static str)>,
    endless: Option<(Bytes, Duration)>,
) {
    suite(&Subject {
        engine: registry,
        good: Bytes::from_static(GOOD_SOURCE),
        specs: request("", GOOD_SOURCE).specs,
        bad,
        endless,
    })
    .await;
}

#[tokio::test]
async fn a_follower_of_a_channel_keeps_its_contract() {
    let world = World::new();
    let looping = Component::that_runs("(loop $l (br $l)) (unreachable)");
    world.promote(&world.publish(&looping).await).await;
    let bad = Bytes::from_static(BAD_SOURCE);
    let moment = Duration::from_secs(2);
    passes(&world.registry().await, vec![], Some((bad, moment))).await;
    let trapping = Component::that_runs("(unreachable)");
    world.promote(&world.publish(&trapping).await).await;
    let bad = Bytes::from_static(BAD_SOURCE);
    passes(&world.registry().await, vec![(bad, "engine-trap")], None).await;
}

#[tokio::test]
async fn a_follower_with_a_canary_keeps_its_contract() {
    let world = World::new();
    world.promote(&world.publish(&good(1)).await).await;
    world
        .try_out(&world.publish(&good(2)).await, WHOLE / 2)
        .await;
    let registry = world.registry().await;
    let identities: std::collections::BTreeSet<String> = (0..40)
        .map(|number| registry.identity(&format!("photo-{number}")).digest.clone())
        .collect();
    assert_eq!(identities.len(), 2, "both engines are live");
    passes(&registry, vec![], None).await;
}
