//! What is said of one engine, once and for all.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::envelope::Document;
use super::target::{Target, WASMTIME};

/// An engine that was published. Never changed: what would be changed is another
/// release, under another digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// What the engine calls itself.
    pub name: String,
    /// The version it gives itself.
    pub version: String,
    /// The interface that it exports.
    pub contract: String,
    /// When it was published, in seconds since 1970.
    pub published: u64,
    /// The portable component.
    pub wasm: Blob,
    /// What it was compiled to.
    #[serde(default)]
    pub compiled: Vec<Form>,
}

/// Bytes that are named by their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Their SHA-256.
    pub sha256: Digest,
    /// How many there are.
    pub bytes: u64,
}

/// An engine as machine code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What a host looks for: see [`Target::key`].
    pub key: String,
    /// The kind of machine, in the words of compilers.
    pub target: String,
    /// What its processor has at least.
    pub cpu: String,
    /// The major version of wasmtime.
    pub wasmtime: String,
    /// The machine code.
    #[serde(flatten)]
    pub code: Blob,
}

impl Document for Release {
    const KIND: &'static str = "release";
}

impl Blob {
    /// These bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            sha256: Digest::of(bytes),
            bytes: bytes.len() as u64,
        }
    }
}

impl Form {
    /// What `code` is, that was compiled for `target`.
    pub fn new(target: Target, code: &[u8]) -> Self {
        Self {
            key: target.key(),
            target: target.triple().to_owned(),
            cpu: target.cpu().to_owned(),
            wasmtime: WASMTIME.to_owned(),
            code: Blob::of(code),
        }
    }
}

impl Release {
    /// What this machine can run of it without compiling.
    pub fn form_for_this_host(&self) -> Option<&Form> {
        let key = Target::native()?.key();
        self.compiled.iter().find(|form| form.key == key)
    }
}
