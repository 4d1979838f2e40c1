//! The moment at which a message becomes a dead letter.

use std::sync::Arc;

use crate::error::Disposition;
use crate::letter;
use crate::ports::{Message, Outgoing, Queue};
use crate::report::MessageReport;

/// Fate of a message that trying again cannot help.
#[derive(Clone, Debug)]
pub enum PermanentFailures {
    /// It is tried again all the same, until the queue's own redrive policy
    /// takes it away. Needs no permission to send, and gives no reason.
    Retry,
    /// It is sent to the dead-letter queue, with its reason.
    DeadLetter {
        /// The dead-letter queue.
        queue: Arc<dyn Queue>,
        /// True if it is sent the first time. If not it is tried as often as any
        /// other, and sent the last time.
        at_once: bool,
        /// Number of times that the source queue hands a message out. A message
        /// that still fails the last time is sent to the dead-letter queue as
        /// well, because the queue's own redrive policy could not say why.
        max_receive_count: Option<u32>,
    },
}

/// Occasions on which a host sends a message to the dead-letter queue itself,
/// because the queue's own redrive policy could not say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterPolicy {
    /// See [`PermanentFailures::DeadLetter`].
    pub at_once: bool,
    /// See [`PermanentFailures::DeadLetter`].
    pub max_receive_count: Option<u32>,
}

impl DeadLetterPolicy {
    /// This policy, with `queue` for the letters.
    pub fn with_queue(self, queue: Arc<dyn Queue>) -> PermanentFailures {
        let Self {
            at_once,
            max_receive_count,
        } = self;
        PermanentFailures::DeadLetter {
            queue,
            at_once,
            max_receive_count,
        }
    }
}

impl PermanentFailures {
    /// The queue that letters are sent to, if there is one.
    pub fn queue(&self) -> Option<&Arc<dyn Queue>> {
        match self {
            Self::Retry => None,
            Self::DeadLetter { queue, .. } => Some(queue),
        }
    }

    /// Send what is lost for now to the dead-letter queue. Only when that has
    /// succeeded may the message leave its own queue; until then it is retried.
    pub(super) async fn dead_letter(&self, message: &Message, report: &mut MessageReport) {
        let PermanentFailures::DeadLetter {
            queue,
            at_once,
            max_receive_count,
        } = self
        else {
            return;
        };
        let last = max_receive_count.is_some_and(|most| message.receive_count >= most);
        let lost = match report.disposition {
            Disposition::Skip | Disposition::Done => false,
            Disposition::Reject => *at_once || last,
            Disposition::Retry => last,
        };
        let Some(error) = report.worst().filter(|_| lost) else {
            return;
        };
        let letter = Outgoing {
            body: message.body.clone(),
            attributes: letter::rejected(message, error),
            token: Some(letter::origin(message).to_owned()),
            ..Outgoing::default()
        };
        match letter::send(&**queue, letter).await {
            Ok(_) => report.dead_lettered = true,
            Err(error) => report.dead_letter_failed = Some(error.into()),
        }
    }
}
