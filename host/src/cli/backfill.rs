//! `thimble backfill`: thumbnails for the objects that a bucket already has.

use std::sync::Arc;

use clap::Args;
use indicatif::ProgressStyle;

use super::options::{ConfigFile, EngineFile};
use super::place::{QueuePlace, SourcePlace};
use super::queues::{self, Links};
use super::setup::{self, Overrides};
use super::signals::Stop;
use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, block_on, number};
use crate::backfill::{self, Choices, Ended, Estimate, Options, Report, Survey};
use crate::config::Config;
use crate::contract::Budget;
use crate::pipeline::Pipeline;
use crate::ports::ObjectStore;
use crate::preset::Preset;
use crate::service;
use crate::wasm::{Compiler, Runtime};

mod resume;
mod tell;

/// Messages that are sent without asking first: they cost a few cents.
const UNASKED: u64 = 1_000;

/// Ask for the thumbnails of images that are in a bucket already.
///
/// A message is put into the queue for each image, as the bucket itself would do
/// if the image were written now; the function or the worker behind the queue makes the thumbnails.
/// First the bucket is listed and an estimate of the cost is shown, with the prices
/// and assumptions it rests on. No more messages are sent than that counted, and
/// none about thumbnails, about objects that the configuration leaves out, or about
/// objects that are empty or too large.
///
/// Stop it with Ctrl-C at any time: it prints the command that continues after the
/// last image it asked for. The variables are those of the function; what it leaves
/// out (KEY_PREFIXES, KEY_SUFFIXES, EXCLUDED_PREFIXES, MAX_SOURCE_BYTES) is left out
/// here too.
#[derive(Debug, Args)]
#[command(after_long_help = setup::variables())]
pub(super) struct Backfill {
    /// The images: s3://BUCKET, s3://BUCKET/PREFIX, the same with gs:// or az://, or a
    /// `thimble local` folder
    #[arg(value_name = "SOURCES")]
    sources: SourcePlace,

    /// The queue that the messages go to: a URL or a folder; `thimble help queues` lists the
    /// kinds
    #[arg(long, value_name = "QUEUE", env = "SOURCE_QUEUE_URL")]
    queue: QueuePlace,

    /// The bucket of the thumbnails; sets THUMBNAILS_BUCKET
    #[arg(long, value_name = "BUCKET")]
    thumbnails: Option<String>,

    /// A thumbnail of each image, such as small=200x200,cover,webp; may be given
    /// several times; sets PRESETS
    #[arg(long = "preset", value_name = "PRESET")]
    presets: Vec<Preset>,

    /// Only count, and estimate the cost; nothing is made
    #[arg(long)]
    dry_run: bool,

    /// Only images whose thumbnails are missing or out of date for this engine and
    /// these presets; asks S3 a few times for each image, with --dry-run too
    #[arg(long)]
    missing_only: bool,

    /// Only images whose thumbnails are missing, or were made by other settings of presets,
    /// names, buckets or headers, whichever engine made them: after a change of the
    /// configuration file
    #[arg(long, conflicts_with = "missing_only")]
    changed: bool,

    /// Only images whose keys sort after this one, to continue an earlier run
    #[arg(long, value_name = "KEY")]
    after: Option<String>,

    /// The most messages to send
    #[arg(long, value_name = "NUMBER", value_parser = number::within::<u64>(0..=u64::MAX))]
    max: Option<u64>,

    /// The most messages a second
    #[arg(long, value_name = "NUMBER", value_parser = setup::rate)]
    rate: Option<f64>,

    /// Send more than 1000 messages without asking
    #[arg(long)]
    yes: bool,

    /// Print only failures, and the command that continues
    #[arg(long, short)]
    quiet: bool,

    /// Lines of JSON: the estimate, progress from time to time, a summary
    #[arg(long, conflicts_with = "quiet")]
    json: bool,

    #[command(flatten)]
    config: ConfigFile,

    #[command(flatten)]
    engine: EngineFile,
}

