//! The component as others see it: its imports, its exports, its metadata.

#![expect(
    clippy::panic,
    reason = "this is a test, functions without the attribute included"
)]

use std::path::{Path, PathBuf};
use std::{env, fs};

use wit_component::{DecodedWasm, WitPrinter};

/// Set to write the golden file anew.
const BLESS: &str = "BLESS";

fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The engine that `THIMBLE_ENGINE` names, or the one that was built last.
fn engine_bytes() -> Vec<u8> {
    let path = env::var_os("THIMBLE_ENGINE")
        .map_or_else(|| workspace().join("target/engine.wasm"), PathBuf::from);
    fs::read(&path).unwrap_or_else(|_| {
        panic!(
            "there is no engine at {}; run `make engine`",
            path.display()
        )
    })
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
    let golden = workspace().join("tests/golden/engine.wit");
    if env::var_os(BLESS).is_some() {
        fs::write(&golden, &printed).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        printed == expected,
        "what the engine imports and exports has changed; if that is meant, set {BLESS}=1 and look \
         at the difference of tests/golden/engine.wit. It is now:\n{printed}"
    );
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
