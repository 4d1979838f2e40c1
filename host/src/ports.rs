//! The three things this crate asks of the world: objects, messages, pictures.
//!
//! The use cases know nothing else of where they run. Each trait says in its
//! `# Contract` what a caller may rely on; `testing.rs` holds one suite a
//! trait, and whoever implements a trait passes it.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use crate::contract;
use crate::object::{ETag, Location};

/// What lies beneath an error, for its `source()`.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Named strings that travel with an object or a message.
pub type Attributes = BTreeMap<String, String>;

// ---- objects ---------------------------------------------------------------

/// Keeps objects: whole, under a name, without a way to change a part of one.
///
/// # Contract
/// - A read that begins after a write has returned sees that write, or a later
///   one. Nobody ever sees a part of an object, or parts of two versions.
/// - A write that has returned survives the end of the process. A write that
///   failed has either happened entirely or not at all.
/// - Equal ETags mean equal bytes.
/// - `get` learns the size before it reads the body; a body over the limit is
///   not read.
/// - Keys are plain text. A key that cannot be stored is refused with
///   [`StoreProblem::InvalidKey`], never changed into another.
/// - Dropping the future of a call leaves the store as if the call had failed.
#[async_trait]
pub trait ObjectStore: Debug + Display + Send + Sync {
    /// The object at `location` and its body.
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError>;

    /// What is known of the object at `location`, without its body.
    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError>;

    /// Write an object, replacing one that is there, and return its ETag.
    async fn put(
        &self,
        location: &Location,
        body: Bytes,
        options: &PutOptions,
    ) -> Result<ETag, StoreError>;

    /// Remove an object. One that is not there is as good as removed.
    async fn delete(&self, location: &Location) -> Result<(), StoreError>;

    /// Up to a store's own page of objects whose keys start with `prefix`, in
    /// the order of their keys' bytes, beginning behind the key `after`.
    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Page, StoreError>;
}

/// How to read an object.
#[derive(Clone, Debug, Default)]
pub struct GetOptions {
    /// The largest body that is read; `None` reads any.
    pub max_bytes: Option<u64>,
    /// Answer [`StoreProblem::NotModified`] if the object still has this ETag.
    pub if_none_match: Option<ETag>,
}

/// How to write an object.
#[derive(Clone, Debug, Default)]
pub struct PutOptions {
    /// The media type that readers are told.
    pub content_type: Option<String>,
    /// What caches between the store and a reader may do.
    pub cache_control: Option<String>,
    /// Names (lower case letters, digits, `-`) and values (printable ASCII).
    pub metadata: Attributes,
    /// Write only if this holds; otherwise [`StoreProblem::ConditionFailed`].
    pub condition: Option<Condition>,
}

/// What must hold of the object that is there for a write to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It has this ETag.
    IfMatch(ETag),
    /// There is none.
    IfAbsent,
}

/// An object and its body.
#[derive(Clone, Debug)]
pub struct Object {
    /// What is known of it; of the same version as the body.
    pub info: ObjectInfo,
    /// All of its bytes.
    pub body: Bytes,
}

/// What is known of an object besides its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Names these bytes.
    pub etag: ETag,
    /// The size of the body in bytes.
    pub size: u64,
    /// The version, in stores that keep several.
    pub version: Option<String>,
    /// When it was written, as far as the store knows.
    pub modified: Option<SystemTime>,
    /// The media type it was written with.
    pub content_type: Option<String>,
    /// The `Cache-Control` it was written with.
    pub cache_control: Option<String>,
    /// The metadata it was written with.
    pub metadata: Attributes,
}

/// A part of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Objects in the order of their keys.
    pub objects: Vec<Listed>,
    /// Whether more follow; ask again with the last key as `after`.
    pub more: bool,
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The size of the body in bytes.
    pub size: u64,
    /// When it was written, as far as the store knows.
    pub modified: Option<SystemTime>,
}

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}: {location}")]
pub struct StoreError {
    /// What is wrong: this is what callers decide by.
    pub problem: StoreProblem,
    /// The object that was asked for.
    pub location: Location,
    /// What the store itself said.
    #[source]
    pub cause: Option<Cause>,
}

