//! Report of `thimble local`, while it works and at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::json;
use tokio::sync::watch;

use super::super::not_images::NotImages;
use super::super::show::{self, Row};
use super::super::voice::Voice;
use crate::error::{Error, with_causes};
use crate::local::{Cleared, PassedOver, Scan};
use crate::ports::{Depth, EngineIdentity};
use crate::report::{Counts, MessageReport, ObjectReport, Outcome, Skipped};
use crate::text::{plural, printable};
use crate::worker::Wish;

/// Most failed images that a summary names; `dead-letters` names them all.
const NAMED: usize = 100;

/// Most warnings that a run which ends prints; there may be one for each image.
const WARNINGS: u64 = 100;

/// The bar while images are looked for: some are done by then.
const LOOKING: &str = "{spinner} looking for images, {pos} done";

/// The bar while they are worked on; it takes the width that the words leave it.
const WORKING: &str = "{wide_bar} {pos}/{len} images, {rate}, {eta} left";

/// State of a run so far.
#[derive(Debug, Default)]
struct State {
    counts: Counts,
    /// Images whose last attempt failed, up to [`NAMED`] of them, and the others: no more than the
    /// folder has. A message that names no image stands for itself.
    failed: BTreeMap<String, Row>,
    unnamed: BTreeSet<String>,
    /// Number of warnings about thumbnails that were made.
    warnings: u64,
    /// Dead letters that went because their images were mended or removed.
    cleared: u64,
    /// The last look at the whole folder.
    scan: Scan,
}

/// Reporter of a run.
#[derive(Debug)]
pub(super) struct Told {
    voice: Voice,
    once: bool,
    /// The words of the command line that name the folders.
    folders: String,
    passed_over: Arc<PassedOver>,
    begun: Instant,
    bar: ProgressBar,
    state: Mutex<State>,
    /// The first line that could not be written.
    lost: Mutex<Option<io::Error>>,
    wishes: Arc<watch::Sender<Wish>>,
}

