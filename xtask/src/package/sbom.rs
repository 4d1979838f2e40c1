//! A bill of materials, in CycloneDX: every crate of the host and the engine.
//!
//! It is made from what cargo says of the locked dependencies, for the features
//! that are packaged, so it has no crate that only tests or tools need.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The packages that are shipped: with their features, for their target.
const SHIPPED: [(&str, &[&str], &str); 2] = [
    (
        "thimble",
        &["--no-default-features", "--features", "lambda"],
        "x86_64-unknown-linux-gnu",
    ),
    ("thimble-engine", &[], "wasm32-unknown-unknown"),
];

/// One line of `cargo tree`: name, version, license, where it is kept.
const LINE: &str = "{p}\t{l}";

/// The document.
///
/// # Errors
///
/// If cargo cannot say what the packages depend on.
pub(super) fn write(workspace: &Path) -> Result<String> {
    let sums = checksums(workspace)?;
    let mut components = BTreeMap::new();
    for (package, features, target) in SHIPPED {
        for line in tree(workspace, package, features, target)?.lines() {
            if let Some((name, version, component)) = component(line, &sums) {
                components.insert((name, version), component);
            }
        }
    }
    let components: Vec<Value> = components.into_values().collect();
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "thimble",
                "version": env!("CARGO_PKG_VERSION"),
                "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            },
        },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&document)?)
}

fn tree(workspace: &Path, package: &str, features: &[&str], target: &str) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args([
            "tree",
            "--locked",
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "none",
        ])
        .args(["--format", LINE, "--target", target, "--package", package])
        .args(features)
        .current_dir(workspace)
        .output()
        .context("cannot run cargo tree")?;
    anyhow::ensure!(
        output.status.success(),
        "cargo tree failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).context("cargo tree wrote no text")
}

/// `serde v1.0.228\tMIT OR Apache-2.0`, with `(*)` behind what was said before.
fn component(line: &str, sums: &Sums) -> Option<(String, String, Value)> {
    let (package, license) = line.split_once('\t')?;
    let mut words = package.split_whitespace();
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?.to_owned();
    let license = license.trim_end_matches("(*)").trim().replace('/', " OR ");
    let mut component = json!({
        "type": "library",
        "name": name,
        "version": version,
        "purl": format!("pkg:cargo/{name}@{version}"),
        "licenses": [{ "expression": license }],
    });
    if let Some(sum) = sums.get(&(name.clone(), version.clone())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    Some((name, version, component))
}

/// The checksum of each crate by its name and version.
type Sums = BTreeMap<(String, String), String>;

/// What `Cargo.lock` says of the crates that are downloaded.
fn checksums(workspace: &Path) -> Result<Sums> {
    let lock =
        std::fs::read_to_string(workspace.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let mut sums = Sums::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_start_matches(" = ").trim_matches('"').to_owned())
        };
        if let (Some(name), Some(version), Some(sum)) =
            (field("name"), field("version"), field("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::{Sums, component};

    #[test]
    fn a_line_of_the_tree_becomes_a_component() {
        let key = ("serde".to_owned(), "1.0.228".to_owned());
        let sums = Sums::from([(key, "abcd".to_owned())]);
        let line = "serde v1.0.228\tMIT/Apache-2.0 (*)";
        let (name, version, component) = component(line, &sums).unwrap();
        assert_eq!((name.as_str(), version.as_str()), ("serde", "1.0.228"));
        assert_eq!(component["purl"], "pkg:cargo/serde@1.0.228");
        assert_eq!(component["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(component["hashes"][0]["content"], "abcd");
    }

    #[test]
    fn an_empty_line_is_no_component() {
        assert!(component("", &Sums::new()).is_none());
    }
}
