//! One conformance suite for each port, and small real parts to test with.
//!
//! Every adapter of a port passes its suite: a call, with something to test on,
//! that panics with what is not kept. The parts are an engine whose "thumbnails"
//! are short texts, and a store and a queue that do what another does but can be
//! made to fail, or to be overtaken, at any call.

#[cfg(test)]
pub(crate) mod bounded;
#[cfg(test)]
pub(crate) mod circles;
#[cfg(test)]
#[cfg(feature = "monitors")]
pub(crate) mod collector;
pub mod engine;
#[cfg(test)]
pub(crate) mod environment;
#[cfg(test)]
pub(crate) mod events;
#[cfg(test)]
pub(crate) mod garbage;
mod meddling;
pub mod queue;
mod stamp;
pub mod store;
pub mod world;

/// The contract as wasmtime calls it, for sandboxes besides this crate's own.
pub use crate::contract::bindings::{Engine as EngineInstance, EnginePre};
pub use meddling::{
    Call, Fault, MeddledQueue, MeddledStore, Meddler, Verb, deciding, sending_with,
};
pub use stamp::StampEngine;