impl StoreError {
    /// `problem` with the object at `location`.
    pub fn new(problem: StoreProblem, location: &Location) -> Self {
        Self {
            problem,
            location: location.clone(),
            cause: None,
        }
    }

    /// The same error, with what lies beneath it.
    #[must_use]
    pub fn because(self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..self
        }
    }
}

/// What can be wrong when a store is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreProblem {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The object is larger than the caller reads.
    #[error("the object has {size} bytes and at most {limit} are read")]
    TooLarge {
        /// The size of the object.
        size: u64,
        /// The most that the caller reads.
        limit: u64,
    },
    /// The object still has the ETag the caller knows.
    #[error("the object has not changed")]
    NotModified,
    /// The condition of a write does not hold.
    #[error("the object is not as the write expects it")]
    ConditionFailed,
    /// This store cannot keep an object of that name.
    #[error("this store cannot hold an object of that name; rename the source")]
    InvalidKey,
    /// There is no such bucket.
    #[error("there is no such bucket; check its name and region")]
    MissingBucket,
    /// The credentials or file permissions at hand do not allow it.
    #[error("access denied; allow this host to use the bucket")]
    Denied,
    /// No room is left.
    #[error("no room is left in the store; make some and try again")]
    Full,
    /// The store asks for fewer requests.
    #[error("the store asks for fewer requests")]
    Throttled,
    /// No answer came in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// The store failed or could not be reached.
    #[error("the store failed or could not be reached")]
    Unavailable,
    /// Something this version does not know.
    #[error("the store failed in an unknown way")]
    Unknown,
}

// ---- messages --------------------------------------------------------------

/// Hands out messages until somebody says that they are done.
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

    /// How many messages there are. A distributed queue knows this only about.
    async fn depth(&self) -> Result<Depth, QueueError>;
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

/// How to receive.
#[derive(Clone, Debug)]
pub struct ReceiveOptions {
    /// The most messages to take.
    pub max: usize,
    /// How long they are hidden; `None` leaves it to the queue.
    pub visibility: Option<Duration>,
    /// How long to wait for a first message when there is none.
    pub wait: Duration,
}

/// A message that was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The id the queue gave it.
    pub id: String,
    /// What deletes it, or changes its visibility.
    pub receipt: Receipt,
    /// The body.
    pub body: String,
    /// The attributes it was sent with.
    pub attributes: Attributes,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent, as far as the queue knows.
    pub sent: Option<SystemTime>,
}

/// Stands for one reception of one message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receipt(pub String);

/// How many messages a queue holds.
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

/// Why a queue did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}: {queue}")]
pub struct QueueError {
    /// What is wrong: this is what callers decide by.
    pub problem: QueueProblem,
    /// The queue that was asked.
    pub queue: String,
    /// What the queue itself said.
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

    /// The same error, with what lies beneath it.
    #[must_use]
    pub fn because(self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Some(Arc::new(cause)),
            ..self
        }
    }
}

/// What can be wrong when a queue is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueueProblem {
    /// There is no such queue.
    #[error("there is no such queue; check its name and region")]
    Missing,
    /// The credentials or file permissions at hand do not allow it.
    #[error("access denied; allow this host to use the queue")]
    Denied,
    /// The receipt is of an earlier reception, or of no message.
    #[error("the receipt is out of date: the message was handed out again or is gone")]
    StaleReceipt,
    /// The queue does not take such a message: too long, or of characters it
    /// cannot carry.
    #[error("the queue does not take this message: {0}")]
    InvalidMessage(String),
    /// What is stored cannot be read by this version.
    #[error("the queue cannot be used: {0}")]
    Unusable(String),
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

// ---- pictures --------------------------------------------------------------

/// Makes thumbnails.
///
/// # Contract
/// - The output depends on the source, the specs, the limits and the engine,
///   and on nothing else: it may be called again after any failure.
/// - A successful output holds one thumbnail for each spec, in their order.
/// - A call ends: with its output, or with an error not long after its
///   deadline. One call never sees or harms another.
/// - Dropping the future gives the work up, though it may go on unseen until
///   its deadline.
/// - Sources of one key meet one engine, as long as what is live does not
///   change: a retry meets the engine that failed.
#[async_trait]
pub trait Engine: Debug + Display + Send + Sync {
    /// The engine that a source called `key` would meet now.
    fn identity(&self, key: &str) -> Arc<EngineIdentity>;

