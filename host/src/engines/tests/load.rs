use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;

/// How many images are in flight at one time.
const IMAGES: usize = 200;

/// How often what is live changes.
const SWAPS: u64 = 20;

/// When each engine was live: numbers of a clock that ticks at every event.
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

    /// Whoever asks from now on does not meet this engine.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn engines_are_swapped_under_load_and_no_image_fails() {
    let world = World::new();
    let engines = [
        world.publish_compiled(&good(0)).await,
        world.publish_compiled(&good(1)).await,
        world.publish_compiled(&good(2)).await,
    ];
    world.publish_compiled(&good(3)).await;
    world.promote(&engines[0]).await;
    let registry = world.registry().await;
    let history = Arc::new(History::default());
    history.begin(&engines[0].engine.to_string());
    let is_over = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let images: Vec<_> = (0..IMAGES)
        .map(|number| {
            let image = images(number, registry.clone(), history.clone(), is_over.clone());
            tokio::spawn(image)
        })
        .collect();
    let (mut live, mut previous) = (&engines[0], None);
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
    is_over.store(true, Ordering::SeqCst);
    let mut made = 0;
    for image in images {
        made += image.await.unwrap();
    }
    assert!(made >= IMAGES, "{made}");
    assert_eq!(registry.status().problem, None);
}

/// Make thumbnails of one image over and over. Returns how often.
async fn images(
    number: usize,
    registry: Registry,
    history: Arc<History>,
    is_over: Arc<std::sync::atomic::AtomicBool>,
) -> usize {
    let mut made = 0;
    while made == 0 || !is_over.load(Ordering::SeqCst) {
        let from = history.tick();
        let answer = serve(&registry, &format!("photo-{number}.png"), GOOD_SOURCE).await;
        let until = history.tick();
        let engine = &answer.unwrap().engine.digest;
        assert!(
            history.was_live(engine, (from, until)),
            "{engine} was not live"
        );
        made += 1;
    }
    made
}
