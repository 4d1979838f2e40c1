//! `thimble worker`: the work of the function, on a machine of your own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::sync::watch;

use super::monitor::{self, HEALTH, SILENCE, Tally};
use super::options::{ConfigFile, EngineFile};
use super::page::{PageOptions, Shown};
use super::place::{self, Buckets, QueuePlace, StorePlace};
use super::queues::{self, Links};
use super::setup::{self, Overrides, usage};
use super::signals::Stop;
use super::stores;
use super::voice::Voice;
use super::{Failure, Outcome, block_on, number};
use crate::batch::PermanentFailures;
use crate::config::Config;
use crate::engines::EngineStore;
use crate::local::Folder;
use crate::page::{Letters, Parts};
use crate::ports::{Listing, ObjectStore, Queue, StoreProblem};
use crate::preset::Preset;
use crate::results::Results;
use crate::service::Plan;
use crate::telemetry::{self, Scrape};
use crate::text::printable;
use crate::worker::{self, Options, Pulse, Wish};

/// Time for a message besides that of its engine: reading, writing, and waiting
/// for memory.
const BESIDES: Duration = Duration::from_secs(90);

/// Time that a queue may fail before it is given up.
const PATIENCE: Duration = Duration::from_secs(300);

/// First pause of a message that is to be tried again.
const BACKOFF: Duration = Duration::from_secs(5);

/// Take messages from a queue and make the thumbnails they ask for.
///
/// It runs on ECS, on Kubernetes, on any machine. It does what the function does, is
/// configured by the same variables, and makes the same thumbnails. Messages stay hidden from others for as long as they are
/// worked on. On SIGTERM or Ctrl-C it takes nothing new, finishes what is in hand,
/// and ends with 0; give it two minutes before it is killed. What it had in hand when
/// it is killed comes back to the queue by itself.
///
/// The log goes to the standard error, a line of JSON for each image. Metrics go
/// to the standard output, a line each minute in the embedded metric format of
/// CloudWatch, unless --text or --quiet is given.
#[derive(Debug, Args)]
#[command(after_long_help = setup::variables())]
pub(super) struct Worker {
    /// The queue to work on: a URL or a folder; `thimble help queues` lists the kinds
    #[arg(long, value_name = "QUEUE", env = "SOURCE_QUEUE_URL")]
    pub(super) queue: QueuePlace,

    /// The store of images and thumbnails: s3://, gs:// (Google Cloud Storage), az:// (Azure Blob
    /// Storage), or a `thimble local` folder [default: the folder of the queue if that is one,
    /// otherwise s3://]
    #[arg(long, value_name = "STORE")]
    pub(super) store: Option<StorePlace>,

    /// The queue that rejected messages go to at once, with their reasons; sets
    /// DEAD_LETTER_QUEUE_URL and PERMANENT_FAILURES=dead-letter
    #[arg(long, value_name = "QUEUE")]
    dead_letters: Option<QueuePlace>,

    /// The bucket of the thumbnails; sets THUMBNAILS_BUCKET
    #[arg(long, value_name = "BUCKET")]
    thumbnails: Option<String>,

    /// A thumbnail of each image, such as small=200x200,cover,webp; may be given
    /// several times; sets PRESETS
    #[arg(long = "preset", value_name = "PRESET")]
    presets: Vec<Preset>,

    /// The images that are worked on at one time; sets CONCURRENCY
    #[arg(long, value_name = "NUMBER", value_parser = number::within::<u16>(1..=1024))]
    concurrency: Option<u16>,

    /// The engines that work at one time, each with ENGINE_MEMORY bytes at most;
    /// sets ENGINES
    #[arg(long, value_name = "NUMBER", value_parser = number::within::<u16>(1..=1024))]
    engines: Option<u16>,

