//! The picture that most sources of these tests show, as the engine shows it.

use thimble_engine::contract::{Error, Limits};

pub(crate) use super::fields::{HEIGHT, Shown, WIDTH, color, pixels};
use crate::support::{decoded, generate};

impl Shown {
    /// Decodes a source that must not be refused.
    pub(crate) fn of(source: &[u8]) -> Shown {
        let (picture, warnings) = decoded(source);
        Shown { picture, warnings }
    }
}

/// Fails unless a source is refused as of no format of ours, for a reason that names
/// what it is.
pub(crate) fn expect_unsupported(source: &[u8], name: &str) {
    match generate(source, &Limits::default()) {
        Err(Error::UnsupportedFormat(reason)) => {
            assert!(reason.contains(name), "{reason:?} does not name {name:?}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a thumbnail of {name}"),
    }
}
