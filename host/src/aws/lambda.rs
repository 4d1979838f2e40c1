//! The functions of Lambda: what they are asked, and what they answer.
//!
//! A function is told nothing but JSON and a deadline, and answers with JSON or
//! an error. So what is here takes and gives just that, and is tested like that;
//! the programs in `bin/` put it into Lambda's own loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

mod function;
mod generate;
mod invocation;
mod native;
mod operations;
mod redrive;

pub use function::serve;
pub use generate::Generate;
pub use redrive::RedriveFunction;

/// Why a function fails an invocation.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was asked for wrongly; the text says how to ask.
    #[error("{0}")]
    Asked(String),
    /// Work is left: whoever invoked the function is to do so again.
    #[error("{0}")]
    Undone(String),
    /// The function cannot work as it is set up.
    #[error("{0}")]
    Setup(String),
}

/// One invocation, without what it asks for.
#[derive(Clone, Debug)]
pub struct Context {
    /// Names the invocation in the log.
    pub request: String,
    /// The trace of X-Ray that the invocation is a part of.
    pub trace: Option<String>,
    /// How long it may take from now.
    pub left: Duration,
}

/// The longest that Lambda lets a function run.
const LONGEST: Duration = Duration::from_secs(900);

/// What an invocation is given that comes with a deadline that cannot be true.
const GUESS: Duration = Duration::from_secs(30);

/// How long is left until `deadline`, in milliseconds since 1970.
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

/// Whether this is the first invocation of this process.
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
