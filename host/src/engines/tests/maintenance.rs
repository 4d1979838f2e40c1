use std::time::SystemTime;

use super::*;
use crate::testing::circles::CirclingStore;

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn what_a_channel_or_a_recent_release_names_is_never_removed() {
    let world = World::new();
    let mut releases = Vec::new();
    for number in 0..8 {
        releases.push(world.publish_compiled(&good(number)).await);
    }
    world
        .write("engines/half-published.wasm", "nobody names it")
        .await;
    for number in [0, 1] {
        world.promote(&releases[number]).await;
    }
    world.try_out(&releases[2], 10).await;
    let retention = Retention {
        releases: 2,
        age: DAY,
    };
    // Everything was written a moment ago.
    let garbage = world
        .store
        .garbage(retention, SystemTime::now())
        .await
        .unwrap();
    assert_eq!(garbage, []);

    let later = SystemTime::now() + 2 * DAY;
    let garbage = world.store.garbage(retention, later).await.unwrap();
    // Three releases of three objects each, and what nobody names.
    assert_eq!(garbage.len(), 10);
    // Meanwhile one of them is brought back.
    world.promote(&releases[4]).await;
    let removed = world
        .store
        .collect(garbage, retention, later)
        .await
        .unwrap();
    assert_eq!(removed.len(), 7);
    assert!(
        removed
            .iter()
            .take(2)
            .all(|found| found.key.starts_with("releases/"))
    );
    let findings = world.store.check(world.author.trust()).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let kept = world.store.releases(world.author.trust()).await.unwrap();
    let kept: Vec<Digest> = kept.into_iter().map(|(digest, _)| digest).collect();
    for (number, release) in releases.iter().enumerate() {
        let is_kept = !matches!(number, 3 | 5);
        assert_eq!(kept.contains(&release.release), is_kept, "{number}");
    }
    is_served_by(&world.registry().await, &releases[4]).await;
}

#[tokio::test]
async fn nothing_is_removed_when_a_channel_cannot_be_read() {
    let (world, _) = World::serving(&good(1)).await;
    let retention = Retention {
        releases: 0,
        age: Duration::ZERO,
    };
    world.write(&stable(), "{").await;
    let garbage = world.store.garbage(retention, SystemTime::now());
    assert!(garbage.await.is_err());
}

#[tokio::test]
async fn a_check_finds_everything_that_is_not_as_it_should_be() {
    let world = World::new();
    let one = world.publish_compiled(&good(1)).await;
    world.promote(&one).await;
    let findings = async || {
        let findings = world.store.check(world.author.trust()).await.unwrap();
        findings
            .iter()
            .map(|finding| finding.problem.kind())
            .collect::<Vec<_>>()
    };
    assert_eq!(findings().await, [""; 0]);
    let wasm = world.read(&wasm_key(one.engine)).await;
    let mut flipped = wasm.to_vec();
    flipped[40] ^= 1;
    world.write(&wasm_key(one.engine), flipped).await;
    assert_eq!(findings().await, ["damaged"], "only the bytes can tell");
    world.remove(&wasm_key(one.engine)).await;
    assert_eq!(findings().await, ["missing", "missing"]);
    world.write(&wasm_key(one.engine), wasm).await;
    let stranger = Author::new(Some(SecretKey::generate()), Vec::new());
    let theirs = world.store.check(stranger.trust()).await.unwrap();
    assert_eq!(theirs.len(), 2);
    assert!(
        theirs
            .iter()
            .all(|finding| finding.problem.kind() == "signature")
    );
}

/// An object missing from a listing would count as unreferenced.
#[tokio::test]
async fn nothing_is_garbage_in_a_store_that_goes_in_circles() {
    let world = World::new();
    world.publish_compiled(&good(1)).await;
    let circles = Arc::new(CirclingStore(world.objects.clone()));
    let store = EngineStore::new(circles, BUCKET, PREFIX);
    let retention = Retention {
        releases: 0,
        age: DAY,
    };
    let later = SystemTime::now() + 2 * DAY;
    let error = store.garbage(retention, later).await.unwrap_err();
    assert!(matches!(error, EngineStoreError::Store(_)), "{error:?}");
}
