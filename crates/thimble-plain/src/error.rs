//! Reasons for which there is no picture.

use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The header makes no sense, or there is no pixel.
    Malformed(&'static str),
    /// Pixels of so many channels, of which nobody knows what they mean.
    Channels(u32),
    /// There is no memory for the pixels.
    TooLarge,
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::Malformed(reason) => formatter.write_str(reason),
            Error::Channels(count) => write!(formatter, "{count} channels a pixel"),
            Error::TooLarge => formatter.write_str("more pixels than there is memory for"),
        }
    }
}

impl error::Error for Error {}
