//! Reasons for which an engine does not become live, and how often each is tried again.

use std::sync::Arc;

use crate::engines::EngineStoreError;
use crate::ports::EngineIdentity;
use crate::wasm::{Error, LoadError};

/// Number of times that an engine is tried that took too long or too much. It
/// may be the machine that was busy; but each try costs all of the time again.
const TRIES: u32 = 3;

/// Reason why an engine does not become live.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It could not be had from the store.
    #[error(transparent)]
    Store(#[from] EngineStoreError),
    /// It did not arrive in time.
    #[error("the engine store did not answer in time")]
    Silent,
    /// It is no engine, or not a good one.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It cannot make what is configured.
    #[error("the engine {engine} cannot make the preset {preset}")]
    Preset {
        /// The engine.
        engine: Arc<EngineIdentity>,
        /// The preset.
        preset: String,
        /// The failure.
        #[source]
        cause: Error,
    },
    /// No key vouches for it, and this host asks for one.
    #[error(
        "no key is configured to vouch for engines of the store; set ENGINE_KEYS, or ENGINE_UNSIGNED to compile"
    )]
    NoKey,
    /// It was not compiled for this host, and this host cannot compile.
    #[error(
        "the engine has no compiled form {0}, and this host has no compiler; publish it for this target"
    )]
    NoForm(String),
    /// The thread that loaded it died.
    #[error("the host failed while loading the engine: {0}")]
    Panicked(String),
}

impl Refusal {
    /// Number of times that a release is tried before it is refused for good.
    pub(super) fn tries(&self) -> u32 {
        match self {
            Self::Load(LoadError::Start(error) | LoadError::Describe(error))
            | Self::Load(LoadError::SelfTest(error))
            | Self::Preset { cause: error, .. } => match error {
                Error::Time { .. } => TRIES,
                Error::Machine(_) => u32::MAX,
                _ => 1,
            },
            Self::Load(LoadError::CompilerStart(_) | LoadError::CompilerBusy { .. }) => u32::MAX,
            Self::Load(LoadError::GaveUp { .. } | LoadError::CompilerEnded { .. }) => TRIES,
            Self::Load(_) | Self::NoKey | Self::NoForm(_) => 1,
            Self::Panicked(_) => TRIES,
            Self::Store(_) | Self::Silent => u32::MAX,
        }
    }

    /// True if the compiler was given up.
    pub(super) fn is_of_the_compiler(&self) -> bool {
        matches!(
            self,
            Self::Load(LoadError::GaveUp { .. } | LoadError::CompilerEnded { .. })
        )
    }
}
