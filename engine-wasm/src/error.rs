//! Constructors for the contract's error.

use crate::contract::Error;

impl Error {
    /// A spec asks for what this engine, or any, can't make. The detail says
    /// what to change.
    pub(crate) fn invalid_spec(detail: impl Into<String>) -> Self {
        Self::InvalidSpec(detail.into())
    }

    /// An error that is no fault of source or spec.
    pub(crate) fn other(detail: impl Into<String>) -> Self {
        Self::Other(detail.into())
    }
}
