//! Parts of the test programs: a corpus, hostile images, a sandbox of their own.

pub mod corpus;
pub mod hostile_images;
pub mod sandbox;
pub mod section;

use testkit::built;
use thimble::contract::Spec;
use thimble::preset::Preset;
use thimble::wasm::{Artifact, CompileLimits, Compiler, Part, Runtime, SandboxedEngine, compose};

/// The spec of a preset without a name, such as `256x256,png`.
///
/// # Panics
///
/// If it is not the line of a preset.
#[must_use]
#[expect(clippy::panic, reason = "a test that asks for nonsense is broken")]
pub fn spec(preset: &str) -> Spec {
    let preset: Result<Preset, _> = format!("thumbnail={preset}").parse();
    preset
        .unwrap_or_else(|error| panic!("{error}"))
        .spec()
        .clone()
}

/// The open engine with a codec that was built before, such as `svg`.
///
/// # Panics
///
/// If one of them was not built, or they cannot be joined.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test without its engine is broken")]
pub fn with_codec(name: &str, runtime: &Runtime) -> (Artifact, SandboxedEngine) {
    let part = Part {
        name: format!("{name}.wasm"),
        artifact: Artifact::read(&built::codec(name)).unwrap(),
    };
    let compiler = Compiler::new(CompileLimits {
        time: 10 * CompileLimits::TIME,
        ..CompileLimits::default()
    });
    let open = Artifact::read(&built::open_engine()).unwrap();
    compose(&compiler, runtime, &open, vec![part]).unwrap()
}
