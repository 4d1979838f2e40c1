//! The native shell around a sandboxed thumbnail engine.

pub mod contract;
pub mod error;
pub mod letter;
pub mod memory;
pub mod object;
pub mod ports;
