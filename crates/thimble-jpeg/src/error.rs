//! Errors that leave no picture, and warnings of damage that leaves one.

use core::fmt;

/// A reason for which there is no picture. Damage that leaves a picture behind is no
/// error but a [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A JPEG of a kind that this module does not decode.
    Unsupported(&'static str),
    /// The source breaks the rules before it has shown any picture.
    Malformed(&'static str),
    /// There is no memory for a picture of this size.
    TooLarge,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Unsupported(what) => write!(f, "JPEG {what}, which is not supported"),
            Error::Malformed(what) => write!(f, "JPEG {what}"),
            Error::TooLarge => f.write_str("there is no memory for the samples of the JPEG"),
        }
    }
}

impl core::error::Error for Error {}

/// A vector of equal values, as many as the product of some factors, if there is
/// memory for them.
pub(super) fn allocate<T: Clone>(value: T, factors: &[usize]) -> Result<Vec<T>, Error> {
    let mut length = Some(1_usize);
    for factor in factors {
        length = length.and_then(|length| length.checked_mul(*factor));
    }
    let length = length.ok_or(Error::TooLarge)?;
    let mut values = Vec::new();
    values
        .try_reserve_exact(length)
        .map_err(|_| Error::TooLarge)?;
    values.resize(length, value);
    Ok(values)
}

/// Damage in a source that left a picture nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Entropy-coded data ends before the picture does.
    MissingData,
    /// Restart markers are not where they should be.
    LostRestart,
    /// The source ends without an end marker.
    MissingEnd,
    /// A segment after the first scan could not be used.
    BrokenSegment(&'static str),
    /// There are more scans than anyone needs; the last ones are left out.
    TooManyScans,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::MissingData => {
                f.write_str("image data is missing or corrupt: parts of the picture are gray")
            }
            Warning::LostRestart => {
                f.write_str("restart markers are missing or out of order: parts may be displaced")
            }
            Warning::MissingEnd => f.write_str("the source ends without an end marker"),
            Warning::BrokenSegment(what) => write!(f, "decoding stopped early: JPEG {what}"),
            Warning::TooManyScans => {
                f.write_str("too many scans: the picture is shown as far as it was refined")
            }
        }
    }
}
