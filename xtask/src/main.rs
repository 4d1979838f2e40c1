//! Builds what cargo alone cannot: the engine as a component.
//!
//! ```text
//! cargo xtask engine          build target/engine.wasm
//! ```

use std::process::ExitCode;

mod engine;
mod toolchain;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["engine"] => engine::build(),
        _ => Err(anyhow::anyhow!("usage: cargo xtask engine")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
