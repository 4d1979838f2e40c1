//! Looking at dead letters, and forgetting them.
//!
//! A queue shows what it holds only by handing it out. So whoever looks takes
//! letters and gives them back at once, which raises their receive counts and
//! hides them from others for as long as the look takes. Nothing here takes more
//! letters than there were when it began.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::letter::Choice;
use crate::ports::{Message, Queue, QueueError, Receipt, ReceiveOptions};

/// How many letters are taken at one time: as many as a request of SQS holds.
const BATCH: u64 = 10;

/// How long letters stay hidden while they are looked at, if whoever looks is
/// killed before it gives them back.
const LOOK: Duration = Duration::from_secs(120);

/// How long letters stay hidden while others are forgotten.
const PURGE: Duration = Duration::from_secs(1_800);

/// How long to wait for letters before believing that there are none: a short
/// look asks only some of the machines that hold a queue of SQS.
const WAIT: Duration = Duration::from_secs(2);

/// A queue of dead letters.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    queue: Arc<dyn Queue>,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// The letters, in the order the queue handed them out. Their receive counts
    /// include this look.
    pub letters: Vec<Message>,
    /// How many letters there were in the queue, about.
    pub found: u64,
}

/// What was forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Purged {
    /// How many letters there were when it began.
    pub found: u64,
    /// How many were deleted.
    pub forgotten: u64,
    /// How many were left alone, because they were not asked for.
    pub skipped: u64,
    /// How many could not be deleted.
    pub failed: u64,
    /// Why the last of those could not be deleted.
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
    pub async fn look(&self, most: usize, choice: &Choice) -> Result<Look, QueueError> {
        let found = self.queue.depth().await?.visible;
        let mut letters: Vec<Message> = Vec::new();
        let mut seen = HashSet::new();
        let mut taken = Vec::new();
        let full = |letters: &Vec<Message>| letters.len() >= most;
        let looked = self.take(found, LOOK, &mut taken, |letter| {
            if !full(&letters) && choice.takes(letter) && seen.insert(letter.id.clone()) {
                letters.push(letter.clone());
            }
            if full(&letters) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let looked = looked.await;
        self.give_back(&taken).await;
        looked.map(|()| Look { letters, found })
    }

    /// Look for the letter that is called `id`.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn find(&self, id: &str) -> Result<Option<Message>, QueueError> {
        let found = self.queue.depth().await?.visible;
        let mut letter = None;
        let mut taken = Vec::new();
        let looked = self.take(found, LOOK, &mut taken, |taken| {
            if taken.id == id {
                letter = Some(taken.clone());
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        let looked = looked.await;
        self.give_back(&taken).await;
        looked.map(|()| letter)
    }

    /// Delete the letters that `choice` takes, telling `watch` how far it is. It
    /// can end the work, which then leaves nothing half done.
    ///
    /// # Errors
    /// If the queue cannot be read.
    pub async fn purge(
        &self,
        choice: &Choice,
        mut watch: impl FnMut(&Purged) -> ControlFlow<()> + Send,
    ) -> Result<Purged, QueueError> {
        let found = self.queue.depth().await?.visible;
        let mut purged = Purged {
            found,
            ..Purged::default()
        };
        let (mut kept, mut seen) = (Vec::new(), 0);
        let ended = loop {
            let letters = match self.receive(found.saturating_sub(seen), PURGE).await {
                Ok(letters) if letters.is_empty() => break Ok(()),
                Ok(letters) => letters,
                Err(error) => break Err(error),
            };
            seen += letters.len() as u64;
            self.forget(letters, choice, &mut kept, &mut purged).await;
            if watch(&purged).is_break() {
                break Ok(());
            }
        };
        self.give_back(&kept).await;
        ended.map(|()| purged)
    }

    /// Delete those of `letters` that `choice` takes; what stays goes to `kept`.
    async fn forget(
        &self,
        letters: Vec<Message>,
        choice: &Choice,
        kept: &mut Vec<Receipt>,
        purged: &mut Purged,
    ) {
        let (wanted, others): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| choice.takes(letter));
        purged.skipped += others.len() as u64;
        kept.extend(others.into_iter().map(|letter| letter.receipt));
        let wanted: Vec<Receipt> = wanted.into_iter().map(|letter| letter.receipt).collect();
        if wanted.is_empty() {
            return;
        }
        let results = self.queue.delete(&wanted).await;
        for (receipt, result) in wanted.into_iter().zip(results) {
            match result {
                Ok(()) => purged.forgotten += 1,
                Err(error) => {
                    purged.failed += 1;
                    purged.reason = Some(error.to_string());
                    kept.push(receipt);
                }
            }
        }
    }

    /// Take up to `found` letters, show each to `see`, and remember what to give
    /// back, until `see` has seen enough or there are no more.
    async fn take(
        &self,
        found: u64,
        hidden: Duration,
        taken: &mut Vec<Receipt>,
        mut see: impl FnMut(&Message) -> ControlFlow<()> + Send,
    ) -> Result<(), QueueError> {
        loop {
            let unseen = found.saturating_sub(taken.len() as u64);
            let letters = self.receive(unseen, hidden).await?;
            if letters.is_empty() {
                return Ok(());
            }
            taken.extend(letters.iter().map(|letter| letter.receipt.clone()));
            if letters.iter().try_for_each(&mut see).is_break() {
                return Ok(());
            }
        }
    }

    /// The next letters; none once as many were taken as there were.
    async fn receive(&self, unseen: u64, hidden: Duration) -> Result<Vec<Message>, QueueError> {
        let max = usize::try_from(unseen.min(BATCH)).unwrap_or_default();
        if max == 0 {
            return Ok(Vec::new());
        }
        let options = ReceiveOptions {
            max,
            visibility: Some(hidden),
            wait: WAIT,
        };
        self.queue.receive(&options).await
    }

    /// What was taken is to be seen again at once, not when its time is over.
    async fn give_back(&self, taken: &[Receipt]) {
        for receipt in taken {
            if let Err(error) = self.queue.set_visibility(receipt, Duration::ZERO).await {
                tracing::warn!(error = %error, "a letter stays hidden for a while");
            }
        }
    }
}

#[cfg(test)]
mod tests;
