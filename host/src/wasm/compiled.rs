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
use super::artifact::named_bytes;
use super::error::LoadError;
use super::runtime::Runtime;
#[cfg(feature = "compiler")]
use super::runtime::{config, config_here};
#[cfg(feature = "compiler")]
use crate::trust::Target;
use crate::trust::{Digest, Release, Signed, Vouched};

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
        Self::compile_by(runtime.engine(), artifact)
    }

    /// Compiles a component for machines of another kind than this one, or for
    /// more of this kind than this one alone: the code is trusted because this
    /// process made it.
    ///
    /// # Errors
    ///
    /// Those of [`compile`](Self::compile), and if this program was built without
    /// the feature `cross` and the target is another processor.
    #[cfg(feature = "compiler")]
    pub fn compile_for(target: Target, artifact: &Artifact) -> Result<Self, LoadError> {
        let compiler = compiler(target).map_err(|error| LoadError::NoSuchTarget {
            target: target.to_string(),
            detail: format!("{error:#}"),
        })?;
        Self::compile_by(&compiler, artifact)
    }

    /// Compiles a component for a target or, without one, for this very machine.
    #[cfg(feature = "compiler")]
    pub(super) fn compile_here(
        target: Option<Target>,
        artifact: &Artifact,
    ) -> Result<Self, LoadError> {
        match target {
            Some(target) => Self::compile_for(target, artifact),
            None => {
                let compiler = wasmtime::Engine::new(&config_here());
                let compiler = compiler.map_err(|error| LoadError::Compile(error.to_string()))?;
                Self::compile_by(&compiler, artifact)
            }
        }
    }

    #[cfg(feature = "compiler")]
    fn compile_by(compiler: &wasmtime::Engine, artifact: &Artifact) -> Result<Self, LoadError> {
        artifact.extent()?;
        let code = compiler
            .precompile_component(artifact.bytes())
            .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        Ok(Self {
            code,
            digest: artifact.digest(),
        })
    }

    /// Takes code from a child of this process: it is trusted because the child
    /// is this very program, was given nothing but the component, and answered
    /// through a pipe that no other process has.
    #[cfg(feature = "compiler")]
    pub(super) fn by_a_child(code: Vec<u8>, artifact: &Artifact) -> Self {
        Self {
            code,
            digest: artifact.digest(),
        }
    }

    /// Takes code from the cache of this user: it is trusted because it lay, under
    /// the name of this component and of this configuration, where nobody but this
    /// user can write, and was whole.
    #[cfg(feature = "compiler")]
    pub(super) fn by_an_earlier_start(code: Vec<u8>, artifact: &Artifact) -> Self {
        Self {
            code,
            digest: artifact.digest(),
        }
    }

    /// Takes code from elsewhere: it is trusted because the holder of a key that
    /// this host was given has signed a release in which its digest stands. The
    /// bytes that are checked are those that are run.
    ///
    /// # Errors
    ///
    /// If the release says nothing of these bytes.
    pub fn signed(release: &Signed<Release>, code: Vec<u8>) -> Result<Self, LoadError> {
        let release = release.get();
        let digest = Digest::of(&code);
        if !release
            .compiled
            .iter()
            .any(|form| form.code.sha256 == digest)
        {
            return Err(LoadError::Unsigned { digest });
        }
        Ok(Self {
            code,
            digest: release.wasm.sha256,
        })
    }

    /// Takes code that lies beside this program: it is trusted because its digest
    /// was built into the program. The bytes that are checked are those that are
    /// run.
    pub(super) fn vouched(vouched: Option<Vouched>, code: Vec<u8>) -> Result<Self, LoadError> {
        let digest = Digest::of(&code);
        match vouched {
            Some(vouched) if vouched.code == digest => Ok(Self {
                code,
                digest: vouched.portable,
            }),
            _ => Err(LoadError::NotPackaged { digest }),
        }
    }

    /// The machine code, to be kept for another host.
    pub fn code(&self) -> &[u8] {
        &self.code
    }

    /// The machine code alone.
    #[cfg(feature = "compiler")]
    pub(super) fn into_code(self) -> Vec<u8> {
        self.code
    }

    /// The digest of the portable component.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The component, ready to be linked.
    pub(super) fn component(&self, runtime: &Runtime) -> Result<Component, LoadError> {
        // SAFETY: `deserialize` demands the unmodified output of wasmtime's own
        // compiler. The private field is filled in this file only: by
        // `compile_by`, from that compiler's return value, by `by_a_child`, from what
        // this very program made in the same way in another process, by
        // `by_an_earlier_start`, from a file that nobody but this user could have
        // changed, by `signed`, with bytes whose digest was signed by somebody who vouches for that, and by
        // `vouched`, with bytes whose digest is a part of this program. Nothing ever
        // changes it.
        let component = unsafe { Component::deserialize(runtime.engine(), &self.code) };
        component.map_err(|error| unfit(format!("{error:#}")))
    }
}

/// The reason why code is not loaded: the host is another one, or the pool has no place
/// for so large an engine. Only words tell the one from the other.
fn unfit(detail: String) -> LoadError {
    let of_the_pool = ["pooling allocator", "exceeds the configured maximum"];
    if of_the_pool.iter().any(|words| detail.contains(words)) {
        LoadError::TooDemanding(detail)
    } else {
        LoadError::Incompatible(detail)
    }
}

/// A compiler for a target. With the target named, nothing of the machine that
/// compiles gets into the code, and the floor is all that it may use.
#[cfg(feature = "compiler")]
fn compiler(target: Target) -> wasmtime::Result<wasmtime::Engine> {
    let mut config = config();
    config.target(target.triple())?;
    if target == Target::X86_64 {
        // SAFETY: a flag that allows instructions is wrong where they are absent.
        // The floor is what machines of this target are declared to have, and
        // wasmtime compares it with the machine when the code is loaded.
        unsafe { config.cranelift_flag_enable(target.cpu()) };
    }
    wasmtime::Engine::new(&config)
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_bytes(f, "Compiled", &self.code, self.digest)
    }
}

#[cfg(feature = "compiler")]
#[cfg(test)]
mod tests;
