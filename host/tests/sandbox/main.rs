//! The sandbox, from outside: components that it refuses to load, and hostile ones
//! that it lives with.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use testkit::component::PRESETS;
use thimble::contract::{Budget, Limits, Output, Spec};
use thimble::preset::Preset;
use thimble::wasm::{Artifact, Error, LoadError, Runtime, SandboxedEngine};

mod hostile_components;
mod loading;

/// Small enough for a test to reach: 8 MiB, and two seconds.
const BUDGET: Budget = Budget {
    memory: 8 << 20,
    time: Duration::from_secs(2),
};

fn load(component: Vec<u8>) -> Result<SandboxedEngine, LoadError> {
    SandboxedEngine::load(&Runtime::new().unwrap(), &Artifact::new(component), BUDGET)
}

fn generate(engine: &SandboxedEngine, source: &[u8]) -> Result<Output, Error> {
    engine.generate_blocking(source, &specs(), &Limits::default(), None)
}

/// The specs that a component by hand makes thumbnails for.
fn specs() -> [Spec; 2] {
    PRESETS.map(|preset| preset.parse::<Preset>().unwrap().spec().clone())
}
