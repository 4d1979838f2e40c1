//! Reasons for which there is no picture.

use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The header or a section makes no sense, or there is no pixel.
    Malformed(&'static str),
    /// A kind of picture that is not read.
    Unsupported(&'static str),
    /// There is no memory for the places of the rows.
    TooLarge,
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Error::Malformed(reason) | Error::Unsupported(reason) => reason,
            Error::TooLarge => "more rows than there is memory for",
        })
    }
}

impl error::Error for Error {}
