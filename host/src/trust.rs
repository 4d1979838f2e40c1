//! Trust: digests, keys, and the word of a key.
//!
//! ```text
//!  bytes --> Digest --stands in--> Release --sealed in--> envelope --opened by--> Trust --> Signed<Release>
//! ```
//!
//! The ground of the safety story. Running machine code takes a reason, and the
//! only reason that reaches a host from outside is a [`Signed`] release: a private
//! field, filled by [`Trust`] alone, after a key that the host was configured with
//! has been found to have signed these very bytes. Nothing here knows of a sandbox,
//! a store or a network; they know this.

mod digest;
mod envelope;
mod hex;
mod keys;
mod release;
mod target;
mod vouched;

pub use digest::{Digest, NotADigest};
pub(crate) use envelope::{Document, seal};
pub use envelope::{DocumentError, FORMAT, MAX_DOCUMENT, Opened, Signed, Trust};
pub use keys::{NotAKey, PublicKey, SecretKey};
pub use release::{Blob, Form, Release};
pub use target::{Target, UnknownTarget, WASMTIME};
pub(crate) use vouched::Vouched;

#[cfg(test)]
mod tests;
