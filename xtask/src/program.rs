//! `cargo xtask programs`: the command line that is released, for each machine.
//!
//! ```text
//! target/programs/x86_64/thimble
//! target/programs/aarch64/thimble
//! target/programs/x86_64-windows/thimble.exe
//! target/programs/sbom.cdx.json                 every crate of a release
//! ```
//!
//! A program for Linux is linked statically with the C library of GNU, so that it
//! starts where nothing is installed. With musl it would be as free, but the allocator
//! of musl keeps no promise that was measured, and C code needs a compiler of its own.
//! One for Windows needs no libraries but those of Windows, where MinGW is found to link it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use object::Endianness;
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader, ProgramHeader};

use crate::engine::{remapped, target_folder, workspace};
use crate::package::sbom;
use crate::toolchain::{PROCESSORS, Target, Toolchain, WINDOWS, run};

/// Name of the program, of its package, and of its file.
const PROGRAM: &str = "thimble";

/// The tool that writes the list of crates into a program, for scanners of advisories.
const AUDITABLE: (&str, &str) = ("cargo-auditable", "0.7.7");

/// Arguments of cargo that the tool hands on to the cargo that it asks for the crates.
const ARGUMENTS: &str = r#"{"offline":false,"locked":true,"frozen":false,"config":[]}"#;

/// The folder of that tool.
pub(crate) struct Auditable(PathBuf);

/// A machine that the command line is released for.
struct Machine {
    name: &'static str,
    target: &'static Target,
    /// Name of the program's file.
    file: &'static str,
    flags: &'static str,
}

/// All of them: processors stand for Linux.
fn released() -> Vec<Machine> {
    let linux = PROCESSORS.iter().map(|target| Machine {
        name: target.processor(),
        target,
        file: PROGRAM,
        flags: "-Ctarget-feature=+crt-static",
    });
    let windows = Machine {
        name: "x86_64-windows",
        target: &WINDOWS,
        file: "thimble.exe",
        // Otherwise the time is in it.
        flags: "-Ctarget-feature=+crt-static -Clink-arg=-Wl,--no-insert-timestamp",
    };
    linux.chain([windows]).collect()
}

/// Builds the programs for the machines of these names, or for all.
///
/// # Errors
///
/// If nothing is released for a machine, or a program does not build, or one for
/// Linux is not static.
pub(crate) fn build(names: &[&str]) -> Result<()> {
    let auditable = Auditable::installed()?;
    let mut machines = released();
    let known = || {
        released()
            .iter()
            .map(|each| each.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    for name in names {
        ensure!(
            machines.iter().any(|each| each.name == *name),
            "nothing is released for {name}; name one of {}",
            known()
        );
    }
    machines.retain(|each| names.is_empty() || names.contains(&each.name));
    for machine in machines {
        let built = compile(&machine, &auditable)?;
        let program = fs::read(&built)?;
        ensure!(
            machine.target.triple == WINDOWS.triple || is_static(&program)?,
            "{} asks for a loader",
            built.display()
        );
        let folder = target_folder().join("programs").join(machine.name);
        fs::create_dir_all(&folder)?;
        let path = folder.join(machine.file);
        fs::copy(&built, &path).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}  {} bytes", path.display(), program.len());
    }
    let bill = sbom::write(&workspace(), &sbom::released())?;
    fs::write(target_folder().join("programs/sbom.cdx.json"), bill)
        .context("cannot write the bill of materials")
}

/// The processor of this name.
///
/// # Errors
///
/// If nothing is released for it.
pub(crate) fn named(name: &str) -> Result<&'static Target> {
    let found = PROCESSORS.iter().find(|target| target.processor() == name);
    found.with_context(|| format!("not a processor; use x86_64 or aarch64: {name}"))
}

fn compile(machine: &Machine, auditable: &Auditable) -> Result<PathBuf> {
    let target = machine.target;
    let toolchain = Toolchain::choose(target)?;
    let folder = target_folder().join(format!("programs-{}", toolchain.name()));
    let mut cargo = toolchain.cargo_build(target)?;
    auditable.wrap(&mut cargo)?;
    run(cargo
        .args([
            "--locked",
            "--release",
            "--package",
            PROGRAM,
            "--bin",
            PROGRAM,
        ])
        .current_dir(workspace())
        .env("CARGO_TARGET_DIR", &folder)
        .env(
            "RUSTFLAGS",
            format!("{} {}", machine.flags, remapped(&folder)?),
        ))?;
    Ok(folder
        .join(target.triple)
        .join("release")
        .join(machine.file))
}

impl Auditable {
    /// Installs it, unless it is there.
    ///
    /// # Errors
    ///
    /// If it cannot be had.
    pub(crate) fn installed() -> Result<Self> {
        let (name, version) = AUDITABLE;
        let folder = workspace().join(format!(".tools/{name}-{version}"));
        if !folder.join("bin").join(name).is_file() {
            run(Command::new("cargo")
                .args(["install", "--quiet", "--locked", "--root"])
                .arg(&folder)
                .arg(format!("{name}@{version}"))
                .env_remove("RUSTFLAGS"))?;
        }
        Ok(Self(folder.join("bin")))
    }

    /// Lets a build write the list into its programs, as `cargo auditable build` would.
    /// That names the tool by its path, from which cargo derives the names of symbols, so
    /// that another folder would make another program. It has the name of the tool here.
    ///
    /// # Errors
    ///
    /// If its folder cannot be a part of a path.
    pub(crate) fn wrap(&self, cargo: &mut Command) -> Result<()> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.0.clone()].into_iter();
        let path = env::join_paths(folders.chain(env::split_paths(&path)))?;
        cargo
            .env("PATH", path)
            .env("RUSTC_WORKSPACE_WRAPPER", AUDITABLE.0)
            .env("CARGO_AUDITABLE_ORIG_ARGS", ARGUMENTS);
        Ok(())
    }
}

/// True for a program that starts without a loader.
fn is_static(program: &[u8]) -> Result<bool> {
    let header = FileHeader64::<Endianness>::parse(program).context("it is no ELF file")?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, program)?;
    Ok(segments.iter().all(|each| each.p_type(endian) != PT_INTERP))
}

#[cfg(test)]
mod tests {
    use super::{is_static, named};

    #[test]
    fn a_program_that_asks_for_a_loader_is_not_static() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(!is_static(&this).unwrap());
        assert!(is_static(b"#!/bin/sh").is_err());
    }

    #[test]
    fn processors_are_those_that_engines_are_compiled_for() {
        for name in ["x86_64", "aarch64"] {
            assert_eq!(named(name).unwrap().processor(), name);
        }
        assert!(named("riscv64").is_err());
    }
}
