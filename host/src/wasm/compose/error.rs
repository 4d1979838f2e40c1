//! Reasons why parts do not make an engine.

use super::codec::{CODEC, NoCodec};
use crate::wasm::error::LoadError;

/// Parts that do not make an engine.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The engine does not ask codecs.
    #[error(
        "the engine is not open, it asks no codecs; take engine-open.wasm, which `make engine` \
         builds beside engine.wasm"
    )]
    NotOpen,
    /// The engine asks codecs by another version of the interface.
    #[error(
        "the engine asks codecs by `{found}` and this program knows `{CODEC}`; use an engine and a program of one version"
    )]
    OtherEngine {
        /// The import.
        found: String,
    },
    /// There is nothing to join several codecs with.
    #[error(
        "the engine is without its joint for several codecs; join one, or build the engine anew"
    )]
    NoJoint,
    /// No codecs were named.
    #[error("name at least one codec")]
    NoCodecs,
    /// The engine's file is no component that can be read.
    #[error("the engine is not a component: {0}")]
    Unreadable(String),
    /// A part is no codec that can be joined.
    #[error("{name} cannot be joined")]
    Codec {
        /// The part.
        name: String,
        /// The reason.
        #[source]
        source: NoCodec,
    },
    /// Two codecs decode the same format.
    #[error("{first} and {second} both decode {media_type}; leave one of them out")]
    TwoCodecs {
        /// The format.
        media_type: String,
        /// A part.
        first: String,
        /// Another part.
        second: String,
    },
    /// The engine decodes the format itself.
    #[error("the engine decodes {media_type} itself and would never ask {codec}; leave it out")]
    Known {
        /// The format.
        media_type: String,
        /// The part.
        codec: String,
    },
    /// The result is no engine.
    #[error("the parts do not make an engine")]
    Engine(#[source] LoadError),
}

impl ComposeError {
    /// The part of that name is no codec.
    pub(super) fn no_codec(name: &str, source: NoCodec) -> Self {
        Self::Codec {
            name: name.into(),
            source,
        }
    }
}
