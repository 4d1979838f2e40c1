//! An engine that makes thumbnails.

pub mod color;
pub mod contract;
pub mod decode;
pub mod format;
pub mod orient;
pub mod picture;

#[cfg(target_family = "wasm")]
mod component;

use contract::{EngineInfo, Error, Limits, Output, Spec};

/// Describe this engine.
pub fn describe() -> EngineInfo {
    EngineInfo {
        name: env!("CARGO_PKG_NAME").into(),
        version: env!("CARGO_PKG_VERSION").into(),
        decodes: vec![],
        encodes: vec![],
        settings: vec![],
    }
}

/// Make one thumbnail of `source` for each spec.
pub fn generate(source: &[u8], _specs: &[Spec], _limits: &Limits) -> Result<Output, Error> {
    Err(Error::UnsupportedFormat(format!("{} bytes", source.len())))
}
