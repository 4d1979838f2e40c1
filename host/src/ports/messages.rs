//! Queues of messages.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use super::{Attributes, Cause, NO_CREDENTIALS};
use crate::text::plural;
use crate::tls::Trouble;

/// Hands out messages until they are deleted.
///
/// # Contract
/// - A message that `send` accepted is handed out by `receive`, at least once
///   and in any order, until it is deleted. It survives the end of the process.
/// - A message that was received is hidden for its visibility timeout, and
///   then handed out again with a greater receive count.
/// - A queue may have a redrive policy: a message received as often as that
///   allows goes to its dead-letter queue instead of being handed out again.
/// - A receipt is good until its message is handed out again. What an older
///   one does is unspecified, except that it never harms another message.
/// - Body and attributes come out as they went in.
/// - The results of `send` and `delete` are one for each entry, in order; a
///   request that fails as a whole fails for each of its entries. Any number
///   of entries may be given; the adapter knows how many fit into a request.
/// - An error of `send` or `delete` may come from a lost answer: the message
///   may have been sent, or deleted, all the same.
#[async_trait]
pub trait Queue: Debug + Display + Send + Sync {
    /// Put messages into the queue and return their ids.
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>>;

    /// Take up to `options.max` messages out of sight.
    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError>;

    /// Remove messages for good.
    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>>;

    /// Let a received message come back after `timeout` from now; zero means
    /// at once.
    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError>;

    /// Number of messages. A distributed queue knows this only approximately.
    async fn depth(&self) -> Result<Depth, QueueError>;

    /// Receipts of the messages that this process keeps out of sight because nothing can become
    /// of them until a person acts: longer than their dead-letter queue takes, say. Many a queue
    /// has none.
    fn stranded(&self) -> Vec<Receipt> {
        Vec::new()
    }

    /// Send time of the oldest message; `None` if there is none, or if the queue does
    /// not know.
    async fn oldest(&self) -> Result<Option<SystemTime>, QueueError> {
        Ok(None)
    }
}

/// A message on its way into a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The body.
    pub body: String,
    /// Attributes: names of letters, digits, `_`, `-` and `.`; at most ten;
    /// values not empty.
    pub attributes: Attributes,
    /// Names the work this message asks for. A queue that can may drop a
    /// message while another of the same token waits to be received; others
    /// ignore it.
    pub token: Option<String>,
    /// Names this very message: a second one of this name is a copy. A queue that knows such
    /// names may drop a copy, whatever became of the first; others ignore it.
    pub identity: Option<String>,
}

impl Outgoing {
    /// A message of nothing but a body.
    pub fn new(body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            ..Self::default()
        }
    }
}

/// Options for receiving.
#[derive(Clone, Debug)]
pub struct ReceiveOptions {
    /// The most messages to take.
    pub max: usize,
    /// Their visibility timeout; `None` leaves it to the queue.
    pub visibility: Option<Duration>,
    /// Longest wait for a first message when there is none.
    pub wait: Duration,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The id the queue gave it.
    pub id: String,
    /// Receipt to delete it with, or to change its visibility.
    pub receipt: Receipt,
    /// The body.
    pub body: String,
    /// The attributes it was sent with.
    pub attributes: Attributes,
    /// Receive count, this time included.
    pub receive_count: u32,
    /// Send time, as far as the queue knows.
    pub sent: Option<SystemTime>,
}

impl Message {
    /// A message that came by itself, without a queue, for the first time.
    pub fn direct(id: impl Into<String>, body: impl Into<String>) -> Self {
        let id = id.into();
        Self {
            receipt: Receipt(id.clone()),
            id,
            body: body.into(),
            attributes: Attributes::new(),
            receive_count: 1,
            sent: None,
        }
    }
}

/// Stands for one reception of one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// Numbers of messages in a queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Depth {
    /// Those that wait to be received.
    pub visible: u64,
    /// Those that are received and hidden.
    pub in_flight: u64,
}

impl Depth {
    /// All messages.
    pub fn total(self) -> u64 {
        self.visible.saturating_add(self.in_flight)
    }
}

/// Error of a queue.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}: {queue}")]
pub struct QueueError {
    /// The problem, which callers decide by.
    pub problem: QueueProblem,
    /// The queue that was asked.
    pub queue: String,
    /// Words of the queue itself.
    #[source]
    pub cause: Option<Cause>,
}

impl QueueError {
    /// `problem` with `queue`.
    pub fn new(problem: QueueProblem, queue: impl Display) -> Self {
        Self {
            problem,
            queue: queue.to_string(),
            cause: None,
        }
    }

    /// No answer for one entry of a request, from a queue that answered others.
    pub fn unanswered(queue: impl Display) -> Self {
        Self::new(QueueProblem::Unknown, queue)
    }

    /// True if asking again may help, and false if a person has to act first.
    pub fn may_pass(&self) -> bool {
        match self.problem {
            QueueProblem::Missing
            | QueueProblem::Denied
            | QueueProblem::NoCredentials
            | QueueProblem::StaleReceipt
            | QueueProblem::InvalidMessage(_)
            | QueueProblem::Unusable(_)
            | QueueProblem::Tls { .. }
            | QueueProblem::Stranded(_)
            | QueueProblem::Full => false,
            QueueProblem::Throttled
            | QueueProblem::Timeout
            | QueueProblem::Unavailable
            | QueueProblem::Unknown => true,
        }
    }

    /// True if the queue does not take such a message, today or tomorrow.
    pub fn is_refusal(&self) -> bool {
        matches!(self.problem, QueueProblem::InvalidMessage(_))
    }

    /// The same error, with what lies beneath it. What a search for credentials tried
    /// in vain helps nobody.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        if self.problem != QueueProblem::NoCredentials {
            self.cause = Some(Arc::new(cause));
        }
        self
    }
}

/// Problem of a queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueProblem {
    /// There is no such queue.
    #[error("there is no such queue; check its name and region")]
    Missing,
    /// The credentials or file permissions at hand do not allow it.
    #[error("access denied; allow this host to use the queue")]
    Denied,
    /// There are no credentials to ask with.
    #[error("{}", NO_CREDENTIALS)]
    NoCredentials,
    /// The receipt is of an earlier reception, or of no message.
    #[error("the receipt is out of date: the message was handed out again or is gone")]
    StaleReceipt,
    /// The queue does not take such a message: too long, or of characters it
    /// cannot carry.
    #[error("the queue does not take this message: {0}")]
    InvalidMessage(String),
    /// This version cannot read what is stored.
    #[error("the queue cannot be used: {0}")]
    Unusable(String),
    /// No TLS is spoken with it, which a person has to mend.
    #[error("the queue cannot be used: {trouble}; {mend}")]
    Tls {
        /// The reason.
        trouble: Trouble,
        /// A way to mend it, in the words of this kind of queue.
        mend: &'static str,
    },
    /// Nothing can become of so many messages, which stay where they are.
    #[error(
        "{} left, which can neither be finished nor become dead letters, as the dead-letter queue \
         does not take them; the log names each with a way to mend it",
        plural(*.0, "message")
    )]
    Stranded(u64),
    /// No room is left.
    #[error("no room is left for the queue; make some and try again")]
    Full,
    /// The queue asks for fewer requests.
    #[error("the queue asks for fewer requests")]
    Throttled,
    /// No answer came in time.
    #[error("the queue did not answer in time")]
    Timeout,
    /// The queue failed or could not be reached.
    #[error("the queue failed or could not be reached")]
    Unavailable,
    /// Something this version does not know.
    #[error("the queue failed in an unknown way")]
    Unknown,
}
