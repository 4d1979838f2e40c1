//! The command line: parse, wire, run.

use std::process::ExitCode;

use thimble::cli::{Cli, Voice, report};
use thimble::{heap, wasm};

fn main() -> ExitCode {
    if let Some(ended) = wasm::compile_if_asked() {
        return ended;
    }
    heap::return_large_blocks();
    let cli = Cli::of_process();
    let voice = Voice::of_process();
    report(cli.run(&voice), &voice)
}
