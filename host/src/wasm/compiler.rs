//! Compilation of portable engines, within limits of time and memory.
//!
//! ```text
//!  this program --bytes--> the same program, as a child --machine code--> this program
//!               survey      limits of memory and time         digest, load
//! ```
//!
//! The [survey](super::Artifact::extent) keeps out what is known to hurt a
//! compiler. What it lets pass may still take minutes, and a compiler cannot be
//! told to stop. A child can: it has limits of its own, it ends with its parent,
//! and whoever gives up on it kills it.

use std::time::Duration;

use super::artifact::Artifact;
use super::compiled::Compiled;
use super::error::LoadError;
use crate::trust::Target;

#[cfg(feature = "compiler")]
mod answer;
#[cfg(feature = "compiler")]
mod cache;
#[cfg(feature = "compiler")]
mod child;
#[cfg(feature = "compiler")]
mod limits;

#[cfg(feature = "compiler")]
pub use answer::compile_if_asked;
#[cfg(feature = "compiler")]
pub use cache::CodeCache;

/// The most that compiling an engine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompileLimits {
    /// Time, by the clock on the wall.
    pub time: Duration,
    /// Memory, in bytes. Only Linux keeps this limit.
    pub memory: u64,
}

impl CompileLimits {
    /// The default of time: ten times what our engine takes on one slow core.
    pub const TIME: Duration = Duration::from_secs(60);

    /// The default of memory: ten times what our engine takes.
    pub const MEMORY: u64 = 1 << 30;
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            time: Self::TIME,
            memory: Self::MEMORY,
        }
    }
}

/// Compiles engines, one at a time. Cheap to clone; clones wait for each other.
#[derive(Clone, Debug)]
pub struct Compiler {
    #[cfg(feature = "compiler")]
    inner: std::sync::Arc<Inner>,
}

#[cfg(feature = "compiler")]
#[derive(Debug)]
struct Inner {
    limits: CompileLimits,
    turn: std::sync::Arc<tokio::sync::Semaphore>,
    cache: Option<CodeCache>,
}

/// A program without a compiler is never asked.
#[cfg(not(feature = "compiler"))]
pub fn compile_if_asked() -> Option<std::process::ExitCode> {
    None
}

#[cfg(not(feature = "compiler"))]
impl Compiler {
    /// A compiler that has nothing to compile with.
    pub fn new(_limits: CompileLimits) -> Self {
        Self {}
    }

    /// This host was built without a compiler.
    ///
    /// # Errors
    ///
    /// Always [`LoadError::NoCompiler`].
    pub async fn compile(
        &self,
        _artifact: &Artifact,
        _target: Option<Target>,
    ) -> Result<Compiled, LoadError> {
        Err(LoadError::NoCompiler)
    }

    /// This host was built without a compiler.
    ///
    /// # Errors
    ///
    /// Always [`LoadError::NoCompiler`].
    pub fn compile_now(
        &self,
        _artifact: &Artifact,
        _target: Option<Target>,
    ) -> Result<Compiled, LoadError> {
        Err(LoadError::NoCompiler)
    }
}

#[cfg(feature = "compiler")]
impl Compiler {
    /// A compiler that works in a child process, if this program can be one:
    /// see [`compile_if_asked`]. In any other program it works on a thread of its
    /// own, which knows no limit of memory and is left behind when its time is up.
    pub fn new(limits: CompileLimits) -> Self {
        let turn = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
        Self {
            inner: std::sync::Arc::new(Inner {
                limits,
                turn,
                cache: None,
            }),
        }
    }

    /// The same compiler, which takes from the cache what was compiled before.
    #[must_use]
    pub fn with_cache(&self, cache: Option<CodeCache>) -> Self {
        let Inner { limits, turn, .. } = &*self.inner;
        Self {
            inner: std::sync::Arc::new(Inner {
                limits: *limits,
                turn: turn.clone(),
                cache,
            }),
        }
    }

    /// Compiles a component for the target, or for this very machine. To drop the
    /// future ends the work.
    ///
    /// # Errors
    ///
    /// If the component has [more](LoadError::TooMuch) of anything than a compiler
    /// is given, is no component, or is not compiled within the limits; and if
    /// others take the compiler for all of the time.
    pub async fn compile(
        &self,
        artifact: &Artifact,
        target: Option<Target>,
    ) -> Result<Compiled, LoadError> {
        artifact.extent()?;
        let Inner {
            limits,
            turn,
            cache,
        } = &*self.inner;
        // Code for another machine is made to be handed on, by whoever hands it on.
        let cache = cache.as_ref().filter(|_| target.is_none());
        if let Some(compiled) = cache.and_then(|cache| cache.get(artifact)) {
            return Ok(compiled);
        }
        let limit = limits.time;
        let turn = tokio::time::timeout(limit, turn.clone().acquire_owned())
            .await
            .map_err(|_| LoadError::CompilerBusy { limit })?;
        let work = async {
            if answer::is_ready() {
                child::compile(artifact, target, limits).await
            } else {
                on_a_thread(artifact.clone(), target, turn.ok()).await
            }
        };
        let compiled = tokio::time::timeout(limit, work)
            .await
            .map_err(|_| LoadError::GaveUp { limit })??;
        if let Some(cache) = cache {
            cache.put(artifact, &compiled);
        }
        Ok(compiled)
    }

    /// See [`compile`](Self::compile). For callers that wait with their thread,
    /// which must not be one of tokio's own.
    ///
    /// # Errors
    ///
    /// Those of [`compile`](Self::compile).
    pub fn compile_now(
        &self,
        artifact: &Artifact,
        target: Option<Target>,
    ) -> Result<Compiled, LoadError> {
        let work = self.compile(artifact, target);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            return runtime.block_on(work);
        }
        // A command that does nothing else at one time has no runtime.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.map_err(LoadError::CompilerStart)?.block_on(work)
    }
}

/// Compiles in this process. The turn is over when the work is, whoever waits.
#[cfg(feature = "compiler")]
async fn on_a_thread(
    artifact: Artifact,
    target: Option<Target>,
    turn: Option<tokio::sync::OwnedSemaphorePermit>,
) -> Result<Compiled, LoadError> {
    let (done, answer) = tokio::sync::oneshot::channel();
    let work = move || {
        let compiled = Compiled::compile_here(target, &artifact);
        drop(turn);
        // Whoever gave up does not listen.
        drop(done.send(compiled));
    };
    std::thread::Builder::new()
        .name("engine-compiler".into())
        .spawn(work)
        .map_err(LoadError::CompilerStart)?;
    answer.await.unwrap_or_else(|_| {
        Err(LoadError::CompilerEnded {
            detail: "it panicked".to_owned(),
        })
    })
}

#[cfg(feature = "compiler")]
#[cfg(test)]
mod tests {
    use super::{Artifact, CompileLimits, Compiler, Duration, LoadError};

    #[tokio::test]
    async fn to_wait_for_others_is_not_the_fault_of_an_engine() {
        let limits = CompileLimits {
            time: Duration::from_millis(10),
            ..CompileLimits::default()
        };
        let compiler = Compiler::new(limits);
        let turn = compiler.inner.turn.clone().acquire_owned().await;
        let engine = Artifact::new(&b"\0asm\x0d\0\x01\0"[..]);
        let clone = compiler.with_cache(None);
        let refused = clone.compile(&engine, None).await.unwrap_err();
        assert!(
            matches!(refused, LoadError::CompilerBusy { .. }),
            "{refused}"
        );
        drop(turn);
        let refused = clone.compile(&engine, None).await;
        assert!(!matches!(refused, Err(LoadError::CompilerBusy { .. })));
    }
}
