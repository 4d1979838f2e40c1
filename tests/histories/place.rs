//! The place of a history: two buckets, two queues, an engine, and workers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use thimble::batch::{Batch, PermanentFailures};
use thimble::event::{self, Change};
use thimble::letter;
use thimble::manifest::{Manifest, State};
use thimble::memory::MemoryQueue;
use thimble::object::Location;
use thimble::ports::{Outgoing, Queue, ReceiveOptions};
use thimble::redrive::{Fate, Options, Redrive, Report};
use thimble::results::{ID, QueuedResults};
use thimble::testing::queue::all;
use thimble::testing::world::{IMAGES, World};
use thimble::testing::{Fault, MeddledQueue, Meddler};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::history::{Step, Weather};

/// Receptions of a message before it becomes a dead letter.
const RECEIVES: u32 = 3;

/// Visibility timeout: longer than a batch takes, as it should be.
const VISIBILITY: Duration = Duration::from_secs(60);

/// Time for a batch.
const BATCH: Duration = Duration::from_secs(45);

/// Most redrives that are needed when nothing goes wrong any more.
const PATIENCE: usize = 3;

pub(crate) struct Place {
    world: World,
    source: Arc<MemoryQueue>,
    dead: Arc<MemoryQueue>,
    results: Arc<MemoryQueue>,
    sky: Arc<Sky>,
    /// News that has not arrived yet.
    news: Vec<String>,
    /// Every body that a source ever had, by its key.
    versions: BTreeMap<String, BTreeSet<String>>,
    written: u32,
    working: JoinSet<Vec<String>>,
    broken: Vec<String>,
    tally: Tally,
}

/// Counts of the things that can happen, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<&'static str, u64>);

