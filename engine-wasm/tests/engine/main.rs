//! The engine through its public surface, natively.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

mod avif;
mod broken;
mod command;
mod decoding;
mod few_bytes;
mod field;
mod gradient;
mod jxl;
mod mutations;
mod placeholders;
mod plain;
mod plan;
mod posters;
mod psd;
mod quality;
mod support;
mod thumbnails;
