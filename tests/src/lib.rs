//! Parts of the test programs: a corpus, hostile images, a sandbox of their own.

pub mod corpus;
pub mod hostile_images;
pub mod sandbox;
pub mod section;

use thimble::contract::Spec;
use thimble::preset::Preset;

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