impl Tally {
    fn count(&mut self, thing: &'static str, times: u64) {
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
    pub(crate) fn new(weather: Weather, manifests: bool) -> Self {
        let world = World::new();
        let dead = Arc::new(MemoryQueue::new("dead"));
        let source = MemoryQueue::with_dead_letters("source", RECEIVES, dead.clone());
        Self {
            world: if manifests {
                world.with_manifests()
            } else {
                world
            },
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
        self.check_thumbnails().await;
        self.check_letters().await;
        self.check_manifests().await;
        self.check_results().await;
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

    fn queue(&self, queue: &Arc<MemoryQueue>) -> Arc<dyn Queue> {
        Arc::new(MeddledQueue::new(queue.clone(), self.sky.meddler()))
    }

    fn worker(&self) -> Batch {
        let results = QueuedResults::new(self.queue(&self.results));
        let pipeline = self.world.meddled(self.sky.meddler());
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

    /// Checks that all that can be made was made, of the newest source and nothing
    /// else.
    async fn check_thumbnails(&mut self) {
        let mut made = self.world.thumbnails().await;
        let sources = self.world.sources().await;
        for (key, expected) in self.world.expected().await {
            if made.remove(&key).as_ref() != Some(&expected) {
                self.broken
                    .push(format!("{key} is not of the newest source"));
            }
        }
        // A source that cannot be made into thumbnails keeps those of an older
        // one: its dead letter says why.
        for (key, bytes) in made {
            let source = key.split('/').next().unwrap_or_default();
            let exists = sources.contains_key(source);
            let of_older = self.versions.get(source).is_some_and(|versions| {
                let stamps = |body: &String| {
                    let presets = self.world.settings.recipes.default.presets.iter();
                    presets
                        .map(|preset| self.world.engine.stamp(preset.spec(), body.as_bytes()))
                        .any(|stamp| stamp == bytes)
                };
                versions.iter().any(stamps)
            });
            if !exists || !of_older {
                self.broken.push(format!("{key} should not be there"));
            }
        }
    }

    /// Checks that each source has one manifest, of its newest version, that says how it
    /// ended, and that no manifest lies.
    async fn check_manifests(&mut self) {
        let lies = self.world.lies().await;
        self.broken.extend(lies);
        if self.world.settings.recipes.default.manifests.is_none() {
            return;
        }
        let mut manifests = self.world.manifests().await;
        for (key, body) in self.world.sources().await {
            let found = manifests.remove(&key);
            self.tally.count("manifests", found.is_some().into());
            let state = match kinds(&body) {
                [] => State::Done,
                // Trying again may help: nothing is said of this version yet.
                kinds if kinds.contains(&"out-of-time") => continue,
                _ => State::Rejected,
            };
            let Some(manifest) = found else {
                self.broken.push(format!("{key} ({body}) has no manifest"));
                continue;
            };
            let kind = manifest.reason.map(|reason| reason.kind);
            let is_right = manifest.state == state
                && manifest.source.etag == World::etag(&body).as_str()
                && kind
                    .as_deref()
                    .is_none_or(|kind| kinds(&body).contains(&kind))
                && kind.is_some() == (state == State::Rejected);
            if !is_right {
                self.broken.push(format!(
                    "the manifest of {key} ({body}) says {:?}, {kind:?}",
                    manifest.state
                ));
            }
        }
        for key in manifests.into_keys() {
            self.broken
                .push(format!("{key} is gone, and has a manifest"));
        }
    }

    /// Checks that the last result of each source is about its newest version, and says
    /// how that ended.
    async fn check_results(&mut self) {
        if self.world.settings.recipes.default.manifests.is_none() {
            return;
        }
        let mut last = BTreeMap::new();
        for told in all(&*self.results).await {
            let result = Manifest::read(told.body.as_bytes());
            let Some(result) = result.filter(|_| told.attributes.contains_key(ID)) else {
                self.broken.push(format!("no result: {}", told.body));
                continue;
            };
            self.tally.count("results", 1);
            last.insert(result.source.key, (result.state, result.source.etag));
        }
        for (key, body) in self.world.sources().await {
            let state = match kinds(&body) {
                [] => State::Done,
                kinds if kinds.contains(&"out-of-time") => continue,
                _ => State::Rejected,
            };
            let expected = (state, World::etag(&body).to_string());
            let found = last.remove(&key);
            if found.as_ref() != Some(&expected) {
                self.broken
                    .push(format!("the last result of {key} ({body}) is {found:?}"));
            }
        }
    }

    /// Checks that all that cannot be made is a dead letter with its reason, and
    /// nothing else is.
    async fn check_letters(&mut self) {
        let mut origins = BTreeSet::new();
        let mut explained = BTreeSet::new();
        let sources = self.world.sources().await;
        for letter in all(&*self.dead).await {
            self.tally.count("letters", 1);
            if !origins.insert(letter::origin(&letter).to_owned()) {
                let origin = letter::origin(&letter);
                self.broken.push(format!("{origin} is there twice"));
            }
            let said = |name: &str| letter.attributes.get(name).cloned().unwrap_or_default();
            if said(letter::REASON).is_empty() {
                self.broken.push(format!("{} gives no reason", letter.id));
            }
            for event in event::parse(&letter.body).into_iter().flatten().flatten() {
                let key = event.location.key;
                let kind = said(letter::KIND);
                let body = sources.get(&key).map_or("", String::as_str);
                if !kinds(body).contains(&kind.as_str()) {
                    let broken = format!("the letter of {key} ({body}) says {kind}");
                    self.broken.push(broken);
                }
                explained.insert(key);
            }
        }
        for (key, body) in sources {
            if !kinds(&body).is_empty() && !explained.contains(&key) {
                self.broken.push(format!("{key} ({body}) has no letter"));
            }
        }
    }
}

/// The kinds of failure that a source of this body may end with.
fn kinds(body: &str) -> &'static [&'static str] {
    match body.split(' ').next().unwrap_or_default() {
        "malformed" => &["malformed-source"],
        "huge" => &["limit-exceeded"],
        "trap" => &["engine-trap"],
        // Several of them in one batch wait for each other until its time is up.
        "slow" => &["engine-time", "out-of-time"],
        "nonsense" => &["unsupported-format"],
        _ => &[],
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
