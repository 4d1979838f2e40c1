//! Keys that are paths of plain names.

/// The longest key, in bytes: as with S3.
pub(super) const LONGEST_KEY: usize = 1_024;

/// The longest name of a file, in bytes, that common file systems take.
const LONGEST_NAME: usize = 255;

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
