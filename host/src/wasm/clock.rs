//! The clock that makes running engines look at the time.
//!
//! A guest that loops can only be stopped by code that the compiler put into its
//! loops: a comparison of wasmtime's epoch with the guest's deadline. This thread
//! advances the epoch. It sleeps while no guest runs, because a platform that
//! freezes idle processes (or bills them) must find nothing to freeze.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Interval at which running guests look at the time, and so the most by which
/// they overrun it. A tenth of it would cost nothing that can be measured, and
/// gain nothing that is noticed.
const TICK: Duration = Duration::from_millis(10);

/// Advances the epoch of one wasmtime engine while at least one guest runs.
#[derive(Debug)]
pub(super) struct Clock {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Guests that run at this moment.
    running: usize,
    /// Set once, when the clock is dropped: the thread ends.
    stopped: bool,
}

/// A guest runs for as long as this lives.
#[derive(Debug)]
pub(super) struct Running<'a> {
    shared: &'a Shared,
}

impl Clock {
    /// Starts the thread, which goes to sleep at once.
    pub(super) fn new(engine: wasmtime::Engine) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        thread::Builder::new()
            .name("engine-clock".into())
            .spawn(move || of_thread.tick(&engine))?;
        Ok(Self { shared })
    }

    /// Keeps the clock going until the returned value is dropped.
    pub(super) fn run(&self) -> Running<'_> {
        let mut state = self.shared.lock();
        state.running += 1;
        if state.running == 1 {
            self.shared.changed.notify_one();
        }
        Running {
            shared: &self.shared,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.shared.lock().running -= 1;
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_one();
    }
}

impl Shared {
    fn tick(&self, engine: &wasmtime::Engine) {
        while self.wait_for_a_guest() {
            thread::sleep(TICK);
            engine.increment_epoch();
        }
    }

    /// Sleeps until a guest runs. Says no when the clock is to stop.
    fn wait_for_a_guest(&self) -> bool {
        let idle = |state: &mut State| state.running == 0 && !state.stopped;
        let state = self
            .changed
            .wait_while(self.lock(), idle)
            .unwrap_or_else(PoisonError::into_inner);
        !state.stopped
    }

    /// Two numbers are consistent whatever happened to a thread that held them.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
