//! The files of the checkout.

use std::fs;
use std::path::{Path, PathBuf};

/// The path of `name`, which is relative to the root of the checkout.
pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// The text of a file.
pub(crate) fn read(name: &str) -> String {
    let read = fs::read_to_string(path(name));
    read.unwrap_or_else(|error| panic!("cannot read {name}: {error}"))
}
