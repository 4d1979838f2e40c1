//! The component as others see it: its imports, its exports, its metadata.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::fs;

use testkit::blessed;
use testkit::built::{self, workspace};
use wit_component::{DecodedWasm, WitPrinter};

fn engine_bytes() -> Vec<u8> {
    fs::read(built::engine()).unwrap()
}

#[test]
fn the_wit_of_the_engine_is_the_golden_one() {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(&engine_bytes()).unwrap()
    else {
        panic!("the engine is no component");
    };
    let package = resolve.worlds[world].package.unwrap();
    let nested: Vec<_> = resolve
        .packages
        .iter()
        .map(|(id, _)| id)
        .filter(|id| *id != package)
        .collect();
    let mut printer = WitPrinter::default();
    printer.print(&resolve, package, &nested).unwrap();
    let printed = String::from(printer.output);
    blessed(workspace().join("tests/golden/engine.wit"), &printed);
}

#[test]
fn the_engine_says_what_it_is() {
    let bytes = engine_bytes();
    let payload = wasm_metadata::Payload::from_binary(&bytes).unwrap();
    let metadata = payload.metadata();
    assert_eq!(metadata.name.as_deref(), Some("thimble-engine"));
    assert_eq!(
        metadata
            .version
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some(env!("CARGO_PKG_VERSION")),
        "engine and workspace have one version"
    );
    assert_eq!(
        metadata
            .licenses
            .as_ref()
            .map(ToString::to_string)
            .as_deref(),
        Some("MIT OR Apache-2.0")
    );
}

#[test]
fn no_path_of_the_machine_that_built_it_is_in_the_engine() {
    let bytes = engine_bytes();
    let contains = |text: &str| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    let folder = workspace().canonicalize().unwrap();
    assert!(
        !contains(&folder.display().to_string()),
        "the folder of the workspace is in it"
    );
    assert!(
        !contains(".cargo/registry"),
        "a folder of the registry is in it"
    );
}
