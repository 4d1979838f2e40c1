//! The messages that this process has in hand.
//!
//! The server counts those that were handed out and are not confirmed, but not which of
//! them wait again. This process knows that of its own.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::ports::Receipt;

/// Messages by their numbers.
#[derive(Debug, Default)]
pub(super) struct Hidden(Mutex<HashMap<u64, Message>>);

/// A message that is hidden.
#[derive(Debug)]
struct Message {
    /// Time until which it is.
    until: Instant,
    /// Its receipt, if nothing can become of it.
    stranded: Option<Receipt>,
}

impl Hidden {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Message>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The messages that are hidden still; the others are forgotten.
    fn still(&self) -> MutexGuard<'_, HashMap<u64, Message>> {
        let now = Instant::now();
        let mut hidden = self.lock();
        hidden.retain(|_, message| message.until > now);
        hidden
    }

    pub(super) fn hide(&self, sequence: u64, until: Instant) {
        self.put(sequence, until, None);
    }

    /// Hide a message that nothing can become of.
    pub(super) fn strand(&self, sequence: u64, until: Instant, receipt: &Receipt) {
        self.put(sequence, until, Some(receipt.clone()));
    }

    fn put(&self, sequence: u64, until: Instant, stranded: Option<Receipt>) {
        let mut hidden = self.lock();
        // What another process ended since is never shown here: it is forgotten in time.
        if hidden.len() == hidden.capacity() {
            drop(hidden);
            hidden = self.still();
        }
        hidden.insert(sequence, Message { until, stranded });
    }

    /// It is gone, or waits again.
    pub(super) fn show(&self, sequence: u64) {
        self.lock().remove(&sequence);
    }

    /// Number of those that are hidden still.
    pub(super) fn count(&self) -> u64 {
        self.still().len() as u64
    }

    /// Receipts of those that nothing can become of.
    pub(super) fn stranded(&self) -> Vec<Receipt> {
        let hidden = self.still();
        let receipts = hidden
            .values()
            .filter_map(|message| message.stranded.clone());
        receipts.collect()
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
