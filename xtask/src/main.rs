//! Builds that cargo cannot do alone.
//!
//! ```text
//! cargo xtask engine     build target/engine.wasm and target/engine-open.wasm
//! cargo xtask codecs     build the codecs of codecs/
//! cargo xtask heic       build the codec for HEIC, which no other task does
//! cargo xtask examples   build the engines of examples/
//! cargo xtask package    build target/package, for AWS Lambda
//! ```

use std::process::ExitCode;

mod closed;
#[cfg(feature = "examples")]
mod compose;
mod engine;
mod metadata;
#[cfg(feature = "package")]
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
        ["codecs"] => engine::build_codecs(),
        ["heic"] => engine::build_heic(),
        #[cfg(feature = "examples")]
        ["examples"] => engine::build_examples(),
        #[cfg(feature = "package")]
        ["package"] => package::build(),
        _ => Err(anyhow::anyhow!(
            "usage: cargo xtask engine | codecs | heic | examples | package"
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
