//! The work of `thimble local`: once, or until it is stopped.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::monitor::{self, SILENCE, Tally};
use super::super::not_images::is_no_image;
use super::super::page::{Door, Shown};
use super::super::queues::FolderQueues;
use super::super::setup;
use super::super::signals::Stop;
use super::super::voice::{Voice, unless_unheard};
use super::super::{Failure, Outcome};
use super::clearing::Clearing;
use super::summary::Told;
use super::{Local, begin};
use crate::local::{Feed, Folder, Mended, PassedOver, Rules, Watch};
use crate::page::{Letters, Parts};
use crate::pipeline::Pipeline;
use crate::ports::{Engine, EngineIdentity, Queue, QueueError};
use crate::recipe::Recipes;
use crate::service::Service;
use crate::telemetry::{self, Scrape};
use crate::text::printable;
use crate::worker::{Options, Pulse, Wish, Worker};

/// Pause between two looks at the watcher's news.
const TICK: Duration = Duration::from_millis(100);

/// Pause after the folder could not be read.
const PAUSE: Duration = Duration::from_secs(2);

/// Time between two looks at a folder that cannot be watched.
const POLL: Duration = Duration::from_secs(10);

/// Time that one image may take: several times that of an engine.
const BUDGET: Duration = Duration::from_secs(120);

/// Do the work of `local` in `folder`, where `rules` say what is left alone.
pub(super) async fn run(
    local: &Local,
    folder: &Folder,
    rules: Rules,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let listener = voice.clone();
    telemetry::tell_warnings(move |line| {
        // If nobody hears of it there is nobody to tell.
        let _ = listener.note(format_args!("thimble: {line}"));
    });
    let queues = FolderQueues::of(folder)?;
    let door = local.page.door("--serve", local.serve).await?;
    let images = folder.layout().images();
    let passed_over = Arc::new(PassedOver::new(images, is_no_image));
    let plan = local.plan(folder, &queues, passed_over.clone())?;
    let concurrency = plan.concurrency;
    let FolderQueues { work, dead_letters } = queues;
    let follows = plan.engines.is_some();
    let spans = plan.spans.clone();
    let service = setup::start(plan, voice).await?;
    let Service {
        pipeline,
        batch,
        engine,
        ..
    } = &service;
    let (pipeline, batch, engine) = (pipeline.clone(), batch.clone(), engine.clone());
    let scrape = local
        .health
        .and_then(|_| Scrape::of_worker(work.clone(), Some(dead_letters.clone())));
    let tally = Arc::new(Tally::new(service, scrape, None));
    let pulse = Arc::new(Pulse::new(SILENCE, 2 * BUDGET));
    let health = match local.health {
        Some(address) => Some(answer(address, &pulse, &tally, voice).await?),
        None => None,
    };
    let in_use = InUse::of(&pipeline).await;
    let page = match door {
        Some(door) => {
            let parts = Parts {
                place: printable(folder.layout().images().display()),
                work: work.clone(),
                letters: Some(Letters::Folder {
                    state: folder.layout().state().to_owned(),
                    queue: dead_letters.clone(),
                }),
                objects: Arc::new(folder.store.clone()),
                pipeline: pipeline.clone(),
                engine: engine.clone(),
                freshness: 10 * TICK,
            };
            Some(show(door, parts, voice)?)
        }
        None => None,
    };
    let feed = Feed::new(folder.clone(), rules, pipeline, work.clone());
    let feed = feed.but_not(passed_over.clone());
    let mended = Mended::new(feed.clone(), dead_letters.clone(), local.tells_results());
    let mended = Arc::new(mended);
    let mut clearing = Clearing::of(mended.clone());
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let wishes = Arc::new(wishes);
    let told = Arc::new(Told::new(
        voice,
        local.once,
        begin::folders(local),
        passed_over,
        wishes.clone(),
    ));
    let (stopped, ending) = (wishes.clone(), pulse.clone());
    let stop = Stop::watch_and(move || {
        ending.stop();
        stopped.send_replace(Wish::Stop);
    });

    let (observer, listener) = (told.clone(), page.as_ref().map(Shown::listener));
    let observer = Arc::new(move |report: &_| {
        observer.message(report);
        mended.note(report);
        tally.add(report);
        if let Some(hear) = &listener {
            hear(report);
        }
    });
    let options = options(concurrency, local.once);
    let worker = Worker::new(work.clone(), batch, options, observer).with_pulse(pulse);
    let working = tokio::spawn(async move { worker.run(wish).await });
    let mut live = Live {
        engine: follows.then_some(engine),
        letters: dead_letters.clone(),
        told: None,
    };
    live.tell(&told).await;
    let fed = if local.once {
        clearing.note_all();
        feed_once(local, &feed, &*work, &told, &wishes).await
    } else {
        let news = (live, in_use);
        feed_always(local, &feed, &mut clearing, &told, &wishes, &working, news).await
    };
    if fed.is_err() {
        // What is in hand is finished all the same.
        wishes.send_replace(Wish::Stop);
    }
    let worked = working.await?;
    let goes_on = || *wishes.borrow() != Wish::Stop;
    if goes_on() || !local.once {
        clearing.end(&told, &goes_on).await;
    }
    if let Some(page) = page {
        page.end().await;
    }
    if let Some(health) = health {
        health.abort();
    }
    if let Some(spans) = spans {
        tokio::task::spawn_blocking(move || spans.end()).await?;
    }
    let is_told = stop.is_told();
    drop(stop);
    let left = work.depth().await?.total();
    let finished = told.finish(left, dead_letters.depth().await?);
    fed?;
    worked?;
    unless_unheard(finished)?;
    Ok(match local.once {
        true if is_told && (left > 0 || told.was_cut_short()) => Outcome::Interrupted,
        true if told.left_out() => Outcome::Incomplete,
        _ => Outcome::Done,
    })
}

