//! From a key to a path that cannot lead out of its bucket.

use std::fs;
use std::path::PathBuf;

use super::Buckets;
use super::key::is_possible;
use crate::object::Location;
use crate::ports::StoreProblem;

/// The path of an object that is to be read. What no path could lead to is not
/// there.
pub(super) fn to_read(buckets: &Buckets, location: &Location) -> Result<PathBuf, StoreProblem> {
    let bucket = buckets.find(&location.bucket)?;
    if !is_possible(&location.key) {
        return Err(StoreProblem::NotFound);
    }
    let mut path = bucket;
    for name in location.key.split('/') {
        path.push(name);
        let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link || buckets.is_reserved(&path) {
            return Err(StoreProblem::NotFound);
        }
    }
    match fs::symlink_metadata(&path) {
        Ok(metadata) if !metadata.is_file() => Err(StoreProblem::NotFound),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(StoreProblem::NotFound)
        }
        _ => Ok(path),
    }
}

/// The path of an object that is to be written.
pub(super) fn to_write(buckets: &Buckets, location: &Location) -> Result<PathBuf, StoreProblem> {
    let bucket = buckets.find(&location.bucket)?;
    if !is_possible(&location.key) {
        return Err(StoreProblem::InvalidKey);
    }
    let mut path = bucket;
    let mut names = location.key.split('/').peekable();
    while let Some(name) = names.next() {
        path.push(name);
        if buckets.is_reserved(&path) {
            return Err(StoreProblem::InvalidKey);
        }
        let last = names.peek().is_none();
        match fs::symlink_metadata(&path) {
            // The links of a user are not overwritten, nor are they followed.
            Ok(metadata) if metadata.is_symlink() => return Err(StoreProblem::InvalidKey),
            Ok(metadata) if last != metadata.is_file() => return Err(StoreProblem::InvalidKey),
            _ => {}
        }
    }
    Ok(path)
}
