//! Dead letters as the page lists them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use super::recent::{Recent, Sent, remembered};
use crate::letter;
use crate::local::{DirectoryQueue, own_dead_letters_within};
use crate::object::Location;
use crate::ports::{Attributes, Depth, Message, Queue, QueueError};
use crate::trust::Digest;

/// Letters on one page of the list.
pub(super) const PAGE: usize = 25;

/// The longest text of a letter that is shown, in bytes. Ours are shorter; those of others may
/// fill a message.
const LONGEST_TEXT: usize = 1_200;

/// Dead letters of a host.
#[derive(Clone, Debug)]
pub enum Letters {
    /// Those of a folder, which can be looked at without being taken.
    Folder {
        /// The folder of the queues.
        state: PathBuf,
        /// Its letters, to look at.
        queue: Arc<DirectoryQueue>,
    },
    /// Those of a queue, which shows letters only by handing them out: the page lists
    /// what this process has sent there.
    Queue(Arc<dyn Queue>),
}

/// A dead letter.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// A name that no other letter of the list has.
    pub(super) id: String,
    /// The work that was asked for.
    pub(super) work: Digest,
    /// The image that it speaks of, if it does of one.
    pub(super) source: Option<Location>,
    /// The kind of failure, if it is told.
    pub(super) kind: Option<String>,
    /// The reason, if it is told.
    pub(super) reason: Option<String>,
    /// Digest of the engine that failed, if one did.
    pub(super) engine: Option<String>,
    /// Time of sending, if it is known.
    pub(super) at: Option<SystemTime>,
    /// Number of redrives so far.
    pub(super) redrives: Option<String>,
}

impl Letters {
    /// True if all letters are listed, and not only those of this process.
    pub(super) fn are_all_listed(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }

    pub(super) async fn depth(&self) -> Result<Depth, QueueError> {
        match self {
            Self::Folder { queue, .. } => queue.depth().await,
            Self::Queue(queue) => queue.depth().await,
        }
    }

    /// The letters behind the first `skipped` ones, a page of them at most.
    pub(super) async fn page(
        &self,
        recent: &Mutex<Recent>,
        skipped: usize,
    ) -> Result<Vec<Letter>, QueueError> {
        match self {
            Self::Folder { queue, .. } => {
                let letters = queue.peek_behind(skipped, PAGE).await?;
                Ok(letters.iter().map(of_message).collect())
            }
            Self::Queue(_) => {
                let recent = super::lock(recent);
                let letters = recent.letters.iter().skip(skipped).take(PAGE);
                Ok(letters.map(of_sent).collect())
            }
        }
    }

    /// The queue to take letters from.
    pub(super) fn own(&self) -> Result<Arc<dyn Queue>, QueueError> {
        Ok(match self {
            Self::Folder { state, .. } => Arc::new(own_dead_letters_within(state)?),
            Self::Queue(queue) => queue.clone(),
        })
    }
}

fn of_message(message: &Message) -> Letter {
    let attribute = |name: &str| {
        let text = Attributes::get(&message.attributes, name)?;
        let end = text.floor_char_boundary(LONGEST_TEXT);
        Some(match text.get(end..) {
            None | Some("") => text.clone(),
            Some(_) => format!("{}…", &text[..end]),
        })
    };
    Letter {
        id: message.id.clone(),
        work: letter::work(letter::origin(message)),
        source: letter::location_of(message).as_ref().map(remembered),
        kind: attribute(letter::KIND),
        reason: attribute(letter::REASON),
        engine: attribute(letter::ENGINE),
        redrives: attribute(letter::REDRIVES),
        at: message.sent,
    }
}

fn of_sent(sent: &Sent) -> Letter {
    Letter {
        id: sent.number.to_string(),
        work: sent.work,
        source: sent.source.clone(),
        kind: Some(sent.kind.to_owned()),
        reason: Some(sent.reason.clone()),
        engine: sent.engine.clone(),
        redrives: None,
        at: Some(sent.at),
    }
}
