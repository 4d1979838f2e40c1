//! Engine stores and engines in OCI registries. A program built without the feature `clouds`
//! has none of them, and says so.

#[cfg(feature = "clouds")]
use std::sync::Arc;

use super::Failure;
use crate::engines::{EngineStore, Repository};
#[cfg(feature = "clouds")]
use crate::oci::Registry;
use crate::wasm::Artifact;

/// The engine store in a repository.
#[cfg(feature = "clouds")]
pub(super) fn store(repository: &Repository) -> Result<EngineStore, Failure> {
    let registry = Registry::open(repository)?;
    let name = repository.to_string();
    Ok(EngineStore::new(Arc::new(registry), &name, ""))
}

/// The engine that a text names, by the digest of its manifest or by a tag.
#[cfg(feature = "clouds")]
pub(super) async fn artifact(text: &str) -> Result<Artifact, Failure> {
    let pointer = text
        .parse()
        .map_err(|error: crate::engines::NotARepository| Failure::Usage(error.to_string()))?;
    let wasm = Registry::component(&pointer).await?;
    Ok(Artifact::new(wasm.to_vec()))
}

#[cfg(not(feature = "clouds"))]
pub(super) fn store(_repository: &Repository) -> Result<EngineStore, Failure> {
    Err(absent())
}

#[cfg(not(feature = "clouds"))]
pub(super) async fn artifact(_text: &str) -> Result<Artifact, Failure> {
    Err(absent())
}

#[cfg(not(feature = "clouds"))]
fn absent() -> Failure {
    Failure::Usage(
        "this program was built without registries; build it with `make build`, or name a folder"
            .to_owned(),
    )
}
