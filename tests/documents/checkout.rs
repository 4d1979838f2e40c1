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

/// The part of a page behind some words, up to others or to its end.
pub(crate) fn part<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = page
        .split_once(from)
        .unwrap_or_else(|| panic!("the page says nowhere: {from}"));
    rest.split(to).next().unwrap_or_default()
}

/// Rows of the table below a heading of its columns.
pub(crate) fn rows_below<'a>(page: &'a str, heading: &str) -> impl Iterator<Item = &'a str> {
    let (_, table) = page.split_once(heading).unwrap_or_default();
    let lines = table.lines().skip(2);
    lines.take_while(|line| line.starts_with('|'))
}
