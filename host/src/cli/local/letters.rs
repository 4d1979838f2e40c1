//! State of a `thimble local` folder: what is queued, and its dead letters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::json;

use super::super::dlq::forget;
use super::super::redrive::{RedriveOptions, carry_out};
use super::super::show::{self, Row};
use super::super::voice::Voice;
use super::super::{Failure, Outcome};
use crate::dead_letters::DeadLetters;
use crate::letter::{self, Choice};
use crate::local::{DirectoryQueue, Folder, IMAGES, Layout};
use crate::ports::{Depth, Message, Queue};
use crate::redrive::Redrive;
use crate::text::plural;

/// Most dead letters that are shown: as many as anybody reads.
const SHOWN: usize = 1_000;

/// Answer about folders that no queue is in, which the words `folders` name.
fn nothing_yet(folders: &str) -> String {
    format!("nothing has been done here yet; begin with: {folders}")
}

pub(super) async fn status(
    layout: &Layout,
    folders: &str,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let work = depth(Folder::open_queue_read_only(layout)?).await?;
    let letters = depth(Folder::open_dead_letters_read_only(layout)?).await?;
    if voice.is_json() {
        let status = json!({
            "waiting": work.visible,
            "inHand": work.in_flight,
            "deadLetters": letters.total(),
        });
        voice.say_json(&status)?;
    } else if layout.is_new() {
        voice.say(nothing_yet(folders))?;
    } else {
        voice.say(format_args!(
            "{} queued, {} in progress",
            work.visible, work.in_flight
        ))?;
        voice.say(plural(letters.total(), "dead letter"))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn list(layout: &Layout, voice: &Voice) -> Result<Outcome, Failure> {
    let queue = Folder::open_dead_letters_read_only(layout)?;
    // By name, as people look for one; those that name no image come first.
    let letters = match &queue {
        Some(queue) => queue.peek_first(SHOWN, letter::key_of).await?,
        None => Vec::new(),
    };
    if voice.is_json() {
        for letter in &letters {
            let row = Row::of_letter(letter);
            let line = json!({
                "id": letter.id,
                "key": letter::key_of(letter),
                "kind": row.kind,
                "reason": row.reason,
                "attributes": letter.attributes,
            });
            voice.say_json(&line)?;
        }
        return Ok(Outcome::Done);
    }
    let rows: Vec<Row> = letters.iter().map(Row::of_letter).collect();
    if rows.is_empty() && voice.speaks() {
        voice.say("there are no dead letters")?;
    }
    show::table(rows.iter(), voice)?;
    let more = depth(queue)
        .await?
        .total()
        .saturating_sub(rows.len() as u64);
    if more > 0 {
        voice.say(format_args!("  and {more} more"))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn redrive(
    layout: &Layout,
    folders: &str,
    options: &RedriveOptions,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let folder = known(layout, folders)?;
    let redrive = Redrive {
        from: Arc::new(folder.own_dead_letters()?),
        to: Arc::new(folder.queue()?),
        options: options.options(),
    };
    carry_out(&redrive, voice).await
}

pub(super) async fn purge(
    layout: &Layout,
    folders: &str,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let folder = known(layout, folders)?;
    let letters = DeadLetters::new(Arc::new(folder.own_dead_letters()?));
    let mut failed: BTreeMap<String, Option<SystemTime>> = BTreeMap::new();
    let note = |letter: &Message| {
        let image = letter::location_of(letter).filter(|of| of.bucket == IMAGES);
        if let Some(image) = image {
            let last = failed.entry(image.key).or_default();
            *last = letter.sent.max(*last);
        }
    };
    let outcome = forget(&letters, &Choice::default(), voice, note).await;
    // Else the next look at the folder would write them again.
    let changed = folder.forget(failed)?;
    if changed > 0 && voice.speaks() {
        let images = plural(changed, "image");
        voice.note(format_args!(
            "note: {images} changed after the dead letter was written, and will be tried again"
        ))?;
    }
    outcome
}

/// The folder of `layout`, if there is anything in it to change.
fn known(layout: &Layout, folders: &str) -> Result<Folder, Failure> {
    if layout.is_new() {
        return Err(Failure::Usage(nothing_yet(folders)));
    }
    Ok(Folder::with(layout.clone())?)
}

/// Depth of a queue that may not be there yet.
async fn depth(queue: Option<DirectoryQueue>) -> Result<Depth, Failure> {
    Ok(match queue {
        Some(queue) => queue.depth().await?,
        None => Depth::default(),
    })
}