    /// Make one thumbnail for each spec.
    async fn generate(&self, request: Request) -> Result<Made, EngineError>;
}

/// Which engine made, or failed to make, a thumbnail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EngineIdentity {
    /// The name of the implementation.
    pub name: String,
    /// The version of the implementation.
    pub version: String,
    /// The SHA-256 of the portable component, in lower case hexadecimal.
    pub digest: String,
}

impl Display for EngineIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.digest.get(..12).unwrap_or(&self.digest);
        write!(f, "{} {} ({digest})", self.name, self.version)
    }
}

/// What an engine is asked to do.
#[derive(Clone, Debug)]
pub struct Request {
    /// The bytes of the source image.
    pub source: Bytes,
    /// The thumbnails to make of it.
    pub specs: Arc<[contract::Spec]>,
    /// What may be spent on it.
    pub limits: contract::Limits,
    /// When the caller will have no more use for the answer.
    pub deadline: Option<Instant>,
    /// The key of the source: chooses the engine while several are live, and
    /// is never shown to one.
    pub key: String,
}

/// What an engine made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The thumbnails, and what was seen of the source.
    pub output: contract::Output,
    /// The engine that made them.
    pub engine: Arc<EngineIdentity>,
}

/// Why an engine did not make thumbnails.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{failure}")]
pub struct EngineError {
    /// What is wrong: this is what callers decide by.
    pub failure: EngineFailure,
    /// The engine that failed, if the call came as far as one.
    pub engine: Option<Arc<EngineIdentity>>,
    /// What lies beneath.
    #[source]
    pub cause: Option<Cause>,
}

impl EngineError {
    /// `failure` of `engine`.
    pub fn new(failure: EngineFailure, engine: Option<Arc<EngineIdentity>>) -> Self {
        Self {
            failure,
            engine,
            cause: None,
        }
    }
}

/// What can go wrong with an engine: its own errors, and the ways it can die.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineFailure {
    /// The engine does not decode this format.
    #[error("the source is not in a format the engine decodes: {0}")]
    UnsupportedFormat(String),
    /// The source is corrupt.
    #[error("the source is corrupt: {0}")]
    MalformedSource(String),
    /// The source exceeds a limit.
    #[error("the source exceeds a limit: {0}")]
    LimitExceeded(String),
    /// A preset asks for what the engine cannot do.
    #[error("a preset asks for what the engine cannot do: {0}")]
    InvalidSpec(String),
    /// Any other error that the engine reports.
    #[error("the engine could not make the thumbnails: {0}")]
    Other(String),
    /// The engine trapped.
    #[error("the engine crashed: {0}")]
    Trap(String),
    /// The engine ran out of stack.
    #[error("the engine ran out of stack")]
    OutOfStack,
    /// The engine asked for more memory than it may have.
    #[error("the engine asked for more than its {limit} bytes of memory")]
    OutOfMemory {
        /// The most memory an engine may have, in bytes.
        limit: u64,
    },
    /// What the engine returned is not what it was asked for.
    #[error("the engine returned what it was not asked for: {0}")]
    InvalidOutput(String),
    /// The engine was stopped because its time was over.
    #[error("the engine was stopped after {budget:?}")]
    OutOfTime {
        /// How long it was given.
        budget: Duration,
    },
    /// There is no engine to ask, or it could not be started.
    #[error("no engine is ready: {0}")]
    Unavailable(String),
}

impl From<contract::Error> for EngineFailure {
    fn from(error: contract::Error) -> Self {
        match error {
            contract::Error::UnsupportedFormat(detail) => Self::UnsupportedFormat(detail),
            contract::Error::MalformedSource(detail) => Self::MalformedSource(detail),
            contract::Error::LimitExceeded(detail) => Self::LimitExceeded(detail),
            contract::Error::InvalidSpec(detail) => Self::InvalidSpec(detail),
            contract::Error::Other(detail) => Self::Other(detail),
        }
    }
}
