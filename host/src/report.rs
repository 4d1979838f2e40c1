//! Reports: the fate of messages and of the objects that they are about.
//!
//! Written by those who work, and read by those who tell: logs, metrics, letters,
//! answers to Lambda. It stands below all of them.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Disposition, Error};
use crate::letter;
use crate::object::Location;
use crate::ports::{Message, Receipt};

mod counts;
mod outcome;

pub use counts::{Counts, Dispositions};
pub use outcome::{Outcome, Skipped, Stages};

/// Fate of the messages of a batch, in their order.
#[derive(Debug)]
pub struct BatchReport {
    /// One report for each message.
    pub messages: Vec<MessageReport>,
    /// Time that the batch took.
    pub took: Duration,
}

impl BatchReport {
    /// The answer that makes the queue keep those messages, and only those,
    /// that are not done.
    pub fn response(&self) -> PartialBatchResponse {
        let kept = self.messages.iter().filter(|message| !message.may_leave());
        PartialBatchResponse {
            batch_item_failures: kept
                .map(|message| ItemFailure {
                    item_identifier: message.id.clone(),
                })
                .collect(),
        }
    }
}

/// The messages of a batch that stay in the queue. Lambda takes anything it
/// cannot read for "all of them", and an empty list for "none".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartialBatchResponse {
    /// One entry for each message that stays.
    pub batch_item_failures: Vec<ItemFailure>,
}

/// A message that stays in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemFailure {
    /// The id of the message.
    pub item_identifier: String,
}

/// Fate of one message.
#[derive(Debug)]
pub struct MessageReport {
    /// Its id.
    pub id: String,
    /// Id of the message that first asked for its work.
    pub origin: String,
    /// Receipt to delete it with.
    pub receipt: Receipt,
    /// Receive count.
    pub receive_count: u32,
    /// Send time, as far as the queue knows.
    pub sent: Option<SystemTime>,
    /// The gravest disposition of its objects.
    pub disposition: Disposition,
    /// Fate of each object it is about.
    pub objects: Vec<ObjectReport>,
    /// True if it is in the dead-letter queue now.
    pub dead_lettered: bool,
    /// Reason why it is not in the dead-letter queue, if it should be.
    pub dead_letter_failed: Option<Error>,
    /// Time that it took.
    pub took: Duration,
}

impl MessageReport {
    pub(crate) fn new(message: &Message, objects: Vec<ObjectReport>) -> Self {
        let gravest = objects.iter().map(ObjectReport::disposition).max();
        Self {
            id: message.id.clone(),
            origin: letter::origin(message).to_owned(),
            receipt: message.receipt.clone(),
            receive_count: message.receive_count,
            sent: message.sent,
            // A message that speaks of nothing has nothing to lose.
            disposition: gravest.unwrap_or(Disposition::Skip),
            objects,
            dead_lettered: false,
            dead_letter_failed: None,
            took: Duration::ZERO,
        }
    }

    /// True if it may leave its queue: all it asks for is done or not for us, or
    /// it is in the dead-letter queue.
    pub fn may_leave(&self) -> bool {
        match self.disposition {
            Disposition::Skip | Disposition::Done => true,
            Disposition::Reject | Disposition::Retry => self.dead_lettered,
        }
    }

    /// The error that decided what becomes of it, if one did.
    pub fn worst(&self) -> Option<&Error> {
        let failed = |object: &&ObjectReport| object.disposition() == self.disposition;
        self.objects
            .iter()
            .find(failed)
            .and_then(|object| object.result.as_ref().err())
    }
}

/// Fate of one object.
#[derive(Debug)]
pub struct ObjectReport {
    /// The object, if the event could be read so far.
    pub location: Option<Location>,
    /// The work, or the reason why it was not done.
    pub result: Result<Outcome, Error>,
    /// Time that it took, waiting included.
    pub took: Duration,
}

impl ObjectReport {
    pub(crate) fn failed(location: Option<Location>, error: Error) -> Self {
        Self {
            location,
            result: Err(error),
            took: Duration::ZERO,
        }
    }

    pub(crate) fn done_before(location: Location) -> Self {
        Self {
            location: Some(location),
            result: Ok(Outcome::skipped(Skipped::UpToDate)),
            took: Duration::ZERO,
        }
    }

    /// Meaning of this object for its message.
    pub fn disposition(&self) -> Disposition {
        match &self.result {
            Ok(outcome) => outcome.disposition(),
            Err(error) => error.verdict().disposition,
        }
    }
}
