//! Wrong tokens, which cost whoever shows them time, and nobody else the page.
//!
//! They wait one after the other, so that many at one time are no faster. Those who wait hold a
//! connection each, and so there are a few of them at most. While there are as many, no token is
//! looked at, right or wrong, for an answer would tell which: only what was right before is.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hyper::HeaderMap;
use tokio::sync::Semaphore;

use super::access::Access;
use crate::trust::Digest;

/// Wrong tokens that wait at one time.
pub(super) const AT_ONE_TIME: usize = 8;

/// Tokens and cookies that are remembered because they were right.
const KNOWN: usize = 64;

/// Wrong tokens that wait.
#[derive(Debug)]
pub(super) struct Guesses {
    turn: tokio::sync::Mutex<()>,
    pub(super) places: Semaphore,
    /// The newest last.
    known: Mutex<VecDeque<Digest>>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            turn: tokio::sync::Mutex::default(),
            places: Semaphore::new(AT_ONE_TIME),
            known: Mutex::default(),
        }
    }
}

impl Guesses {
    /// True if as many wait as there may be.
    pub(super) fn are_too_many(&self) -> bool {
        self.places.available_permits() == 0
    }

    /// True if what a request shows cannot be looked at now.
    pub(super) fn is_crowded(&self, access: &Access, headers: &HeaderMap) -> bool {
        let Some(shown) = access.shown(headers) else {
            return false;
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if self.are_too_many() {
            return !known.contains(&shown);
        }
        if access.may_act(headers) && !known.contains(&shown) {
            known.push_back(shown);
            if known.len() > KNOWN {
                known.pop_front();
            }
        }
        false
    }

    /// Wait for a turn, and for `time` then.
    pub(super) async fn wait(&self, time: Duration) {
        // Of several who saw the last place at once, all but one wait without one.
        let _place = self.places.try_acquire();
        let _turn = self.turn.lock().await;
        tokio::time::sleep(time).await;
    }
}
