//! The command line: parse, wire, run.

use std::io::{IsTerminal, stderr, stdout};
use std::process::ExitCode;

use clap::Parser;
use thimble::cli::{Cli, Console, report};
use thimble::heap;

fn main() -> ExitCode {
    heap::return_large_blocks();
    let cli = Cli::parse();
    // Not locked: some commands write from several threads.
    let (mut out, mut err) = (stdout(), stderr());
    let is_watched = err.is_terminal();
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        is_watched,
    };
    let ended = cli.run(&mut console);
    report(ended, &mut console)
}
