//! The documents are true: each claim that can be compared with the code is.
//!
//! Sections between `<!-- begin: NAME -->` and `<!-- end: NAME -->` are made
//! from the code; `make documents` writes them anew.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod benchmarks;
mod capacity;
mod checkout;
mod circles;
mod codecs;
mod configuration;
mod costs;
mod decisions;
mod definitions;
mod help;
mod kinds;
mod links;
mod manifest;
mod map;
mod metrics;
mod places;
mod presets;
mod queues;
mod release;
mod section;
mod stack;
mod summary;
mod tasks;
mod threats;
