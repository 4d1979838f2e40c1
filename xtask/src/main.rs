//! Builds that cargo cannot do alone.
//!
//! ```text
//! cargo xtask engine     build target/engine.wasm
//! cargo xtask examples   build the engines of examples/
//! cargo xtask package    build target/package, for AWS Lambda
//! ```

use std::process::ExitCode;

mod compose;
mod engine;
mod metadata;
mod package;
mod stand_in;
mod toolchain;

fn main() -> ExitCode {
    if let Some(file) = std::env::var_os(stand_in::VARIABLE) {
        return stand_in::compile(file.as_ref());
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["engine"] => engine::build(),
        ["examples"] => engine::build_examples(),
        ["package"] => package::build(),
        _ => Err(anyhow::anyhow!(
            "usage: cargo xtask engine | examples | package"
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
