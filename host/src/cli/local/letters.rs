//! State of a `thimble local` folder: what is queued, and its dead letters.

use std::sync::Arc;

use serde_json::json;

use super::super::dlq::forget;
use super::super::redrive::{RedriveOptions, carry_out};
use super::super::show::{self, Row};
use super::super::voice::Voice;
use super::super::{Failure, Outcome};
use crate::dead_letters::DeadLetters;
use crate::letter::Choice;
use crate::local::Folder;
use crate::ports::Queue;
use crate::redrive::Redrive;
use crate::text::plural;

/// Most dead letters that are shown: as many as anybody reads.
const SHOWN: usize = 1_000;

pub(super) async fn status(folder: &Folder, voice: &Voice) -> Result<Outcome, Failure> {
    let work = folder.queue()?.depth().await?;
    let letters = folder.dead_letters()?.depth().await?;
    if voice.is_json() {
        let status = json!({
            "waiting": work.visible,
            "inHand": work.in_flight,
            "deadLetters": letters.total(),
        });
        voice.say_json(&status)?;
    } else {
        voice.say(format_args!(
            "{} queued, {} in progress",
            work.visible, work.in_flight
        ))?;
        voice.say(plural(letters.total(), "dead letter"))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn list(folder: &Folder, voice: &Voice) -> Result<Outcome, Failure> {
    let queue = folder.dead_letters()?;
    let letters = queue.peek(SHOWN).await?;
    if voice.is_json() {
        for letter in &letters {
            let row = Row::of_letter(letter);
            let line = json!({
                "id": letter.id,
                "key": crate::letter::key_of(letter),
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
    let more = queue
        .depth()
        .await?
        .total()
        .saturating_sub(rows.len() as u64);
    if more > 0 {
        voice.say(format_args!("  and {more} more"))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn redrive(
    folder: &Folder,
    options: &RedriveOptions,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let redrive = Redrive {
        from: Arc::new(folder.own_dead_letters()?),
        to: Arc::new(folder.queue()?),
        options: options.options(),
    };
    carry_out(&redrive, voice).await
}

pub(super) async fn purge(folder: &Folder, voice: &Voice) -> Result<Outcome, Failure> {
    let letters = DeadLetters::new(Arc::new(folder.own_dead_letters()?));
    forget(&letters, &Choice::default(), voice).await
}
