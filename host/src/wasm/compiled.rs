//! Machine code that an engine was compiled to.
//!
//! Loading machine code is running it: wasmtime checks hardly more than that it
//! was made by the same version with the same configuration. So the question is
//! who made it, and this type is the answer. Its field is private, and each
//! function that fills it says why the code may be trusted.

use std::fmt;

use wasmtime::component::Component;

#[cfg(feature = "compiler")]
use super::artifact::Artifact;
use super::artifact::Digest;
use super::error::LoadError;
use super::runtime::Runtime;

/// Machine code that may be run, and the component that it was compiled from.
#[derive(Clone)]
pub struct Compiled {
    code: Vec<u8>,
    digest: Digest,
}

impl Compiled {
    /// Compiles a component: the code is trusted because this process made it.
    ///
    /// # Errors
    ///
    /// If the bytes are no component, or one that uses what is switched off.
    #[cfg(feature = "compiler")]
    pub fn compile(runtime: &Runtime, artifact: &Artifact) -> Result<Self, LoadError> {
        let code = runtime
            .engine()
            .precompile_component(artifact.bytes())
            .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        Ok(Self {
            code,
            digest: artifact.digest(),
        })
    }

    /// The digest of the portable component.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The component, ready to be linked.
    pub(super) fn component(&self, runtime: &Runtime) -> Result<Component, LoadError> {
        // SAFETY: `deserialize` demands the unmodified output of wasmtime's own
        // compiler. The private field is filled in this file only: by `compile`,
        // from that compiler's return value. Nothing ever changes it.
        let component = unsafe { Component::deserialize(runtime.engine(), &self.code) };
        component.map_err(|error| LoadError::Compile(format!("{error:#}")))
    }
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled")
            .field("bytes", &self.code.len())
            .field("digest", &self.digest)
            .finish()
    }
}
