//! The configuration file of a channel.

use super::*;
use crate::config::file::Place;
use crate::testing::{Fault, MeddledStore, Meddler};
use crate::trust::Trust;

const FILE: &str = "[presets]\nsmall = '9x9'\n";

fn stable() -> ChannelName {
    ChannelName::default()
}

/// A look at the file of a channel, as a host takes it.
struct Host {
    place: Place,
    store: EngineStore,
}

impl Host {
    fn of(world: &World, trust: &Trust) -> Self {
        Self {
            place: Place::of("channel:stable").believing(trust.clone()),
            store: EngineStore::new(world.objects.clone(), BUCKET, PREFIX),
        }
    }

    async fn read(&self) -> Result<String, String> {
        let read = self.place.read(None, Some(&self.store), None).await?;
        Ok(read.unwrap().0.text().to_owned())
    }
}

async fn sealed(world: &World) -> Bytes {
    let at = Location::new(BUCKET, format!("{PREFIX}/configurations/stable.json"));
    let options = GetOptions::default();
    world.objects.get(&at, &options).await.unwrap().body
}

async fn put(world: &World, name: &str, body: Bytes) {
    let at = Location::new(BUCKET, format!("{PREFIX}/configurations/{name}.json"));
    world.objects.put(&at, NewObject::new(body)).await.unwrap();
}

#[tokio::test]
async fn a_file_reaches_hosts_as_it_was_written_and_only_news_is_read() {
    let world = World::new();
    let host = Host::of(&world, world.author.trust());
    let missing = host.read().await.unwrap_err();
    assert!(
        missing.contains("`thimble config publish` writes it: stable"),
        "{missing}"
    );
    let mut seen = None;
    for (serial, text) in [(1, FILE), (2, "# späße\n")] {
        let written = world
            .store
            .configure(&stable(), text, &world.author, 9)
            .await;
        assert_eq!(written.unwrap().serial, serial);
        assert_eq!(host.read().await.as_deref(), Ok(text));
        let read = host
            .place
            .read(None, Some(&host.store), seen.as_ref())
            .await
            .unwrap();
        let (file, version) = read.unwrap();
        assert_eq!(file.name(), "channel:stable");
        let again = host
            .place
            .read(None, Some(&host.store), Some(&version))
            .await;
        assert!(again.unwrap().is_none());
        seen = Some(version);
    }
    let findings = world.store.check(world.author.trust()).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

#[tokio::test]
async fn a_file_that_nobody_signed_or_somebody_changed_is_not_believed() {
    let world = World::new();
    let host = Host::of(&world, world.author.trust());
    let stranger = Author::new(Some(SecretKey::generate()), Vec::new());
    for author in [Author::default(), stranger] {
        let other = World::new();
        other
            .store
            .configure(&stable(), FILE, &author, 9)
            .await
            .unwrap();
        put(&world, "stable", sealed(&other).await).await;
        let told = host.read().await.unwrap_err();
        assert!(told.contains("not signed by a trusted key"), "{told}");
    }
    let own = World::of(world.author.clone());
    own.store
        .configure(&stable(), FILE, &own.author, 9)
        .await
        .unwrap();
    let text = String::from_utf8(sealed(&own).await.to_vec()).unwrap();
    put(&world, "stable", text.replace("9x9", "8x8").into()).await;
    let told = host.read().await.unwrap_err();
    assert!(told.contains("the document was changed"), "{told}");
    let findings = world.store.check(world.author.trust()).await.unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    // Without keys it is believed, as a channel is.
    assert!(Host::of(&world, &Trust::default()).read().await.is_ok());
}

#[tokio::test]
async fn a_file_is_not_passed_off_as_that_of_another_channel_or_as_news() {
    let world = World::new();
    let host = Host::of(&world, world.author.trust());
    world
        .store
        .configure(&stable(), FILE, &world.author, 9)
        .await
        .unwrap();
    let old = sealed(&world).await;
    put(&world, "beta", old.clone()).await;
    let beta = "beta".parse().unwrap();
    let beta = world
        .store
        .configuration(&beta, world.author.trust(), None)
        .await;
    assert!(matches!(beta, Err(EngineStoreError::OtherChannel { .. })));
    world
        .store
        .configure(&stable(), "# 2\n", &world.author, 9)
        .await
        .unwrap();
    let (_, version) = host
        .place
        .read(None, Some(&host.store), None)
        .await
        .unwrap()
        .unwrap();
    put(&world, "stable", old).await;
    let told = host
        .place
        .read(None, Some(&host.store), Some(&version))
        .await
        .unwrap_err();
    assert!(told.contains("its serial is 1 and was 2 before"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn of_two_who_publish_at_one_time_one_wins_and_the_other_is_told() {
    let world = World::new();
    let slow: Meddler = Arc::new(|_| {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Fault::None
        })
    });
    let objects = MeddledStore::new(world.objects.clone(), slow);
    let store = EngineStore::new(Arc::new(objects), BUCKET, PREFIX);
    // The first file of a channel, and then another.
    for serial in 1..=2 {
        let name = stable();
        let one = store.configure(&name, "# 1\n", &world.author, 9);
        let other = store.configure(&name, "# 2\n", &world.author, 9);
        let (one, other) = tokio::join!(one, other);
        let (winner, loser) = match one {
            Ok(winner) => (winner, other),
            Err(_) => (other.unwrap(), one),
        };
        assert_eq!(winner.serial, serial);
        assert!(matches!(loser, Err(EngineStoreError::Changed(_))));
    }
}

#[tokio::test]
async fn a_file_has_a_greatest_size() {
    let world = World::new();
    let long = "#".repeat(300 << 10);
    let refused = world
        .store
        .configure(&stable(), &long, &world.author, 9)
        .await;
    let refused = crate::error::with_causes(&refused.unwrap_err());
    assert!(refused.contains("more than 262144 bytes"), "{refused}");
}

#[tokio::test]
async fn a_channel_that_no_host_can_have_is_told_as_what_it_is() {
    let world = World::new();
    let store = EngineStore::new(world.objects.clone(), BUCKET, PREFIX);
    for (text, store, words) in [
        (
            "channel:",
            Some(&store),
            "the name of a channel has 1 to 64 letters",
        ),
        (
            "channel:a/b",
            Some(&store),
            "the name of a channel has 1 to 64 letters",
        ),
        (
            "channel:stable",
            None,
            "set ENGINE_STORE to the store that the channel is in",
        ),
    ] {
        let told = Place::of(text).read(None, store, None).await.unwrap_err();
        assert!(told.starts_with(text) && told.contains(words), "{told}");
    }
}
