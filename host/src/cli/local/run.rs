//! Making thumbnails: once, or for as long as nobody says stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::signals::Stop;
use super::super::voice::{Voice, unless_unheard};
use super::super::{Failure, Outcome};
use super::Local;
use super::summary::Told;
use crate::batch::{Batch, PermanentFailures};
use crate::config;
use crate::local::{Feed, Folder, MAX_RECEIVE_COUNT, THUMBNAILS, Watch};
use crate::naming::Naming;
use crate::pipeline::{Filter, Pipeline, Settings};
use crate::ports::{Engine, Queue, QueueError};
use crate::worker::{Options, Wish, Worker};

/// How often the watcher's news are looked at.
const TICK: Duration = Duration::from_millis(100);

/// How long to wait after the folder could not be read.
const PAUSE: Duration = Duration::from_secs(2);

/// How long one image may take: several times what an engine is given.
const BUDGET: Duration = Duration::from_secs(120);

/// Do the work of `local` in `folder`.
pub(super) async fn run(
    local: &Local,
    folder: &Folder,
    engine: Arc<dyn Engine>,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let dead_letters = Arc::new(folder.dead_letters()?);
    let queue = Arc::new(folder.work(dead_letters.clone())?);
    let settings = settings(local)?;
    let concurrency = local.concurrency.map_or(settings.engines + 2, usize::from);
    let store = Arc::new(folder.store.clone());
    let pipeline = Arc::new(Pipeline::new(store, engine, settings));
    let permanent = PermanentFailures::DeadLetter {
        queue: dead_letters.clone(),
        at_once: true,
        max_receive_count: Some(MAX_RECEIVE_COUNT),
    };
    let batch = Arc::new(Batch::new(pipeline.clone(), permanent, concurrency));
    let feed = Feed::new(folder.clone(), pipeline, queue.clone());
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let wishes = Arc::new(wishes);
    let told = Arc::new(Told::new(voice, local.once, wishes.clone()));
    let stopped = wishes.clone();
    let stop = Stop::watch_and(move || {
        stopped.send_replace(Wish::Stop);
    });

    let observer = told.clone();
    let observer = Arc::new(move |report: &_| observer.message(report));
    let worker = Worker::new(queue, batch, options(concurrency, local.once), observer);
    let work = tokio::spawn(async move { worker.run(wish).await });
    let fed = if local.once {
        feed_once(&feed, &told, &wishes).await
    } else {
        feed_always(local, &feed, &told, &wishes, &work).await
    };
    if fed.is_err() {
        // What is in hand is finished all the same.
        wishes.send_replace(Wish::Stop);
    }
    let worked = work.await?;
    drop(stop);
    let finished = told.finish(dead_letters.depth().await?);
    fed?;
    worked?;
    unless_unheard(finished)?;
    Ok(Outcome::Done)
}

/// Send all there is, and let the worker end when it is done.
async fn feed_once(feed: &Feed, told: &Told, wishes: &watch::Sender<Wish>) -> Result<(), Failure> {
    told.found(&feed.scan().await?);
    while !feed.step().await? && *wishes.borrow() == Wish::GoOn {
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

/// Send what changes, until somebody says stop.
async fn feed_always(
    local: &Local,
    feed: &Feed,
    told: &Told,
    wishes: &watch::Sender<Wish>,
    work: &JoinHandle<Result<(), QueueError>>,
) -> Result<(), Failure> {
    // First listen, then look: what changes meanwhile is heard.
    let _watch = Watch::start(&local.folder, feed).map_err(|error| {
        Failure::Usage(format!(
            "the folder cannot be watched; allow more watches (fs.inotify.max_user_watches) or \
             use --once again and again: {error}"
        ))
    })?;
    told.found(&feed.scan().await?);
    told.watching(&local.folder);
    let mut wish = wishes.subscribe();
    while *wish.borrow() == Wish::GoOn && !work.is_finished() {
        let pause = match feed.step().await {
            Ok(_) => TICK,
            Err(error) => {
                told.trouble(&error);
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = wish.changed() => {}
        }
    }
    Ok(())
}

fn settings(local: &Local) -> Result<Settings, Failure> {
    Ok(Settings {
        presets: local.presets()?,
        limits: local.engine.limits(),
        max_source: local.engine.max_bytes(),
        bucket: THUMBNAILS.to_owned(),
        naming: Naming::default(),
        cache_control: None,
        sources: Filter::default(),
        skip_existing: true,
        propagate_deletes: true,
        memory: config::MEMORY,
        engines: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
    })
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
