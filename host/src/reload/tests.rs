use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::config::file::{Given, Place};
use crate::object::Location;
use crate::ports::NewObject;
use crate::testing::world::{IMAGES, THUMBNAILS, World};

const KEY: &str = "config/thimble.toml";

/// Two files whose presets have the same names and differ in every size.
const ONE: &str = "[presets]\nsmall = '10x10,png'\nwide = '30x20,png'\nweb = '50x50,webp'\n";
const TWO: &str = "[presets]\nsmall = '11x11,png'\nwide = '31x21,png'\nweb = '51x51,webp'\n";

fn given() -> Given {
    Given {
        bucket: Some(THUMBNAILS.to_owned()),
        manifests: Some(true),
        ..Given::default()
    }
}

/// A world whose recipes come from a file in it.
struct Desk {
    world: World,
    in_force: InForce,
    reload: Reload,
}

impl Desk {
    async fn new(text: &str) -> Self {
        let mut world = World::new();
        let (recipes, _) = File::parse("t", text).recipes(&given());
        world.settings.recipes = recipes;
        let in_force = InForce::from(world.settings.recipes.clone());
        let place = Place::Object(Location::new(IMAGES, KEY));
        let followed = Followed {
            place,
            version: Version::default(),
            given: given(),
            check_every: Duration::ZERO,
        };
        let (store, engine) = (world.store.clone(), world.engine.clone());
        let limits = world.settings.limits;
        let reload = Reload::new(followed, store, None, engine, in_force.clone(), limits);
        let desk = Self {
            world,
            in_force,
            reload,
        };
        desk.put(text).await;
        desk
    }

    async fn put(&self, text: &str) {
        let (location, new) = (Location::new(IMAGES, KEY), NewObject::new(text.to_owned()));
        self.world.store.put(&location, new).await.unwrap();
    }

    /// The sizes of the presets that are in force.
    fn presets(&self) -> Vec<String> {
        presets(&self.in_force.now())
    }
}

fn presets<T: FromIterator<String>>(recipes: &Recipes) -> T {
    let presets = recipes.default.presets.iter();
    presets.map(ToString::to_string).collect()
}

