//! The messages of a queue, once each.

use std::collections::HashSet;
use std::time::Duration;

use super::{Message, Queue, QueueError, Receipt, ReceiveOptions};
use crate::text::with_causes;

/// The most messages taken at one time: as many as a request of SQS holds.
const BATCH: u64 = 10;

/// The wait for messages before a queue is believed to be empty: a short look
/// asks only some of the machines that hold a queue of SQS.
const WAIT: Duration = Duration::from_secs(2);

/// A walk over the messages that a queue holds.
///
/// A queue shows what it holds only by handing it out. So a walk takes messages
/// and gives back those that stay, which raises their receive counts and hides
/// them from others meanwhile. It takes no more than there were when it began, so
/// that it never chases those that come, or come back, while it goes on; and it
/// ends when a queue hands out nothing but what it has handed out already.
#[derive(Debug)]
pub struct Walk<'a> {
    queue: &'a dyn Queue,
    found: u64,
    taken: u64,
    ids: HashSet<String>,
    kept: Vec<Receipt>,
    is_over: bool,
}

impl<'a> Walk<'a> {
    /// Begin with the messages that can be received now.
    ///
    /// # Errors
    /// If the queue cannot be asked.
    pub async fn begin(queue: &'a dyn Queue) -> Result<Self, QueueError> {
        Ok(Self {
            queue,
            found: queue.depth().await?.visible,
            taken: 0,
            ids: HashSet::new(),
            kept: Vec::new(),
            is_over: false,
        })
    }

    /// The number of messages when it began, about.
    pub fn found(&self) -> u64 {
        self.found
    }

    /// The next messages, `most` at most, hidden for `hidden`; none at the end.
    ///
    /// # Errors
    /// If the queue cannot be read. [`end`](Self::end) the walk all the same.
    pub async fn next(&mut self, most: u64, hidden: Duration) -> Result<Vec<Message>, QueueError> {
        let unseen = self.found.saturating_sub(self.taken);
        let max = usize::try_from(unseen.min(most).min(BATCH)).unwrap_or_default();
        if self.is_over || max == 0 {
            return Ok(Vec::new());
        }
        let options = ReceiveOptions {
            max,
            visibility: Some(hidden),
            wait: WAIT,
        };
        let messages = self.queue.receive(&options).await?;
        self.taken += messages.len() as u64;
        let mut is_new = false;
        for message in &messages {
            is_new |= self.ids.insert(message.id.clone());
        }
        self.is_over = !is_new;
        Ok(messages)
    }

    /// Leave a message in the queue: it is given back at the end, and not sooner,
    /// because the walk would meet it again.
    pub fn leave(&mut self, receipt: Receipt) {
        self.kept.push(receipt);
    }

    /// Give back what stays, to be seen again at once and not when its time is
    /// over.
    pub async fn end(self) {
        for receipt in &self.kept {
            if let Err(error) = self.queue.set_visibility(receipt, Duration::ZERO).await {
                tracing::warn!(queue = %self.queue, error.message = with_causes(&error), "a message stays hidden for a while");
            }
        }
    }
}
