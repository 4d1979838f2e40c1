//! Results: when they are told, and what becomes of a source whose result is not.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::manifest::{Manifest, State};
use crate::results::{Outcome as Told, ResultError, Results};

/// A receiver that refuses the first results, and looks at the store for each.
#[derive(Debug)]
struct Receiver {
    world: World,
    refusals: Mutex<u32>,
    told: Mutex<Vec<(Told, BTreeMap<String, Manifest>)>>,
}

impl Receiver {
    fn new(world: &World, refusals: u32) -> Arc<Self> {
        Arc::new(Self {
            world: world.clone(),
            refusals: Mutex::new(refusals),
            told: Mutex::default(),
        })
    }

    /// Results so far.
    fn told(&self) -> Vec<Told> {
        let told = self.told.lock().unwrap();
        told.iter().map(|(result, _)| result.clone()).collect()
    }
}

impl fmt::Display for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a receiver")
    }
}

#[async_trait]
impl Results for Receiver {
    async fn tell(&self, result: &Told) -> Result<(), ResultError> {
        let manifests = self.world.manifests().await;
        {
            let mut refusals = self.refusals.lock().unwrap();
            if *refusals > 0 {
                *refusals -= 1;
                return Err(ResultError::Unavailable {
                    why: "the receiver is down".to_owned(),
                    cause: None,
                });
            }
        }
        self.told.lock().unwrap().push((result.clone(), manifests));
        Ok(())
    }
}

/// A receiver while whose ear is had, the source grows.
#[derive(Debug)]
struct Delaying(World, Mutex<usize>);

impl fmt::Display for Delaying {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a slow receiver")
    }
}

#[async_trait]
impl Results for Delaying {
    async fn tell(&self, _result: &Told) -> Result<(), ResultError> {
        let size = {
            let mut size = self.1.lock().unwrap();
            *size += 1;
            *size
        };
        self.0.write("cat", &"png ".repeat(size)).await;
        Ok(())
    }
}

#[tokio::test]
async fn a_source_that_grows_after_it_is_too_large_is_told_as_too_large() {
    let mut world = World::new();
    world.settings.max_source = 10;
    let event = world.write("cat", &"png ".repeat(10)).await;
    let receiver = Arc::new(Delaying(world.clone(), Mutex::new(10)));
    let pipeline = world.pipeline().telling(Some(receiver));
    let error = pipeline.process(&event, None).await.unwrap_err();
    assert_eq!(error.verdict().kind, "source-too-large");
}

fn telling(world: &World, receiver: &Arc<Receiver>) -> Pipeline {
    world.pipeline().telling(Some(receiver.clone()))
}

/// A world with manifests, and a receiver that refuses the first results of its pipeline.
fn world(refusals: u32) -> (World, Arc<Receiver>, Pipeline) {
    let world = World::new().with_manifests();
    let receiver = Receiver::new(&world, refusals);
    let pipeline = telling(&world, &receiver);
    (world, receiver, pipeline)
}

#[tokio::test]
async fn a_result_is_the_manifest_and_comes_after_it() {
    let (world, receiver, pipeline) = world(0);
    let done = world.write("cat", "png 1").await;
    pipeline.process(&done, None).await.unwrap();
    let rejected = world.write("text", "text 1").await;
    pipeline.process(&rejected, None).await.unwrap_err();
    let told = receiver.told.lock().unwrap();
    let states = told
        .iter()
        .map(|(result, _)| (result.key.as_str(), result.state));
    let states: Vec<_> = states.collect();
    assert_eq!(states, [("cat", State::Done), ("text", State::Rejected)]);
    for (result, manifests) in &*told {
        let manifest = Manifest::read(result.body.as_bytes()).unwrap();
        assert_eq!(manifests.get(&result.key), Some(&manifest));
    }
}

#[tokio::test]
async fn a_rejection_is_told_where_it_has_no_manifest_in_the_store() {
    let world = World::new().with_manifests();
    let world = world.without_manifests_of_rejected();
    let receiver = Receiver::new(&world, 0);
    let event = world.write("text", "text 1").await;
    let worked = telling(&world, &receiver).process(&event, None).await;
    assert!(is_rejected(&worked.unwrap_err()));
    assert_eq!(receiver.told()[0].state, State::Rejected);
    assert!(world.manifests().await.is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_down_loses_nothing_and_keeps_no_thumbnail_waiting() {
    for skip_existing in [false, true] {
        let mut world = World::new().with_manifests();
        world.settings.skip_existing = skip_existing;
        let receiver = Receiver::new(&world, 1);
        let pipeline = telling(&world, &receiver);
        let mut event = world.write("cat", "png 1").await;
        let error = pipeline.process(&event, None).await.unwrap_err();
        assert_eq!(error.verdict().disposition, Disposition::Retry);
        assert_eq!(error.verdict().kind, "result-untold");
        assert_eq!(world.thumbnails().await, world.expected().await);
        assert!(receiver.told().is_empty());
        event.again = true;
        pipeline.process(&event, None).await.unwrap();
        assert_eq!(receiver.told().len(), 1, "{skip_existing}");
    }
}

#[tokio::test]
async fn a_rejected_source_stays_until_that_is_told() {
    let (world, receiver, pipeline) = world(1);
    let event = world.write("text", "text 1").await;
    let error = pipeline.process(&event, None).await.unwrap_err();
    assert_eq!(error.verdict().disposition, Disposition::Retry);
    let error = pipeline.process(&event, None).await.unwrap_err();
    assert!(is_rejected(&error));
    assert_eq!(receiver.told().len(), 1);
}

#[tokio::test]
async fn what_is_up_to_date_is_told_again_only_where_it_may_not_have_been() {
    let mut world = World::new().with_manifests();
    world.settings.skip_existing = true;
    let receiver = Receiver::new(&world, 0);
    let pipeline = telling(&world, &receiver);
    let mut event = world.write("cat", "png 1").await;
    for (again, results) in [(false, 1), (false, 1), (true, 2)] {
        event.again = again;
        pipeline.process(&event, None).await.unwrap();
        assert_eq!(receiver.told().len(), results);
    }
    let told = receiver.told();
    assert_eq!(told[0].id, told[1].id, "one id, by which a receiver tells");
    let newer = world.write("cat", "png 2").await;
    pipeline.process(&newer, None).await.unwrap();
    assert_ne!(receiver.told()[2].id, told[0].id);
}
