use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::dead_letters::DeadLetters;
use crate::error::with_causes;
use crate::letter::Choice;
use crate::memory::{MemoryQueue, MemoryStore};
use crate::object::Location;
use crate::redrive::{Options, Redrive};
use crate::testing::circles::{CirclingQueue, CirclingStore};

async fn store(keys: &[&str]) -> Arc<MemoryStore> {
    let store = MemoryStore::new(["images"]);
    for key in keys {
        let location = Location::new("images", *key);
        store
            .put(&location, NewObject::new(Bytes::from_static(b"cat")))
            .await
            .unwrap();
    }
    Arc::new(store)
}

#[tokio::test]
async fn a_listing_shows_every_object_behind_its_beginning_once() {
    let store = store(&["a/1", "a/2", "a/3", "b/1"]).await;
    let keys = |found: Vec<Listed>| -> Vec<String> { found.into_iter().map(|o| o.key).collect() };
    let all = pages(&*store, "images", "a/").all().await.unwrap();
    assert_eq!(keys(all), ["a/1", "a/2", "a/3"]);
    let behind = pages(&*store, "images", "").after(Some("a/2".to_owned()));
    assert_eq!(keys(behind.all().await.unwrap()), ["a/3", "b/1"]);
}

/// A listing that is believed to be whole decides what is removed.
#[tokio::test]
async fn a_store_that_goes_in_circles_is_an_error_and_not_an_end() {
    let store = CirclingStore(store(&["a/1", "a/2"]).await);
    let mut pages = pages(&store, "images", "");
    let first = pages.next().await.unwrap().unwrap();
    assert_eq!(first.len(), 2);
    let error = pages.next().await.unwrap_err();
    assert_eq!(error.problem, StoreProblem::Unknown);
    assert!(with_causes(&error).contains("again and again"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_goes_in_circles_is_not_followed() {
    let letters = ["1", "2", "3"].map(|id| Message::direct(id, ""));
    let queue = Arc::new(CirclingQueue(letters.into()));
    let dead = DeadLetters::new(queue.clone());
    let all = Choice::default();
    assert_eq!(dead.peek(usize::MAX, &all).await.unwrap().letters.len(), 3);
    assert_eq!(dead.find("4").await.unwrap(), None);
    let purged = dead.purge(&all, |_| ControlFlow::Continue(())).await;
    assert_eq!(purged.unwrap().failed, 0);
    let redrive = Redrive {
        from: queue,
        to: Arc::new(MemoryQueue::new("source")),
        options: Options::default(),
    };
    let report = redrive.run(None).await.unwrap();
    assert_eq!((report.moved, report.copies), (3, 3));
}
