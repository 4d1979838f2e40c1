//! Thimble makes thumbnails: this crate is the host, everything around the engine.
//!
//! ```text
//!  images --event--> source queue --batch--> HOST                        engine store
//!                     ^     |                 |  get                           |
//!                     |     | receive count   |  generate(source, specs)       v
//!           redrive --+     v is used up      |                             ENGINE
//!                     dead-letter queue       |  put             no files, no network, no clock
//!                                             v
//!                                         thumbnails
//! ```
//!
//! Decoding is the dangerous part, because it meets bytes that a stranger chose.
//! It happens in the [engine](wasm), a sandboxed component. What is here never
//! looks inside an image. It promises that nothing is lost: an event leaves its
//! queue only when its thumbnails are written, when it is provably not for us,
//! or when it lies in the dead-letter queue with its reason.
//!
//! | module | contents |
//! |---|---|
//! | [`pipeline`] | one object: get, generate, put. The heart |
//! | [`batch`], [`worker`], [`redrive`] | many messages, for ever, and back from the dead |
//! | [`service`], [`reload`] | one composition of a host, for every program that runs one |
//! | [`backfill`], [`dead_letters`] | objects that were there before, letters to look at |
//! | [`error`] | the meaning of each failure, in one match |
//! | [`object`], [`event`], [`naming`], [`preset`], [`recipe`], [`letter`], [`manifest`] | the words of the domain |
//! | [`results`] | word to whoever waits for thumbnails |
//! | [`ports`] | contracts for the outside world: objects, messages, pictures |
//! | [`memory`], [`local`], [`wasm`] | adapters: a map, a folder, a sandbox; `aws` and `nats` besides |
//! | [`trust`] | digests, keys, signed releases: the reasons to run machine code |
//! | [`engines`] | the engine store, and the swap of one engine for another |
//! | [`config`], [`telemetry`], [`report`], [`metric`], [`text`] | settings in; logs, metrics and texts out |
//! | `oci` | engine stores in registries |
//! | `capacity` | executions, partitions and cost of a load |
//! | `doctor` | the surroundings of a host, tried |
//! | [`heap`] | return of freed memory to the system |

#[cfg(feature = "aws")]
pub mod aws;
pub mod backfill;
pub mod batch;
#[cfg(feature = "clouds")]
pub mod blobs;
#[cfg(feature = "cli")]
pub mod capacity;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod contract;
pub mod dead_letters;
#[cfg(feature = "cli")]
pub mod doctor;
pub mod engines;
pub mod error;
pub mod event;
#[cfg(feature = "cli")]
pub mod health;
pub mod heap;
#[cfg(feature = "cli")]
pub mod http;
pub mod letter;
#[cfg(feature = "cli")]
pub mod listen;
#[cfg(feature = "cli")]
pub mod local;
pub mod manifest;
pub mod memory;
pub mod metric;
pub mod naming;
#[cfg(feature = "brokers")]
pub mod nats;
pub mod object;
#[cfg(feature = "clouds")]
pub mod oci;
mod pace;
#[cfg(feature = "cli")]
pub mod page;
pub mod pipeline;
pub mod ports;
#[cfg(feature = "brokers")]
pub mod postgres;
pub mod preset;
pub mod recipe;
pub mod redrive;
pub mod reload;
pub mod report;
pub mod results;
pub mod service;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod text;
pub mod tls;
pub mod trust;
pub mod wasm;
pub mod worker;
