//! Errors that leave no picture, and statements that are overlooked.

use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The header makes no sense, or there is no pixel.
    Malformed(&'static str),
    /// A coding of pixels that is not decoded.
    Unsupported {
        /// Bits a pixel.
        bits: u16,
        /// The number of the compression.
        compression: u32,
    },
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::Malformed(reason) => formatter.write_str(reason),
            Error::Unsupported { compression: 4, .. } => {
                formatter.write_str("a JPEG within, or the runs of 24 bits of OS/2")
            }
            Error::Unsupported { compression: 5, .. } => formatter.write_str("a PNG within"),
            Error::Unsupported { bits, compression } => {
                write!(
                    formatter,
                    "{bits} bits a pixel with compression {compression}"
                )
            }
        }
    }
}

impl error::Error for Error {}

/// A statement about colors that is not handed out. No browser but one looks at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlooked {
    /// Primaries and gammas.
    Calibration,
    /// A profile that is another file.
    LinkedProfile,
}

impl Display for Overlooked {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Overlooked::Calibration => {
                "the calibration of colors is not read, they are taken for sRGB"
            }
            Overlooked::LinkedProfile => {
                "the color profile is another file, colors are taken for sRGB"
            }
        })
    }
}