/// Show a status page, and say where.
fn show(door: Door, parts: Parts, voice: &Voice) -> Result<Shown, Failure> {
    if voice.speaks() {
        let address = door.address();
        unless_unheard(voice.say(format_args!("status page: {address}")))?;
    }
    Ok(door.open(parts))
}

/// Answer about health and metrics at `address`, and say where.
async fn answer(
    address: SocketAddr,
    pulse: &Arc<Pulse>,
    tally: &Arc<Tally>,
    voice: &Voice,
) -> Result<JoinHandle<()>, Failure> {
    let (address, task) = monitor::serve(address, pulse.clone(), tally).await?;
    if voice.speaks() {
        unless_unheard(voice.say(format_args!("health: http://{address}/healthz")))?;
    }
    Ok(task)
}

/// Send all there is, and let the worker end when it is done.
async fn feed_once(
    local: &Local,
    feed: &Feed,
    work: &dyn Queue,
    told: &Told,
    wishes: &watch::Sender<Wish>,
) -> Result<(), Failure> {
    let goes_on = || *wishes.borrow() == Wish::GoOn;
    told.found(feed.scan(&goes_on).await?);
    local.tell_idle_patterns(told)?;
    told.ahead(work.depth().await?.total());
    while goes_on() {
        feed.step(&goes_on).await?;
        if feed.is_idle() {
            break;
        }
        tokio::time::sleep(TICK).await;
    }
    wishes.send_if_modified(|wish| {
        let first = *wish == Wish::GoOn;
        if first {
            *wish = Wish::Finish;
        }
        first
    });
    Ok(())
}

/// Send what changes, until stopped.
async fn feed_always(
    local: &Local,
    feed: &Feed,
    clearing: &mut Clearing,
    told: &Told,
    wishes: &watch::Sender<Wish>,
    work: &JoinHandle<Result<(), QueueError>>,
    (mut live, mut in_use): (Live, InUse),
) -> Result<(), Failure> {
    let goes_on = || *wishes.borrow() == Wish::GoOn;
    let mut poll = local.poll.map(Duration::from_secs);
    // First listen, then look: what changes meanwhile is heard.
    let watch = Watch::start(feed);
    match &watch {
        Err(error) => {
            let every = poll.get_or_insert(POLL).as_secs();
            told.note(format!(
                "the folder cannot be watched and is looked at every {every} s instead (--poll); to \
                 watch it, let all folders be read and allow more watches \
                 (fs.inotify.max_user_watches): {error}"
            ));
        }
        Ok(_) if poll.is_none() => begin::mention_deafness(feed.layout(), told.voice())?,
        Ok(_) => {}
    }
    told.found(feed.scan(&goes_on).await?);
    local.tell_idle_patterns(told)?;
    told.watching(feed.layout().images());
    clearing.note_all();
    let mut looked = Instant::now();
    let mut wish = wishes.subscribe();
    while goes_on() && !work.is_finished() {
        if live.tell(told).await {
            feed.doubt_passed_over();
        }
        if in_use.have_changed().await {
            told.note("the configuration file has changed and is in force".to_owned());
            feed.doubt_passed_over();
            feed.scan_again();
        }
        if poll.is_some_and(|every| looked.elapsed() >= every) {
            live.refresh().await;
            feed.scan_again();
        }
        let pause = match feed.step(&goes_on).await {
            Ok(None) => TICK,
            Ok(Some(scan)) => {
                looked = Instant::now();
                told.found(scan);
                clearing.note_all();
                TICK
            }
            Err(error) => {
                told.trouble(&error);
                PAUSE
            }
        };
        clearing.step(told, &goes_on).await;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = wish.changed() => {}
        }
    }
    Ok(())
}

/// The recipes that images are made by: of a configuration file that is followed they may
/// change, while no image does.
struct InUse {
    pipeline: Arc<Pipeline>,
    recipes: Arc<Recipes>,
}

impl InUse {
    async fn of(pipeline: &Arc<Pipeline>) -> Self {
        Self {
            pipeline: pipeline.clone(),
            recipes: pipeline.recipes().await,
        }
    }

    /// True if they are others than when this was last asked.
    async fn have_changed(&mut self) -> bool {
        let now = self.pipeline.recipes().await;
        let changed = !Arc::ptr_eq(&now, &self.recipes);
        self.recipes = now;
        changed
    }
}

/// The engine that is live in a store that is followed.
struct Live {
    engine: Option<Arc<dyn Engine>>,
    letters: Arc<dyn Queue>,
    /// The one that was told of last.
    told: Option<Arc<EngineIdentity>>,
}

impl Live {
    /// Look for another one: where there is no work, nobody else does.
    async fn refresh(&self) {
        if let Some(engine) = &self.engine {
            engine.refresh().await;
        }
    }

    /// Tell of another one. True if it is one after another.
    async fn tell(&mut self, told: &Told) -> bool {
        // An image without a name: a canary has few of the images.
        let now = self.engine.as_ref().map(|engine| engine.identity(""));
        if let Some(now) = now
            && self.told.as_ref() != Some(&now)
        {
            // Not to know them is no reason to stop.
            let letters = match &self.told {
                Some(_) => self.letters.depth().await.map_or(0, |depth| depth.total()),
                None => 0,
            };
            told.live(&now, letters);
            return self.told.replace(now).is_some();
        }
        false
    }
}

fn options(concurrency: usize, once: bool) -> Options {
    Options {
        concurrency,
        visibility: BUDGET,
        wait: TICK,
        budget: BUDGET,
        backoff: Duration::from_millis(200),
        // Who waits for a summary would rather know.
        patience: Duration::from_secs(if once { 5 } else { 300 }),
    }
}
