//! Ports: contracts for the outside world of objects, messages and pictures.
//!
//! The use cases know nothing else of where they run. The `# Contract` of each
//! trait is what a caller may rely on; `testing.rs` holds one suite for each
//! trait, and every adapter passes it.

use std::collections::BTreeMap;
use std::sync::Arc;

mod messages;
mod news;
mod objects;
mod pages;
mod pictures;
mod walk;

pub use messages::{
    Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};
pub use news::News;
pub use objects::{
    Condition, GetOptions, Listed, Listing, NewObject, Object, ObjectInfo, ObjectStore, Page,
    PutOptions, Storage, StoreError, StoreProblem,
};
pub use pages::{Pages, pages};
pub use pictures::{
    Engine, EngineError, EngineFailure, EngineIdentity, Made, Placeholder, Request,
};
pub use walk::Walk;

/// Cause of an error, for its `source()`.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// Advice for a host without credentials, of stores and of queues.
const NO_CREDENTIALS: &str = "no credentials are found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, \
     or run where there is a role; for gs:// GOOGLE_APPLICATION_CREDENTIALS, for az:// AZURE_STORAGE_ACCOUNT_KEY";

/// Named strings that travel with an object or a message.
pub type Attributes = BTreeMap<String, String>;

#[cfg(test)]
mod tests;
