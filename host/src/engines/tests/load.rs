use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

use testkit::built;

use super::*;

/// Images in flight at one time.
const IMAGES: usize = 200;

/// Changes of the live engine.
const SWAPS: u64 = 20;

/// An image that every engine can read.
const IMAGE: &[u8] = include_bytes!("../../wasm/self_test.png");

/// Times at which each engine was live: numbers of a clock that ticks at every event.
#[derive(Default)]
struct History {
    clock: AtomicU64,
    live: Mutex<BTreeMap<String, Vec<(u64, u64)>>>,
}

impl History {
    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::SeqCst)
    }

    /// An engine may become live from now on.
    fn begin(&self, engine: &str) {
        let from = self.tick();
        let mut live = self.live.lock().unwrap();
        live.entry(engine.to_owned())
            .or_default()
            .push((from, u64::MAX));
    }

    /// Ends an engine: no request that begins from now on may meet it.
    fn end(&self, engine: &str) {
        let until = self.tick();
        let mut live = self.live.lock().unwrap();
        live.get_mut(engine).unwrap().last_mut().unwrap().1 = until;
    }

    fn was_live(&self, engine: &str, (from, until): (u64, u64)) -> bool {
        let live = self.live.lock().unwrap();
        live.get(engine).is_some_and(|times| {
            times
                .iter()
                .any(|(begin, end)| *begin <= until && from <= *end)
        })
    }
}

/// Images that are made into thumbnails, over and over, until it is over.
#[derive(Clone)]
struct Traffic {
    registry: Registry,
    history: Arc<History>,
    is_over: Arc<AtomicBool>,
    /// The first thumbnail that each engine makes.
    expected: Arc<HashMap<String, Vec<u8>>>,
}

impl Traffic {
    /// Make thumbnails of one image. Returns how often.
    async fn image(self, number: usize) -> usize {
        let mut made = 0;
        while made == 0 || !self.is_over.load(Ordering::SeqCst) {
            let from = self.history.tick();
            let answer = serve(&self.registry, &format!("photo-{number}.png"), IMAGE).await;
            let until = self.history.tick();
            let answer = answer.unwrap();
            let engine = &answer.engine.digest;
            assert!(
                self.history.was_live(engine, (from, until)),
                "{engine} was not live"
            );
            assert!(
                answer.output.thumbnails[0].data == self.expected[engine],
                "{engine} did not make this"
            );
            made += 1;
        }
        made
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn engines_are_swapped_under_load_and_no_image_fails() {
    let world = World::new();
    let mut engines = Vec::new();
    for number in 0..3 {
        engines.push(world.publish_compiled(&good(number)).await);
    }
    swap_under_load(&world, &engines, world.options()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn real_engines_are_swapped_under_load_and_no_image_fails() {
    let world = World::new();
    let mut engines = Vec::new();
    let others = ["watermark", "first-engine"].map(built::example);
    for file in [built::engine()].iter().chain(&others) {
        let built = Artifact::read(file).unwrap();
        engines.push(world.publish_built(&built).await);
    }
    let options = Options {
        budget: Budget::default(),
        ..world.options()
    };
    swap_under_load(&world, &engines, options).await;
}

async fn swap_under_load(world: &World, engines: &[Reference], options: Options) {
    world.promote(&engines[0]).await;
    let registry = world.registry_with(options).await;
    let mut expected = HashMap::new();
    for engine in engines {
        if registry.status().current.digest != engine.engine.to_string() {
            world.promote(engine).await;
        }
        let made = serve(&registry, "cat.png", IMAGE).await.unwrap();
        let first = made.output.thumbnails.into_iter().next().unwrap();
        expected.insert(made.engine.digest.clone(), first.data);
    }
    assert_eq!(expected.len(), engines.len());
    let traffic = Traffic {
        registry: registry.clone(),
        history: Arc::default(),
        is_over: Arc::default(),
        expected: Arc::new(expected),
    };
    let history = traffic.history.clone();
    let (mut live, mut previous) = (engines.last().unwrap(), None);
    history.begin(&live.engine.to_string());
    let images: Vec<_> = (0..IMAGES)
        .map(|number| tokio::spawn(traffic.clone().image(number)))
        .collect();
    for swap in 0..SWAPS {
        let is_new = |engine: &&Reference| *engine != live && Some(*engine) != previous;
        let next = match previous.filter(|_| swap % 4 == 3) {
            Some(previous) => previous,
            None => engines.iter().find(is_new).unwrap(),
        };
        let digest = next.engine.to_string();
        history.begin(&digest);
        if Some(next) == previous {
            world.roll_back().await;
        } else {
            world.promote(next).await;
        }
        while registry.status().current.digest != digest {
            registry.check().await;
            tokio::task::yield_now().await;
        }
        history.end(&live.engine.to_string());
        (previous, live) = (Some(live), next);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    traffic.is_over.store(true, Ordering::SeqCst);
    let mut made = 0;
    for image in images {
        made += image.await.unwrap();
    }
    assert!(made >= IMAGES, "{made}");
    assert_eq!(registry.status().problem, None);
}
