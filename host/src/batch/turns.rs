//! One at a time for each object.
//!
//! Events come twice: a redriven message beside the event of the repaired
//! object, or one message handed out again. Side by side both would do the same
//! work; in turn, the second finds it done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::object::Location;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// Who works on which object. An object that nobody works on takes no memory.
#[derive(Debug, Default)]
pub(super) struct Turns {
    locks: Mutex<HashMap<Location, Lock>>,
}

/// The right to work on an object, or a place in the row for it; given on when
/// dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    location: &'a Location,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Wait until nobody else works on `location`.
    pub(super) async fn wait<'a>(&'a self, location: &'a Location) -> Turn<'a> {
        // Made before anything is waited for: who gives up waiting leaves
        // nothing behind.
        let mut turn = Turn {
            turns: self,
            location,
            guard: None,
        };
        let lock = self.all().entry(location.clone()).or_default().clone();
        turn.guard = Some(lock.lock_owned().await);
        turn
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Location, Lock>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut locks = self.turns.all();
        self.guard = None;
        // The map itself holds one; every other belongs to somebody in the row.
        if locks
            .get(self.location)
            .is_some_and(|lock| Arc::strong_count(lock) == 1)
        {
            locks.remove(self.location);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_is_done_and_who_gives_up_leaves_nothing_behind() {
        let turns = Turns::default();
        let (one, other) = (Location::new("images", "1"), Location::new("images", "2"));
        let first = turns.wait(&one).await;
        let beside = turns.wait(&other).await;
        let moment = Duration::from_millis(1);
        assert!(timeout(moment, turns.wait(&one)).await.is_err());
        drop(first);
        let second = timeout(moment, turns.wait(&one)).await.unwrap();
        drop((beside, second));
        assert!(turns.all().is_empty());
    }
}
