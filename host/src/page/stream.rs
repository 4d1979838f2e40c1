//! News by server-sent events: that there is something new, and not what.
//!
//! A browser that hears of it loads the page again, and so sees what it would have seen
//! without a stream.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until, timeout};

use super::Inner;
use super::reply::{self, Reply};

/// Streams at one time. More browsers than this load the page by themselves now and then.
pub(super) const STREAMS: usize = 16;

/// The life of a stream. A browser whose stream has ended opens another, so one that
/// nobody reads is not kept for ever.
const LIFE: Duration = Duration::from_secs(600);

/// Pause between two news of one stream.
const PAUSE: Duration = Duration::from_secs(1);

/// Time without news after which a stream says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Time in which a browser reads a line before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time that the stream has at its end.
const MARGIN: Duration = Duration::from_secs(20);

/// A stream of news, if there may be one more.
pub(super) fn open(inner: &Arc<Inner>) -> Reply {
    let Ok(permit) = inner.streams.clone().try_acquire_owned() else {
        return reply::busy("too many pages are watched; load this one again by hand");
    };
    let (lines, reader) = mpsc::channel(1);
    tokio::spawn(tell(inner.clone(), lines));
    reply::events(reader, permit, LIFE + MARGIN)
}

async fn tell(inner: Arc<Inner>, lines: mpsc::Sender<Bytes>) {
    let end = Instant::now() + LIFE;
    let mut news = inner.news.subscribe();
    let mut closing = inner.closing.subscribe();
    let mut again = interval(inner.parts.freshness);
    again.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let now = *news.borrow_and_update();
    let mut line = first(now);
    loop {
        if !matches!(timeout(PATIENCE, lines.send(line)).await, Ok(Ok(()))) {
            return;
        }
        // Long enough for a browser to load the page, and short enough to be news.
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = closed(&mut closing) => return,
        }
        let silence = Instant::now() + HEARTBEAT;
        line = loop {
            tokio::select! {
                Ok(()) = news.changed() => {
                    let now = *news.borrow_and_update();
                    break event(now);
                }
                () = sleep_until(silence) => break Bytes::from_static(b":\n\n"),
                _ = again.tick() => {
                    inner.refresh();
                    inner.depths().await;
                }
                () = closed(&mut closing) => return,
                () = lines.closed() => return,
                () = sleep_until(end) => return,
            }
        };
    }
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    // It fails when the page is gone, and then there is no news either.
    let _ = closing.wait_for(|closing| *closing).await;
}

/// The number of all news, and that of news about dead letters.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct News {
    pub(super) all: u64,
    pub(super) letters: u64,
}

fn first(News { all, letters }: News) -> Bytes {
    Bytes::from(format!("retry: 2000\ndata: {all} {letters}\n\n"))
}

fn event(News { all, letters }: News) -> Bytes {
    Bytes::from(format!("data: {all} {letters}\n\n"))
}
