//! The messages that this process has in hand.
//!
//! The server counts those that were handed out and are not confirmed, but not which of
//! them wait again. This process knows that of its own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

/// Messages by their numbers, and the times until which they are hidden.
#[derive(Debug, Default)]
pub(super) struct Hidden(Mutex<HashMap<u64, Instant>>);

impl Hidden {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hide(&self, sequence: u64, until: Instant) {
        let mut hidden = self.lock();
        // What another process ended since is never shown here: it is forgotten in time.
        if hidden.len() == hidden.capacity() {
            let now = Instant::now();
            hidden.retain(|_, until| *until > now);
        }
        hidden.insert(sequence, until);
    }

    /// It is gone, or waits again.
    pub(super) fn show(&self, sequence: u64) {
        self.lock().remove(&sequence);
    }

    /// Number of those that are hidden still; the others are forgotten.
    pub(super) fn count(&self) -> u64 {
        let now = Instant::now();
        let mut hidden = self.lock();
        hidden.retain(|_, until| *until > now);
        hidden.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_others_ended_takes_no_room_for_ever() {
        let hidden = Hidden::default();
        for sequence in 0..10_000 {
            hidden.hide(sequence, Instant::now() + Duration::from_secs(10));
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        assert!(hidden.lock().len() < 100);
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_is_hidden_until_its_time_is_over_or_it_is_shown() {
        let hidden = Hidden::default();
        let in_seconds = |seconds| Instant::now() + Duration::from_secs(seconds);
        hidden.hide(1, in_seconds(10));
        hidden.hide(2, in_seconds(20));
        hidden.hide(3, in_seconds(20));
        hidden.show(3);
        assert_eq!(hidden.count(), 2);
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!(hidden.count(), 1);
        hidden.hide(2, in_seconds(0));
        assert_eq!(hidden.count(), 0);
    }
}
