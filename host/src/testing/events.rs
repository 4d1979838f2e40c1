//! Events of AWS and requests of other senders, and what is expected of them: `tests/events/`.

use std::fs;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/events")
}

/// The name and the text of each event there is.
pub(crate) fn fixtures() -> Vec<(String, String)> {
    texts(folder())
}

/// The name and the text of each request of a sender there is.
pub(crate) fn requests() -> Vec<(String, String)> {
    texts(folder().join("http"))
}

fn texts(folder: PathBuf) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap();
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

/// Expects `text` to be what `tests/events/FILE` holds, or writes it.
pub(crate) fn blessed(file: &str, text: &str) {
    testkit::blessed(folder().join(file), text);
}
