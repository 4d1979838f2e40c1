//! The work of `thimble local`: once, or until it is stopped.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::super::setup::{self, FolderQueues};
use super::super::signals::Stop;
use super::super::voice::{Voice, unless_unheard};
use super::super::{Failure, Outcome};
use super::Local;
use super::summary::Told;
use crate::local::{Feed, Folder, Watch};
use crate::ports::{Queue, QueueError};
use crate::service::Service;
use crate::worker::{Options, Wish, Worker};

/// Pause between two looks at the watcher's news.
const TICK: Duration = Duration::from_millis(100);

/// Pause after the folder could not be read.
const PAUSE: Duration = Duration::from_secs(2);

/// Time that one image may take: several times that of an engine.
const BUDGET: Duration = Duration::from_secs(120);

/// Do the work of `local` in `folder`.
pub(super) async fn run(local: &Local, folder: &Folder, voice: &Voice) -> Result<Outcome, Failure> {
    let queues = FolderQueues::of(folder)?;
    let plan = local.plan(folder, &queues)?;
    let concurrency = plan.concurrency;
    let FolderQueues { work, dead_letters } = queues;
    let Service {
        pipeline, batch, ..
    } = setup::start(plan).await?;
    let feed = Feed::new(folder.clone(), pipeline, work.clone());
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let wishes = Arc::new(wishes);
    let told = Arc::new(Told::new(voice, local.once, wishes.clone()));
    let stopped = wishes.clone();
    let stop = Stop::watch_and(move || {
        stopped.send_replace(Wish::Stop);
    });

    let observer = told.clone();
    let observer = Arc::new(move |report: &_| observer.message(report));
    let worker = Worker::new(work, batch, options(concurrency, local.once), observer);
    let working = tokio::spawn(async move { worker.run(wish).await });
    let fed = if local.once {
        feed_once(&feed, &told, &wishes).await
    } else {
        feed_always(local, &feed, &told, &wishes, &working).await
    };
    if fed.is_err() {
        // What is in hand is finished all the same.
        wishes.send_replace(Wish::Stop);
    }
    let worked = working.await?;
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

/// Send what changes, until stopped.
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
