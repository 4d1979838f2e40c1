//! The native shell around a sandboxed thumbnail engine.

pub mod batch;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod contract;
pub mod error;
pub mod event;
pub mod letter;
#[cfg(feature = "cli")]
pub mod local;
pub mod memory;
pub mod naming;
pub mod object;
pub mod pipeline;
pub mod ports;
pub mod preset;
pub mod redrive;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wasm;
pub mod worker;
