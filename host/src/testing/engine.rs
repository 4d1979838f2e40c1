//! Conformance suite of the port [`Engine`].
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a suite says what is wrong by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{Instant, timeout};

use crate::contract::{Limits, Output, Spec};
use crate::error::Error;
use crate::ports::{Engine, EngineError, Made, Request};

/// Keys enough to meet each engine where several are live.
const KEYS: u32 = 40;

/// Time after its deadline by which a call has ended, on the slowest machine.
const LATE: Duration = Duration::from_secs(20);

/// An engine to test, and sources that it knows.
pub struct Subject<'a> {
    /// The engine.
    pub engine: &'a dyn Engine,
    /// A source that it makes thumbnails of.
    pub good: Bytes,
    /// Specs of thumbnails of other sizes each.
    pub specs: Arc<[Spec]>,
    /// Sources that it fails with, and the kinds of the failures.
    pub bad: Vec<(Bytes, &'static str)>,
    /// A source that it would work on for ever, and a time that is long enough to
    /// begin with it.
    pub endless: Option<(Bytes, Duration)>,
}

/// Checks that the engine keeps the contract.
///
/// # Panics
/// With the first part of the contract that is not kept.
pub async fn suite(subject: &Subject<'_>) {
    thumbnails_come_one_for_each_spec_and_in_their_order(subject).await;
    equal_requests_have_equal_answers_whatever_failed_between_them(subject).await;
    failures_have_their_kind_and_name_the_engine(subject).await;
    a_key_meets_the_engine_that_it_was_told(subject).await;
    a_call_without_time_ends_at_once(subject).await;
    a_call_ends_when_its_deadline_has_passed(subject).await;
    calls_at_one_time_do_not_see_each_other(subject).await;
    a_call_that_is_given_up_harms_no_other(subject).await;
}

impl Subject<'_> {
    fn request(&self, source: &Bytes, key: &str) -> Request {
        Request {
            source: source.clone(),
            specs: self.specs.clone(),
            limits: Limits::default(),
            deadline: None,
            key: key.to_owned(),
            placeholder: false,
        }
    }

    async fn generate(&self, source: &Bytes, key: &str) -> Result<Made, EngineError> {
        self.engine.generate(self.request(source, key)).await
    }

    async fn good(&self) -> Output {
        let made = self.generate(&self.good, "photo").await;
        made.unwrap_or_else(|error| panic!("the good source: {error}"))
            .output
    }

    /// A call that is to work for ever but may not.
    async fn endless(&self, deadline: Instant) -> Option<Result<Made, EngineError>> {
        let (source, _) = self.endless.as_ref()?;
        let request = Request {
            deadline: Some(deadline),
            ..self.request(source, "endless")
        };
        let left = deadline.saturating_duration_since(Instant::now());
        let ended = timeout(left + LATE, self.engine.generate(request)).await;
        Some(ended.unwrap_or_else(|_| panic!("a call goes on after its deadline")))
    }
}

fn kind(error: EngineError) -> &'static str {
    Error::Engine(error).verdict().kind
}

fn is_out_of_time(answer: Result<Made, EngineError>) -> bool {
    answer.is_err_and(|error| kind(error) == "engine-time")
}

async fn thumbnails_come_one_for_each_spec_and_in_their_order(subject: &Subject<'_>) {
    let output = subject.good().await;
    assert_eq!(output.thumbnails.len(), subject.specs.len());
    for (thumbnail, spec) in output.thumbnails.iter().zip(subject.specs.iter()) {
        let (size, bounds) = (thumbnail.dimensions, spec.bounds);
        assert!(!thumbnail.data.is_empty(), "a thumbnail without data");
        assert!(
            bounds.width.is_none_or(|most| size.width <= most)
                && bounds.height.is_none_or(|most| size.height <= most),
            "{size:?} for {bounds:?}"
        );
    }
}

async fn equal_requests_have_equal_answers_whatever_failed_between_them(subject: &Subject<'_>) {
    let before = subject.good().await;
    for (source, _) in &subject.bad {
        let first = subject.generate(source, "bad").await.unwrap_err().failure;
        let second = subject.generate(source, "bad").await.unwrap_err().failure;
        assert_eq!(first, second);
        assert_eq!(subject.good().await, before);
    }
}

async fn failures_have_their_kind_and_name_the_engine(subject: &Subject<'_>) {
    for (source, expected) in &subject.bad {
        let error = subject.generate(source, "bad").await.unwrap_err();
        let engine = error.engine.clone();
        assert_eq!(kind(error), *expected);
        assert_eq!(engine, Some(subject.engine.identity("bad")));
    }
}

async fn a_key_meets_the_engine_that_it_was_told(subject: &Subject<'_>) {
    let mut told = BTreeSet::new();
    for number in 0..KEYS {
        let key = format!("photo-{number}");
        let identity = subject.engine.identity(&key);
        let made = subject.generate(&subject.good, &key).await.unwrap();
        assert_eq!(made.engine, identity, "{key}");
        assert_eq!(subject.engine.identity(&key), identity, "{key}");
        told.insert(identity.digest.clone());
    }
    assert!(told.iter().all(|digest| !digest.is_empty()));
}

async fn a_call_without_time_ends_at_once(subject: &Subject<'_>) {
    if let Some(answer) = subject.endless(Instant::now()).await {
        assert!(is_out_of_time(answer));
    }
}

async fn a_call_ends_when_its_deadline_has_passed(subject: &Subject<'_>) {
    let time = subject.endless.as_ref().map_or(LATE, |(_, time)| *time);
    if let Some(answer) = subject.endless(Instant::now() + time).await {
        assert!(is_out_of_time(answer));
    }
}

async fn calls_at_one_time_do_not_see_each_other(subject: &Subject<'_>) {
    let alone = subject.good().await;
    let time = subject.endless.as_ref().map_or(LATE, |(_, time)| *time);
    let endless = subject.endless(Instant::now() + time);
    let bad = subject
        .bad
        .iter()
        .map(|(source, _)| subject.generate(source, "bad"));
    let good = (0..8).map(|_| subject.good());
    let (endless, bad, good) = tokio::join!(endless, join_all(bad), join_all(good));
    assert!(endless.is_none_or(is_out_of_time));
    for (answer, (_, expected)) in bad.into_iter().zip(&subject.bad) {
        assert_eq!(kind(answer.unwrap_err()), *expected);
    }
    for output in good {
        assert_eq!(output, alone);
    }
}

async fn a_call_that_is_given_up_harms_no_other(subject: &Subject<'_>) {
    let before = subject.good().await;
    let source = subject.endless.as_ref().map(|(source, _)| source);
    let call = subject.generate(source.unwrap_or(&subject.good), "given up");
    assert!(timeout(Duration::ZERO, call).await.is_err() || source.is_none());
    assert_eq!(subject.good().await, before);
}
