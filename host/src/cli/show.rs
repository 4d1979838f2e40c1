//! Tables of images that failed.

use std::io;

use super::reasons::Reasons;
use super::voice::Voice;
use crate::error::{Error, with_causes};
use crate::letter;
use crate::ports::Message;
use crate::redrive::Entry;
use crate::text::printable;

/// An image that failed, and the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Row {
    pub(in crate::cli) key: String,
    pub(in crate::cli) kind: String,
    pub(in crate::cli) reason: String,
}

impl Row {
    pub(in crate::cli) fn of(key: &str, error: &Error) -> Self {
        Self {
            key: printable(key),
            kind: error.verdict().kind.to_owned(),
            reason: with_causes(error),
        }
    }

    pub(in crate::cli) fn of_entry(entry: &Entry) -> Self {
        let shown = |text: &Option<String>| text.as_deref().map(printable).unwrap_or_default();
        Self {
            key: shown(&entry.key),
            kind: shown(&entry.kind),
            reason: shown(&entry.reason),
        }
    }

    pub(in crate::cli) fn of_letter(message: &Message) -> Self {
        let attribute = |name: &str| {
            message
                .attributes
                .get(name)
                .map_or("?".to_owned(), printable)
        };
        let key = letter::key_of(message);
        Self {
            key: key.map_or("?".to_owned(), printable),
            kind: attribute(letter::KIND),
            reason: attribute(letter::REASON),
        }
    }
}

/// Print rows under each other.
pub(in crate::cli) fn table<'a>(
    rows: impl Iterator<Item = &'a Row> + Clone,
    voice: &Voice,
) -> io::Result<()> {
    let width = |text: &str| text.chars().count();
    let keys = rows
        .clone()
        .map(|row| width(&row.key))
        .max()
        .unwrap_or(0)
        .min(48);
    let kinds = rows.clone().map(|row| width(&row.kind)).max().unwrap_or(0);
    let mut reasons = Reasons::default();
    for Row { key, kind, reason } in rows {
        let reason = reasons.next(reason);
        voice.say(format_args!("  {key:keys$}  {kind:kinds$}  {reason}"))?;
    }
    Ok(())
}

/// Print rows in quiet mode, as failures.
pub(in crate::cli) fn complaints<'a>(
    mut rows: impl Iterator<Item = &'a Row>,
    voice: &Voice,
) -> io::Result<()> {
    rows.try_for_each(|Row { key, reason, .. }| {
        voice.note(format_args!("thimble: {key}: {reason}"))
    })
}
