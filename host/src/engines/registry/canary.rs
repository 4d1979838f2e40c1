//! An engine on trial: it serves a share of the objects, and whatever it fails
//! with is done by the current engine in the same call.

use std::mem::discriminant;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::tally::Tally;
use crate::engines::Canary;
use crate::metric::Metric;
use crate::ports::{Engine, EngineError, EngineFailure, Made, Request};
use crate::wasm::SandboxedEngine;

/// Failures in a row after which this process does not try a canary any more.
const STRIKES: u32 = 3;

/// A canary gets half of the time there is, so that the current engine can do
/// the work after it. With less than this there is no time for two.
const LEAST_TIME: Duration = Duration::from_secs(4);

/// An engine that is tried.
pub(super) struct Trial {
    pub(super) engine: SandboxedEngine,
    pub(super) canary: Canary,
    pub(super) strikes: Arc<Strikes>,
}

/// Failures of an engine in a row. They outlive changes of the channel that leave
/// the canary the same.
#[derive(Debug, Default)]
pub(super) struct Strikes(AtomicU32);

impl Strikes {
    /// Returns whether this was the last one allowed.
    fn strike(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) + 1 == STRIKES
    }

    /// A success ends a row of failures, but not the end of a trial.
    fn forgive(&self) {
        let forgiven = |strikes| (strikes < STRIKES).then_some(0);
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, forgiven);
    }

    fn are_out(&self) -> bool {
        self.0.load(Ordering::Relaxed) >= STRIKES
    }
}

impl Trial {
    pub(super) fn is_on(&self) -> bool {
        !self.strikes.are_out()
    }

    /// Make thumbnails with the canary or, if it cannot, with the current engine.
    pub(super) async fn generate(
        &self,
        current: &dyn Engine,
        request: Request,
        tally: &Tally,
    ) -> Result<Made, EngineError> {
        let left = request
            .deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if left.is_some_and(|left| left < LEAST_TIME) {
            return current.generate(request).await;
        }
        tally.add(Metric::CanaryCalls);
        let trial = Request {
            deadline: left.map(|left| Instant::now() + left / 2),
            ..request.clone()
        };
        match self.engine.generate(trial).await {
            Ok(made) => {
                self.strikes.forgive();
                Ok(made)
            }
            Err(failed) => {
                let answer = current.generate(request).await;
                self.judge(&failed.failure, &answer, tally);
                answer
            }
        }
    }

    /// A source that both engines fail with in one way is not the canary's fault.
    fn judge(&self, failed: &EngineFailure, answer: &Result<Made, EngineError>, tally: &Tally) {
        let same = |error: &EngineError| discriminant(&error.failure) == discriminant(failed);
        let is_excused = matches!(failed, EngineFailure::Unavailable(_));
        if is_excused || answer.as_ref().is_err_and(same) {
            return;
        }
        tally.add(Metric::CanaryFailures);
        let is_over = self.strikes.strike();
        tracing::warn!(engine.digest = %self.engine.digest(), error.message = %failed,
            "the canary failed and the current engine answered");
        if is_over {
            tracing::error!(engine.digest = %self.engine.digest(), canary.failures = STRIKES,
                "the canary failed too often in a row and is off in this process");
        }
    }
}
