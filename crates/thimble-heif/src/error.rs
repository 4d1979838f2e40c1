//! Reasons to refuse a file.

use std::error;
use std::fmt::{self, Display, Formatter};

/// The reason why a file is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The boxes contradict each other, or lack something that the picture needs.
    Malformed(&'static str),
    /// The file is sound, as far as can be seen, but does what this crate does not know.
    Unsupported(&'static str),
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (Error::Malformed(reason) | Error::Unsupported(reason)) = self;
        formatter.write_str(reason)
    }
}

impl error::Error for Error {}
