//! Looking at dead letters, and forgetting them.
//!
//! Both are a [`Walk`]: letters are taken and given back, which raises their
//! receive counts and hides them from others for as long as it takes.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::letter::Choice;
use crate::ports::{Message, Queue, QueueError, Receipt, Walk};

/// Time for which letters stay hidden while they are looked at, if the process is
/// killed before it gives them back.
const PEEK: Duration = Duration::from_secs(120);

/// Time for which letters stay hidden while others are deleted.
const PURGE: Duration = Duration::from_secs(1_800);

/// A queue of dead letters.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    queue: Arc<dyn Queue>,
}

/// Result of a peek.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    /// The letters, in the order the queue handed them out. Their receive counts
    /// include this one.
    pub letters: Vec<Message>,
    /// Approximate number of letters in the queue.
    pub found: u64,
}

/// Result of a purge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Purged {
    /// Approximate number of letters when it began.
    pub found: u64,
    /// Number of letters that were deleted.
    pub forgotten: u64,
    /// Number of letters that were not chosen.
    pub skipped: u64,
    /// Number of letters that could not be deleted.
    pub failed: u64,
    /// Reason why the last of those could not be deleted.
    pub reason: Option<String>,
}

impl DeadLetters {
    /// The dead letters in `queue`.
    pub fn new(queue: Arc<dyn Queue>) -> Self {
        Self { queue }
    }

    /// Look at up to `most` letters that `choice` takes.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn peek(&self, most: usize, choice: &Choice) -> Result<Peek, QueueError> {
        let mut letters: Vec<Message> = Vec::new();
        let mut seen = HashSet::new();
        let full = |letters: &Vec<Message>| letters.len() >= most;
        let see = |letter: &Message| {
            if !full(&letters) && choice.takes(letter) && seen.insert(letter.id.clone()) {
                letters.push(letter.clone());
            }
            if full(&letters) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let found = self.show(see).await?;
        Ok(Peek { letters, found })
    }

    /// Look for the letter that is called `id`.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn find(&self, id: &str) -> Result<Option<Message>, QueueError> {
        let mut letter = None;
        let see = |taken: &Message| {
            if taken.id == id {
                letter = Some(taken.clone());
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        self.show(see).await?;
        Ok(letter)
    }

    /// Show letters to `see` until it has seen enough, and give all of them back.
    /// Returns how many there were, about.
    async fn show(
        &self,
        mut see: impl FnMut(&Message) -> ControlFlow<()> + Send,
    ) -> Result<u64, QueueError> {
        let mut walk = Walk::begin(&*self.queue).await?;
        let ended = loop {
            let letters = match walk.next(u64::MAX, PEEK).await {
                Ok(letters) if letters.is_empty() => break Ok(walk.found()),
                Ok(letters) => letters,
                Err(error) => break Err(error),
            };
            let flow = letters.iter().try_for_each(&mut see);
            letters
                .into_iter()
                .for_each(|letter| walk.leave(letter.receipt));
            if flow.is_break() {
                break Ok(walk.found());
            }
        };
        walk.end().await;
        ended
    }

    /// Delete the letters that `choice` takes, telling `watch` how far it is. It
    /// can end the work, which then leaves nothing half done.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn purge(
        &self,
        choice: &Choice,
        watch: impl FnMut(&Purged) -> ControlFlow<()> + Send,
    ) -> Result<Purged, QueueError> {
        self.purge_and(choice, watch, |_| ()).await
    }

    /// The same, and show each letter that was deleted to `deleted`.
    ///
    /// # Errors
    /// If the queue cannot be read. Letters that were deleted before have been shown.
    pub async fn purge_and(
        &self,
        choice: &Choice,
        mut watch: impl FnMut(&Purged) -> ControlFlow<()> + Send,
        mut deleted: impl FnMut(&Message) + Send,
    ) -> Result<Purged, QueueError> {
        let mut walk = Walk::begin(&*self.queue).await?;
        let mut purged = Purged {
            found: walk.found(),
            ..Purged::default()
        };
        let ended = loop {
            let letters = match walk.next(u64::MAX, PURGE).await {
                Ok(letters) if letters.is_empty() => break Ok(()),
                Ok(letters) => letters,
                Err(error) => break Err(error),
            };
            let wanted = Self::choose(letters, choice, &mut walk, &mut purged);
            for letter in self.forget(wanted, &mut walk, &mut purged).await {
                deleted(&letter);
            }
            if watch(&purged).is_break() {
                break Ok(());
            }
        };
        walk.end().await;
        ended.map(|()| purged)
    }

    /// Those of `letters` that `choice` takes; `walk` keeps the others.
    fn choose(
        letters: Vec<Message>,
        choice: &Choice,
        walk: &mut Walk<'_>,
        purged: &mut Purged,
    ) -> Vec<Message> {
        let (wanted, others): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| choice.takes(letter));
        purged.skipped += others.len() as u64;
        others
            .into_iter()
            .for_each(|letter| walk.leave(letter.receipt));
        wanted
    }

    /// Delete the letters that are `wanted`. Returns those that were; `walk` keeps the
    /// others.
    async fn forget(
        &self,
        mut wanted: Vec<Message>,
        walk: &mut Walk<'_>,
        purged: &mut Purged,
    ) -> Vec<Message> {
        if wanted.is_empty() {
            return wanted;
        }
        let receipts: Vec<Receipt> = wanted.iter().map(|of| of.receipt.clone()).collect();
        let mut results = self.queue.delete(&receipts).await.into_iter();
        wanted.retain(|letter| match results.next() {
            Some(Ok(())) => {
                purged.forgotten += 1;
                true
            }
            Some(Err(error)) => {
                purged.failed += 1;
                purged.reason = Some(error.to_string());
                walk.leave(letter.receipt.clone());
                false
            }
            None => false,
        });
        wanted
    }
}

#[cfg(test)]
mod tests;
