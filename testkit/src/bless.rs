//! Golden files.

use std::path::Path;
use std::{env, fs};

/// Expects `text` to be what the golden file at `path` holds. With
/// `THIMBLE_BLESS` set the file is written instead.
///
/// # Panics
///
/// If it holds something else, or there is none.
pub fn blessed(path: impl AsRef<Path>, text: &str) {
    let path = path.as_ref();
    let name = path.display();
    if env::var_os("THIMBLE_BLESS").is_some() {
        fs::write(path, text).unwrap_or_else(|error| panic!("{name}: {error}"));
        return;
    }
    match fs::read_to_string(path) {
        Ok(expected) => assert_eq!(
            text, expected,
            "{name}; where the new text is right, write it with THIMBLE_BLESS=1"
        ),
        Err(error) => panic!("{name}: {error}; write it with THIMBLE_BLESS=1"),
    }
}
