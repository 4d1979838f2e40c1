//! Builds that cargo cannot do alone.
//!
//! ```text
//! cargo xtask engine     build target/engine.wasm and target/engine-open.wasm
//! cargo xtask common     build target/engine-common.wasm, the engine without large decoders
//! cargo xtask codecs     build the codecs of codecs/
//! cargo xtask heic       build the codec for HEIC, which no other task does
//! cargo xtask svg        build the codec for SVG
//! cargo xtask examples   build the engines of examples/
//! cargo xtask package    build target/package, for AWS Lambda; for another processor
//!                        than that of this machine with its name, and as it is
//!                        released after --auditable
//! cargo xtask programs   build the programs that are released, for all machines or
//!                        those named
//! cargo xtask auditable  install the tool that writes the list of crates into them
//! ```

use std::env;
use std::process::ExitCode;

mod closed;
#[cfg(feature = "examples")]
mod compose;
mod engine;
mod metadata;
#[cfg(feature = "package")]
mod package;
#[cfg(feature = "package")]
mod program;
mod stand_in;
mod toolchain;

fn main() -> ExitCode {
    if let Some(file) = env::var_os(stand_in::VARIABLE) {
        return stand_in::compile(file.as_ref());
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["engine"] => engine::build(),
        ["common"] => engine::build_common(),
        ["codecs"] => engine::build_codecs(),
        ["heic"] => engine::build_heic(),
        ["svg"] => engine::build_svg(),
        #[cfg(feature = "examples")]
        ["examples"] => engine::build_examples(),
        #[cfg(feature = "package")]
        ["package"] => package::build(env::consts::ARCH, false),
        #[cfg(feature = "package")]
        ["package", "--auditable", processor] => package::build(processor, true),
        #[cfg(feature = "package")]
        ["package", processor] => package::build(processor, false),
        #[cfg(feature = "package")]
        ["programs", machines @ ..] => program::build(machines),
        #[cfg(feature = "package")]
        ["auditable"] => program::Auditable::installed().map(drop),
        _ => Err(anyhow::anyhow!(
            "usage: cargo xtask engine | common | codecs | heic | svg | examples \
             | package [[--auditable] PROCESSOR] | programs [MACHINE...] \
             | auditable"
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
