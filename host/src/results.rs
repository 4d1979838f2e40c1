//! Results: for each source one message that its thumbnails are there, or cannot be.
//!
//! The body is the manifest of the source, so that whoever waits need not ask a store. A
//! result is told after its manifest was written, and at least once: a target that is down
//! is a failure like any other, for which the message of the source is tried again. The
//! [`id`](Outcome::id) of a result is the same each time, so a receiver can tell one that
//! comes twice.

use std::fmt::{Debug, Display};
use std::sync::Arc;

use async_trait::async_trait;

use crate::manifest::{Manifest, State};
use crate::ports::{Cause, Outgoing, Queue, QueueError};
use crate::preset::Preset;
use crate::trust::Digest;

mod target;

pub use target::{Secret, Target, WebhookError, WebhookUrl, is_forbidden};

/// Name of the attribute, and of the header, that holds the id of a result.
pub const ID: &str = "thimble-result";

/// Name of the attribute that holds its state, `done` or `rejected`.
pub const STATE: &str = "thimble-state";

/// Takes results.
///
/// # Contract
/// - `tell` returns when the result is safe with its receiver, or with the reason why it
///   is not: then it may have arrived all the same, and is told again later.
/// - It returns within a minute.
#[async_trait]
pub trait Results: Debug + Display + Send + Sync {
    /// Tell one result.
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError>;
}

/// The end of the work on one version of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Name of the result: the same for the same version of the source, the same presets
    /// and the same engine.
    pub id: Digest,
    /// Outcome.
    pub state: State,
    /// The key of the source.
    pub key: String,
    /// The manifest, as JSON in one line.
    pub body: String,
}

/// A result that was not told.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ResultError {
    /// Its queue said no, or nothing.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Its receiver is configured wrongly, or refuses it: a person has to act.
    #[error("{0}")]
    Refused(String),
    /// Its receiver is out of reach, or busy.
    #[error("{why}")]
    Unavailable {
        /// The reason.
        why: String,
        /// Its cause.
        #[source]
        cause: Option<Cause>,
    },
}

impl ResultError {
    /// True if telling it again may help, and false if a person has to act first.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Queue(error) => error.may_pass(),
            Self::Refused(_) => false,
            Self::Unavailable { .. } => true,
        }
    }
}

impl Outcome {
    /// The result that `manifest` is, of what was asked for by `presets`.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn new(manifest: &Manifest, presets: &[Preset]) -> Result<Self, serde_json::Error> {
        let source = &manifest.source;
        let engine = manifest.engine.as_ref();
        let mut name = format!(
            "{}\n{}\n{}\n{}\n{}",
            source.bucket,
            source.key,
            source.etag,
            manifest.state.as_str(),
            engine.map_or("", |engine| engine.digest.as_str()),
        );
        for preset in presets {
            name.push('\n');
            name.push_str(&preset.to_string());
        }
        Ok(Self {
            id: Digest::of(name.as_bytes()),
            state: manifest.state,
            key: source.key.clone(),
            body: serde_json::to_string(manifest)?,
        })
    }
}

/// Results as messages of a queue.
#[derive(Debug)]
pub struct QueuedResults(Arc<dyn Queue>);

impl QueuedResults {
    /// Results in `queue`.
    pub fn new(queue: Arc<dyn Queue>) -> Self {
        Self(queue)
    }
}

impl Display for QueuedResults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Display::fmt(&self.0, f)
    }
}

#[async_trait]
impl Results for QueuedResults {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        let attributes = [
            (ID, result.id.to_string()),
            (STATE, result.state.as_str().to_owned()),
        ];
        let message = Outgoing {
            body: result.body.clone(),
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            // A result that waits already does not do for a newer one of the same id: what is
            // told last of a source has to come last.
            token: None,
        };
        let sent = self.0.send(vec![message]).await.into_iter().next();
        sent.unwrap_or_else(|| Err(QueueError::unanswered(&self.0)))?;
        Ok(())
    }
}
