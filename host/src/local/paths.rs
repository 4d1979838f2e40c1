//! Paths without detours.

use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

/// The path without links, `.` and `..`, although its end may not be there yet.
pub(super) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let whole = std::path::absolute(path)?;
    for there in whole.ancestors() {
        match there.canonicalize() {
            Ok(real) => {
                let rest = whole.strip_prefix(there).unwrap_or(Path::new(""));
                return Ok(without_parents(&real.join(rest)));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(without_parents(&whole))
}

/// The same path, without `.` and `..`.
pub(crate) fn without_parents(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            _ => plain.push(component),
        }
    }
    plain
}
