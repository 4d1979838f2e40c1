//! A deployed stack, through S3 alone: what a user would notice.
//!
//! `make functional` deploys to an emulator that enforces permissions and runs
//! this. With AWS_ENDPOINT_URL unset and THIMBLE_STACK and the outputs of a stack
//! set (`scripts/stack.sh ask outputs`), the same tests run on AWS.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod engines;
mod failures;
mod following;
mod load;
mod photos;
mod processes;
mod stack;
mod tools;
mod topic;
mod webhook;
mod wishes;
