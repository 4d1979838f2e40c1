//! Steps and weather: the parts of a history.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use thimble::testing::Fault;

/// Step of somebody outside.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Write a source; its news is on its way.
    Write { key: u8, word: &'static str },
    /// Remove a source; its news is on its way.
    Remove { key: u8 },
    /// News arrives at the queue: any of what is on its way. It may be on its
    /// way once more.
    Arrive { which: Index, again: bool },
    /// Somebody takes a batch and works on it, unless killed before the end.
    Work {
        most: usize,
        killed: Option<Duration>,
    },
    /// Another configuration is put in force.
    Configure { which: Index },
    /// Time passes.
    Wait(Duration),
    /// Somebody redrives dead letters, unless killed before the end.
    Redrive {
        max: Option<u64>,
        killed: Option<Duration>,
    },
}

/// Behavior of the ports: the fault and the duration of each call. At its end the
/// list begins again.
#[derive(Clone, Debug)]
pub(crate) struct Weather(pub(crate) Vec<(Fault, Duration)>);

/// The words that sources begin with, and what they stand for: see the engine.
const WORDS: &[&str] = &[
    "png",
    "jpeg",
    "png",
    "jpeg",
    "malformed",
    "huge",
    "trap",
    "slow",
    "nonsense",
];

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = 0_u8..4;
    let killed = || {
        prop_oneof![2 => Just(None), 1 => (0_u64..40_000).prop_map(Some)]
            .prop_map(|millis| millis.map(Duration::from_millis))
    };
    let word = (0..WORDS.len()).prop_map(|index| WORDS.get(index).copied().unwrap_or("png"));
    let step = prop_oneof![
        4 => (key.clone(), word).prop_map(|(key, word)| Step::Write { key, word }),
        1 => key.prop_map(|key| Step::Remove { key }),
        4 => (any::<Index>(), any::<bool>())
            .prop_map(|(which, again)| Step::Arrive { which, again }),
        4 => (1_usize..6, killed()).prop_map(|(most, killed)| Step::Work { most, killed }),
        1 => any::<Index>().prop_map(|which| Step::Configure { which }),
        2 => (0_u64..90).prop_map(|seconds| Step::Wait(Duration::from_secs(seconds))),
        1 => (prop::option::of(0_u64..4), killed())
            .prop_map(|(max, killed)| Step::Redrive { max, killed }),
    ];
    vec(step, 1..40)
}

pub(crate) fn weather() -> impl Strategy<Value = Weather> {
    let fault = prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Refused),
        1 => Just(Fault::Lost),
    ];
    let slow = prop_oneof![2 => Just(0_u64), 1 => 0_u64..9_000].prop_map(Duration::from_millis);
    // One in four histories meets no fault, but is played in slow motion.
    let fair = vec((Just(Fault::None), slow.clone()), 1..12);
    let foul = vec((fault, slow), 1..24);
    prop_oneof![1 => fair, 3 => foul].prop_map(Weather)
}
