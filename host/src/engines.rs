//! Where engines come from, and how one takes the place of another.
//!
//! ```text
//! engines/<sha256>.wasm      a portable engine          | never changed,
//! compiled/<sha256>.cwasm    the same as machine code   | named by what
//! releases/<sha256>.json     what is said of an engine  | they hold
//! channels/<name>.json       which one is live            replaced whole, on a condition
//! ```

mod channel;
mod envelope;
mod keys;
mod release;

pub use channel::{Canary, Channel, ChannelName, NoChange, NotAChannelName, Reference, WHOLE};
pub use envelope::{DocumentError, FORMAT, MAX_DOCUMENT, Opened, Signed, Trust};
pub use keys::{NotAKey, PublicKey, SecretKey};
pub use release::{Blob, Form, Release};
