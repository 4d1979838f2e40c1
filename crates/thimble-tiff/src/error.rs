//! Errors that leave no picture, and warnings of pictures that are not the whole story.

use std::borrow::Cow;
use std::error;
use std::fmt::{self, Display, Formatter};

/// A reason for which there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The file breaks the rules, and nothing of its picture can be shown.
    Malformed(&'static str),
    /// A corner of the format that is not decoded.
    Unsupported(Cow<'static, str>),
    /// The samples of a camera's sensor, without a picture beside them.
    CameraRaw,
    /// The picture is larger than is allowed, in too many pieces, or more than there is
    /// memory for.
    TooLarge(Cow<'static, str>),
}

impl Error {
    pub(crate) fn unsupported(reason: impl Into<Cow<'static, str>>) -> Self {
        Error::Unsupported(reason.into())
    }

    pub(crate) fn too_large(reason: impl Into<Cow<'static, str>>) -> Self {
        Error::TooLarge(reason.into())
    }
}

impl Display for Error {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Error::Malformed(reason) => reason,
            Error::Unsupported(reason) | Error::TooLarge(reason) => reason,
            Error::CameraRaw => "a camera raw file; convert it, or use its JPEG",
        })
    }
}

impl error::Error for Error {}

/// A picture that stands for another one, which is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The preview of a camera raw file.
    RawPreview,
    /// A reduced copy of a later page, or a mask of it.
    ReducedCopy,
}

impl Display for Warning {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Warning::RawPreview => {
                "this is the preview of a camera raw file, whose picture is not read"
            }
            Warning::ReducedCopy => {
                "this is a preview or a mask, the picture on a later page is not read"
            }
        })
    }
}
