//! Makes what cargo alone cannot: the engine as a component, and images to try.
//!
//! ```text
//! cargo xtask engine                    build target/engine.wasm
//! cargo xtask examples                  build the engines of examples/
//! cargo xtask package                   build target/package, for AWS Lambda
//! cargo xtask samples FOLDER            write sample images, one of them broken
//! cargo xtask samples --repair FOLDER   mend the broken one
//! cargo xtask samples --bench FOLDER    write large images, for benchmarks
//! cargo xtask sheet FOLDER              lay the thumbnails of samples out
//! ```

use std::path::Path;
use std::process::ExitCode;

mod compose;
mod engine;
mod metadata;
mod package;
mod samples;
mod sheet;
mod toolchain;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["engine"] => engine::build(),
        ["examples"] => engine::build_examples(),
        ["package"] => package::build(),
        ["samples", "--repair", folder] => samples::repair(Path::new(folder)),
        ["samples", "--bench", folder] => samples::write_large(Path::new(folder)),
        ["samples", folder] => samples::write(Path::new(folder)),
        ["sheet", folder] => sheet::write(Path::new(folder)),
        _ => Err(anyhow::anyhow!(
            "usage: cargo xtask engine | examples | package | samples [--repair | --bench] FOLDER | sheet FOLDER"
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
