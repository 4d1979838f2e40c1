//! Files that were touched, until they are left alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Time for which a file must be left alone before it is taken for written:
/// longer than programs pause between two writes.
pub(super) const SETTLED: Duration = Duration::from_millis(300);

/// Keys that are remembered at most; with more the whole folder is looked at
/// instead.
const MOST: usize = 100_000;

/// Keys that were touched, and when.
#[derive(Debug, Default)]
pub(super) struct Touched {
    state: Mutex<TouchedState>,
}

#[derive(Debug, Default)]
struct TouchedState {
    keys: BTreeMap<String, Times>,
    rescan: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) first: Instant,
    pub(super) last: Instant,
}

impl Touched {
    fn lock(&self) -> MutexGuard<'_, TouchedState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `key` was touched now.
    pub(super) fn note(&self, key: String) {
        let now = Instant::now();
        let mut state = self.lock();
        if state.keys.len() >= MOST && !state.keys.contains_key(&key) {
            state.keys.clear();
            state.rescan = true;
        }
        state
            .keys
            .entry(key)
            .or_insert(Times {
                first: now,
                last: now,
            })
            .last = now;
    }

    /// Note that something unknown was touched.
    pub(super) fn note_all(&self) {
        self.lock().rescan = true;
    }

    pub(super) fn take_rescan(&self) -> bool {
        std::mem::take(&mut self.lock().rescan)
    }

    /// Take the keys that were left alone for a while.
    pub(super) fn take_settled(&self) -> Vec<(String, Times)> {
        let mut state = self.lock();
        let settled = |times: &Times| times.last.elapsed() >= SETTLED;
        state
            .keys
            .extract_if(.., |_, times| settled(times))
            .collect()
    }

    /// Put a key back that was not settled after all.
    pub(super) fn put_back(&self, key: String, times: Times) {
        let last = Instant::now();
        self.lock()
            .keys
            .entry(key)
            .or_insert(Times { last, ..times });
    }

    pub(super) fn is_empty(&self) -> bool {
        let state = self.lock();
        state.keys.is_empty() && !state.rescan
    }
}

impl Times {
    /// Touched now, for the first time.
    pub(super) fn now() -> Self {
        let now = Instant::now();
        Self {
            first: now,
            last: now,
        }
    }
}
