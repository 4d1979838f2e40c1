//! What is told while images are worked on, and at the end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::super::show::{self, Row};
use super::super::voice::{Voice, complain, say};
use crate::error::{Disposition, Error, with_causes};
use crate::local::Scan;
use crate::ports::Depth;
use crate::report::{MessageReport, ObjectReport};
use crate::text::printable;

/// How many images that failed are named in a summary; `dead-letters` names
/// them all.
const NAMED: usize = 100;

/// What was done so far.
#[derive(Debug, Default)]
struct Counts {
    done: u64,
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

/// Tells what happens.
#[derive(Debug)]
pub(super) struct Told {
    voice: Voice,
    once: bool,
    begun: Instant,
    bar: ProgressBar,
    counts: Mutex<Counts>,
}

impl Told {
    pub(super) fn new(voice: Voice, once: bool) -> Self {
        let bar = voice.bar();
        bar.set_message("looking for images");
        Self {
            voice,
            once,
            begun: Instant::now(),
            bar,
            counts: Mutex::default(),
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
            self.say(&format!("watching {folder}/images; stop with Ctrl-C"));
        }
    }

    /// Something is wrong that may pass.
    pub(super) fn trouble(&self, error: &Error) {
        self.bar
            .suspend(|| complain(format_args!("thimble: {}", with_causes(error))));
    }

    /// What became of a message.
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
                counts.thumbnails += outcome.written.len() as u64;
                counts.removed += outcome.removed.len() as u64;
                counts.bytes_read += outcome.bytes;
                counts.bytes_written += outcome.bytes_written;
                counts.engine += outcome.took.generate;
                // Whatever failed before has gone well now.
                counts.failed.remove(key);
                drop(counts);
                if self.voice.speaks() && !self.once && !outcome.written.is_empty() {
                    let count = outcome.written.len();
                    self.say(&format!("{}: {count} thumbnails", printable(key)));
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
                if !self.once && self.voice != Voice::Json && message.dead_lettered {
                    let text = with_causes(error);
                    self.bar
                        .suspend(|| complain(format_args!("{}: {text}", printable(key))));
                }
            }
        }
        if self.voice == Voice::Json {
            say(line(message, object));
        }
    }

    fn say(&self, text: &str) {
        self.bar.suspend(|| say(text));
    }

    /// All is done: tell what was.
    pub(super) fn finish(&self, dead_letters: Depth) {
        self.bar.finish_and_clear();
        let counts = self.lock();
        let seconds = self.begun.elapsed().as_secs_f64();
        match self.voice {
            Voice::Json => say(summary(&counts, seconds, dead_letters)),
            Voice::Words | Voice::Watched => {
                say(words(&counts, seconds));
                if self.once && !counts.failed.is_empty() {
                    say("\nno thumbnails could be made of:");
                    show::table(counts.failed.values());
                    if counts.unnamed > 0 {
                        say(format_args!(
                            "  and {} more; see: thimble local DIR dead-letters",
                            counts.unnamed
                        ));
                    }
                }
            }
            Voice::Quiet if self.once => show::complaints(counts.failed.values()),
            Voice::Quiet => {}
        }
    }
}

fn words(counts: &Counts, seconds: f64) -> String {
    let Counts {
        done,
        skipped,
        rejected,
        thumbnails,
        removed,
        ..
    } = counts;
    let mut text = format!("{done} images made into {thumbnails} thumbnails in {seconds:.1} s");
    for (count, what) in [
        (skipped, "needed nothing"),
        (rejected, "could not be made"),
        (removed, "old thumbnails removed"),
    ] {
        if *count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
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
