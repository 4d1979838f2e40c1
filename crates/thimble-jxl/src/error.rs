//! Reasons for which there is no picture.

use std::error;
use std::fmt::{self, Display, Formatter};

use jxl::error::Error as JxlError;

/// A reason for which there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The bytes make no sense, or end before there is a pixel.
    Malformed(String),
    /// The picture, or something in it, takes more memory than is allowed or there.
    TooLarge(String),
}

impl Error {
    pub(crate) fn malformed(reason: &str) -> Self {
        Error::Malformed(reason.to_owned())
    }
}

impl From<JxlError> for Error {
    fn from(error: JxlError) -> Self {
        let mut reason = error.to_string();
        if let Some(first) = reason.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        match error {
            JxlError::ImageSizeTooLarge(..)
            | JxlError::ImageDimensionTooLarge(_)
            | JxlError::ImageOutOfMemory(..)
            | JxlError::OutOfMemory(_)
            | JxlError::IccTooLarge => Error::TooLarge(reason),
            _ => Error::Malformed(reason),
        }
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let (Error::Malformed(reason) | Error::TooLarge(reason)) = self;
        formatter.write_str(reason)
    }
}

impl error::Error for Error {}
