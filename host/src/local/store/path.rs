//! From a key to a path that cannot lead out of its bucket.

use std::fs;
use std::path::PathBuf;

use super::Buckets;
use crate::object::Location;
use crate::ports::StoreProblem;

/// The longest key, in bytes: as with S3.
pub(super) const LONGEST_KEY: usize = 1_024;

/// The longest name of a file, in bytes, that common file systems take.
const LONGEST_NAME: usize = 255;

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

/// True for a key that is a path of plain names: none empty, none that means this
/// folder or the one above.
pub(super) fn is_possible(key: &str) -> bool {
    key.len() <= LONGEST_KEY
        && !key.contains('\0')
        && key.split('/').all(|name| {
            !matches!(name, "" | "." | "..") && name.len() <= LONGEST_NAME && is_portable(name)
        })
}

/// True for a name that is one name on this system: elsewhere a backslash divides
/// names, and a colon names a drive.
fn is_portable(name: &str) -> bool {
    cfg!(unix) || !name.contains(['\\', ':'])
}
