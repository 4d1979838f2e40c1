//! Histories of images, events and queues, in any order, and the promises that hold
//! in the end whatever happened.
//!
//! A history is a list of steps that somebody outside takes (write an image,
//! remove one, let its news arrive late or twice, work on a batch and be killed
//! at it, redrive) and a list of faults that the calls of the ports meet. Both
//! are chosen at random, and shrunk to the shortest that breaks a promise. Then
//! the weather clears, what is left is worked off, and the promises are checked. In one of
//! two histories every source has a manifest. In one of two of those rules give sources different thumbnails,
//! and other rules are put in force now and then.
//!
//! `THIMBLE_HISTORIES` says how many histories are played.

mod checks;
mod configured;
mod history;
mod place;

use proptest::prelude::*;
use proptest::test_runner::{Config, FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};

use history::{Weather, steps, weather};
use place::{Place, Setting};

/// Default number of histories.
const HISTORIES: u32 = 3_000;

fn histories() -> u32 {
    let asked = std::env::var("THIMBLE_HISTORIES").ok();
    asked
        .and_then(|text| text.parse().ok())
        .unwrap_or(HISTORIES)
}

#[test]
fn whatever_happens_nothing_is_lost_and_the_newest_source_wins() {
    let config = Config {
        cases: histories(),
        max_shrink_iters: 20_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..Config::default()
    };
    // The same histories in every run: a failure here is one for everybody.
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, random);
    let tally = std::cell::RefCell::new(place::Tally::default());
    let setting = prop_oneof![
        2 => Just(Setting::Bare),
        1 => Just(Setting::Manifests),
        1 => Just(Setting::Rules),
    ];
    let strategy = (steps(), weather(), setting);
    let played = runner.run(&strategy, |(steps, weather, setting): (_, Weather, _)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let seen = runtime.block_on(async {
            let mut place = Place::new(weather, setting);
            for step in &steps {
                place.take(step).await;
            }
            place.clear_up().await
        });
        let seen = seen.map_err(TestCaseError::fail)?;
        tally.borrow_mut().add(&seen);
        Ok(())
    });
    played.unwrap_or_else(|failure| panic!("{failure}"));
    let tally = tally.into_inner();
    println!("{tally:?}");
    // Histories in which nothing went wrong would prove nothing.
    assert!(tally.of("faults") > u64::from(histories()), "{tally:?}");
    assert!(
        [
            "killed",
            "letters",
            "moved",
            "manifests",
            "results",
            "swaps",
            "overtaken"
        ]
        .iter()
        .all(|thing| tally.of(thing) > 0),
        "{tally:?}"
    );
}
