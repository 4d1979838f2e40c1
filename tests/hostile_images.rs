//! Hostile images, through the component: each of them ends in the verdict that
//! its kind has, before the sandbox's deadline and within its memory. How much of
//! two seconds each takes is measured by `make reliability`.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use testkit::{Numbers, avif, jxl};
use tests::hostile_images::{self, ALLOWANCE, Trial};
use tests::sandbox::{Allowance, Sandbox};
use thimble_engine::decode::sniff;
use thimble_engine::format::Format;

/// Enough for a bounded image on a machine that is slow or busy, and not for one
/// that knows no bounds.
const PATIENT: Allowance = Allowance {
    time: ALLOWANCE.time.saturating_mul(5),
    ..ALLOWANCE
};

#[test]
fn hostile_images_end_in_their_verdict_in_time_and_within_the_memory_allowed() {
    let sandbox = Sandbox::open(&testkit::built::engine()).unwrap();
    let kinds = hostile_images::kinds();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(vec![]));
    let work = || {
        while let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) {
            let trial = Trial::of(kind, &sandbox, PATIENT);
            failures.lock().unwrap().extend(trial.failures);
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn nothing_but_a_tga_is_taken_for_one() {
    let is_targa = |source: &[u8]| sniff(source) == Some(Format::TGA);
    for (name, source) in hostile_images::sound() {
        assert_eq!(is_targa(&source), name == "tga", "{name}");
    }
    for (name, source) in jxl::FILES.iter().chain(&avif::FILES) {
        // From any place on: these are the bytes that are likely to be met.
        let starts = (0..source.len()).map(|from| &source[from..]);
        assert_eq!(starts.filter(|rest| is_targa(rest)).count(), 0, "{name}");
    }
    let mut numbers = Numbers::default();
    for _ in 0..1_000_000 {
        let noise: [u8; 24] = std::array::from_fn(|_| numbers.next() as u8);
        assert!(!is_targa(&noise), "{noise:?}");
    }
}

#[test]
fn kinds_of_hostile_images_are_many_and_have_names_of_their_own() {
    let kinds = hostile_images::kinds();
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds.len());
    assert!(kinds.len() >= 60, "{} kinds", kinds.len());
}
