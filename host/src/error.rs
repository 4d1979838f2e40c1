//! Failures, and what each of them means for its message.
//!
//! Its origin decides whether trying again can help. That decision is made in one
//! place, [`Error::verdict`], by one exhaustive match: a new kind of failure does
//! not compile until its meaning is decided.

use crate::ports::{
    EngineError, EngineFailure, EngineIdentity, QueueError, QueueProblem, StoreError, StoreProblem,
};
use crate::results::ResultError;

pub use crate::text::with_causes;

/// Fate of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposition {
    /// There was nothing to do for it: it leaves the queue.
    Skip,
    /// Its thumbnails are written: it leaves the queue.
    Done,
    /// Trying again cannot help: it belongs into the dead-letter queue.
    Reject,
    /// Trying again may help: it goes back to the queue.
    Retry,
}

impl Disposition {
    /// The word for logs, metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Done => "done",
            Self::Reject => "reject",
            Self::Retry => "retry",
        }
    }
}

/// The one who must act before it can go better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Blame {
    /// No one: it is no failure.
    Nobody,
    /// The sender of the message.
    Sender,
    /// The owner of the source image.
    Source,
    /// The operator of this host: presets, permissions, names of buckets.
    Configuration,
    /// The author of the engine.
    Engine,
    /// The platform; mostly it recovers by itself.
    Platform,
}

impl Blame {
    /// The word for logs and message attributes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Sender => "sender",
            Self::Source => "source",
            Self::Configuration => "configuration",
            Self::Engine => "engine",
            Self::Platform => "platform",
        }
    }
}

/// Meaning of a failure: the fate of the message, and the one who must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Fate of the message.
    pub disposition: Disposition,
    /// The one who must act.
    pub blame: Blame,
    /// A stable word for the kind of failure, for filters and metrics.
    pub kind: &'static str,
}

impl Verdict {
    /// The meaning of an engine's failure.
    pub fn of_engine(failure: &EngineFailure) -> Self {
        use Disposition::{Reject, Retry};
        let (disposition, blame, kind) = match failure {
            EngineFailure::UnsupportedFormat(_) => (Reject, Blame::Source, "unsupported-format"),
            EngineFailure::MalformedSource(_) => (Reject, Blame::Source, "malformed-source"),
            EngineFailure::LimitExceeded(_) => (Reject, Blame::Source, "limit-exceeded"),
            EngineFailure::InvalidSpec(_) => (Reject, Blame::Configuration, "invalid-spec"),
            EngineFailure::Other(_) => (Reject, Blame::Engine, "engine-other"),
            EngineFailure::Trap(_) => (Reject, Blame::Engine, "engine-trap"),
            EngineFailure::OutOfStack => (Reject, Blame::Engine, "engine-stack"),
            EngineFailure::OutOfMemory { .. } => (Reject, Blame::Engine, "engine-memory"),
            EngineFailure::InvalidOutput(_) => (Reject, Blame::Engine, "engine-output"),
            EngineFailure::OutOfTime { .. } => (Retry, Blame::Engine, "engine-time"),
            EngineFailure::Unavailable(_) => (Retry, Blame::Platform, "engine-unavailable"),
        };
        Self {
            disposition,
            blame,
            kind,
        }
    }
}

/// The meaning of a store's refusal.
fn of_store(problem: &StoreProblem) -> (Disposition, Blame, &'static str) {
    use Blame::{Configuration, Platform, Source};
    use Disposition::{Reject, Retry};
    match problem {
        // A source that is gone is an outcome of the pipeline and no
        // error; anything else that is missing is not to be trusted.
        StoreProblem::NotFound => (Retry, Platform, "not-found"),
        StoreProblem::TooLarge { .. } => (Reject, Source, "source-too-large"),
        StoreProblem::InvalidKey | StoreProblem::LongKey { .. } => (Reject, Source, "invalid-key"),
        StoreProblem::NotModified => (Retry, Platform, "not-modified"),
        StoreProblem::ConditionFailed => (Retry, Platform, "condition-failed"),
        StoreProblem::MissingBucket => (Retry, Configuration, "missing-bucket"),
        StoreProblem::Denied | StoreProblem::FileDenied => (Retry, Configuration, "access-denied"),
        StoreProblem::KeyDenied => (Retry, Configuration, "kms-denied"),
        StoreProblem::Unsupported(_) => (Retry, Configuration, "store-unsupported"),
        // Restoring takes hours, and its end is an event of its own.
        StoreProblem::Archived => (Reject, Source, "source-archived"),
        StoreProblem::NoCredentials => (Retry, Configuration, "no-credentials"),
        StoreProblem::Full => (Retry, Platform, "store-full"),
        StoreProblem::Throttled => (Retry, Platform, "throttled"),
        StoreProblem::Timeout => (Retry, Platform, "store-timeout"),
        StoreProblem::Unavailable => (Retry, Platform, "store-unavailable"),
        StoreProblem::Unknown => (Retry, Platform, "store-unknown"),
    }
}

