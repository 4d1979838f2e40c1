//! Looking at what waits and what failed, and trying it again.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::super::{Failure, Outcome};
use super::show::{self, Row};
use super::voice::{Voice, say};
use crate::local::Folder;
use crate::ports::{Queue, ReceiveOptions};
use crate::redrive::{Options, Redrive};

/// How many dead letters are shown at most: as many as anybody reads.
const SHOWN: usize = 1_000;

pub(super) async fn status(folder: &Folder, voice: Voice) -> Result<Outcome, Failure> {
    let work = folder.queue()?.depth().await?;
    let letters = folder.dead_letters()?.depth().await?;
    if voice == Voice::Json {
        let status = json!({
            "waiting": work.visible,
            "inHand": work.in_flight,
            "deadLetters": letters.total(),
        });
        say(status);
    } else {
        say(format_args!(
            "{} images wait, {} are in hand",
            work.visible, work.in_flight
        ));
        say(format_args!(
            "{} could not be made into thumbnails",
            letters.total()
        ));
    }
    Ok(Outcome::Done)
}

pub(super) async fn list(folder: &Folder, voice: Voice) -> Result<Outcome, Failure> {
    let queue = folder.dead_letters()?;
    let letters = queue.peek(SHOWN).await?;
    if voice == Voice::Json {
        for letter in &letters {
            let row = Row::of_letter(letter);
            let line = json!({
                "id": letter.id,
                "key": crate::letter::key_of(letter),
                "kind": row.kind,
                "reason": row.reason,
                "attributes": letter.attributes,
            });
            say(line);
        }
        return Ok(Outcome::Done);
    }
    let rows: Vec<Row> = letters.iter().map(Row::of_letter).collect();
    if rows.is_empty() && voice.speaks() {
        say("there are no dead letters");
    }
    show::table(rows.iter());
    let more = queue
        .depth()
        .await?
        .total()
        .saturating_sub(rows.len() as u64);
    if more > 0 {
        say(format_args!("  and {more} more"));
    }
    Ok(Outcome::Done)
}

pub(super) async fn redrive(
    folder: &Folder,
    wanted: &super::Redrive,
    voice: Voice,
) -> Result<Outcome, Failure> {
    let options = Options {
        max: wanted.max,
        dry_run: wanted.dry_run,
        key_prefix: wanted.key_prefix.clone(),
        error_kind: wanted.error_kind.clone(),
        rate_per_second: wanted.rate,
    };
    let redrive = Redrive {
        from: Arc::new(folder.own_dead_letters()?),
        to: Arc::new(folder.queue()?),
        options,
    };
    let bar = voice.bar();
    let report = redrive
        .run_watched(None, |_| {
            bar.inc(1);
            ControlFlow::Continue(())
        })
        .await?;
    bar.finish_and_clear();
    if voice == Voice::Json {
        say(serde_json::to_string(&report)?);
        return Ok(Outcome::Done);
    }
    let rows: Vec<Row> = report
        .entries
        .iter()
        .filter(|entry| entry.fate == crate::redrive::Fate::Moved)
        .map(|entry| Row {
            key: entry.key.clone().unwrap_or_default(),
            kind: entry.kind.clone().unwrap_or_default(),
            reason: entry.reason.clone().unwrap_or_default(),
        })
        .collect();
    if voice.speaks() {
        show::table(rows.iter());
        let verb = if report.dry_run {
            "would be tried again"
        } else {
            "will be tried again"
        };
        say(format_args!(
            "{} {verb}, {} left alone, {} failed, {} left",
            report.moved, report.skipped, report.failed, report.left
        ));
    }
    Ok(if report.failed == 0 {
        Outcome::Done
    } else {
        Outcome::Incomplete
    })
}

pub(super) async fn purge(folder: &Folder, voice: Voice) -> Result<Outcome, Failure> {
    let queue = folder.own_dead_letters()?;
    let options = ReceiveOptions {
        max: 100,
        visibility: Some(Duration::from_secs(600)),
        wait: Duration::ZERO,
    };
    let mut forgotten = 0_u64;
    loop {
        let letters = queue.receive(&options).await?;
        if letters.is_empty() {
            break;
        }
        let receipts: Vec<_> = letters.into_iter().map(|letter| letter.receipt).collect();
        for deleted in queue.delete(&receipts).await {
            deleted?;
            forgotten += 1;
        }
    }
    match voice {
        Voice::Json => say(json!({ "forgotten": forgotten })),
        Voice::Words | Voice::Watched => say(format_args!("{forgotten} dead letters forgotten")),
        Voice::Quiet => {}
    }
    Ok(Outcome::Done)
}
