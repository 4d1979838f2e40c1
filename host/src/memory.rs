//! A store and a queue in memory: small, real, and gone with the process.
//!
//! They keep the contracts of `ports.rs` save for surviving the process, and
//! tests of the use cases run on them.

mod queue;
mod store;

pub use queue::MemoryQueue;
pub use store::MemoryStore;
