//! Components that were built before the tests.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The engine that `THIMBLE_ENGINE` names, or the one of `make engine`.
///
/// # Panics
///
/// If there is none.
#[must_use]
pub fn engine() -> PathBuf {
    let named = env::var_os("THIMBLE_ENGINE").map(PathBuf::from);
    present(named.unwrap_or_else(|| target("engine.wasm")))
}

/// An engine of `make examples`: `watermark` or `first-engine`.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn example(name: &str) -> PathBuf {
    present(target(&format!("{name}.wasm")))
}

/// The engine that codecs are joined to.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn open_engine() -> PathBuf {
    present(target("engine-open.wasm"))
}

/// A codec of `make codecs`, `make svg` or `make farbfeld`: `qoi`, `svg` or `farbfeld`.
///
/// # Panics
///
/// If it was not built.
#[must_use]
pub fn codec(name: &str) -> PathBuf {
    present(target(&format!("{name}.wasm")))
}

fn target(file: &str) -> PathBuf {
    workspace().join("target").join(file)
}

fn present(path: PathBuf) -> PathBuf {
    let name = path.display();
    assert!(
        path.is_file(),
        "{name} is missing; run `make engine examples codecs`, `make svg` or `make farbfeld`"
    );
    path
}
