//! The engine store, and the engine that follows a channel of it.
//!
//! ```text
//! engines/<sha256>.wasm      a portable engine          | never changed,
//! compiled/<sha256>.cwasm    the same as machine code   | named by what
//! releases/<sha256>.json     what is said of an engine  | they hold
//! channels/<name>.json       which one is live          | replaced whole,
//! configurations/<name>.json a configuration file       | on a condition
//! ```
//!
//! [`EngineStore`] keeps them, over any object store. A [`Registry`] is the
//! engine of a host that follows a channel: it looks at the channel now and
//! then, loads what has become live beside what was, and swaps the two when the
//! new one has shown that it can do the work. Whatever goes wrong on the way,
//! the engine that served before serves on.

mod channel;
mod configuration;
mod error;
mod maintenance;
mod place;
mod publish;
mod registry;
mod repository;
mod store;

pub use channel::{Canary, Channel, ChannelName, NoChange, NotAChannelName, Reference, WHOLE};
pub use configuration::Configuration;
pub use error::EngineStoreError;
pub use maintenance::{Finding, Garbage, Retention};
pub use place::{EnginePlace, NotAnEnginePlace};
pub use publish::{Author, Change, Draft};
pub(crate) use registry::admit;
#[cfg(feature = "cli")]
pub(crate) use registry::try_presets;
pub use registry::{Options, Package, Refusal, Registry, StartError, Status, WithoutKey};
#[cfg(feature = "clouds")]
pub(crate) use repository::is_loopback;
pub use repository::{NotARepository, Pointer, Repository};
pub use store::{ChannelFetch, EngineStore, ReadChannel};

#[cfg(test)]
mod tests;
