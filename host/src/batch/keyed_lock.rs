//! Lock for each object.
//!
//! Events come twice: a redriven message beside the event of the repaired
//! object, or one message handed out again. Side by side both would do the same
//! work; one after the other, the second finds it done.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::object::Location;

type Lock = Arc<tokio::sync::Mutex<()>>;

/// Locks of the objects in work. An object that is not in work takes no memory.
#[derive(Debug, Default)]
pub(super) struct KeyedLock {
    locks: Mutex<HashMap<Location, Lock>>,
}

/// Lock of an object, or a place in the queue for it; released when dropped.
#[derive(Debug)]
pub(super) struct KeyedGuard<'a> {
    locks: &'a KeyedLock,
    location: &'a Location,
    guard: Option<OwnedMutexGuard<()>>,
}

impl KeyedLock {
    /// Wait for the lock of `location`.
    pub(super) async fn lock<'a>(&'a self, location: &'a Location) -> KeyedGuard<'a> {
        // Made before anything is waited for: who gives up waiting leaves
        // nothing behind.
        let mut guarded = KeyedGuard {
            locks: self,
            location,
            guard: None,
        };
        let lock = self.all().entry(location.clone()).or_default().clone();
        guarded.guard = Some(lock.lock_owned().await);
        guarded
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Location, Lock>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyedGuard<'_> {
    fn drop(&mut self) {
        let mut locks = self.locks.all();
        self.guard = None;
        // The map itself holds one; every other belongs to a guard.
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
    async fn a_lock_that_was_released_or_given_up_leaves_nothing_behind() {
        let locks = KeyedLock::default();
        let (one, other) = (Location::new("images", "1"), Location::new("images", "2"));
        let first = locks.lock(&one).await;
        let beside = locks.lock(&other).await;
        let moment = Duration::from_millis(1);
        assert!(timeout(moment, locks.lock(&one)).await.is_err());
        drop(first);
        let second = timeout(moment, locks.lock(&one)).await.unwrap();
        drop((beside, second));
        assert!(locks.all().is_empty());
    }
}
