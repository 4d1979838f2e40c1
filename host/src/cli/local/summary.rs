//! Report of `thimble local`, while it works and at the end.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use tokio::sync::watch;

use super::super::show::{self, Row};
use super::super::voice::Voice;
use crate::error::{Disposition, Error, with_causes};
use crate::local::Scan;
use crate::ports::Depth;
use crate::report::{MessageReport, ObjectReport};
use crate::text::{plural, printable};
use crate::worker::Wish;

/// Most failed images that a summary names; `dead-letters` names them all.
const NAMED: usize = 100;

/// Counts of what was done so far.
#[derive(Debug, Default)]
struct Counts {
    done: u64,
    /// Images that thumbnails were written of.
    made: u64,
    skipped: u64,
    rejected: u64,
    retried: u64,
    thumbnails: u64,
    removed: u64,
    bytes_read: u64,
    bytes_written: u64,
    engine: Duration,
    failed: BTreeMap<String, Row>,
    unnamed: u64,
}

/// Reporter of a run.
#[derive(Debug)]
pub(super) struct Told {
    voice: Voice,
    once: bool,
    begun: Instant,
    bar: ProgressBar,
    counts: Mutex<Counts>,
    /// The first line that could not be written.
    lost: Mutex<Option<io::Error>>,
    wishes: Arc<watch::Sender<Wish>>,
}

