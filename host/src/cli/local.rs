//! `thimble local`: a folder of images becomes a folder of thumbnails.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::engine::TrustOptions;
use super::excluding::Excluding;
use super::monitor::HEALTH;
use super::options::{ConfigFile, EngineOptions};
use super::page::PageOptions;
use super::queues::FolderQueues;
use super::redrive::RedriveOptions;
use super::setup;
use super::voice::Voice;
use super::{Failure, Outcome, block_on, number};
use crate::config::file::Given;
use crate::config::{self, Followed};
use crate::engines::{ChannelName, Options, WithoutKey};
use crate::local::{Folder, IMAGES, Layout, PassedOver, ResultFolder, Rules, THUMBNAILS};
use crate::manifest::{ManifestName, Manifests};
use crate::naming::Naming;
use crate::pipeline::{Filter, Settings};
use crate::preset::Preset;
use crate::recipe::{Recipe, Recipes};
use crate::results::Results;
use crate::service::Plan;

mod begin;
mod clearing;
mod letters;
mod on_result;
mod run;
mod summary;

use on_result::OnResult;
use summary::Told;

/// Pause between two looks at DIR/engines, and at the configuration file: a look costs next
/// to nothing here, and somebody may be waiting for it.
const CHECK_EVERY: Duration = Duration::from_secs(2);

/// Sources that are read before an engine is free.
const AHEAD: usize = 2;

/// Images whose thumbnails may be on their way to the disk, which takes several of them
/// at one time. They have an engine and their sources behind them.
const AT_THE_DISK: usize = 16;

const EXAMPLES: &str = "\
Examples:
  thimble local ~/Pictures --thumbnails ~/Thumbnails          keep the one up to date with the other
  thimble local ~/Pictures --thumbnails ~/Thumbnails --once   the same, and end
  thimble local ~/Pictures --thumbnails ~/Thumbnails --serve  the same, with a page at http://127.0.0.1:8090/
  thimble local album                                         album/images to album/thumbnails";

/// Keep a folder of thumbnails of a folder of images.
///
/// With --thumbnails the images are those in DIR and its folders, where nothing is
/// written. Without, they are those in DIR/images, and the thumbnails go to
/// DIR/thumbnails. Hidden files, litter of other programs such as Thumbs.db and
/// @eaDir, and links are left alone. Sidecars, videos and other files that are no images
/// are counted; with --manifest, --results or --on-result, by which somebody waits to
/// hear of each file, they fail.
///
/// Images may be added, changed and removed at any time. An image that cannot
/// be made into thumbnails becomes a dead letter with its reason. Mend, replace or
/// remove it, and the letter goes; or try it again with `redrive`. It is no failure
/// of the program, which can be stopped at any moment and goes on where it was. If
/// there is a folder DIR/engines, its channel says which engine works; see `thimble engine`.
/// The folder .thimble beside the thumbnails holds what it remembers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Local {
    /// The folder of the images; without --thumbnails, the one that has `images` and
    /// `thumbnails` in it, which are made if they are missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// The folder of the thumbnails, which is made if it is missing [default:
    /// DIR/thumbnails, of the images in DIR/images]
    #[arg(long, value_name = "DIR", global = true)]
    thumbnails: Option<PathBuf>,

    #[command(flatten)]
    excluding: Excluding,

    /// Look at the whole folder every so often, besides listening for changes: for
    /// network drives, whose changes are not all heard
    #[arg(long, value_name = "SECONDS", conflicts_with = "once",
          value_parser = number::within::<u64>(1..=86_400))]
    poll: Option<u64>,

    /// Work off what is there, print a summary, and end
    #[arg(long)]
    once: bool,

    /// A thumbnail of each image, such as small=200x200,cover,webp; may be given
    /// several times [default: 75x75, 125x125 and 1280x720]
    #[arg(long = "preset", value_name = "PRESET")]
    presets: Vec<Preset>,

    /// Write a manifest of each image beside its thumbnails, IMAGE/manifest.json: their
    /// sizes, digests and a placeholder, or the reason why there are none
    #[arg(long)]
    manifest: bool,

    /// Write a file for each image that is done, or failed for good, to this folder: its
    /// manifest, to be taken away by whoever waits for it; implies --manifest
    #[arg(long, value_name = "DIR", conflicts_with = "on_result")]
    results: Option<PathBuf>,

    /// Run this for each image that is done, or failed for good, with its manifest as input
    /// and THIMBLE_STATE, THIMBLE_KEY and THIMBLE_RESULT set; again later, unless it ends
    /// with 0; implies --manifest
    #[arg(long, value_name = "COMMAND")]
    on_result: Option<String>,

    /// The images that are worked on at one time [default: 18 more than cores]
    #[arg(long, value_name = "NUMBER", value_parser = number::within::<u16>(1..=1024))]
    concurrency: Option<u16>,

    /// Show a status page to browsers, at 127.0.0.1:8090 or at --serve=ADDRESS:PORT
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, require_equals = true,
          default_missing_value = "127.0.0.1:8090", conflicts_with = "once")]
    serve: Option<SocketAddr>,

    #[command(flatten)]
    page: PageOptions,

    #[arg(long, value_name = "ADDRESS:PORT", help = HEALTH, conflicts_with = "once")]
    health: Option<SocketAddr>,

    /// Print only failures
    #[arg(long, short, global = true)]
    quiet: bool,

    /// A line of JSON for each image, and a summary
    #[arg(long, global = true, conflicts_with = "quiet")]
    json: bool,

    #[command(flatten)]
    config: ConfigFile,

    #[command(flatten)]
    engine: EngineOptions,

    /// The channel of DIR/engines that says which engine is live
    #[arg(long, value_name = "NAME", default_value_t)]
    channel: ChannelName,

    #[command(flatten)]
    trusted: TrustOptions,

    #[command(subcommand)]
    command: Option<Command>,
}

