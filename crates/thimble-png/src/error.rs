//! Errors: of the picture, and of its color profile.

use core::fmt;
use std::collections::TryReserveError;

use thimble_inflate::Damage;

/// A reason for which there is no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The source is of a kind that is not decoded.
    Unsupported(&'static str),
    /// The source breaks the rules, or ends before its last row.
    Malformed(&'static str),
    /// The rows cannot be decompressed.
    Damaged(Damage),
    /// There is no memory for the pixels.
    TooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unsupported(what) | Error::Malformed(what) => f.write_str(what),
            Error::Damaged(damage) => damage.fmt(f),
            Error::TooLarge => f.write_str("there is no memory for the pixels of the PNG"),
        }
    }
}

impl core::error::Error for Error {}

impl From<Damage> for Error {
    fn from(damage: Damage) -> Self {
        Error::Damaged(damage)
    }
}

impl From<TryReserveError> for Error {
    fn from(_: TryReserveError) -> Self {
        Error::TooLarge
    }
}

/// A reason for which there is no color profile. The picture can be decoded all the
/// same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProfileError {
    /// It is longer than wanted.
    TooLong,
    /// It cannot be decompressed.
    Damaged(Damage),
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileError::TooLong => f.write_str("the color profile is longer than wanted"),
            ProfileError::Damaged(damage) => damage.fmt(f),
        }
    }
}

impl core::error::Error for ProfileError {}