/// The meaning of a queue's refusal. The message is safe in it, whatever it is.
fn of_queue(problem: &QueueProblem) -> (Disposition, Blame, &'static str) {
    use Blame::{Configuration, Platform};
    use Disposition::Retry;
    match problem {
        QueueProblem::Missing => (Retry, Configuration, "missing-queue"),
        QueueProblem::Denied => (Retry, Configuration, "queue-denied"),
        QueueProblem::NoCredentials => (Retry, Configuration, "no-credentials"),
        QueueProblem::StaleReceipt
        | QueueProblem::InvalidMessage(_)
        | QueueProblem::Unusable(_)
        | QueueProblem::Tls { .. }
        | QueueProblem::Stranded(_)
        | QueueProblem::Full
        | QueueProblem::Throttled
        | QueueProblem::Timeout
        | QueueProblem::Unavailable
        | QueueProblem::Unknown => (Retry, Platform, "queue"),
    }
}

/// All kinds of failures that a dead letter can tell of: those of
/// [`verdict`](Error::verdict), and the one of a queue that gives up.
pub const KINDS: [&str; 39] = [
    "access-denied",
    "condition-failed",
    "content-encoding",
    "engine-memory",
    "engine-other",
    "engine-output",
    "engine-stack",
    "engine-time",
    "engine-trap",
    "engine-unavailable",
    "host-panic",
    "invalid-bucket",
    "invalid-key",
    "invalid-spec",
    "keeps-changing",
    "kms-denied",
    "limit-exceeded",
    "malformed-source",
    "missing-bucket",
    "missing-queue",
    "no-credentials",
    "not-found",
    "not-modified",
    "out-of-time",
    "queue",
    "queue-denied",
    "received-too-often",
    "result-untold",
    "source-archived",
    "source-too-large",
    "store-full",
    "store-timeout",
    "store-unavailable",
    "store-unknown",
    "store-unsupported",
    "throttled",
    "unknown-event",
    "unnameable",
    "unsupported-format",
];

/// Reason why the work that a message asks for was not done.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The body of a message is no event that this host knows.
    #[error("the message is not an event of a known kind: {0}")]
    UnknownEvent(String),
    /// The event names a bucket that no store can have.
    #[error("no bucket is called that; its events are not of a store: {0}")]
    InvalidBucket(String),
    /// The object store said no, or nothing.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue said no, or nothing.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The engine could not make the thumbnails.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The source is stored in a coding, such as gzip, which the engine would
    /// have to take off before it knows a format.
    #[error(
        "the source is stored with Content-Encoding {coding} and is no image as it stands; store it without, \
         because a host never decodes what it is sent"
    )]
    Encoded {
        /// The coding.
        coding: String,
    },
    /// The result of this source could not be told to whoever waits for it.
    #[error("its result could not be told: {0}")]
    Untold(#[from] ResultError),
    /// A thumbnail of this source has no name that a store takes.
    #[error("no thumbnail can be named after this source: {0}")]
    Unnameable(String),
    /// The source was replaced each time while its thumbnails were made.
    #[error("the source kept changing while it was worked on: {rounds} times")]
    KeepsChanging {
        /// Number of attempts in a row.
        rounds: u32,
    },
    /// The time that the batch was given is over.
    #[error("no time was left to work on this object")]
    OutOfTime,
    /// The task that did the work panicked: a defect of this host.
    #[error("the host failed while working on this object: {0}")]
    Panicked(String),
}

impl Error {
    /// Meaning of this failure for the message.
    pub fn verdict(&self) -> Verdict {
        use Blame::{Configuration, Platform, Sender, Source};
        use Disposition::{Reject, Retry};
        let (disposition, blame, kind) = match self {
            Self::UnknownEvent(_) => (Reject, Sender, "unknown-event"),
            Self::InvalidBucket(_) => (Reject, Sender, "invalid-bucket"),
            Self::Store(error) => of_store(&error.problem),
            Self::Queue(error) => of_queue(&error.problem),
            Self::Engine(error) => return Verdict::of_engine(&error.failure),
            Self::Encoded { .. } => (Reject, Source, "content-encoding"),
            Self::Untold(error) if error.may_pass() => (Retry, Platform, "result-untold"),
            Self::Untold(_) => (Retry, Configuration, "result-untold"),
            Self::Unnameable(_) => (Reject, Source, "unnameable"),
            Self::KeepsChanging { .. } => (Retry, Source, "keeps-changing"),
            Self::OutOfTime => (Retry, Platform, "out-of-time"),
            Self::Panicked(_) => (Retry, Platform, "host-panic"),
        };
        Verdict {
            disposition,
            blame,
            kind,
        }
    }

    /// The digest of the engine that failed, if it was an engine that did.
    pub fn engine_digest(&self) -> Option<&str> {
        self.engine().map(|engine| engine.digest.as_str())
    }

    /// The version of the engine that failed, if it was an engine that did.
    pub fn engine_version(&self) -> Option<&str> {
        self.engine().map(|engine| engine.version.as_str())
    }

    /// The engine that failed, if it was an engine that did.
    pub(crate) fn engine(&self) -> Option<&EngineIdentity> {
        match self {
            Self::Engine(error) => error.engine.as_deref(),
            _ => None,
        }
    }
}
