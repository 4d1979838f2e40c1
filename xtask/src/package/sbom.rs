//! A bill of materials, in CycloneDX: every crate of the host and the engine.
//!
//! It is made from what cargo says of the locked dependencies, for the features
//! that are shipped, so it has no crate that only tests or tools need. Three
//! sources are joined: `cargo tree` for the crates that are linked, because
//! `cargo metadata` knows only the features of the whole workspace (decision 74);
//! `cargo metadata` for their licenses; `Cargo.lock` for their checksums.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::toolchain::{PROCESSORS, Target, WINDOWS};

/// A package that is shipped: with its features, for its target.
type Shipped = (&'static str, &'static [&'static str], &'static str);

/// The package whose version a release has.
const HOST: &str = "thimble";

const ENGINE: Shipped = ("thimble-engine", &[], "wasm32-unknown-unknown");

/// The parts of an archive for AWS Lambda.
pub(super) fn packaged(machine: &Target) -> Vec<Shipped> {
    let lambda = &["--no-default-features", "--features", "lambda"];
    vec![(HOST, lambda, machine.triple), ENGINE]
}

/// The parts of a release: the command line has crates that a function has not, and a
/// processor some that another has not.
pub(crate) fn released() -> Vec<Shipped> {
    let machines = PROCESSORS.iter();
    let parts = machines.flat_map(|machine| {
        let functions = packaged(machine);
        functions
            .into_iter()
            .chain([(HOST, &[][..], machine.triple)])
    });
    parts.chain([(HOST, &[][..], WINDOWS.triple)]).collect()
}

/// A crate and its version.
type Crate = (String, String);

/// The part of `cargo metadata` that is read.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// The part of `Cargo.lock` that is read.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

/// A package, as either of them describes it.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    checksum: Option<String>,
}

/// The document.
///
/// # Errors
///
/// If cargo cannot say what the packages depend on.
pub(crate) fn write(workspace: &Path, shipped: &[Shipped]) -> Result<String> {
    let mut linked = BTreeSet::new();
    for (package, features, target) in shipped {
        let tree = cargo(workspace, "tree", &tree_of(package, target, features))?;
        linked.extend(tree.lines().filter_map(crate_of));
    }
    let metadata = cargo(workspace, "metadata", &["--format-version", "1"])?;
    let metadata: Metadata = serde_json::from_str(&metadata)?;
    let lock = std::fs::read_to_string(workspace.join("Cargo.lock"));
    let lock: Lock = toml::from_str(&lock.context("cannot read Cargo.lock")?)?;
    let mut packages = metadata.packages.iter();
    let host = packages
        .find(|package| package.name == HOST)
        .with_context(|| format!("cargo metadata has no {HOST}"))?;
    let version = host.version.clone();
    let licenses = by_crate(metadata.packages, |package| package.license.clone());
    let checksums = by_crate(lock.package, |package| package.checksum.clone());
    let components: Vec<Value> = linked
        .iter()
        .map(|linked| component(linked, licenses.get(linked), checksums.get(linked)))
        .collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": HOST,
                "version": version,
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&document)?)
}

/// Arguments for one line for each crate that a package is linked with.
fn tree_of<'a>(package: &'a str, target: &'a str, features: &[&'a str]) -> Vec<&'a str> {
    let edges = ["--edges", "normal,no-proc-macro", "--prefix", "none"];
    let names = ["--format", "{p}"];
    let which = ["--target", target, "--package", package];
    [&edges[..], &names, &which, features].concat()
}

fn cargo(workspace: &Path, command: &str, arguments: &[&str]) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args([command, "--locked"])
        .args(arguments)
        .current_dir(workspace)
        .output()
        .with_context(|| format!("cannot run cargo {command}"))?;
    ensure!(
        output.status.success(),
        "cargo {command} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).with_context(|| format!("cargo {command} wrote no text"))
}

/// The crate of a line such as `serde v1.0.228`.
fn crate_of(line: &str) -> Option<Crate> {
    let mut words = line.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    Some((name, version))
}

fn by_crate(
    packages: Vec<Package>,
    field: fn(&Package) -> Option<String>,
) -> BTreeMap<Crate, String> {
    let known = packages.into_iter().filter_map(|package| {
        let value = field(&package)?;
        Some(((package.name, package.version), value))
    });
    known.collect()
}

fn component(linked: &Crate, license: Option<&String>, checksum: Option<&String>) -> Value {
    let (name, version) = linked;
    let mut component = json!({
        "type": "library",
        "name": name,
        "version": version,
        "purl": format!("pkg:cargo/{name}@{version}"),
        "licenses": [{ "expression": license.map_or_else(String::new, |text| text.replace('/', " OR ")) }],
    });
    if let Some(checksum) = checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::Value;

    use super::{Shipped, packaged, released, write};
    use crate::toolchain::PROCESSORS;

    /// The components of a bill, each with a license.
    fn components(shipped: &[Shipped]) -> Vec<Value> {
        let workspace = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let document: Value = serde_json::from_str(&write(workspace, shipped).unwrap()).unwrap();
        let components = document["components"].as_array().unwrap();
        for component in components {
            let license = component["licenses"][0]["expression"].as_str().unwrap();
            assert!(!license.is_empty() && !license.contains('/'), "{component}");
        }
        components.clone()
    }

    fn named<'a>(components: &'a [Value], name: &str) -> Option<&'a Value> {
        components.iter().find(|one| one["name"] == name)
    }

    #[test]
    fn the_bill_lists_what_is_linked_with_license_and_checksum_and_nothing_else() {
        let components = components(&packaged(&PROCESSORS[0]));
        let named = |name| named(&components, name);
        assert!(named("clap").is_none() && named("proptest").is_none());
        for own in ["thimble", "thimble-engine"] {
            let own = named(own).unwrap();
            assert_eq!(own["licenses"][0]["expression"], "MIT OR Apache-2.0");
            assert!(own.get("hashes").is_none());
        }
        for other in ["wasmtime", "lambda_runtime", "image-webp", "moxcms"] {
            let other = named(other).unwrap();
            let (name, version) = (other["name"].as_str(), other["version"].as_str());
            let expected = format!("pkg:cargo/{}@{}", name.unwrap(), version.unwrap());
            assert_eq!(other["purl"], expected);
            assert_eq!(other["hashes"][0]["content"].as_str().unwrap().len(), 64);
        }
    }

    #[test]
    fn the_bill_of_a_release_has_the_command_line() {
        let components = components(&released());
        for linked in ["clap", "cranelift-codegen", "lambda_runtime", "moxcms"] {
            assert!(named(&components, linked).is_some(), "{linked}");
        }
        assert!(named(&components, "proptest").is_none());
    }
}