    /// The visibility timeout of a message, in seconds; extended for as long as it is
    /// worked on
    #[arg(long, value_name = "SECONDS", default_value_t = 120,
          value_parser = number::within::<u64>(2..=43_200))]
    visibility: u64,

    #[arg(long, value_name = "ADDRESS:PORT", help = HEALTH)]
    health: Option<SocketAddr>,

    /// Show a status page to browsers here, such as 127.0.0.1:8090
    #[arg(long, value_name = "ADDRESS:PORT")]
    page: Option<SocketAddr>,

    #[command(flatten)]
    page_options: PageOptions,

    /// Work until the queue is empty, and end; a message that waits to be tried again, or that
    /// others have in hand, is waited for
    #[arg(long)]
    once: bool,

    /// Log only failures
    #[arg(long, short)]
    quiet: bool,

    /// Log words instead of JSON
    #[arg(long)]
    text: bool,

    #[command(flatten)]
    config: ConfigFile,

    #[command(flatten)]
    pub(super) engine: EngineFile,
}

/// Time that a worker gives a message whose engine has `engine_time`.
pub(super) fn budget(engine_time: Duration) -> Duration {
    engine_time + BESIDES
}

/// Surroundings of a worker.
struct World {
    queue: Arc<dyn Queue>,
    objects: Arc<dyn ObjectStore>,
    permanent: PermanentFailures,
    /// Dead letters, to look at, if there is a queue for them.
    letters: Option<Letters>,
    results: Option<Arc<dyn Results>>,
    engines: Option<EngineStore>,
}

