//! What AWS sends, and what is expected to be made of it: `tests/events/`.

use std::env;
use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/events")
}

/// The name and the text of each event there is.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    let paths = fs::read_dir(folder()).unwrap();
    let mut events: Vec<(String, String)> = paths
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|name| name == "json"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect();
    events.sort();
    events
}

/// That `text` is what `tests/events/FILE` holds. With `THIMBLE_BLESS` set, it
/// is from then on.
pub(crate) fn blessed(file: &str, text: &str) {
    let path = folder().join(file);
    if env::var_os("THIMBLE_BLESS").is_some() {
        fs::write(path, text).unwrap();
        return;
    }
    match fs::read_to_string(&path) {
        Ok(expected) => assert_eq!(text, expected, "{file}"),
        Err(error) => panic!("{file}: {error}; write it with THIMBLE_BLESS=1"),
    }
}
