//! Engines, which make thumbnails.

use std::fmt::{self, Debug, Display};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use super::Cause;
use crate::contract;
use crate::metric::Metric;
use crate::text::excerpt;

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

    /// Swap the engine if it is time to look and another has become live. Called
    /// before the work on a source, while that is still on its way; work goes on
    /// with the present engine, whatever comes of it.
    async fn refresh(&self) {}

    /// Counts since this was last asked for.
    fn counts(&self) -> Vec<(Metric, u64)> {
        Vec::new()
    }

    /// See whether thumbnails of these specs can be made, by a picture of its own.
    async fn try_specs(
        &self,
        specs: Arc<[contract::Spec]>,
        limits: contract::Limits,
    ) -> Result<(), EngineError>;

    /// Make one thumbnail for each spec.
    async fn generate(&self, request: Request) -> Result<Made, EngineError>;
}

/// Identity of the engine that made, or failed to make, a thumbnail.
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

/// Request to an engine.
#[derive(Clone, Debug)]
pub struct Request {
    /// The bytes of the source image.
    pub source: Bytes,
    /// The thumbnails to make of it.
    pub specs: Arc<[contract::Spec]>,
    /// Limits of the source.
    pub limits: contract::Limits,
    /// Time after which the caller has no more use for the answer.
    pub deadline: Option<Instant>,
    /// The key of the source: chooses the engine while several are live, and
    /// is never shown to one.
    pub key: String,
    /// True if placeholders are wanted besides, of engines that make any.
    pub placeholder: bool,
}

/// Answer of an engine.
#[derive(Clone, Debug)]
pub struct Made {
    /// The thumbnails, and what was seen of the source.
    pub output: contract::Output,
    /// Placeholder of the source, as far as it was asked for and is made.
    pub placeholder: Placeholder,
    /// The engine that made them.
    pub engine: Arc<EngineIdentity>,
}

/// Placeholder: a page shows it before a thumbnail has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholder {
    /// The bytes of a ThumbHash.
    pub thumbhash: Option<Vec<u8>>,
    /// The dominant color: `#` and six hexadecimal digits.
    pub color: Option<String>,
}

/// Error of an engine.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{failure}")]
pub struct EngineError {
    /// The failure, which callers decide by.
    pub failure: EngineFailure,
    /// The engine that failed, if the call came as far as one.
    pub engine: Option<Arc<EngineIdentity>>,
    /// The cause.
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

/// Failure of an engine: its own errors, and the ways in which it can die.
///
/// Its words are the only ones for it: in `thimble generate`, in `thimble local`,
/// in the log of a function and in a dead letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineFailure {
    /// The engine does not decode this format.
    #[error("{}", with_detail("the source is not in a format the engine decodes", .0))]
    UnsupportedFormat(String),
    /// The source is corrupt.
    #[error("{}", with_detail("the source is corrupt", .0))]
    MalformedSource(String),
    /// The source is over a limit.
    #[error("{}", with_detail("the source is over a limit", .0))]
    LimitExceeded(String),
    /// A preset asks for what the engine cannot do.
    #[error("{}", with_detail("a preset asks for what the engine cannot do", .0))]
    InvalidSpec(String),
    /// Any other error that the engine reports.
    #[error("{}", with_detail("the engine failed", .0))]
    Other(String),
    /// The engine trapped.
    #[error("{}", with_detail("the engine crashed", .0))]
    Trap(String),
    /// The engine ran out of stack.
    #[error("the engine ran out of stack")]
    OutOfStack,
    /// The engine asked for more memory than it may have.
    #[error("the engine asked for more than its {} MiB of memory", limit >> 20)]
    OutOfMemory {
        /// The most memory an engine may have, in bytes.
        limit: u64,
    },
    /// The engine returned what was not asked for.
    #[error("{}", with_detail("the engine returned what was not asked for", .0))]
    InvalidOutput(String),
    /// The engine was stopped because its time was over.
    #[error("the engine was stopped after {budget:?}")]
    OutOfTime {
        /// The time it was given.
        budget: Duration,
    },
    /// There is no engine to ask, or it could not be started.
    #[error("{}", with_detail("no engine could be run", .0))]
    Unavailable(String),
}

/// A problem, and what an engine adds to it: in one line and not at any length,
/// since an engine that lies writes it.
fn with_detail(problem: &str, detail: &str) -> String {
    match excerpt(detail) {
        detail if detail.is_empty() => problem.to_owned(),
        detail => format!("{problem}: {detail}"),
    }
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
