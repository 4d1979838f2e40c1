//! The programs, as a user meets them: real processes, real files, a hard life.
//!
//! | module | program |
//! |---|---|
//! | `cache` | engines that were compiled by an earlier start |
//! | `command` | `thimble generate`, `thimble inspect`, and mistakes in using them |
//! | `config` | `thimble config`, and commands with a configuration file |
//! | `doctor` | `thimble doctor` and `thimble plan` |
//! | `folders` | `thimble generate` with folders |
//! | `health` | `thimble health`, and whatever may answer it |
//! | `manual` | help, completions, pages of the manual, versions |
//! | `streams` | `thimble generate` and `inspect` from and to a pipe |
//! | `local` | `thimble local`: a folder that is watched |
//! | `queues` | `thimble worker`, `listen`, `backfill`, `redrive` and `dlq` |
//! | `terminal` | all of them: text of strangers, and the words for a failure |
//! | `bootstrap` | the function `generate-thumbnails`, under a Lambda made by hand |
//!
//! All of `queues` but two modules takes a folder of `thimble local` in place
//! of the queues and buckets of AWS, so that it needs no network. `queues::cloud`
//! needs AWS, or what answers like it, at `THIMBLE_TEST_ENDPOINT`, `queues::elsewhere`
//! a server of Postgres and an emulator of Azure, and what is tested over NATS as well a
//! server at `THIMBLE_TEST_NATS`: see `scripts/test.sh`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg(unix)]

mod bootstrap;
mod cache;
mod command;
mod config;
mod desk;
mod doctor;
mod folders;
mod health;
mod kills;
mod manual;
mod nats;
mod process;
mod streams;
mod terminal;
mod tool;

mod local {
    mod codecs;
    mod engines;
    mod hardship;
    mod kills;
    mod left_alone;
    mod letters;
    mod mended;
    #[cfg(target_os = "linux")]
    mod network;
    mod photos;
    mod watching;
}

mod queues {
    pub(crate) mod cloud;
    mod dry_runs;
    mod elsewhere;
    mod engine_stores;
    mod engines;
    mod everywhere;
    mod folder;
    mod kills;
    mod listen;
    mod mistakes;
    mod output;
    mod page;
    mod presets;
    mod refusals;
    mod traces;
    mod worker;
}
