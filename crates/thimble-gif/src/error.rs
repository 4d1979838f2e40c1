//! Errors that leave no picture.

use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The file has no frame with pixels.
    NoFrame,
    /// The first frames with pixels are damaged.
    Malformed(&'static str),
    /// There is no memory for a frame of these sides.
    TooLarge {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::NoFrame => formatter.write_str("no frame"),
            Error::Malformed(reason) => formatter.write_str(reason),
            Error::TooLarge { width, height } => write!(
                formatter,
                "{width}x{height} pixels: more than there is memory for"
            ),
        }
    }
}

impl error::Error for Error {}
