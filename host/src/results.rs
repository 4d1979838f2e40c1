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
use crate::object::Location;
use crate::ports::{Cause, Outgoing, Queue, QueueError};
use crate::preset::Preset;
use crate::trust::Digest;

mod target;
mod topic;

pub use target::{Secret, Target, WebhookError, WebhookUrl, is_forbidden};
pub use topic::{TopicArn, TopicArnError};

/// Name of the attribute, and of the header, that holds the id of a result.
pub const ID: &str = "thimble-result";

/// Name of the attribute that holds its state, `done` or `rejected`.
pub const STATE: &str = "thimble-state";

/// The longest body of a message with a result, in bytes: 256 KiB less the attributes, which
/// each queue of SQS and each topic of SNS takes unless it is set to less.
pub const LONGEST: usize = (256 << 10) - (1 << 10);

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
    /// Its short form, if it is longer than [`LONGEST`].
    pub short: Option<String>,
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
    /// The result that `manifest` is, of what was asked for by `presets`. It lies at `whole`,
    /// if it is written at all.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn new(
        manifest: &Manifest,
        presets: &[Preset],
        whole: Option<&Location>,
    ) -> Result<Self, serde_json::Error> {
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
        let body = line(manifest)?;
        let is_long = body.len() > LONGEST;
        let short = is_long.then(|| line(&manifest.short(whole))).transpose()?;
        Ok(Self {
            id: Digest::of(name.as_bytes()),
            state: manifest.state,
            key: source.key.clone(),
            body,
            short,
        })
    }

    /// The body for a carrier that takes no more than [`LONGEST`] bytes.
    pub fn message(&self) -> &str {
        self.short.as_ref().unwrap_or(&self.body)
    }

    /// The attributes of a message with this result.
    pub fn attributes(&self) -> [(&'static str, String); 2] {
        [
            (ID, self.id.to_string()),
            (STATE, self.state.as_str().to_owned()),
        ]
    }
}

/// A manifest as JSON in one line, without the characters that queues refuse.
fn line(manifest: &Manifest) -> Result<String, serde_json::Error> {
    let line = serde_json::to_string(manifest)?;
    // They stand within texts only. All others that queues refuse are escaped already.
    let escaped = line
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff");
    Ok(escaped)
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
        let message = Outgoing {
            body: result.message().to_owned(),
            attributes: result
                .attributes()
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            // No token: a result that waits already does not do for a newer one of the same id.
            // What is told last of a source has to come last.
            ..Outgoing::default()
        };
        let sent = self.0.send(vec![message]).await.into_iter().next();
        sent.unwrap_or_else(|| Err(QueueError::unanswered(&self.0)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
