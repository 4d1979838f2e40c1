//! Attributes of a dead letter: its reason, and its origin.
//!
//! A dead letter keeps the body and the attributes of its message and gains
//! the attributes below, so that a person can see what to mend and a redrive
//! can choose what to move.

use crate::error::{Error, with_causes};
use crate::event;
use crate::object::Location;
use crate::ports::{Attributes, Message};
use crate::trust::Digest;

mod sending;

pub(crate) use sending::send;

/// Reason why the message is a dead letter, for people.
pub const REASON: &str = "thimble-reason";
/// The kind of failure, a stable word: see [`crate::error::Verdict::kind`].
pub const KIND: &str = "thimble-kind";
/// The one who must act before it can go better.
pub const BLAME: &str = "thimble-blame";
/// The digest of the engine that failed, if one did.
pub const ENGINE: &str = "thimble-engine";
/// The id of the message that first asked for this work.
pub const ORIGIN: &str = "thimble-origin";
/// Number of times that the message was moved back to its source queue.
pub const REDRIVES: &str = "thimble-redrives";

/// Kind of a message that was received as often as its queue allows, without a
/// reason.
pub const EXHAUSTED: &str = "received-too-often";

/// The longest reason, in bytes: attributes count toward the size of a message.
const LONGEST_REASON: usize = 1_000;

/// The attributes of `message` as a dead letter because of `error`.
pub fn rejected(message: &Message, error: &Error) -> Attributes {
    let verdict = error.verdict();
    let mut attributes = message.attributes.clone();
    attributes.insert(REASON.to_owned(), reason(error));
    attributes.insert(KIND.to_owned(), verdict.kind.to_owned());
    attributes.insert(BLAME.to_owned(), verdict.blame.as_str().to_owned());
    match error.engine_digest() {
        Some(digest) => attributes.insert(ENGINE.to_owned(), digest.to_owned()),
        // A letter that was redriven may carry the engine of its last failure.
        None => attributes.remove(ENGINE),
    };
    keep_origin(&mut attributes, &message.id);
    attributes
}

/// `attributes` of the message `id` as a dead letter because it was received
/// `count` times.
pub fn exhausted(mut attributes: Attributes, id: &str, count: u32) -> Attributes {
    attributes.entry(REASON.to_owned()).or_insert_with(|| {
        format!("received {count} times without being finished; see the log for each failure")
    });
    attributes
        .entry(KIND.to_owned())
        .or_insert_with(|| EXHAUSTED.to_owned());
    keep_origin(&mut attributes, id);
    attributes
}

/// The id of the message that first asked for the work of this one.
pub fn origin(message: &Message) -> &str {
    message.attributes.get(ORIGIN).unwrap_or(&message.id)
}

/// A name of the work that the message `origin` first asked for, which tells nothing of it. Two
/// letters about one key are of two works: of two buckets, of two versions, or asked for twice.
pub fn work(origin: &str) -> Digest {
    Digest::of(origin.as_bytes())
}

/// True if `message` was a dead letter before.
pub fn is_redriven(message: &Message) -> bool {
    message.attributes.contains_key(REDRIVES)
}

/// The attributes with which a dead letter goes back to its source queue.
///
/// The reason for its failure stays behind: there will be a new one if it fails
/// again.
pub fn redriven(message: &Message) -> Attributes {
    let mut attributes = message.attributes.clone();
    for name in [REASON, KIND, BLAME, ENGINE] {
        attributes.remove(name);
    }
    let before: u32 = message
        .attributes
        .get(REDRIVES)
        .and_then(|count| count.parse().ok())
        .unwrap_or(0);
    attributes.insert(REDRIVES.to_owned(), before.saturating_add(1).to_string());
    keep_origin(&mut attributes, &message.id);
    attributes
}

/// The first object that a letter speaks of.
pub fn location_of(letter: &Message) -> Option<Location> {
    let events = event::parse(&letter.body).ok()?;
    let first = events.into_iter().flatten().next();
    first.map(|event| event.location)
}

/// The key of the first object that a letter speaks of.
pub fn key_of(letter: &Message) -> Option<String> {
    location_of(letter).map(|location| location.key)
}

/// Choice of letters; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Only letters of this work, whatever object it is about: see [`work`].
    pub work: Option<Digest>,
    /// Only letters about objects whose keys begin with this.
    pub key_prefix: Option<String>,
    /// Only letters with this kind of failure.
    pub error_kind: Option<String>,
}

impl Choice {
    /// True if `letter` is chosen.
    pub fn takes(&self, letter: &Message) -> bool {
        let of_work = self.work.is_none_or(|known| known == work(origin(letter)));
        let of_prefix = self
            .key_prefix
            .as_deref()
            .is_none_or(|prefix| key_of(letter).is_some_and(|key| key.starts_with(prefix)));
        let of_kind = self
            .error_kind
            .as_ref()
            .is_none_or(|kind| letter.attributes.get(KIND) == Some(kind));
        of_work && of_prefix && of_kind
    }
}

fn keep_origin(attributes: &mut Attributes, id: &str) {
    attributes
        .entry(ORIGIN.to_owned())
        .or_insert_with(|| id.to_owned());
}

/// The reason for a failure, in one line of bounded length.
pub(crate) fn reason(error: &Error) -> String {
    shortened(with_causes(error), LONGEST_REASON)
}

/// `text` with `most` bytes, and a mark if it had more.
fn shortened(mut text: String, most: usize) -> String {
    if text.len() > most {
        let end = text.floor_char_boundary(most);
        text.truncate(end);
        text.push('…');
    }
    text
}
