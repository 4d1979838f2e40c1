//! `thimble redrive`: dead letters go back to be tried again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::place::QueuePlace;
use super::queues::{self, DEAD_LETTERS, Links, WORK};
use super::setup;
use super::show::{self, Row};
use super::signals::Stop;
use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, block_on, number};
use crate::letter::Choice;
use crate::redrive::{self, Fate, Options, Report};
use crate::telemetry;
use crate::text::{plural, printable};

/// Send dead letters back to the queue they came from.
///
/// Each is sent first and deleted after, so that none is lost; of copies that an
/// earlier run could not delete, one is sent. No more are looked at than there
/// were when it began, so letters that fail again at once are not chased. Looking
/// at a letter raises its receive count, with --dry-run too.
///
/// Stop it with Ctrl-C at any time: what was not moved stays, and can be seen
/// again at once.
#[derive(Debug, Args)]
pub(super) struct Redrive {
    /// The dead-letter queue: a URL or a folder; `thimble help queues` lists the kinds
    #[arg(long, value_name = "QUEUE", env = "DEAD_LETTER_QUEUE_URL")]
    from: QueuePlace,

    /// The queue they are sent to: a URL or a folder
    #[arg(long, value_name = "QUEUE", env = "SOURCE_QUEUE_URL")]
    to: QueuePlace,

    #[command(flatten)]
    options: RedriveOptions,

    /// Write a file of metrics about this redrive, which ends in .prom, for the textfile
    /// collector of Prometheus' node exporter
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,

    /// Print only failures
    #[arg(long, short)]
    quiet: bool,

    /// The report as a line of JSON
    #[arg(long, conflicts_with = "quiet")]
    json: bool,
}

/// Choice of the letters to try again, and the pace.
#[derive(Debug, Args)]
pub(super) struct RedriveOptions {
    /// The most letters to send
    #[arg(long, value_name = "NUMBER", value_parser = number::within::<u64>(0..=u64::MAX))]
    max: Option<u64>,

    /// Only letters about images whose keys begin with this
    #[arg(long, value_name = "PREFIX")]
    key_prefix: Option<String>,

    /// Only letters with this kind of failure, such as engine-trap
    #[arg(long, value_name = "KIND", value_parser = setup::kind)]
    error_kind: Option<String>,

    /// The most letters a second
    #[arg(long, value_name = "NUMBER", value_parser = setup::rate)]
    rate: Option<f64>,

    /// Only show which letters would be sent
    #[arg(long)]
    dry_run: bool,
}

impl RedriveOptions {
    pub(super) fn options(&self) -> Options {
        Options {
            max: self.max,
            dry_run: self.dry_run,
            choice: Choice {
                key_prefix: self.key_prefix.clone(),
                error_kind: self.error_kind.clone(),
                ..Choice::default()
            },
            rate_per_second: self.rate,
        }
    }
}

impl Redrive {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = voice.with_tone(self.quiet, self.json);
        let outcome = self.redrive(&voice);
        if let Some(file) = &self.metrics {
            let is_whole = matches!(outcome, Ok(Outcome::Done));
            write_metrics(file, is_whole)?;
        }
        outcome
    }

    fn redrive(&self, voice: &Voice) -> Result<Outcome, Failure> {
        block_on(async {
            let mut links = Links::default();
            let from = queues::receiver(&self.from, DEAD_LETTERS, &mut links).await?;
            let to = queues::sender(&self.to, WORK, &mut links).await?;
            if from.to_string() == to.to_string() {
                let text = "--from and --to are the same queue; name the dead-letter queue and the \
                            source queue";
                return Err(Failure::Usage(text.to_owned()));
            }
            let options = self.options.options();
            carry_out(&redrive::Redrive { from, to, options }, voice).await
        })
    }
}

/// Write the metrics of a redrive: whole, as a collector may look at any time.
fn write_metrics(file: &Path, is_whole: bool) -> Result<(), Failure> {
    let Some(text) = telemetry::redriven(is_whole) else {
        return Err(Failure::Usage(
            "--metrics writes nothing: this program was built without the feature `monitors`"
                .to_owned(),
        ));
    };
    let beside = file.with_extension("part");
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    written.map_err(|error| {
        let file = file.display();
        Failure::Usage(format!(
            "--metrics cannot write {file}; choose another file: {error}"
        ))
    })
}

/// Move the letters and tell what became of them.
pub(super) async fn carry_out(
    redrive: &redrive::Redrive,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let bar = voice.bar();
    let stop = Stop::watch();
    let watch = |_: &redrive::Entry| {
        bar.inc(1);
        stop.flow()
    };
    let report = redrive.run_watched(None, watch).await?;
    bar.finish_and_clear();
    unless_unheard(tell(&report, voice))?;
    Ok(stop.outcome(report.failed))
}

fn tell(report: &Report, voice: &Voice) -> io::Result<()> {
    if voice.is_json() {
        return voice.say_json(report);
    }
    for entry in &report.entries {
        if let Fate::Unsent { why } | Fate::Undeleted { why } = &entry.fate {
            let key = printable(entry.key.as_deref().unwrap_or(&entry.id));
            voice.note(format_args!("thimble: {key}: {}", printable(why)))?;
        }
    }
    if !voice.speaks() {
        return Ok(());
    }
    let moved = report
        .entries
        .iter()
        .filter(|entry| matches!(entry.fate, Fate::Moved | Fate::WouldMove));
    let rows: Vec<Row> = moved.map(Row::of_entry).collect();
    show::table(rows.iter(), voice)?;
    let verb = if report.dry_run {
        "would be sent back"
    } else {
        "sent back"
    };
    voice.say(format_args!(
        "{} {verb}, {} skipped, {} failed, {} left",
        plural(report.moved, "dead letter"),
        report.skipped,
        report.failed,
        report.left
    ))
}
