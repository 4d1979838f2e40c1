//! Failures of a registry, and what is wrong then.

use crate::object::Location;
use crate::ports::{StoreError, StoreProblem};

/// Failure of a request to a registry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Requests cannot be made at all.
    #[error("no client can be made: {0}")]
    Client(String),
    /// The file of credentials is none.
    #[error("{path} is not as `docker login` writes it: {reason}")]
    Credentials {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
    },
    /// No connection, or one that ended in the middle.
    #[error("the registry could not be reached: {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("the registry did not answer in time")]
    Timeout,
    /// There is no such thing.
    #[error("the registry has no such thing")]
    NotFound,
    /// The credentials, or their absence, do not allow it.
    #[error(
        "the registry denies it ({0}); log in with `docker login`, whose file is read, and without a \
         credential helper, which is not asked"
    )]
    Denied(String),
    /// Another status than the specification has.
    #[error("the registry answered {status}: {said}")]
    Status {
        /// The status of HTTP.
        status: u16,
        /// Words of the registry.
        said: String,
    },
    /// More bytes than there may be.
    #[error("the answer has {size} bytes or more, and at most {limit} are read")]
    TooLarge {
        /// The size, as far as it is known.
        size: u64,
        /// The most that is read.
        limit: u64,
    },
    /// Other bytes than were asked for.
    #[error("the registry gave other bytes than those of the digest {0}")]
    Digest(String),
    /// An answer that is none.
    #[error("the answer of the registry makes no sense: {0}")]
    Malformed(String),
    /// A redirect that is not followed.
    #[error("a redirect is not followed: {0}")]
    Redirect(String),
    /// An artifact of another kind.
    #[error("{0}")]
    Layout(String),
}

impl RegistryError {
    /// The error of the port for the object at `location`.
    pub(super) fn at(self, location: &Location) -> StoreError {
        let problem = match &self {
            Self::NotFound => StoreProblem::NotFound,
            Self::Denied(_) => StoreProblem::Denied,
            Self::Timeout => StoreProblem::Timeout,
            Self::TooLarge { size, limit } => StoreProblem::TooLarge {
                size: *size,
                limit: *limit,
            },
            Self::Status { status: 429, .. } => StoreProblem::Throttled,
            Self::Unreachable(_) | Self::Status { status: 500.., .. } => StoreProblem::Unavailable,
            _ => StoreProblem::Unknown,
        };
        StoreError::new(problem, location).because(self)
    }
}
