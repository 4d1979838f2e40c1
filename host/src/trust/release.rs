//! Releases: the documents about single engines.

use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::envelope::Document;
use super::target::{Target, WASMTIME};

/// An engine that was published. Never changed: what would be changed is another
/// release, under another digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Name that the engine gives itself.
    pub name: String,
    /// Version that the engine gives itself.
    pub version: String,
    /// The interface that it exports.
    pub contract: String,
    /// Time of publication, in seconds since 1970.
    pub published: u64,
    /// The portable component.
    pub wasm: Blob,
    /// Compiled forms.
    #[serde(default)]
    pub compiled: Vec<Form>,
}

/// Bytes that are named by their digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Their SHA-256.
    pub sha256: Digest,
    /// Their number.
    pub bytes: u64,
}

/// An engine as machine code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Key that a host looks for: see [`Target::key`].
    pub key: String,
    /// The kind of machine, in the words of compilers.
    pub target: String,
    /// Least capable processor of that kind.
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
    /// The form that `code`, compiled for `target`, is.
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
    /// The form that this machine can run without compiling.
    pub fn form_for_this_host(&self) -> Option<&Form> {
        let key = Target::native()?.key();
        self.compiled.iter().find(|form| form.key == key)
    }
}