fn lines(text: &str) -> BTreeSet<String> {
    let (recipes, _) = File::parse("t", text).recipes(&given());
    presets(&recipes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_reloads_under_load_mix_no_presets_and_fail_no_image() {
    let desk = Arc::new(Desk::new(ONE).await);
    let pipeline = desk.world.pipeline().by(desk.in_force.clone());
    let pipeline = Arc::new(pipeline.hearing(Some(Arc::new(desk.reload.clone()))));
    let over = Arc::new(AtomicBool::new(false));
    let work = |number: usize| {
        let (desk, pipeline, over) = (desk.clone(), pipeline.clone(), over.clone());
        tokio::spawn(async move {
            let (mut sets, mut rounds, key) = (BTreeSet::new(), 0, format!("photo-{number}"));
            while !over.load(Ordering::Relaxed) || rounds < 2 {
                rounds += 1;
                let event = desk
                    .world
                    .write(&key, &format!("png {number} {rounds}"))
                    .await;
                let outcome = pipeline.process(&event, None).await.unwrap();
                assert_eq!(outcome.written.len(), 3, "{outcome:?}");
                let mut made = BTreeSet::new();
                for key in outcome.written {
                    let info = desk.world.store.head(&Location::new(THUMBNAILS, key)).await;
                    made.insert(info.unwrap().metadata["preset"].clone());
                }
                sets.insert(made);
                // A moment for the others, and for another file.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            (sets, rounds)
        })
    };
    let workers: Vec<_> = (0..8).map(work).collect();
    for round in 0..100 {
        desk.put(if round % 2 == 0 { TWO } else { ONE }).await;
        desk.reload.check().await;
        let expected = lines(if round % 2 == 0 { TWO } else { ONE });
        assert_eq!(
            desk.presets().into_iter().collect::<BTreeSet<_>>(),
            expected
        );
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    over.store(true, Ordering::Relaxed);
    let (mut sets, mut images) = (BTreeSet::new(), 0);
    for worker in workers {
        let (seen, rounds) = worker.await.unwrap();
        sets.extend(seen);
        images += rounds;
    }
    let whole: BTreeSet<_> = [lines(ONE), lines(TWO)].into();
    assert_eq!(sets, whole, "no other set was made in {images} images");
    let counts = desk.reload.counts();
    let swaps = counts
        .iter()
        .find(|(metric, _)| *metric == Metric::ConfigSwaps);
    assert_eq!(swaps.map(|(_, count)| *count), Some(100), "{counts:?}");
    assert!(
        counts
            .iter()
            .all(|(metric, _)| *metric != Metric::ConfigProblems)
    );
}

#[tokio::test]
async fn a_file_that_is_not_right_keeps_the_last_good_one_and_says_so() {
    let desk = Desk::new(ONE).await;
    desk.reload.check().await;
    let before = desk.presets();
    for (text, expected) in [
        (
            "[presets]\nsmall = '0x'\n",
            "s3://images/config/thimble.toml:2:10: preset `small`",
        ),
        (
            "[default]\nx = 1\ny = 2\n",
            "thimble.toml:2:1: there is no key `x`",
        ),
        (
            "[default]\nthumbnails-bucket = 'elsewhere'\n",
            "it asks for thumbnails in the bucket elsewhere, which this host had no need of when it",
        ),
        (
            "[default]\nmanifest-name = '{key}/of.json'\n",
            "it asks for manifests called {key}/of.json in the bucket thumbnails, which",
        ),
        (
            "[default]\nkms-key = 'arn:aws:kms:eu-west-1:000000000000:key/a'\n",
            "it asks for the key arn:aws:kms:eu-west-1:000000000000:key/a, which",
        ),
        (
            "[default]\ncopy-tags = '*'\n",
            "it asks for tags of sources, which",
        ),
        (
            "[default]\nacl = 'private'\n",
            "it asks for access control lists, which",
        ),
        (
            "[presets]\nsmall = '10x10'\nold = '1x,avif'\n",
            "the engine cannot make small=10x10 old=1x,avif: a preset asks for what",
        ),
    ] {
        desk.put(text).await;
        for _ in 0..2 {
            desk.reload.check().await;
            let told = desk.reload.problem().unwrap_or_default();
            assert!(told.contains(expected), "{told}");
            assert_eq!(desk.presets(), before, "{text}");
        }
        // Twice looked at, and once read.
        let problems = desk.reload.counts();
        let problems = problems
            .iter()
            .find(|(metric, _)| *metric == Metric::ConfigProblems);
        assert_eq!(problems.map(|(_, count)| *count), Some(1), "{text}");
        desk.put(ONE).await;
        desk.reload.check().await;
        assert_eq!(desk.reload.problem(), None);
        desk.reload.counts();
    }
    let location = Location::new(IMAGES, KEY);
    desk.world.store.delete(&location).await.unwrap();
    desk.reload.check().await;
    let told = desk.reload.problem().unwrap();
    assert_eq!(
        told,
        "s3://images/config/thimble.toml: there is no such object"
    );
    assert_eq!(desk.presets(), before);
    desk.put(TWO).await;
    desk.reload.check().await;
    assert_eq!(desk.reload.problem(), None);
    assert_ne!(desk.presets(), before);
}

#[tokio::test]
async fn a_file_of_this_machine_is_followed_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("thimble.toml");
    let desk = Desk::new(ONE).await;
    let file = Followed {
        place: Place::Path(path.clone()),
        version: Version::default(),
        given: given(),
        check_every: Duration::ZERO,
    };
    let (store, engine) = (desk.world.store.clone(), desk.world.engine.clone());
    let limits = desk.world.settings.limits;
    let reload = Reload::new(file, store, None, engine, desk.in_force.clone(), limits);
    let moved = "[presets]\nother = '5x'\n[default]\nthumbnail-name = 'v2/{key}/{preset}.{ext}'\n";
    for text in [TWO, ONE, moved] {
        std::fs::write(&path, text).unwrap();
        reload.refresh().await;
        assert_eq!(
            desk.presets().into_iter().collect::<BTreeSet<_>>(),
            lines(text)
        );
    }
    std::fs::remove_file(&path).unwrap();
    reload.check().await;
    assert!(reload.problem().unwrap().contains("it cannot be read"));
    assert_eq!(desk.presets(), ["other=5x"]);
}
