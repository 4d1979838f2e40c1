//! A word about what a command waits for, when that takes longer than a moment.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::voice::Voice;

/// Longest wait without a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Do `work`. If it takes long, a terminal shows `what` meanwhile, and the log says
/// so.
pub(super) fn until<T>(voice: &Voice, what: &'static str, work: impl FnOnce() -> T) -> T {
    let (done, end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            // The channel closes when the work is done, whatever came of it.
            if end.recv_timeout(PATIENCE) != Err(mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            tracing::info!("{what}");
            let bar = voice.bar();
            bar.set_message(what);
            bar.enable_steady_tick(PATIENCE / 10);
            let _ = end.recv();
            bar.finish_and_clear();
        });
        let made = work();
        drop(done);
        made
    })
}

/// The same for work that does not block.
pub(super) async fn until_ready<T>(
    voice: &Voice,
    what: &'static str,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(PATIENCE) => {}
    }
    tracing::info!("{what}");
    let bar = voice.bar();
    bar.set_message(what);
    bar.enable_steady_tick(PATIENCE / 10);
    let done = work.await;
    bar.finish_and_clear();
    done
}
