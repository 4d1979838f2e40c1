//! The sandbox, in which bytes that a stranger uploaded are decoded.
//!
//! ```text
//!  Artifact --compile--> Component --imports, exports--> InstancePre --describe, self-test--> SandboxedEngine
//!                                                                                              |
//!  source, specs, limits --> fresh Store (meter, deadline) --> instance --> answer --verify--> Output
//! ```
//!
//! Guarantees, whatever an engine does:
//!
//! - It has no power: no files, no network, no clock, no randomness. An engine
//!   that imports more than the parts of WASI that its command line needs is
//!   refused by name; those parts are traps.
//! - It ends: within its budget of time, give or take a tick of the clock.
//! - It takes no more than its budget of memory, and a stack of fixed size.
//! - It meets one image: memory that held one is never shown to another.
//! - Its answer is held against the request.
//! - Its failure is an [`Error`] with one case for each way to fail, and the next
//!   call of the same engine is as good as the first.

mod addresses;
mod answers;
mod artifact;
mod clock;
mod compiled;
mod compiler;
#[cfg(feature = "compiler")]
mod compose;
mod engine;
mod error;
mod header;
mod imports;
mod measure;
mod metadata;
mod meter;
mod packaged;
mod placeholder;
mod pool;
mod port;
mod runtime;
mod self_test;
mod survey;

pub use artifact::{Artifact, MAX_ARTIFACT};
pub use compiled::Compiled;
#[cfg(feature = "compiler")]
pub use compiler::CodeCache;
pub use compiler::{CompileLimits, Compiler, compile_if_asked};
#[cfg(feature = "compiler")]
pub use compose::{CodecFormat, ComposeError, NoCodec, Part, compose};
pub use engine::SandboxedEngine;
pub use error::{Error, Lie, LoadError};
#[cfg(feature = "cli")]
pub(crate) use header::{format_of, is_picture};
pub use measure::{Excess, Measure};
pub use metadata::metadata;
pub use packaged::packaged;
pub use runtime::{Runtime, RuntimeError, config, pooled};
pub use survey::Extent;
