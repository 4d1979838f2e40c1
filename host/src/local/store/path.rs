//! From a key to a path that cannot lead out of its bucket.

use std::fs;
use std::path::{Path, PathBuf};

use crate::object::Location;
use crate::ports::StoreProblem;

/// The longest key, in bytes: as with S3.
const LONGEST_KEY: usize = 1_024;

/// The longest name of a file, in bytes, that common file systems take.
const LONGEST_NAME: usize = 255;

/// The path of an object that is to be read. What no path could lead to is not
/// there.
pub(super) fn to_read(root: &Path, location: &Location) -> Result<PathBuf, StoreProblem> {
    let bucket = bucket(root, &location.bucket)?;
    if !is_possible(&location.key) {
        return Err(StoreProblem::NotFound);
    }
    let mut path = bucket;
    for name in location.key.split('/') {
        path.push(name);
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_symlink()) {
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
pub(super) fn to_write(root: &Path, location: &Location) -> Result<PathBuf, StoreProblem> {
    let bucket = bucket(root, &location.bucket)?;
    if !is_possible(&location.key) {
        return Err(StoreProblem::InvalidKey);
    }
    let mut path = bucket;
    let mut names = location.key.split('/').peekable();
    while let Some(name) = names.next() {
        path.push(name);
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

/// The folder of a bucket.
pub(super) fn bucket(root: &Path, name: &str) -> Result<PathBuf, StoreProblem> {
    let plain = !name.starts_with('.') && is_possible(name) && !name.contains('/');
    let path = root.join(name);
    if plain && path.is_dir() {
        Ok(path)
    } else {
        Err(StoreProblem::MissingBucket)
    }
}

/// True for a key that is a path of plain names: none empty, none that means this
/// folder or the one above.
fn is_possible(key: &str) -> bool {
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
