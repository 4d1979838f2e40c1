//! Signals that ask the program to stop.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinHandle;

use super::Outcome;

/// Watcher of Ctrl-C and SIGTERM, for as long as it lives. The first asks the
/// command to end well, the second ends the program at once.
#[derive(Debug)]
pub(super) struct Stop {
    told: Arc<AtomicBool>,
    watcher: JoinHandle<()>,
}

impl Stop {
    /// Watch from now on. Needs a runtime.
    pub(super) fn watch() -> Self {
        Self::watch_and(|| {})
    }

    /// Watch from now on, and call `act` when told to stop.
    pub(super) fn watch_and(act: impl FnOnce() + Send + 'static) -> Self {
        let told = Arc::new(AtomicBool::new(false));
        let flag = told.clone();
        let watcher = tokio::spawn(async move {
            signaled().await;
            flag.store(true, Ordering::Relaxed);
            act();
            signaled().await;
            // What is in hand is interrupted, and done again by whoever gets it next.
            std::process::exit(130);
        });
        Self { told, watcher }
    }

    /// True if a signal came.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Outcome of a command that began what it was asked for, and of which `failed` parts failed.
    pub(super) fn outcome(&self, failed: u64) -> Outcome {
        if failed == 0 && !self.is_told() {
            Outcome::Done
        } else {
            Outcome::Incomplete
        }
    }

    /// The same for a loop that asks before each step.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.is_told() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// The next signal.
#[cfg(unix)]
async fn signaled() {
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
async fn signaled() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
