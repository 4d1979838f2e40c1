//! The wasmtime engine that everything of this process shares.
//!
//! There is one [`config`], for the host that runs engines and for the tool that
//! compiles them ahead of time: a compiled engine is only accepted by a runtime
//! that was configured alike.

use std::sync::Arc;
use std::time::Instant;

use wasmtime::{Config, Store, UpdateDeadline, WasmBacktraceDetails};

use super::clock::{Clock, Running};
use super::meter::Meter;
use super::{addresses, pool};
use crate::contract::Budget;

/// The stack of a guest, which is native stack of the calling thread. A decoder
/// that recurses deeper than this does so because of its input. Half of what
/// Rust gives a thread, so that there is always room for the host's own frames.
const MAX_STACK: usize = 1 << 20;

/// Address space set aside for each memory. With all that 32 bits can address,
/// no access needs a bounds check and no growth moves the memory.
const RESERVATION: u64 = 4 << 30;

/// Address space for each memory under a limit of addresses (`ulimit -v`): more
/// than a photo of 24 megapixels needs. A memory that outgrows it is moved.
const FRUGAL_RESERVATION: u64 = 64 << 20;

/// Guard behind each memory under a limit of addresses, so that accesses near the
/// one that was checked need no check of their own.
const FRUGAL_GUARD: u64 = 64 << 10;

/// Most bytes that one call may copy out of a guest: wasmtime's own default,
/// stated here because it bounds what a lying engine can make the host allocate.
const MAX_COPIED: usize = 128 << 20;

/// Handles that a call may have at one time: to streams of a command's, of which
/// a thumbnailer has none.
const MAX_HANDLES: usize = 10_000;

/// Runs and compiles engines. Cheap to clone; clones share one clock thread.
#[derive(Clone, Debug)]
pub struct Runtime {
    engine: wasmtime::Engine,
    clock: Arc<Clock>,
}

/// State of one call of an engine, dropped with it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) meter: Meter,
}

/// Raised within a guest whose time is up.
#[derive(Debug, thiserror::Error)]
#[error("out of time")]
pub(super) struct OutOfTime;

/// The runtime could not be started.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// This machine cannot run WebAssembly in the way that is asked for.
    #[error("this machine cannot run engines: {0}")]
    Unsupported(String),
    /// The thread of the clock did not start.
    #[error("cannot start the clock of the sandbox")]
    Clock(#[source] std::io::Error),
}

/// Configuration that engines are compiled and run with.
///
/// Shared memories, threads and garbage collection are absent because they are
/// not compiled into wasmtime; 64-bit memories are switched off because the
/// reservation above covers 32 bits only.
pub fn config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .wasm_memory64(false)
        .epoch_interruption(true)
        .max_wasm_stack(MAX_STACK)
        .memory_reservation(RESERVATION)
        .memory_may_move(false)
        // Data segments are mapped copy-on-write, so a new instance costs no copy.
        .memory_init_cow(true)
        // Not left to an environment variable.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable);
    config
}

/// The configuration of this process: [`config`] or, where addresses are scarce,
/// [`frugal`].
///
/// A child that compiles for this process is under the same limit, and decides
/// alike.
pub(super) fn config_here() -> Config {
    if addresses::are_scarce(RESERVATION) {
        frugal(config())
    } else {
        config()
    }
}

/// Memories that are moved when they grow, and are not surrounded by more than
/// they need. Each access is checked, which costs about a third of the speed.
fn frugal(mut config: Config) -> Config {
    config
        .memory_reservation(FRUGAL_RESERVATION)
        .memory_reservation_for_growth(FRUGAL_RESERVATION)
        .memory_guard_size(FRUGAL_GUARD)
        .guard_before_linear_memory(false)
        .memory_may_move(true);
    config
}

/// The same as [`config`], with instances from a pool, as hosts run engines. The
/// compiled code is the same.
pub fn pooled(mut config: Config) -> Config {
    config.allocation_strategy(pool::strategy());
    config
}

impl Runtime {
    /// Prepares this process for running engines.
    ///
    /// Without address space for the pool, memories come from the kernel one by
    /// one; if address space is scarce, none takes more than it needs.
    ///
    /// # Errors
    ///
    /// If the machine is not one that wasmtime supports, or has no thread left.
    pub fn new() -> Result<Self, RuntimeError> {
        let config = config_here();
        if addresses::are_scarce(RESERVATION) {
            return Self::around(wasmtime::Engine::new(&config));
        }
        Self::of(&config)
    }

    pub(super) fn of(config: &Config) -> Result<Self, RuntimeError> {
        let pooled = wasmtime::Engine::new(&pooled(config.clone()));
        Self::around(pooled.or_else(|_| wasmtime::Engine::new(config)))
    }

    fn around(engine: wasmtime::Result<wasmtime::Engine>) -> Result<Self, RuntimeError> {
        let engine = engine.map_err(|error| RuntimeError::Unsupported(format!("{error:#}")))?;
        let clock = Clock::new(engine.clone()).map_err(RuntimeError::Clock)?;
        Ok(Self {
            engine,
            clock: Arc::new(clock),
        })
    }

    pub(super) fn engine(&self) -> &wasmtime::Engine {
        &self.engine
    }

    /// Must be held while a guest runs, or its deadline never comes.
    pub(super) fn running(&self) -> Running<'_> {
        self.clock.run()
    }

    /// A store for one call, which ends at `until` at the latest.
    ///
    /// The epoch only makes the guest ask; the answer comes from the clock of the
    /// machine, so a late tick delays the end of the call but does not add up.
    pub(super) fn store(&self, budget: &Budget, until: Instant) -> Store<Call> {
        let mut store = Store::new(
            &self.engine,
            Call {
                meter: Meter::new(budget.memory),
            },
        );
        store.limiter(|call| &mut call.meter);
        store.set_hostcall_fuel(MAX_COPIED);
        store.set_max_component_handles(MAX_HANDLES);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            if Instant::now() >= until {
                return Err(OutOfTime.into());
            }
            Ok(UpdateDeadline::Continue(1))
        });
        store
    }
}
