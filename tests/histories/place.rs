//! The place of a history: two buckets, two queues, an engine, and workers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use thimble::batch::{Batch, PermanentFailures};
use thimble::event::{self, Change};
use thimble::memory::MemoryQueue;
use thimble::object::Location;
use thimble::ports::{Outgoing, Queue, ReceiveOptions};
use thimble::recipe::{InForce, Recipes};
use thimble::redrive::{Fate, Options, Redrive, Report};
use thimble::results::QueuedResults;
use thimble::testing::world::{IMAGES, World};
use thimble::testing::{Fault, MeddledQueue, Meddler};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::configured;
use crate::history::{Step, Weather};

/// Receptions of a message before it becomes a dead letter.
const RECEIVES: u32 = 3;

/// Visibility timeout: longer than a batch takes, as it should be.
const VISIBILITY: Duration = Duration::from_secs(60);

/// Time for a batch.
const BATCH: Duration = Duration::from_secs(45);

/// Most redrives that are needed when nothing goes wrong any more.
const PATIENCE: usize = 3;

/// Settings of all hosts of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// Thumbnails alone.
    Bare,
    /// A manifest for each source.
    Manifests,
    /// The same, and rules that change.
    Rules,
}

pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) setting: Setting,
    in_force: InForce,
    source: Arc<MemoryQueue>,
    pub(crate) dead: Arc<MemoryQueue>,
    pub(crate) results: Arc<MemoryQueue>,
    sky: Arc<Sky>,
    /// News that has not arrived yet.
    news: Vec<String>,
    /// Every body that a source ever had, by its key.
    pub(crate) versions: BTreeMap<String, BTreeSet<String>>,
    written: u32,
    working: JoinSet<Vec<String>>,
    pub(crate) broken: Vec<String>,
    pub(crate) tally: Tally,
}

/// Counts of the things that can happen, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    pub(crate) fn count(&mut self, thing: &'static str, times: u64) {
        *self.0.entry(thing).or_default() += times;
    }

    pub(crate) fn of(&self, thing: &str) -> u64 {
        self.0.get(thing).copied().unwrap_or_default()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (thing, times) in &other.0 {
            self.count(thing, *times);
        }
    }
}

/// Source of the weather.
#[derive(Debug)]
struct Sky {
    weather: Weather,
    calls: AtomicUsize,
    faults: AtomicU64,
    clear: std::sync::atomic::AtomicBool,
}

