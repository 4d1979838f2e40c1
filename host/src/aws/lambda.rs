//! The functions of Lambda: their payloads and their answers.
//!
//! A function is told nothing but JSON and a deadline, and answers with JSON or
//! an error. The types here take and give just that, and are tested like that;
//! the programs in `bin/` put them into Lambda's own loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::error::with_causes;
use crate::ports::QueueError;

mod function;
mod generate;
mod invocation;
mod native;
mod operations;
mod redrive;
mod traces;

pub use function::serve;
pub use generate::{Generate, engines};
pub use redrive::RedriveFunction;
pub use traces::traces;

/// Failure of an invocation.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The payload makes no sense; the text says what is expected.
    #[error("{0}")]
    InvalidEvent(String),
    /// Work is left: the function is to be invoked again.
    #[error("{0}")]
    WorkNotDone(String),
    /// The function cannot work as it is set up.
    #[error("{0}")]
    InvalidConfiguration(String),
}

/// Failure to ask a queue.
fn unreadable(error: QueueError) -> Failure {
    Failure::WorkNotDone(with_causes(&error))
}

/// One invocation, without what it asks for.
#[derive(Clone, Debug)]
pub struct Context {
    /// Names the invocation in the log.
    pub request: String,
    /// The trace of X-Ray that the invocation is a part of.
    pub trace: Option<String>,
    /// Time that is left for it.
    pub left: Duration,
}

/// Longest time that Lambda lets a function run.
const LONGEST: Duration = Duration::from_secs(900);

/// Time of an invocation whose deadline cannot be true.
const GUESS: Duration = Duration::from_secs(30);

/// Time left until `deadline`, in milliseconds since 1970.
///
/// Some emulators give a number that is no point in time; to believe it would
/// leave no time for anything, or for ever.
fn left(deadline: u64, now: SystemTime) -> Duration {
    UNIX_EPOCH
        .checked_add(Duration::from_millis(deadline))
        .and_then(|deadline| deadline.duration_since(now).ok())
        .filter(|left| *left <= LONGEST + GUESS)
        .unwrap_or(GUESS)
}

/// Marks the first invocation of this process.
#[derive(Debug)]
struct Cold(AtomicBool);

impl Cold {
    fn new() -> Self {
        Self(AtomicBool::new(true))
    }

    /// True once.
    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests;
