//! Engines on their way: each is loaded by a task of its own, beside the work.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use super::refusal::Refusal;
use crate::trust::Digest;
use crate::wasm::SandboxedEngine;

/// Outcome of loading a release.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) release: Digest,
    pub(super) loaded: Result<SandboxedEngine, Refusal>,
}

/// Numbers of engines that are on their way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// All of them.
    pub(super) loading: usize,
    /// Those that have to be compiled, which takes its time.
    pub(super) compiling: usize,
}

impl Standing {
    /// Nothing is left to arrive.
    pub(super) fn is_settled(&self) -> bool {
        self.loading == 0
    }

    /// Nothing is left to arrive within a moment.
    pub(super) fn is_slow(&self) -> bool {
        self.loading <= self.compiling
    }
}

/// Tasks that load engines. A task that is dropped is ended.
#[derive(Debug)]
pub(super) struct Loads {
    tasks: HashMap<Digest, Task>,
    arrivals: mpsc::UnboundedSender<Arrival>,
    standing: watch::Sender<Standing>,
}

#[derive(Debug)]
struct Task {
    handle: AbortHandle,
    compiles: Arc<AtomicBool>,
}

/// A task's way to say that it has come to the compiler.
#[derive(Debug)]
pub(super) struct Progress {
    compiles: Arc<AtomicBool>,
    standing: watch::Sender<Standing>,
}

impl Loads {
    /// No tasks, and the place where what they load arrives.
    pub(super) fn new() -> (Self, mpsc::UnboundedReceiver<Arrival>) {
        let (arrivals, arriving) = mpsc::unbounded_channel();
        let loads = Self {
            tasks: HashMap::new(),
            arrivals,
            standing: watch::Sender::default(),
        };
        (loads, arriving)
    }

    pub(super) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    pub(super) fn has(&self, release: &Digest) -> bool {
        self.tasks.contains_key(release)
    }

    /// Begins to load a release.
    pub(super) fn begin<F>(&mut self, release: Digest, load: impl FnOnce(Progress) -> F)
    where
        F: Future<Output = Result<SandboxedEngine, Refusal>> + Send + 'static,
    {
        let compiles = Arc::new(AtomicBool::new(false));
        let progress = Progress {
            compiles: compiles.clone(),
            standing: self.standing.clone(),
        };
        let (load, arrivals) = (load(progress), self.arrivals.clone());
        let task = tokio::spawn(async move {
            let loaded = load.await;
            // Nobody is left to hear it when the registry is gone.
            let _ = arrivals.send(Arrival { release, loaded });
        });
        let handle = task.abort_handle();
        self.tasks.insert(release, Task { handle, compiles });
    }

    /// Ends the tasks of other releases than these.
    pub(super) fn retain(&mut self, releases: &[Digest]) {
        self.tasks.retain(|release, _| releases.contains(release));
    }

    pub(super) fn remove(&mut self, release: &Digest) {
        self.tasks.remove(release);
    }

    /// Tells those who wait what is on its way.
    pub(super) fn tell(&self) {
        self.standing.send_modify(|standing| {
            let compiles = |task: &&Task| task.compiles.load(Ordering::Relaxed);
            *standing = Standing {
                loading: self.tasks.len(),
                compiling: self.tasks.values().filter(compiles).count(),
            };
        });
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.handle.abort();
    }
}

impl Progress {
    pub(super) fn compiles(&self) {
        self.standing.send_modify(|standing| {
            self.compiles.store(true, Ordering::Relaxed);
            standing.compiling += 1;
        });
    }
}
