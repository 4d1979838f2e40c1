//! A small sandbox for engines, apart from the host's own: compiled once, a
//! fresh store for every image, memory and processor time bounded.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use thimble::contract;
use thimble::testing::EngineInstance;
use wasmtime::component::{Component, Linker};
use wasmtime::error::Context;
use wasmtime::{Config, Engine, ResourceLimiter, Store, UpdateDeadline};

/// Allowance of one call.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Bytes of linear memory.
    pub memory: usize,
    /// Time that the thread may spend computing.
    pub time: Duration,
}

/// End of a call without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// It asked for more memory than allowed.
    Memory,
    /// It computed for longer than allowed.
    Time,
    /// It trapped: a panic, the stack, an access out of bounds.
    Trap,
}

impl fmt::Display for Death {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Death::Memory => "asked for more memory than it may have",
            Death::Time => "computed for longer than it may",
            Death::Trap => "trapped",
        })
    }
}

/// Cost of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Time that the thread spent computing.
    pub time: Duration,
    /// The most bytes of linear memory.
    pub memory: usize,
}

/// The engine's answer: its output, or an error of the contract.
pub type Answer = Result<contract::Output, contract::Error>;

/// An engine, compiled.
pub struct Sandbox {
    engine: Engine,
    component: Component,
    linker: Linker<State>,
    ticking: Arc<AtomicBool>,
}

struct State {
    allowance: Allowance,
    started: Duration,
    memory: usize,
    death: Option<Death>,
}

/// Time between two looks at a running call.
const TICK: Duration = Duration::from_millis(20);

impl Sandbox {
    /// Compiles the component at `path`.
    ///
    /// # Errors
    ///
    /// If there is none, or it does not compile.
    pub fn open(path: &Path) -> wasmtime::Result<Sandbox> {
        let component = std::fs::read(path)
            .with_context(|| format!("cannot load the engine at {}", path.display()))?;
        Self::of(&component)
    }

    /// Compiles a component.
    ///
    /// # Errors
    ///
    /// If it does not compile.
    pub fn of(component: &[u8]) -> wasmtime::Result<Sandbox> {
        let mut config = Config::new();
        config.epoch_interruption(true);
        let engine = Engine::new(&config)?;
        let component = Component::new(&engine, component)?;
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(&component)?;
        let ticking = Arc::new(AtomicBool::new(true));
        let (ticker, still) = (engine.clone(), Arc::clone(&ticking));
        thread::spawn(move || {
            while still.load(Ordering::Relaxed) {
                thread::sleep(TICK);
                ticker.increment_epoch();
            }
        });
        Ok(Sandbox {
            engine,
            component,
            linker,
            ticking,
        })
    }

    /// Makes thumbnails in a fresh instance.
    ///
    /// # Errors
    ///
    /// The death of the instance.
    pub fn generate(
        &self,
        source: &[u8],
        specs: &[contract::Spec],
        limits: contract::Limits,
        allowance: Allowance,
    ) -> Result<Answer, Death> {
        self.measure(source, specs, limits, allowance).0
    }

    /// Makes thumbnails in a fresh instance, and says what that took.
    pub fn measure(
        &self,
        source: &[u8],
        specs: &[contract::Spec],
        limits: contract::Limits,
        allowance: Allowance,
    ) -> (Result<Answer, Death>, Cost) {
        let state = State {
            allowance,
            started: computed(),
            memory: 0,
            death: None,
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| state);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut context| {
            let state = context.data_mut();
            if computed().saturating_sub(state.started) > state.allowance.time {
                state.death = Some(Death::Time);
                return Ok(UpdateDeadline::Interrupt);
            }
            Ok(UpdateDeadline::Continue(1))
        });
        let answer = EngineInstance::instantiate(&mut store, &self.component, &self.linker)
            .and_then(|instance| {
                let thumbnailer = instance.thimble_engine_thumbnailer();
                thumbnailer.call_generate(&mut store, source, specs, limits)
            });
        // A guest that was refused memory may have an answer, but not one to trust.
        let State {
            death,
            started,
            memory,
            ..
        } = *store.data();
        let answer = match (death, answer) {
            (Some(death), _) => Err(death),
            (None, Ok(answer)) => Ok(answer),
            (None, Err(_)) => Err(Death::Trap),
        };
        let time = computed().saturating_sub(started);
        (answer, Cost { time, memory })
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.ticking.store(false, Ordering::Relaxed);
    }
}

impl ResourceLimiter for State {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let allowed = desired <= self.allowance.memory;
        if allowed {
            self.memory = self.memory.max(desired);
        } else {
            self.death = Some(Death::Memory);
        }
        Ok(allowed)
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= 10_000)
    }
}

/// Processor time of this thread; where the system does not tell, the time that
/// has passed.
fn computed() -> Duration {
    thread_local!(static BEGIN: Instant = Instant::now());
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = statistics.and_then(|line| line.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGIN.with(Instant::elapsed), Duration::from_nanos)
}
