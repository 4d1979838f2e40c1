//! Crates of a package for Lambda, as cargo resolves them.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::env;
use std::process::Command;

/// The crates that the host is linked with.
fn crates(features: &[&str]) -> Vec<String> {
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args([
            "tree",
            "--locked",
            "--package",
            "thimble",
            "--edges",
            "normal",
        ])
        .args(["--prefix", "none", "--no-dedupe"])
        .args(features)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let listed = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    listed.lines().map(name).collect()
}

/// Those that compile WebAssembly.
fn compilers(crates: &[String]) -> Vec<&String> {
    let compiles = |name: &str| {
        ["cranelift-codegen", "wasmtime-internal-cranelift"].contains(&name)
            || name.starts_with("wasmtime-internal-winch")
    };
    crates.iter().filter(|name| compiles(name)).collect()
}

#[test]
fn a_package_runs_engines_and_has_no_compiler_in_it() {
    let packaged = crates(&["--no-default-features", "--features", "lambda"]);
    assert!(packaged.iter().any(|name| name == "wasmtime"));
    assert_eq!(compilers(&packaged), Vec::<&String>::new());
}

#[test]
fn the_command_line_has_the_compiler() {
    assert!(!compilers(&crates(&[])).is_empty());
}
