//! Engine stores in OCI registries.
//!
//! ```text
//! engines/<sha256>.wasm       tag engine-<sha256>, in the layout of WebAssembly components
//! compiled/<sha256>.cwasm     tag compiled-<sha256>     | artifacts of our own media types,
//! releases/<sha256>.json      tag release-<sha256>      | of one layer each
//! channels/<name>.json        tag channel-<name>        | replaced, if nobody was faster
//! configurations/<name>.json  tag configuration-<name>  |
//! ```
//!
//! A registry names bytes by their digest, as an engine store does. So a key that is a digest is
//! read by it, whoever pushed it and under whatever tag; the tag of ours keeps it from the
//! registry's garbage collection, and lists it. The documents are signed as in any other store:
//! nothing is believed because a registry says so.
//!
//! A registry has no writes under conditions. A channel is looked at just before it is replaced
//! and again after that, which tells one of two who change it together nearly always.

mod auth;
mod client;
mod credentials;
mod error;
mod layout;
mod manifest;
mod store;

pub use error::RegistryError;
pub use store::Registry;

#[cfg(test)]
mod tests;
