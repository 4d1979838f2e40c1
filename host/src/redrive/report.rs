//! Report of a redrive.

use serde::Serialize;

use crate::letter;
use crate::ports::Message;

/// Result of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Approximate number of letters when it began.
    pub found: u64,
    /// Number of letters that were moved, or would have been.
    pub moved: u64,
    /// Number of letters that were not chosen.
    pub skipped: u64,
    /// Number of letters that were deleted because the same work was moved
    /// already.
    pub copies: u64,
    /// Number of letters that could not be sent, or not be deleted.
    pub failed: u64,
    /// Number of letters that are left in the queue.
    pub left: u64,
    /// True if it only looked.
    pub dry_run: bool,
    /// One entry for each letter, in the order they were met.
    pub entries: Vec<Entry>,
}

impl Report {
    pub(super) fn add(&mut self, entry: Entry) {
        match entry.fate {
            Fate::Moved | Fate::WouldMove => self.moved += 1,
            Fate::Skipped => self.skipped += 1,
            Fate::Copy => self.copies += 1,
            Fate::Unsent { .. } | Fate::Undeleted { .. } => self.failed += 1,
        }
        self.entries.push(entry);
    }
}

/// Fate of one letter, and the facts about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The id of its message.
    pub id: String,
    /// Id of the message that first asked for its work.
    #[serde(skip)]
    pub origin: String,
    /// The first object it speaks of.
    pub key: Option<String>,
    /// The kind of its failure, if it says.
    pub kind: Option<String>,
    /// Reason why it was a dead letter, if it says.
    pub reason: Option<String>,
    /// Its fate.
    #[serde(flatten)]
    pub fate: Fate,
}

impl Entry {
    pub(super) fn new(letter: &Message, key: Option<String>, fate: Fate) -> Self {
        Self {
            id: letter.id.clone(),
            origin: letter::origin(letter).to_owned(),
            key,
            kind: letter.attributes.get(letter::KIND).cloned(),
            reason: letter.attributes.get(letter::REASON).cloned(),
            fate,
        }
    }
}

/// Fate of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "kebab-case")]
pub enum Fate {
    /// It is in the source queue.
    Moved,
    /// It would be in the source queue, had the run not only looked.
    WouldMove,
    /// It was not asked for.
    Skipped,
    /// The same work was moved already, and it was deleted.
    Copy,
    /// It could not be sent, and stays.
    Unsent {
        /// Words of the queue.
        why: String,
    },
    /// It was sent, but stays as well because it could not be deleted.
    Undeleted {
        /// Words of the queue.
        why: String,
    },
}

impl Fate {
    pub(super) fn stays(&self) -> bool {
        match self {
            Self::Moved | Self::Copy => false,
            Self::WouldMove | Self::Skipped | Self::Unsent { .. } | Self::Undeleted { .. } => true,
        }
    }
}