impl Sky {
    fn next(&self) -> (Fault, Duration) {
        let Weather(list) = &self.weather;
        if self.clear.load(Ordering::Relaxed) || list.is_empty() {
            return (Fault::None, Duration::ZERO);
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        let (fault, slow) = list
            .get(call % list.len())
            .copied()
            .unwrap_or((Fault::None, Duration::ZERO));
        self.faults
            .fetch_add(u64::from(fault != Fault::None), Ordering::Relaxed);
        (fault, slow)
    }

    fn meddler(self: &Arc<Self>) -> Meddler {
        let sky = self.clone();
        Arc::new(move |_| {
            let (fault, slow) = sky.next();
            Box::pin(async move {
                tokio::time::sleep(slow).await;
                fault
            })
        })
    }
}

impl Place {
    pub(crate) fn new(weather: Weather, setting: Setting) -> Self {
        let mut world = match setting {
            Setting::Bare => World::new(),
            Setting::Manifests | Setting::Rules => World::new().with_manifests(),
        };
        if setting == Setting::Rules {
            world.settings.recipes = configured::recipes(0);
        }
        let dead = Arc::new(MemoryQueue::new("dead"));
        let source = MemoryQueue::with_dead_letters("source", RECEIVES, dead.clone());
        Self {
            in_force: world.settings.recipes.clone().into(),
            world,
            setting,
            source: Arc::new(source),
            dead,
            results: Arc::new(MemoryQueue::new("results")),
            sky: Arc::new(Sky {
                weather,
                calls: AtomicUsize::new(0),
                faults: AtomicU64::new(0),
                clear: false.into(),
            }),
            news: Vec::new(),
            versions: BTreeMap::new(),
            written: 0,
            working: JoinSet::new(),
            broken: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Take one step. Whoever works goes on meanwhile.
    pub(crate) async fn take(&mut self, step: &Step) {
        match step {
            Step::Write { key, word } => self.write(*key, word).await,
            Step::Remove { key } => {
                let key = name(*key);
                self.world.remove(&key).await;
                self.tell(Change::Removed, &key);
            }
            Step::Arrive { which, again } => {
                if !self.news.is_empty() {
                    let index = which.index(self.news.len());
                    let body = if *again {
                        self.news.get(index).cloned().unwrap_or_default()
                    } else {
                        self.news.swap_remove(index)
                    };
                    self.arrive(body).await;
                }
            }
            Step::Work { most, killed } => {
                let work = work(self.worker(), self.queue(&self.source), *most);
                let (most, killed) = (killed.unwrap_or(BATCH * 2), killed.is_some());
                self.tally.count("killed", killed.into());
                self.working.spawn(async move {
                    // Nobody hears anything of somebody who was killed.
                    let _ = tokio::time::timeout(most, work).await;
                    Vec::new()
                });
                // Workers may begin before the next step is taken, or not.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            Step::Configure { which } if self.setting == Setting::Rules => {
                let busy = !self.working.is_empty();
                self.tally.count("overtaken", busy.into());
                self.tally.count("swaps", 1);
                self.configure(configured::recipes(which.index(configured::SETS)));
            }
            Step::Configure { .. } => {}
            Step::Wait(time) => tokio::time::sleep(*time).await,
            Step::Redrive { max, killed } => {
                let options = Options {
                    max: *max,
                    ..Options::default()
                };
                let redrive = self.redrive(options);
                let killed = *killed;
                self.tally.count("killed", killed.is_some().into());
                self.working.spawn(async move {
                    let long = killed.unwrap_or(Duration::from_secs(3_600));
                    match tokio::time::timeout(long, redrive.run(None)).await {
                        Ok(Ok(report)) => complaints(&report),
                        Ok(Err(_)) | Err(_) => Vec::new(),
                    }
                });
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }

    /// The weather clears. Work everything off, and say which promises were
    /// broken.
    pub(crate) async fn clear_up(mut self) -> Result<Tally, String> {
        while let Some(ended) = self.working.join_next().await {
            self.broken
                .extend(ended.map_err(|error| error.to_string())?);
        }
        self.sky.clear.store(true, Ordering::Relaxed);
        for body in std::mem::take(&mut self.news) {
            self.arrive(body).await;
        }
        self.drain().await?;
        for _ in 0..PATIENCE {
            // Messages that a killed worker had in hand are to be seen again.
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            let report = self.redrive(Options::default()).run(None).await;
            let report = report.map_err(|error| error.to_string())?;
            self.broken.extend(complaints(&report));
            if report.failed > 0 || report.left > 0 {
                self.broken.push(format!(
                    "a redrive that nothing disturbs leaves letters: {report:?}"
                ));
            }
            self.tally.count("moved", report.moved);
            self.drain().await?;
        }
        if self.setting == Setting::Rules {
            self.check_rules().await;
            // As `backfill --changed` does: what other rules made is made once more.
            for key in self.world.sources().await.into_keys() {
                let location = Location::new(IMAGES, &key);
                let body = event::notification(Change::Written, &location, None, None);
                self.arrive(body).await;
            }
            self.drain().await?;
        }
        self.check_thumbnails().await;
        self.check_letters().await;
        self.check_manifests().await;
        self.check_results(true).await;
        let faults = self.sky.faults.load(Ordering::Relaxed);
        self.tally.count("faults", faults);
        match self.broken.is_empty() {
            true => Ok(self.tally),
            false => Err(self.broken.join("; ")),
        }
    }

    async fn write(&mut self, key: u8, word: &str) {
        let key = name(key);
        self.written += 1;
        let body = format!("{word} {}", self.written);
        self.world.write(&key, &body).await;
        self.versions.entry(key.clone()).or_default().insert(body);
        self.tell(Change::Written, &key);
    }

    fn tell(&mut self, change: Change, key: &str) {
        let location = Location::new(IMAGES, key);
        self.news
            .push(event::notification(change, &location, None, None));
    }

    async fn arrive(&self, body: String) {
        let sent = self.source.send(vec![Outgoing::new(body)]).await;
        assert!(sent.iter().all(Result::is_ok));
    }

    /// Others are in force from now on, for whoever begins with a source.
    fn configure(&mut self, recipes: Recipes) {
        self.world.settings.recipes = recipes.clone();
        self.in_force.put(recipes);
    }

    fn queue(&self, queue: &Arc<MemoryQueue>) -> Arc<dyn Queue> {
        Arc::new(MeddledQueue::new(queue.clone(), self.sky.meddler()))
    }

    fn worker(&self) -> Batch {
        let results = QueuedResults::new(self.queue(&self.results));
        let pipeline = self.world.meddled(self.sky.meddler());
        let pipeline = pipeline.by(self.in_force.clone());
        let pipeline = pipeline.telling(Some(Arc::new(results)));
        let permanent = PermanentFailures::DeadLetter {
            queue: self.queue(&self.dead),
            at_once: true,
            max_receive_count: Some(RECEIVES),
        };
        Batch::new(Arc::new(pipeline), permanent, 4)
    }

    fn redrive(&self, options: Options) -> Redrive {
        Redrive {
            from: self.queue(&self.dead),
            to: self.queue(&self.source),
            options,
        }
    }

    /// Work until the source queue is empty.
    async fn drain(&self) -> Result<(), String> {
        // Each message is received a few times at most.
        for _ in 0..1_000 {
            let depth = self
                .source
                .depth()
                .await
                .map_err(|error| error.to_string())?;
            if depth.total() == 0 {
                return Ok(());
            }
            // One by one: slow ones would use up the time of others of a batch,
            // each time, until those were received too often.
            work(self.worker(), self.queue(&self.source), 1).await;
            if depth.visible == 0 {
                tokio::time::sleep(VISIBILITY).await;
            }
        }
        Err("the source queue never becomes empty".to_owned())
    }
}

fn name(key: u8) -> String {
    format!("image {key}")
}

/// Take a batch, work on it and delete what is done, as a Lambda's event source
/// does for it.
async fn work(batch: Batch, queue: Arc<dyn Queue>, most: usize) {
    let options = ReceiveOptions {
        max: most,
        visibility: Some(VISIBILITY),
        wait: Duration::ZERO,
    };
    let Ok(messages) = queue.receive(&options).await else {
        return;
    };
    let report = batch.work(messages, Some(Instant::now() + BATCH)).await;
    for message in report.messages.iter().filter(|message| message.may_leave()) {
        // A message that is not deleted comes back and is done again.
        let _ = queue.delete(std::slice::from_ref(&message.receipt)).await;
    }
}

/// Mistakes of a redrive.
fn complaints(report: &Report) -> Vec<String> {
    let mut broken = Vec::new();
    if report.entries.len() as u64 > report.found {
        broken.push(format!("a redrive chased its own tail: {report:?}"));
    }
    let mut ids = BTreeSet::new();
    let moved = report
        .entries
        .iter()
        .filter(|entry| entry.fate == Fate::Moved);
    for entry in moved {
        if !ids.insert(&entry.id) {
            broken.push(format!("a redrive moved {} twice", entry.id));
        }
    }
    let told = report.moved + report.skipped + report.copies + report.failed;
    if told != report.entries.len() as u64 {
        broken.push(format!("a redrive does not add up: {report:?}"));
    }
    broken
}
