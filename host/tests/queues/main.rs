//! The commands that work on queues: worker, backfill, redrive, dlq.
//!
//! All of them take a folder that `thimble local` keeps in place of the queues and
//! buckets of AWS, so that most of this needs no network. `cloud` does the same
//! over the AWS, or what answers like it, that `THIMBLE_TEST_ENDPOINT` names.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

#[path = "../local/desk.rs"]
#[expect(dead_code, reason = "shared with other tests, which use the rest")]
mod desk;

#[path = "../hostile/mod.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "shared with other tests, which use the rest"
)]
mod hostile;

mod cloud;
mod engines;
mod folder;
mod mistakes;
mod output;
mod presets;
mod refusals;
mod tool;
mod worker;
