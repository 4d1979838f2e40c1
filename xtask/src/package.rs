//! `cargo xtask package`: what is uploaded to AWS Lambda.
//!
//! ```text
//! target/package/generate-thumbnails.zip   bootstrap, engine.cwasm, engine.wasm
//! target/package/redrive-dlq.zip           bootstrap
//! target/package/sbom.cdx.json             every crate that is in them
//! target/package/SHA256SUMS                digests of the above and of the engine
//! ```
//!
//! The compiled engine is made first and its digest built into the program that
//! will load it, so the two are trusted together or not at all.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::engine::{remapped, target_folder, workspace};
use crate::program::{Auditable, named};
use crate::toolchain::{Target, Toolchain, run};

mod archive;
pub(crate) mod sbom;
mod start;
mod symbols;

use archive::{Entry, archive};

/// The programs, which are also the names of their archives.
const GENERATE: &str = "generate-thumbnails";
const REDRIVE: &str = "redrive-dlq";

/// Variable in which the build of the host finds the digests of its engine.
const DIGESTS: &str = "THIMBLE_PACKAGED_ENGINE";

/// A program that holds the SDK of AWS, a runtime of WebAssembly and no compiler
/// has nine tenths of this. One that got the compiler has more, and starts later.
const MAX_PROGRAM: u64 = 24 << 20;

/// Builds `target/package`, or `target/package-aarch64` on a machine of another kind. A
/// package that is released has the list of its crates in its programs.
///
/// # Errors
///
/// If something does not build, or what was built would not run on Lambda.
pub(crate) fn build(processor: &str, is_released: bool) -> Result<()> {
    let machine = named(processor)?;
    let target = target_folder();
    let folder = if machine.is_native() {
        target.join("package")
    } else {
        target.join(format!("package-{processor}"))
    };
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the last package")?;
    }
    fs::create_dir_all(&folder).context("cannot create the folder of the package")?;

    let wasm = target.join("engine.wasm");
    let code = folder.join("engine.cwasm");
    compile(&wasm, &code, processor)?;
    let digests = format!("{}:{}", digest(&wasm)?, digest(&code)?);
    let auditable = is_released.then(Auditable::installed).transpose()?;
    let programs = programs(machine, &digests, auditable.as_ref())?;
    for program in [GENERATE, REDRIVE] {
        check(&programs.join(program))?;
    }
    let bootstrap = |program| Entry::program("bootstrap", programs.join(program));
    archive(
        &folder.join(format!("{GENERATE}.zip")),
        &[
            bootstrap(GENERATE),
            Entry::data("engine.cwasm", code.clone()),
            Entry::data("engine.wasm", wasm.clone()),
        ],
    )?;
    archive(
        &folder.join(format!("{REDRIVE}.zip")),
        &[bootstrap(REDRIVE)],
    )?;
    start::check(&programs.join(GENERATE), &code, machine)?;
    fs::copy(&wasm, folder.join("engine.wasm")).context("cannot copy the engine")?;
    let bill = sbom::write(&workspace(), &sbom::packaged(machine))?;
    fs::write(folder.join("sbom.cdx.json"), bill).context("cannot write the bill of materials")?;
    sums(&folder)
}

/// Compiles the engine with the command line, which shares the host's
/// configuration of the compiler. It is the development build, as tests use it:
/// see `scripts/build.sh`.
fn compile(wasm: &Path, code: &Path, processor: &str) -> Result<()> {
    ensure!(wasm.is_file(), "there is no engine; run `make engine`");
    let build = ["build", "--locked", "--workspace", "--bin", "thimble"];
    run(cargo().args(build).args(["--test", "documents"]))?;
    run(Command::new(target_folder().join("debug/thimble"))
        .args(["engine", "compile"])
        .arg(wasm)
        .arg("--output")
        .arg(code)
        .args(["--target", processor]))
}

/// Builds the programs, without a compiler, and says where they are. Those of this
/// machine lie among what tests have built already, unless they are released: then no
/// path of the machine is in them.
fn programs(machine: &Target, digests: &str, auditable: Option<&Auditable>) -> Result<PathBuf> {
    let (mut cargo, built) = if machine.is_native() && auditable.is_none() {
        let mut cargo = cargo();
        cargo.arg("build");
        (cargo, target_folder())
    } else {
        let toolchain = Toolchain::choose(machine)?;
        let folder = target_folder().join(format!("programs-{}", toolchain.name()));
        let mut cargo = toolchain.cargo_build(machine)?;
        cargo
            .current_dir(workspace())
            .env("CARGO_TARGET_DIR", &folder)
            .env("RUSTFLAGS", remapped(&folder)?);
        (cargo, folder.join(machine.triple))
    };
    if let Some(auditable) = auditable {
        auditable.wrap(&mut cargo)?;
    }
    run(cargo
        .args(["--locked", "--profile", "lambda", "--package", "thimble"])
        .args(["--no-default-features", "--features", "lambda"])
        .args(["--bin", GENERATE, "--bin", REDRIVE])
        .env(DIGESTS, digests))?;
    Ok(built.join("lambda"))
}

/// A cargo that does not know in which package it was called: build scripts that ask
/// for that of their own would run again, here and after the next build from outside.
fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(workspace());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&name);
        }
    }
    cargo
}

/// Checks that a program is one that Lambda can run, and no more than that.
fn check(program: &Path) -> Result<()> {
    let bytes = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let name = program.display();
    ensure!(
        bytes.len() as u64 <= MAX_PROGRAM,
        "{name} has {} bytes, and {MAX_PROGRAM} is the most; was the compiler linked into it?",
        bytes.len()
    );
    symbols::check(&bytes).with_context(|| format!("{name} does not run on Lambda"))?;
    println!("{name}  {} bytes", bytes.len());
    Ok(())
}

fn digest(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(format!("{:x}", Sha256::digest(&bytes)))
}

/// Writes the digest of every file of the folder, in the form of `sha256sum`.
fn sums(folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for file in fs::read_dir(folder).context("cannot list the package")? {
        names.push(file?.file_name());
    }
    names.sort();
    let mut lines = String::new();
    for name in names {
        let digest = digest(&folder.join(&name))?;
        lines.push_str(&format!("{digest}  {}\n", name.display()));
    }
    print!("{lines}");
    fs::write(folder.join("SHA256SUMS"), lines).context("cannot write SHA256SUMS")
}