impl Told {
    /// Nobody has to hear of what is done `once`. A program that goes on for as
    /// long as somebody watches ends when nobody does: by one of `wishes`.
    pub(super) fn new(
        voice: &Voice,
        once: bool,
        folders: String,
        passed_over: Arc<PassedOver>,
        wishes: Arc<watch::Sender<Wish>>,
    ) -> Self {
        let bar = voice.bar();
        if let Ok(style) = ProgressStyle::with_template(LOOKING) {
            bar.set_style(style);
        }
        Self {
            voice: voice.clone(),
            once,
            folders,
            passed_over,
            begun: Instant::now(),
            bar,
            state: Mutex::default(),
            lost: Mutex::default(),
            wishes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A look at the whole folder is over. What could not be looked at is told when
    /// it is new.
    pub(super) fn found(&self, mut scan: Scan) {
        let mut state = self.lock();
        // They are not counted each time.
        scan.outdated = scan.outdated.or_else(|| state.scan.outdated.clone());
        let known = std::mem::replace(&mut state.scan, scan.clone());
        drop(state);
        for (path, reason) in &scan.unread {
            if !known.unread.iter().any(|(known, _)| known == path) {
                self.note(format!(
                    "{path}: it cannot be read, and is left out: {reason}"
                ));
            }
        }
        if scan.unnamed > 0 && known.unnamed == 0 {
            self.note(format!("and {} more that cannot be read", scan.unnamed));
        }
        // A summary is too late, if there ever is one.
        if !self.once && self.voice.speaks() && scan.outdated != known.outdated {
            let some = scan.outdated.iter().filter(|outdated| outdated.count > 0);
            some.for_each(|outdated| self.note(outdated.to_string()));
        }
    }

    /// All that is left to do, that of an earlier run included.
    pub(super) fn ahead(&self, left: u64) {
        if let Ok(style) = ProgressStyle::with_template(WORKING) {
            // A rate of many digits says no more than a short one.
            let rate = |state: &ProgressState, text: &mut dyn fmt::Write| {
                let _ = write!(text, "{:.0}/s", state.per_sec());
            };
            self.bar.set_style(style.with_key("rate", rate));
        }
        self.bar.set_length(self.bar.position() + left);
    }

    pub(super) fn watching(&self, images: &Path) {
        self.bar.finish_and_clear();
        if self.voice.speaks() {
            let images = printable(images.to_string_lossy());
            let tally = self.lock().scan.left_alone.clone();
            let left_alone = match tally.is_empty() {
                true => String::new(),
                false => format!(" ({tally})"),
            };
            let line = format_args!("watching {images}{left_alone}; stop with Ctrl-C");
            self.heard(self.voice.say(line));
        }
    }

    /// An engine is the one that works now, in place of another if there are `letters`
    /// to speak of: it may make what that one could not.
    pub(super) fn live(&self, engine: &EngineIdentity, letters: u64) {
        if !self.voice.speaks() {
            return;
        }
        let engine = printable(engine);
        self.heard(self.voice.say(format_args!("engine: {engine} is live")));
        if letters > 0 {
            let letters = plural(letters, "dead letter");
            self.heard(self.voice.say(format_args!(
                "{letters} of the engine before; to try again: {} redrive",
                self.folders
            )));
        }
    }

    pub(super) fn voice(&self) -> &Voice {
        &self.voice
    }

    /// Something that is no failure of an image.
    pub(super) fn note(&self, text: String) {
        self.heard(self.voice.note(format_args!("thimble: {text}")));
    }

    /// True if not all files were looked for.
    pub(super) fn was_cut_short(&self) -> bool {
        self.lock().scan.cut_short
    }

    /// True if there was something that could not be looked at.
    pub(super) fn left_out(&self) -> bool {
        !self.lock().scan.unread.is_empty()
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
        self.lock().counts.add(report);
        for object in &report.objects {
            self.object(report, object);
        }
        if report.may_leave() {
            self.bar.inc(1);
        }
    }

    fn object(&self, message: &MessageReport, object: &ObjectReport) {
        let location = object.location.as_ref();
        let key = location.map_or("", |location| location.key.as_str());
        let what = location.map_or(message.id.as_str(), |location| location.key.as_str());
        let skipped = object.result.as_ref().ok().and_then(|of| of.skipped);
        self.pass_over(key, skipped);
        match &object.result {
            Ok(outcome) => {
                self.lock().mend(what);
                self.warn(key, &outcome.warnings);
            }
            Err(error) if message.dead_lettered => self.lock().fail(what, Row::of(key, error)),
            Err(_) => {}
        }
        if self.voice.is_json() {
            self.heard(self.voice.say_json(&line(message, object)));
        } else if !self.once {
            self.tell(key, message, object);
        }
    }

    /// Count what is no image, and tell of it once where others are told of as they come.
    fn pass_over(&self, key: &str, skipped: Option<Skipped>) {
        if skipped != Some(Skipped::NotAnImage) {
            self.passed_over.forget(key);
        } else if self.passed_over.tell(key) && !self.once && self.voice.speaks() {
            let key = printable(key);
            self.heard(self.voice.say(format_args!("{key}: no image, left alone")));
        }
    }

    /// Tell of thumbnails that are not all that they could be.
    fn warn(&self, key: &str, warnings: &[String]) {
        if !self.voice.speaks() {
            return;
        }
        for warning in warnings {
            self.lock().warnings += 1;
            if !self.once || self.lock().warnings <= WARNINGS {
                let (key, warning) = (printable(key), printable(warning));
                self.heard(self.voice.note(format_args!("{key}: warning: {warning}")));
            }
        }
    }

    /// Tell at once what a summary is too late for.
    fn tell(&self, key: &str, message: &MessageReport, object: &ObjectReport) {
        let key = printable(key);
        match &object.result {
            Ok(outcome) if self.voice.speaks() => {
                if let Some(changed) = changed(outcome) {
                    self.heard(self.voice.say(format!("{key}: {changed}")));
                }
            }
            Err(error) if message.dead_lettered => {
                let line = format!("{key}: {}", with_causes(error));
                self.heard(self.voice.note(line));
            }
            _ => {}
        }
    }

    /// Dead letters went: their images were mended or removed.
    pub(super) fn cleared(&self, cleared: &Cleared) {
        let mut state = self.lock();
        state.cleared += cleared.letters;
        cleared.images.iter().for_each(|image| state.mend(image));
        drop(state);
        if self.once || !self.voice.speaks() {
            return;
        }
        for image in &cleared.images {
            let image = printable(image);
            self.heard(self.voice.say(format!("{image}: its dead letter is gone")));
        }
    }

    /// The work is over: tell what was done, and how many messages are `left`.
    pub(super) fn finish(&self, left: u64, dead_letters: Depth) -> io::Result<()> {
        self.bar.finish_and_clear();
        let mut lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = lost.take() {
            return Err(error);
        }
        let state = self.lock();
        let State {
            counts,
            failed,
            unnamed,
            warnings,
            cleared,
            scan,
            ..
        } = &*state;
        // An image that several messages speak of failed once.
        let lost = (failed.len() + unnamed.len()) as u64;
        let seconds = self.begun.elapsed().as_secs_f64();
        let not_images = self.passed_over.keys();
        let not_images: NotImages = not_images.iter().map(Path::new).collect();
        if self.voice.is_json() {
            let mut line = summary(&state, lost, seconds, left);
            line["notImages"] = json!(not_images.counts());
            line["deadLetters"] = dead_letters.total().into();
            line["lettersCleared"] = (*cleared).into();
            let line = json!({ "summary": line });
            return self.voice.say_json(&line);
        }
        if self.voice.is_quiet() {
            let failed = failed.values().filter(|_| self.once);
            return show::complaints(failed, &self.voice);
        }
        let up_to_date = match self.once {
            true => scan.images - scan.to_do,
            false => counts.up_to_date,
        };
        let words = words(counts, up_to_date, lost, *cleared);
        self.voice.say(format_args!("{words} ({seconds:.1} s)"))?;
        for line in remarks(scan, if self.once { left } else { 0 }) {
            self.voice.say(line)?;
        }
        if not_images.total() > 0 {
            self.voice.say(&not_images)?;
        }
        if self.once && *warnings > WARNINGS {
            let more = plural(warnings - WARNINGS, "more warning");
            self.voice
                .note(format_args!("and {more}; --json has them all"))?;
        }
        if !self.once || failed.is_empty() {
            return Ok(());
        }
        self.voice.say("\nno thumbnails could be made of:")?;
        show::table(failed.values(), &self.voice)?;
        if !unnamed.is_empty() {
            let more = unnamed.len();
            self.voice.say(format_args!(
                "  and {more} more; see: {} dead-letters",
                self.folders
            ))?;
        }
        Ok(())
    }
}

impl State {
    fn fail(&mut self, what: &str, row: Row) {
        if self.failed.len() < NAMED || self.failed.contains_key(what) {
            self.unnamed.remove(what);
            self.failed.insert(what.to_owned(), row);
        } else {
            self.unnamed.insert(what.to_owned());
        }
    }

    /// Whatever failed before has gone well now.
    fn mend(&mut self, what: &str) {
        self.failed.remove(what);
        self.unnamed.remove(what);
    }
}

/// Words for the thumbnails of an image that were made or removed, if any were.
fn changed(outcome: &Outcome) -> Option<String> {
    let thumbnails = |keys: &[String], what| plural(keys.len() as u64, what);
    match (outcome.written.as_slice(), outcome.removed.as_slice()) {
        ([], []) => None,
        ([], removed) => Some(format!(
            "removed, with {}",
            thumbnails(removed, "thumbnail")
        )),
        (made, []) => Some(thumbnails(made, "thumbnail")),
        (made, removed) => Some(format!(
            "{}, {} removed",
            thumbnails(made, "thumbnail"),
            thumbnails(removed, "old thumbnail"),
        )),
    }
}

fn words(counts: &Counts, up_to_date: u64, lost: u64, cleared: u64) -> String {
    let images = plural(counts.made, "image");
    let thumbnails = plural(counts.thumbnails, "thumbnail");
    let mut text = format!("{images}, {thumbnails}");
    for (count, what) in [(up_to_date, "up to date"), (lost, "failed")] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if counts.gone > 0 {
        text.push_str(&format!(", {} removed", plural(counts.gone, "image")));
    }
    if counts.outdated > 0 {
        let outdated = plural(counts.outdated, "old thumbnail");
        text.push_str(&format!(", {outdated} removed"));
    }
    if cleared > 0 {
        text.push_str(&format!(", {} gone", plural(cleared, "dead letter")));
    }
    text
}

/// Lines about what was not done.
fn remarks(scan: &Scan, left: u64) -> Vec<String> {
    let mut lines = Vec::new();
    if !scan.left_alone.is_empty() {
        lines.push(scan.left_alone.to_string());
    }
    let some = scan.outdated.iter().filter(|outdated| outdated.count > 0);
    lines.extend(some.map(ToString::to_string));
    let unread = scan.unread.len() as u64 + scan.unnamed;
    if unread > 0 {
        lines.push(format!("{unread} left out, which cannot be read"));
    }
    match (scan.cut_short, left) {
        (true, _) => lines.push(format!(
            "stopped while looking for images: at least {left} left; the next run goes on from here"
        )),
        (false, 0) => {}
        (false, left) => lines.push(format!(
            "stopped: {left} left; the next run goes on from here"
        )),
    }
    lines
}

fn summary(state: &State, lost: u64, seconds: f64, left: u64) -> serde_json::Value {
    let State { counts, scan, .. } = state;
    let left_alone = scan.left_alone.counts();
    let left_alone: BTreeMap<&str, u64> = left_alone
        .map(|(reason, count)| (reason.as_str(), count))
        .collect();
    json!({
        "done": counts.objects.done,
        "skipped": counts.objects.skipped,
        "upToDate": scan.images - scan.to_do,
        "rejected": lost,
        "retried": counts.objects.rejected + counts.objects.retried - counts.lost,
        "thumbnails": counts.thumbnails,
        "removed": counts.removed,
        "outdated": scan.outdated.as_ref().map_or(0, |outdated| outdated.count),
        "leftAlone": left_alone,
        "unread": scan.unread.len() as u64 + scan.unnamed,
        "left": left,
        "bytesRead": counts.bytes_read,
        "bytesWritten": counts.bytes_written,
        "seconds": seconds,
        "engineSeconds": counts.engine.as_secs_f64(),
    })
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
            "reason": outcome.reason,
            "written": outcome.written,
            "removed": outcome.removed,
            "warnings": outcome.warnings,
            "milliseconds": (object.took.as_secs_f64() * 1e5).round() / 100.0,
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
