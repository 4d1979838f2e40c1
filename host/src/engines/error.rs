//! Errors of an engine store.

use super::channel::{ChannelName, NoChange};
use crate::ports::StoreError;
use crate::trust::DocumentError;

/// Error of an engine store.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineStoreError {
    /// The store beneath said no, or nothing.
    #[error("the engine store does not answer as it should")]
    Store(#[from] StoreError),
    /// A document is not believed.
    #[error("{key} is not believed")]
    Document {
        /// Its key.
        key: String,
        /// The reason.
        #[source]
        cause: DocumentError,
    },
    /// The bytes under a name do not have its digest.
    #[error(
        "{key} is not what its name says: it was damaged or replaced; publish the engine again"
    )]
    Damaged {
        /// Its key.
        key: String,
    },
    /// Something is named and not there.
    #[error("{key} is missing; publish the engine again")]
    Missing {
        /// Its key.
        key: String,
    },
    /// The document of one channel lies under the name of another.
    #[error("the document of the channel {found} lies in the place of {expected}")]
    OtherChannel {
        /// The channel that was asked for.
        expected: ChannelName,
        /// The one that the document is about.
        found: ChannelName,
    },
    /// A release is not of the engine that the channel says.
    #[error("the channel and the release {key} name different engines")]
    OtherEngine {
        /// The key of the release.
        key: String,
    },
    /// Another change was faster.
    #[error("somebody else changed the channel meanwhile; look at it and try again: {0}")]
    Changed(ChannelName),
    /// The channel cannot be changed in this way.
    #[error(transparent)]
    NoChange(#[from] NoChange),
    /// The channel has no configuration.
    #[error("this channel has no configuration file; `thimble config publish` writes it: {0}")]
    NoConfiguration(ChannelName),
    /// No release is meant by these words.
    #[error("no release is called that; `thimble engine list` shows them: {0}")]
    NoRelease(String),
    /// Several releases are meant by these words.
    #[error("several releases are called that; give more digits of the digest: {0}")]
    Ambiguous(String),
}

impl EngineStoreError {
    /// A stable word for programs that read what we write.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Store(_) => "store",
            Self::Document { cause, .. } => match cause {
                DocumentError::TooLarge
                | DocumentError::Malformed(_)
                | DocumentError::Kind { .. } => "malformed",
                DocumentError::Format(_) => "format",
                DocumentError::Untrusted | DocumentError::BadSignature(_) => "signature",
            },
            Self::Damaged { .. } => "damaged",
            Self::Missing { .. } => "missing",
            Self::OtherChannel { .. } => "other-channel",
            Self::OtherEngine { .. } => "other-engine",
            Self::Changed(_) => "changed",
            Self::NoChange(_) => "no-change",
            Self::NoConfiguration(_) => "no-configuration",
            Self::NoRelease(_) | Self::Ambiguous(_) => "no-release",
        }
    }
}