/// Other things to do with a folder, also while another process watches it.
#[derive(Debug, Subcommand)]
enum Command {
    /// Count what is queued, in progress, and failed
    Status,
    /// List the images that failed, by name, with the reasons
    DeadLetters,
    /// Send dead letters back to be tried again
    Redrive(RedriveOptions),
    /// Delete dead letters; the images themselves stay
    Purge,
    /// Anything else: a second folder, most likely, as other tools take it.
    #[command(external_subcommand)]
    Other(Vec<OsString>),
}

impl Local {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = &voice.with_tone(self.quiet, self.json);
        if let Some(Command::Other(words)) = &self.command {
            return Err(begin::no_command(&self.folder, words));
        }
        let layout = match &self.thumbnails {
            Some(target) => Layout::between(&self.folder, target)?,
            None => Layout::of(&self.folder)?,
        };
        begin::check(&layout, &self.folder)?;
        let folders = &begin::folders(self);
        block_on(async {
            match &self.command {
                Some(Command::Status) => letters::status(&layout, folders, voice).await,
                Some(Command::DeadLetters) => letters::list(&layout, voice).await,
                Some(Command::Redrive(options)) => {
                    letters::redrive(&layout, folders, options, voice).await
                }
                Some(Command::Purge) => letters::purge(&layout, folders, voice).await,
                None | Some(Command::Other(_)) => {
                    let rules = self.rules(&layout)?;
                    begin::mention(&layout, voice)?;
                    run::run(self, &Folder::with(layout)?, rules, voice).await
                }
            }
        })
    }

    /// The rules of walks over the images, whose folder may be named in patterns as it was
    /// here.
    fn rules(&self, layout: &Layout) -> Result<Rules, Failure> {
        let named = self.thumbnails.as_ref().map(|_| self.folder.as_path());
        self.excluding.rules(named.unwrap_or(layout.images()), &[])
    }

    /// Name the patterns that left nothing alone in the first look at the folder.
    fn tell_idle_patterns(&self, told: &Told) -> std::io::Result<()> {
        match told.was_cut_short() {
            true => Ok(()),
            false => self.excluding.tell(told.voice()),
        }
    }

    /// The host of `folder`: its own store of engines says which one works, if it
    /// has one, and otherwise the one that was named or found does.
    fn plan(
        &self,
        folder: &Folder,
        queues: &FolderQueues,
        passed_over: Arc<PassedOver>,
    ) -> Result<Plan, Failure> {
        let (recipes, file) = self.recipes()?;
        let settings = self.settings(recipes);
        let engines = folder.engines();
        let at_hand = self.engine.at_hand();
        Ok(Plan {
            objects: Arc::new(folder.store.clone()),
            at_hand: match engines {
                Some(_) => at_hand.ok(),
                None => Some(at_hand?),
            },
            engines,
            follow: Options {
                channel: self.channel.clone(),
                trust: self.trusted.trust(),
                check_every: CHECK_EVERY,
                without_key: WithoutKey::Compile,
                recipes: settings.recipes.clone().into(),
                limits: settings.limits,
                budget: self.engine.budget(),
                compile: self.engine.compile(),
            },
            permanent: queues.permanent(),
            file,
            results: self.results(folder.layout())?,
            bystanders: Some(passed_over),
            spans: setup::spans()?,
            concurrency: self.concurrency(),
            settings,
        })
    }

    fn concurrency(&self) -> usize {
        let most = cores() + AHEAD + AT_THE_DISK;
        self.concurrency.map_or(most, usize::from)
    }

    fn settings(&self, recipes: Recipes) -> Settings {
        Settings {
            recipes,
            limits: self.engine.limits(),
            max_source: self.engine.max_bytes(),
            sources: Filter::default(),
            skip_existing: true,
            propagate_deletes: true,
            memory: config::MEMORY,
            in_memory: self.concurrency.map_or(cores() + AHEAD, usize::from),
            engines: cores(),
        }
    }

    /// The thumbnails of each image: those of the file, which is followed, unless options say
    /// otherwise.
    fn recipes(&self) -> Result<(Recipes, Option<Followed>), Failure> {
        let presets = self.presets()?;
        let given = Given {
            presets: presets.clone(),
            bucket: Some(THUMBNAILS.to_owned()),
            is_only_bucket: true,
            // Whoever looks at an image that failed wants to know why.
            manifests: self.has_manifests().then_some(true),
            own: Some(IMAGES.to_owned()),
            ..Given::default()
        };
        if let Some((recipes, file)) = self.config.followed(given, CHECK_EVERY)? {
            return Ok((recipes, Some(file)));
        }
        let presets = presets.unwrap_or_else(|| Preset::defaults().into());
        let recipes = Recipes {
            rules: Vec::new(),
            default: Recipe {
                bucket: THUMBNAILS.to_owned(),
                manifests: self.manifests(&presets)?,
                ..Recipe::of(presets)
            },
        };
        Ok((recipes, None))
    }

    /// True if images have manifests, because they or results are asked for.
    fn has_manifests(&self) -> bool {
        self.manifest || self.tells_results()
    }

    /// True if somebody waits for results.
    fn tells_results(&self) -> bool {
        self.results.is_some() || self.on_result.is_some()
    }

    /// The receiver of results, if there is one.
    fn results(&self, layout: &Layout) -> Result<Option<Arc<dyn Results>>, Failure> {
        if let Some(command) = &self.on_result {
            return Ok(Some(Arc::new(OnResult::new(command))));
        }
        let Some(folder) = &self.results else {
            return Ok(None);
        };
        let results = ResultFolder::open(folder)?;
        let real = folder.canonicalize()?;
        let images = layout.images().canonicalize()?;
        if real.starts_with(&images) {
            return Err(Failure::Usage(format!(
                "each result would become an image; choose a folder outside the images: {results}"
            )));
        }
        Ok(Some(Arc::new(results)))
    }

    /// The manifests, of images that fail as well: whoever looks at one wants to know.
    fn manifests(&self, presets: &[Preset]) -> Result<Option<Manifests>, Failure> {
        let naming = Naming::default();
        let name = ManifestName::beside(&naming);
        match name.check(&naming, presets) {
            Err(error) if self.has_manifests() => Err(Failure::Usage(error.to_string())),
            _ => Ok(self.has_manifests().then_some(Manifests {
                name,
                of_rejected: true,
            })),
        }
    }

    /// The thumbnails that are asked for, each under a name of its own.
    fn presets(&self) -> Result<Option<Vec<Preset>>, Failure> {
        if self.presets.is_empty() {
            return Ok(None);
        }
        for (index, preset) in self.presets.iter().enumerate() {
            let before = self.presets.iter().take(index);
            if before
                .into_iter()
                .any(|known| known.name() == preset.name())
            {
                let name = preset.name();
                return Err(Failure::Usage(format!("two presets have one name: {name}")));
            }
        }
        Ok(Some(self.presets.clone()))
    }
}

/// Cores of this machine that are ours.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