impl Worker {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let folder = |path: &Path| place::local_root(path).map_err(usage);
        let store = match &self.store {
            Some(StorePlace::Folder(path)) => StorePlace::Folder(folder(path)?),
            Some(place) => place.clone(),
            None => match self.queue.folder() {
                Some(path) => StorePlace::Folder(folder(path)?),
                None => StorePlace::Cloud(Buckets::S3),
            },
        };
        let mut overrides = self.overrides();
        if let StorePlace::Folder(root) = &store {
            overrides.of_folder(Some(root));
        }
        block_on(async {
            let config = overrides.config().await?;
            let filter = if self.quiet {
                "warn"
            } else {
                &config.log_filter
            };
            telemetry::start(voice.log_format(self.text), filter);
            let world = self.world(&store, &config).await?;
            self.work(world, config, voice).await
        })
    }

    /// Options in the place of variables.
    pub(super) fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::default();
        overrides.set("THUMBNAILS_BUCKET", self.thumbnails.as_ref());
        overrides.set("CONCURRENCY", self.concurrency);
        overrides.set("ENGINES", self.engines);
        overrides.set("THIMBLE_CONFIG", self.config.name());
        let presets: Vec<String> = self.presets.iter().map(Preset::to_string).collect();
        overrides.set("PRESETS", (!presets.is_empty()).then(|| presets.join(" ")));
        if let Some(place) = &self.dead_letters {
            overrides.set("DEAD_LETTER_QUEUE_URL", Some(place.name()));
            overrides.set("PERMANENT_FAILURES", Some("dead-letter"));
        }
        overrides
    }

    /// The queue and the store, each wherever it is.
    async fn world(&self, store: &StorePlace, config: &Config) -> Result<World, Failure> {
        let mut links = Links::default();
        let objects: Arc<dyn ObjectStore> = match store {
            StorePlace::Folder(root) => Arc::new(Folder::open(root)?.store),
            StorePlace::Cloud(of) => setup::buckets(*of, &mut links.cloud).await?,
        };
        let results = match &config.results {
            Some(target) => Some(queues::results(target, &mut links).await?),
            None => None,
        };
        let engines = match &config.engines.store {
            Some(place) => Some(stores::open(place, &mut links.cloud).await?),
            None => None,
        };
        let (visibility, is_shown) = (self.visibility(), self.page.is_some());
        let queues::Work {
            queue,
            permanent,
            letters,
        } = queues::work(&self.queue, config, visibility, is_shown, &mut links).await?;
        Ok(World {
            queue,
            letters,
            objects,
            permanent,
            results,
            engines,
        })
    }

    async fn work(&self, world: World, config: Config, voice: &Voice) -> Result<Outcome, Failure> {
        let options = self.options(config.concurrency, config.engine_time);
        let door = self.page_options.door("--page", self.page).await?;
        let at_hand = self.engine.at_hand(config.follow().budget);
        let at_hand = if world.engines.is_some() {
            // The store has one, as a rule.
            at_hand.ok()
        } else {
            Some(at_hand?)
        };
        for bucket in config.settings.recipes.buckets() {
            check_bucket(&*world.objects, bucket).await?;
        }
        let spans = setup::spans()?;
        let objects = world.objects.clone();
        let plan = Plan {
            engines: world.engines,
            results: world.results,
            spans: spans.clone(),
            ..Plan::configured(config, world.objects, at_hand, world.permanent)
        };
        let scrape = self.health.and_then(|_| {
            let letters = plan.permanent.queue().cloned();
            Scrape::of_worker(world.queue.clone(), letters)
        });
        let service = setup::start(plan, voice).await?;
        let batch = service.batch.clone();
        let metrics = (!self.quiet && !self.text).then(|| voice.clone());
        let shown = door.map(|door| {
            let address = door.address();
            tracing::info!(page.address = address, "the status page is shown");
            door.open(Parts {
                place: printable(&self.queue),
                work: world.queue.clone(),
                letters: world.letters,
                objects,
                pipeline: service.pipeline.clone(),
                engine: service.engine.clone(),
                freshness: self.freshness(),
            })
        });
        let tally = Arc::new(Tally::new(service, scrape, metrics));
        let concurrency = options.concurrency;
        let pulse = Arc::new(Pulse::new(SILENCE + options.wait, 2 * options.budget));
        let (observer, listener) = (tally.clone(), shown.as_ref().map(Shown::listener));
        let observer = move |report: &_| {
            observer.add(report);
            if let Some(hear) = &listener {
                hear(report);
            }
        };
        let worker = worker::Worker::new(world.queue, batch, options, Arc::new(observer))
            .with_pulse(pulse.clone());
        let page = self.serve(pulse.clone(), &tally).await?;
        let first = if self.once { Wish::Finish } else { Wish::GoOn };
        let (wishes, wish) = watch::channel(first);
        let stop = Stop::watch_and(move || {
            tracing::info!("told to stop; work in progress is finished");
            pulse.stop();
            wishes.send_replace(Wish::Stop);
        });
        let telling = tokio::spawn(tally.clone().tell());
        tracing::info!(
            queue.name = self.queue.to_string(),
            queue.kind = self.queue.scheme(),
            worker.concurrency = concurrency,
            "worker started"
        );
        let worked = worker.run(wish).await;
        drop(stop);
        for task in [Some(telling), page].into_iter().flatten() {
            task.abort();
        }
        if let Some(shown) = shown {
            shown.end().await;
        }
        tally.end();
        if let Some(spans) = spans {
            tokio::task::spawn_blocking(move || spans.end()).await?;
        }
        worked?;
        Ok(Outcome::Done)
    }

    /// Age of the numbers of the status page: each request to a queue in the cloud costs.
    fn freshness(&self) -> Duration {
        Duration::from_secs(if self.queue.folder().is_some() { 1 } else { 10 })
    }

    /// The visibility timeout of a message.
    pub(super) fn visibility(&self) -> Duration {
        Duration::from_secs(self.visibility)
    }

    fn options(&self, concurrency: usize, engine_time: Duration) -> Options {
        let is_folder = self.queue.folder().is_some();
        Options {
            concurrency,
            visibility: self.visibility(),
            // The longest that SQS waits; each request costs.
            wait: Duration::from_secs(if self.once { 1 } else { 20 }),
            budget: budget(engine_time),
            backoff: if is_folder { BACKOFF / 10 } else { BACKOFF },
            patience: PATIENCE,
        }
    }

    /// Show the pulse and the metrics to those who ask.
    async fn serve(
        &self,
        pulse: Arc<Pulse>,
        tally: &Arc<Tally>,
    ) -> Result<Option<tokio::task::JoinHandle<()>>, Failure> {
        let Some(address) = self.health else {
            return Ok(None);
        };
        let (address, task) = monitor::serve(address, pulse, tally).await?;
        tracing::info!(health.address = address.to_string(), "health is answered");
        Ok(Some(task))
    }
}

/// Fails for a bucket that is not there: the first image would find out, and each
/// after it.
async fn check_bucket(objects: &dyn ObjectStore, bucket: &str) -> Result<(), Failure> {
    match objects.list(&Listing::new(bucket, "")).await {
        Err(error) if error.problem == StoreProblem::MissingBucket => Err(error.into()),
        // A worker may lack the permission to list, and whatever passes passes.
        _ => Ok(()),
    }
}
