//! Sources that change at each moment of the work on them.

use super::*;

/// A pipeline during which the source gets another body, before the given call.
fn writing_before(number: u64, world: &World, body: &'static str) -> Pipeline {
    let writer = world.clone();
    world.meddled(before(number, move || {
        let world = writer.clone();
        async move {
            world.write("cat", body).await;
        }
    }))
}

#[tokio::test]
async fn a_source_replaced_at_any_moment_ends_with_thumbnails_of_the_newest() {
    let mut overtaken = 0;
    for skip_existing in [false, true] {
        for number in 0.. {
            let mut world = World::new();
            world.settings.skip_existing = skip_existing;
            let event = world.write("cat", "png old").await;
            let pipeline = writing_before(number, &world, "jpeg new");
            pipeline.process(&event, None).await.unwrap();
            let newest = world.store.head(&event.location).await.unwrap().etag;
            if newest == World::etag("png old") {
                break;
            }
            overtaken += 1;
            assert_eq!(
                world.thumbnails().await,
                world.expected().await,
                "before call {number}"
            );
        }
    }
    assert!(overtaken >= 10, "only {overtaken} moments");
}

/// Works on an event while something happens to its source, at each moment in turn and in a
/// world of its own, until the work is over before: then the source `is_there`, or is not.
/// Whatever the moment, the thumbnails are those of the sources.
async fn at_each_moment(
    least: u64,
    is_there: bool,
    start: impl AsyncFn(u64) -> (World, Pipeline, ObjectEvent),
) {
    for number in 0.. {
        let (world, pipeline, event) = start(number).await;
        pipeline.process(&event, None).await.unwrap();
        if world.store.head(&event.location).await.is_ok() == is_there {
            assert!(number >= least, "only {number} moments");
            break;
        }
        assert_eq!(
            world.thumbnails().await,
            world.expected().await,
            "before call {number}"
        );
    }
}

#[tokio::test]
async fn a_source_removed_at_any_moment_leaves_no_thumbnails() {
    at_each_moment(5, true, async |number| {
        let world = World::new();
        let event = world.write("cat", "png old").await;
        let removed = world.clone();
        let pipeline = world.meddled(before(number, move || {
            let world = removed.clone();
            async move {
                world.remove("cat").await;
            }
        }));
        (world, pipeline, event)
    })
    .await;
}

#[tokio::test]
async fn a_source_that_comes_back_while_its_removal_is_worked_on_keeps_its_thumbnails() {
    at_each_moment(4, false, async |number| {
        let world = World::new();
        let written = world.write("cat", "png old").await;
        world.pipeline().process(&written, None).await.unwrap();
        let event = world.remove("cat").await;
        let pipeline = writing_before(number, &world, "png back");
        (world, pipeline, event)
    })
    .await;
}

#[tokio::test]
async fn two_workers_on_two_versions_end_with_the_newest_however_they_interleave() {
    // The second worker runs to its end before the given call of the first.
    for number in 0..24 {
        let mut world = World::new();
        world.settings.skip_existing = number % 2 == 0;
        let number = number / 2;
        let old = world.write("cat", "png old").await;
        let other = world.clone();
        let pipeline = world.meddled(before(number, move || {
            let world = other.clone();
            async move {
                let new = world.write("cat", "jpeg new").await;
                world.pipeline().process(&new, None).await.unwrap();
            }
        }));
        pipeline.process(&old, None).await.unwrap();
        let latest = world.pipeline().process(&old, None).await.unwrap();
        assert_eq!(
            world.thumbnails().await,
            world.expected().await,
            "before call {number}"
        );
        let newest = world.store.head(&old.location).await.unwrap().etag;
        if newest != World::etag("png old") {
            assert_eq!(
                latest.skipped,
                world.settings.skip_existing.then_some(Skipped::UpToDate),
                "an old event has nothing to do where things may be left alone"
            );
        }
    }
}
