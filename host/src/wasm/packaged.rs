//! The engine that was packaged with this program.
//!
//! A program that is deployed without a compiler carries its engine as machine
//! code. The digest of that code is built into the program: an attacker who could
//! change the one could have changed the other, so it is trusted exactly as far.

use std::env;
use std::path::{Path, PathBuf};

use super::artifact::{Artifact, read};
use super::compiled::Compiled;
use super::compiler::Compiler;
use super::engine::SandboxedEngine;
use super::error::LoadError;
use super::runtime::Runtime;
use crate::contract::Budget;
use crate::trust::Vouched;

/// The engine as machine code, and as the component it was compiled from.
const CODE: &str = "engine.cwasm";
const PORTABLE: &str = "engine.wasm";

/// Loads the engine that was packaged with this program, or the one in `file`.
///
/// Without a file that is `engine.cwasm` beside the program where the build
/// of the program vouches for one, and otherwise `engine.wasm`. Machine code
/// is run only if it is what the build vouches for, wherever it lies; a
/// portable engine takes a compiler.
///
/// # Errors
///
/// If there is no such file, if it is machine code that does not belong to
/// this program, and those of [`SandboxedEngine::load_by`].
pub fn packaged(
    runtime: &Runtime,
    file: Option<&Path>,
    budget: Budget,
    compiler: &Compiler,
) -> Result<SandboxedEngine, LoadError> {
    let vouched = Vouched::by_the_build();
    let name = if vouched.is_some() { CODE } else { PORTABLE };
    let bytes = read(&file.map_or_else(|| beside_the_program(name), Path::to_path_buf))?;
    if is_code(&bytes) {
        let compiled = Compiled::vouched(vouched, bytes)?;
        SandboxedEngine::load_compiled(runtime, &compiled, budget)
    } else {
        SandboxedEngine::load_by(compiler, runtime, &Artifact::new(bytes), budget)
    }
}

/// Machine code comes in the format of programs.
fn is_code(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}

/// The path of a file beside the program, or in the working directory if the
/// system cannot say where the program is.
fn beside_the_program(name: &str) -> PathBuf {
    env::current_exe().unwrap_or_default().with_file_name(name)
}
