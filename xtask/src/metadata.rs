//! Metadata of a component: name, version, license, origin.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;
use wasm_encoder::{CustomSection, Encode, Section};
use wasm_metadata::{AddMetadata, AddMetadataField};

/// Everything in the repository that decides what the engine is.
const SOURCES: [&str; 8] = [
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "codecs/join",
    "crates",
    "engine-wasm",
    "wit",
    "xtask",
];

/// Writes into the engine what its manifest says, and which revision it is.
///
/// # Errors
///
/// If the manifest can't be read.
pub(crate) fn write(
    component: &[u8],
    name: &str,
    package_name: &str,
    workspace: &Path,
) -> Result<Vec<u8>> {
    let package = package(package_name, workspace)?;
    let field = |name: &str| {
        let value = package.get(name).and_then(Value::as_str);
        value.with_context(|| format!("the manifest of the engine has no {name}"))
    };
    let mut metadata = AddMetadata::default();
    metadata.name = AddMetadataField::Set(name.into());
    let mut written = metadata
        .to_wasm(component)
        .context("cannot write the metadata")?;
    append(
        &mut written,
        "description",
        field("description")?.as_bytes(),
    );
    append(&mut written, "licenses", field("license")?.as_bytes());
    if let Some(revision) = revision(workspace) {
        append(&mut written, "revision", revision.as_bytes());
    }
    append(&mut written, "version", field("version")?.as_bytes());
    Ok(written)
}

/// Appends a custom section to a component.
pub(crate) fn append(component: &mut Vec<u8>, name: &str, data: &[u8]) {
    let section = CustomSection {
        name: name.into(),
        data: data.into(),
    };
    component.push(section.id());
    section.encode(component);
}

fn package(name: &str, workspace: &Path) -> Result<Value> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(workspace)
        .output()
        .context("cannot run cargo metadata")?;
    let manifests: Value =
        serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata says")?;
    let packages = manifests.get("packages").and_then(Value::as_array);
    packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(Value::as_str) == Some(name))
        .cloned()
        .with_context(|| format!("the workspace has no package {name}"))
}

/// The last commit that changed the engine, so that commits to anything else
/// leave its digest alone. `None` where there is no git, or if what is built was
/// never committed.
fn revision(workspace: &Path) -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .arg("--")
            .args(SOURCES)
            .current_dir(workspace)
            .output()
            .ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned())
    };
    let is_committed = git(&["status", "--porcelain"])?.is_empty();
    let revision = git(&["log", "-1", "--format=%H"])?;
    (is_committed && !revision.is_empty()).then_some(revision)
}