impl Told {
    /// Nobody has to hear of what is done `once`. A program that goes on for as
    /// long as somebody watches ends when nobody does: by one of `wishes`.
    pub(super) fn new(voice: &Voice, once: bool, wishes: Arc<watch::Sender<Wish>>) -> Self {
        let bar = voice.bar();
        bar.set_message("looking for images");
        Self {
            voice: voice.clone(),
            once,
            begun: Instant::now(),
            bar,
            counts: Mutex::default(),
            lost: Mutex::default(),
            wishes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A look at the whole folder is over.
    pub(super) fn found(&self, scan: &Scan) {
        if !self.once {
            return;
        }
        let style = "{bar:40} {pos}/{len} images, {per_sec}, {eta} left {msg}";
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.bar.set_style(style);
        }
        self.bar.set_message("");
        self.bar.set_length(scan.to_do + scan.gone);
    }

    pub(super) fn watching(&self, folder: &Path) {
        self.bar.set_message("");
        if self.voice.speaks() {
            let folder = printable(&folder.to_string_lossy());
            let line = format_args!("watching {folder}/images; stop with Ctrl-C");
            self.heard(self.voice.say(line));
        }
    }

    /// Something is wrong that may pass.
    pub(super) fn trouble(&self, error: &Error) {
        let line = format!("thimble: {}", with_causes(error));
        self.heard(self.voice.note(line));
    }

    /// Remember that a line was not heard. The work goes on, and is finished.
    fn heard(&self, told: io::Result<()>) {
        let Err(error) = told else { return };
        if !self.once {
            self.wishes.send_replace(Wish::Stop);
        }
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        lost.get_or_insert(error);
    }

    /// Report of a message.
    pub(super) fn message(&self, report: &MessageReport) {
        for object in &report.objects {
            self.object(report, object);
        }
        if report.may_leave() {
            self.bar.inc(1);
        }
    }

    fn object(&self, message: &MessageReport, object: &ObjectReport) {
        let key = object
            .location
            .as_ref()
            .map_or("", |location| location.key.as_str());
        match &object.result {
            Ok(outcome) => {
                let mut counts = self.lock();
                match object.disposition() {
                    Disposition::Done => counts.done += 1,
                    _ => counts.skipped += 1,
                }
                counts.made += u64::from(!outcome.written.is_empty());
                counts.thumbnails += outcome.written.len() as u64;
                counts.removed += outcome.removed.len() as u64;
                counts.bytes_read += outcome.bytes;
                counts.bytes_written += outcome.bytes_written;
                counts.engine += outcome.took.generate;
                // Whatever failed before has gone well now.
                counts.failed.remove(key);
                drop(counts);
                if self.voice.speaks() && !self.once && !outcome.written.is_empty() {
                    let made = plural(outcome.written.len() as u64, "thumbnail");
                    let line = format!("{}: {made}", printable(key));
                    self.heard(self.voice.say(line));
                }
            }
            Err(error) => {
                let mut counts = self.lock();
                if message.dead_lettered {
                    counts.rejected += 1;
                    if counts.failed.len() < NAMED {
                        counts.failed.insert(key.to_owned(), Row::of(key, error));
                    } else {
                        counts.unnamed += 1;
                    }
                } else {
                    counts.retried += 1;
                }
                drop(counts);
                if !self.once && !self.voice.is_json() && message.dead_lettered {
                    let line = format!("{}: {}", printable(key), with_causes(error));
                    self.heard(self.voice.note(line));
                }
            }
        }
        if self.voice.is_json() {
            self.heard(self.voice.say(line(message, object)));
        }
    }

    /// All is done: tell what was.
    pub(super) fn finish(&self, dead_letters: Depth) -> io::Result<()> {
        self.bar.finish_and_clear();
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = lost.take() {
            return Err(error);
        }
        let counts = self.lock();
        let seconds = self.begun.elapsed().as_secs_f64();
        if self.voice.is_json() {
            return self.voice.say(summary(&counts, seconds, dead_letters));
        }
        if self.voice.is_quiet() {
            let failed = counts.failed.values().filter(|_| self.once);
            return show::complaints(failed, &self.voice);
        }
        self.voice.say(words(&counts, seconds))?;
        if !self.once || counts.failed.is_empty() {
            return Ok(());
        }
        self.voice.say("\nno thumbnails could be made of:")?;
        show::table(counts.failed.values(), &self.voice)?;
        if counts.unnamed > 0 {
            let unnamed = counts.unnamed;
            self.voice.say(format_args!(
                "  and {unnamed} more; see: thimble local DIR dead-letters"
            ))?;
        }
        Ok(())
    }
}

fn words(counts: &Counts, seconds: f64) -> String {
    let images = plural(counts.made, "image");
    let thumbnails = plural(counts.thumbnails, "thumbnail");
    let mut text = format!("{images}, {thumbnails}");
    for (count, what) in [(counts.skipped, "up to date"), (counts.rejected, "failed")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if counts.removed > 0 {
        let removed = plural(counts.removed, "old thumbnail");
        text.push_str(&format!(", {removed} removed"));
    }
    format!("{text} ({seconds:.1} s)")
}

fn summary(counts: &Counts, seconds: f64, dead_letters: Depth) -> serde_json::Value {
    json!({ "summary": {
        "done": counts.done,
        "skipped": counts.skipped,
        "rejected": counts.rejected,
        "retried": counts.retried,
        "thumbnails": counts.thumbnails,
        "removed": counts.removed,
        "bytesRead": counts.bytes_read,
        "bytesWritten": counts.bytes_written,
        "seconds": seconds,
        "engineSeconds": counts.engine.as_secs_f64(),
        "deadLetters": dead_letters.total(),
    }})
}

/// A line for one object.
fn line(message: &MessageReport, object: &ObjectReport) -> serde_json::Value {
    let key = object
        .location
        .as_ref()
        .map(|location| location.key.as_str());
    match &object.result {
        Ok(outcome) => json!({
            "key": key,
            "disposition": object.disposition().as_str(),
            "skipped": outcome.skipped.map(|why| why.as_str()),
            "written": outcome.written,
            "removed": outcome.removed,
            "warnings": outcome.warnings,
            "milliseconds": object.took.as_secs_f64() * 1_000.0,
        }),
        Err(error) => json!({
            "key": key,
            "disposition": object.disposition().as_str(),
            "kind": error.verdict().kind,
            "reason": with_causes(error),
            "deadLettered": message.dead_lettered,
            "receiveCount": message.receive_count,
        }),
    }
}
