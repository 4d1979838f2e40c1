//! Being told to stop by whoever started the program.

use tokio::task::JoinHandle;

/// Call `tell` when told to stop, so that it can be done gracefully; when told a
/// second time, end at once.
pub(super) fn on_stop(tell: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    tokio::spawn(async move {
        told_to_stop().await;
        tell();
        told_to_stop().await;
        // What is in hand is interrupted, and done again by whoever gets it next.
        std::process::exit(130);
    })
}

#[cfg(unix)]
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
