//! Manifests: an engine in the layout of WebAssembly components, and artifacts of our own.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wasmparser::{Parser, Payload};

use super::error::RegistryError;
use crate::text::printable;

/// Media type of a manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// Media type of the configuration of a component.
pub(super) const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// Media type of a component.
pub(super) const WASM: &str = "application/wasm";

/// Media type of a configuration that says nothing.
pub(super) const EMPTY: &str = "application/vnd.oci.empty.v1+json";

/// Time that every configuration says: the same engine gives the same manifest.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// A manifest of one layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Manifest {
    schema_version: u32,
    #[serde(default = "manifest")]
    media_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    config: Descriptor,
    layers: Vec<Descriptor>,
}

/// Bytes that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WasmConfig<'a> {
    created: &'a str,
    architecture: &'a str,
    os: &'a str,
    layer_digests: [&'a str; 1],
    component: Component,
}

#[derive(Serialize)]
struct Component {
    exports: Vec<String>,
    imports: Vec<String>,
}

fn manifest() -> String {
    MANIFEST.to_owned()
}

impl Manifest {
    /// The manifest of a layer and its configuration.
    pub(super) fn new(config: Descriptor, layer: Descriptor) -> Self {
        let is_ours = config.media_type == EMPTY;
        Self {
            schema_version: 2,
            media_type: manifest(),
            artifact_type: is_ours.then(|| layer.media_type.clone()),
            config,
            layers: vec![layer],
        }
    }

    /// Its bytes, always the same.
    pub(super) fn bytes(&self) -> Result<Bytes, RegistryError> {
        let text = serde_json::to_vec(self);
        text.map(Bytes::from)
            .map_err(|error| RegistryError::Malformed(error.to_string()))
    }

    /// The one layer of a manifest, if it has this media type, and one that has a configuration
    /// by the layout of components if it is a component.
    pub(super) fn layer(body: &[u8], media_type: &str) -> Result<Descriptor, RegistryError> {
        let read: Self = serde_json::from_slice(body).map_err(|error| {
            RegistryError::Layout(format!("this is no manifest of an artifact: {error}"))
        })?;
        let is_component = media_type == WASM;
        let config = &read.config.media_type;
        if is_component && config != WASM_CONFIG {
            return Err(RegistryError::Layout(format!(
                "this is not in the layout of WebAssembly components, which `wkg oci push` and \
                 `thimble engine publish` push: its configuration is {}",
                printable(config)
            )));
        }
        match read.layers.as_slice() {
            [layer] if layer.media_type == media_type => Ok(layer.clone()),
            layers => Err(RegistryError::Layout(format!(
                "one layer of {media_type} is expected, and there are {}",
                printable(
                    layers
                        .iter()
                        .map(|layer| layer.media_type.as_str())
                        .collect::<Vec<_>>()
                        .join(", ")
                )
            ))),
        }
    }
}

/// Configuration of a component, by the layout of components.
pub(super) fn configuration(wasm: &[u8], digest: &str) -> Result<Bytes, RegistryError> {
    let config = WasmConfig {
        created: CREATED,
        architecture: "wasm",
        os: "wasip2",
        layer_digests: [digest],
        component: names(wasm),
    };
    let text = serde_json::to_vec(&config);
    text.map(Bytes::from)
        .map_err(|error| RegistryError::Malformed(error.to_string()))
}

/// Names that a component exports and imports, as far as it can be read: they are for people.
fn names(wasm: &[u8]) -> Component {
    let mut found = Component {
        exports: Vec::new(),
        imports: Vec::new(),
    };
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload {
            Ok(Payload::ModuleSection { .. } | Payload::ComponentSection { .. }) => depth += 1,
            Ok(Payload::End(_)) => depth = depth.saturating_sub(1),
            Ok(Payload::ComponentExportSection(section)) if depth == 0 => {
                let names = section.into_iter().flatten();
                found
                    .exports
                    .extend(names.map(|it| it.name.name.to_owned()));
            }
            Ok(Payload::ComponentImportSection(section)) if depth == 0 => {
                let names = section.into_iter().flatten();
                found
                    .imports
                    .extend(names.map(|it| it.name.name.to_owned()));
            }
            Ok(_) => {}
            Err(_) => break,
        }
    }
    found
}
