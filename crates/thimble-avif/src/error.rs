//! Reasons for which there is no picture.

use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// None of the first tiles can be decoded.
    Damaged(thimble_av1::Error),
    /// Color differences are halved, and tiles have odd sides.
    OddTiles,
    /// The matrix of colors is not known.
    Matrix(u8),
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::Damaged(error) => error.fmt(formatter),
            Error::OddTiles => formatter.write_str("tiles that end in half a sample"),
            Error::Matrix(matrix) => write!(formatter, "colors of matrix {matrix}"),
        }
    }
}

impl error::Error for Error {}