impl Backfill {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = voice.with_tone(self.quiet, self.json);
        block_on(async {
            let config = self.config().await?;
            let mut links = Links::default();
            let store = setup::store(&self.sources, &mut links.cloud).await?;
            let queue = if self.dry_run {
                queues::check_intake(&self.queue, &mut links).await?;
                None
            } else {
                Some(queues::intake(&self.queue, &mut links).await?)
            };
            let backfill = backfill::Backfill {
                queue,
                missing: self.missing(&store, &config).await?,
                store,
                options: self.options(),
                settings: config.settings,
            };
            self.carry_out(&backfill, &voice).await
        })
    }

    async fn config(&self) -> Result<Config, Failure> {
        let (root, bucket, _) = self.place();
        let mut overrides = Overrides::default();
        overrides.of_folder(root);
        overrides.set("SOURCE_BUCKET", Some(bucket));
        overrides.set("THUMBNAILS_BUCKET", self.thumbnails.as_ref());
        overrides.set("THIMBLE_CONFIG", self.config.name());
        let presets: Vec<String> = self.presets.iter().map(Preset::to_string).collect();
        overrides.set("PRESETS", (!presets.is_empty()).then(|| presets.join(" ")));
        overrides.config().await
    }

    /// The folder, if it is one, the bucket and the prefix of the sources.
    fn place(&self) -> (Option<&std::path::Path>, &str, &str) {
        match &self.sources {
            SourcePlace::Cloud { bucket, prefix, .. } => (None, bucket, prefix),
            SourcePlace::Folder {
                root,
                bucket,
                prefix,
            } => (Some(root), bucket, prefix),
        }
    }

    fn options(&self) -> Options {
        let (_, bucket, prefix) = self.place();
        Options {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            after: self.after.clone(),
            max: self.max,
            rate_per_second: self.rate,
        }
    }

    /// True if each image is looked at first.
    fn is_checked(&self) -> bool {
        self.missing_only || self.changed
    }

    /// The pipeline that knows whether thumbnails are missing, if asked for.
    async fn missing(
        &self,
        store: &Arc<dyn ObjectStore>,
        config: &Config,
    ) -> Result<Option<Arc<Pipeline>>, Failure> {
        if !self.is_checked() {
            return Ok(None);
        }
        let settings = config.settings.clone();
        let (presets, limits) = (settings.recipes.sets(), settings.limits);
        let load = self.engine.at_hand(Budget::default())?;
        let (runtime, compiler) = (Runtime::new()?, Compiler::new(config.engines.compile));
        let engine = service::at_hand(runtime, compiler, load, presets, limits).await;
        let engine = engine.map_err(setup::refused)?;
        let mut pipeline = Pipeline::new(store.clone(), Arc::new(engine), settings);
        if self.changed {
            pipeline = pipeline.taking_any_engine();
        }
        Ok(Some(Arc::new(pipeline)))
    }

    async fn carry_out(
        &self,
        backfill: &backfill::Backfill,
        voice: &Voice,
    ) -> Result<Outcome, Failure> {
        let stop = Stop::watch();
        let survey = survey(backfill, &stop, voice).await?;
        let estimate = self.estimate(backfill, &survey);
        let told = tell::estimate(&estimate, &survey, voice);
        if self.dry_run {
            told?;
        } else {
            unless_unheard(told)?;
        }
        self.check_consent(&estimate)?;
        if estimate.messages == 0 || (self.dry_run && !self.is_checked()) {
            return Ok(Outcome::Done);
        }
        let report = send(backfill, &survey, &stop, voice).await;
        self.end(&report, voice)
    }

    fn estimate(&self, backfill: &backfill::Backfill, survey: &Survey) -> Estimate {
        let messages = survey.objects.min(self.max.unwrap_or(u64::MAX));
        let presets = backfill.settings.recipes.most();
        let choices = Choices {
            told: backfill.settings.recipes.have_manifests(),
            checked: self.is_checked(),
        };
        Estimate::new(survey, messages, presets, choices)
    }

    /// Refuse to send what costs more than a few cents and was not agreed to.
    fn check_consent(&self, estimate: &Estimate) -> Result<(), Failure> {
        if self.yes || self.dry_run || estimate.messages <= UNASKED {
            return Ok(());
        }
        Err(Failure::Usage(format!(
            "{} messages would be sent, for about ${:.2}; add --yes to send them, --max to send \
             fewer, or --dry-run to send none",
            estimate.messages, estimate.dollars
        )))
    }

    /// Tell how it ended, and the command that continues if it is not finished.
    fn end(&self, report: &Report, voice: &Voice) -> Result<Outcome, Failure> {
        let command = match (&report.ended, &report.after) {
            (Ended::Done, _) => None,
            (_, after) => Some(resume::command(std::env::args(), after.as_deref())),
        };
        let told = tell::summary(report, command.as_deref(), self.dry_run, voice);
        unless_unheard(told)?;
        Ok(match report.ended {
            Ended::Done | Ended::Enough => Outcome::Done,
            Ended::Interrupted | Ended::Failed(_) => Outcome::Incomplete,
        })
    }
}

/// Count what there is to do.
async fn survey(
    backfill: &backfill::Backfill,
    stop: &Stop,
    voice: &Voice,
) -> Result<Survey, Failure> {
    let bar = voice.bar();
    let survey = backfill.survey(|survey: &Survey| {
        bar.set_message(format!("{} images counted", survey.objects));
        bar.tick();
        stop.flow()
    });
    let survey = survey.await?;
    bar.finish_and_clear();
    if survey.is_whole {
        Ok(survey)
    } else {
        let text = "stopped while counting; nothing was sent";
        Err(Failure::Usage(text.to_owned()))
    }
}

/// Send the messages, and show how far it is.
async fn send(
    backfill: &backfill::Backfill,
    survey: &Survey,
    stop: &Stop,
    voice: &Voice,
) -> Report {
    let bar = voice.bar();
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {pos}/{len} images, {per_sec}, {eta} left")
    {
        bar.set_style(style);
    }
    bar.set_length(survey.objects);
    let mut told_at = 0;
    let report = backfill.run(survey, |report: &Report| {
        bar.set_position(report.sent + report.up_to_date);
        // The summary says all of it again.
        let _ = tell::progress(report, &mut told_at, voice);
        stop.flow()
    });
    let report = report.await;
    bar.finish_and_clear();
    report
}
