//! The status page of a host: what waits, what was done, what failed, which engine is live.
//!
//! It is made here and needs no script; one keeps it up to date where there is one. All
//! that it shows is bounded, and what it shows of strangers is text or a picture, never
//! markup: see its module `markup`. Whoever only looks changes nothing, not even receive counts.
//!
//! | address | answer |
//! |---|---|
//! | `/` | numbers, throughput, the engine, the last images with their thumbnails |
//! | `/letters?page=N` | dead letters with their pictures and reasons, and the way back for them |
//! | `/picture/...`, `/source/...` | a thumbnail of one of the last images, the source of a letter |
//! | `/events` | news by server-sent events |
//! | `/enter`, `/leave`, `/redrive` | what takes a token |

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use crate::http::{Bounds, Server};
use crate::pipeline::Pipeline;
use crate::ports::{Engine, ObjectStore, Queue};
use crate::report::MessageReport;

mod access;
mod depths;
mod guesses;
mod letters;
mod markup;
mod pictures;
mod rate;
mod recent;
mod redriving;
mod reply;
mod routes;
mod stream;
mod views;

pub use access::Access;
pub use letters::Letters;

/// Bounds of the page: a browser that opens it asks for a picture on each of a few
/// connections, and those that watch it keep one each.
pub const BOUNDS: Bounds = Bounds {
    clients: 64,
    patience: Duration::from_secs(10),
};

/// Parts of the host that the page shows.
#[derive(Debug)]
pub struct Parts {
    /// The place that the host works for: a folder, or a queue.
    pub place: String,
    /// Messages to work on.
    pub work: Arc<dyn Queue>,
    /// Dead letters, of a host that sends some.
    pub letters: Option<Letters>,
    /// Sources and thumbnails.
    pub objects: Arc<dyn ObjectStore>,
    /// The work on them.
    pub pipeline: Arc<Pipeline>,
    /// The engine, which may follow a channel.
    pub engine: Arc<dyn Engine>,
    /// Age up to which the depth of a queue is shown as it was told last.
    pub freshness: Duration,
}

/// The status page of a host. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Page {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    access: Access,
    recent: Mutex<recent::Recent>,
    numbered: Mutex<pictures::Numbered>,
    depths: tokio::sync::Mutex<depths::Known>,
    redriving: Mutex<redriving::Redriving>,
    news: watch::Sender<stream::News>,
    closing: watch::Sender<bool>,
    streams: Arc<Semaphore>,
    pictures: Arc<Semaphore>,
    guesses: guesses::Guesses,
    /// A name of this run, for addresses that mean something else in another.
    run: String,
}

impl Page {
    /// A page about `parts`, for those whom `access` lets in.
    pub fn new(parts: Parts, access: Access) -> Self {
        let inner = Inner {
            parts,
            access,
            recent: Mutex::new(recent::Recent::new()),
            numbered: Mutex::default(),
            depths: tokio::sync::Mutex::default(),
            redriving: Mutex::default(),
            news: watch::Sender::default(),
            closing: watch::Sender::new(false),
            streams: Arc::new(Semaphore::new(stream::STREAMS)),
            pictures: Arc::new(Semaphore::new(pictures::AT_ONE_TIME)),
            guesses: guesses::Guesses::default(),
            run: format!("{:08x}", fastrand::u32(..)),
        };
        inner.refresh();
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Hear what became of a message.
    pub fn hear(&self, report: &MessageReport) {
        lock(&self.inner.recent).hear(report);
        self.inner.refresh();
        self.inner.tell(report.dead_lettered);
    }

    /// Let another word be the token from now on: whoever has shown the one before shows this.
    pub fn renew(&self, token: &str) {
        self.inner.access.renew(token);
    }

    /// Answer at `server` until `stop` is ready; then end what goes on here.
    pub async fn serve(self, server: Server, stop: impl Future) {
        let (inner, closing) = (self.inner.clone(), self.inner.clone());
        let respond = move |request| routes::respond(inner.clone(), request);
        let stopped = async move {
            stop.await;
            closing.closing.send_replace(true);
        };
        server.run(respond, stopped).await;
        redriving::end(&self.inner).await;
    }
}

impl Inner {
    /// Look which engine is live.
    fn refresh(&self) {
        // An image without a name: a canary has few of the images.
        let engine = self.parts.engine.identity("");
        if lock(&self.recent).live(&engine) {
            self.tell(false);
        }
    }

    /// Tell those who watch that there is something new, of dead letters too if that is.
    fn tell(&self, of_letters: bool) {
        self.news.send_modify(|news| {
            news.all += 1;
            news.letters += u64::from(of_letters);
        });
    }
}

/// No call leaves a state torn, so a panic elsewhere spoils nothing.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
