//! The command line: `thimble generate`, `inspect`, `local`, `worker` and the rest.
//!
//! Results go to standard output, everything else to standard error, so that
//! the one can be piped while the other is read. The exit code is 0 when all was
//! done, 1 when something was not, and 2 when it was asked for wrongly.

use crate::error::with_causes;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod backfill;
mod dlq;
mod engine;
mod generate;
mod inspect;
mod keys;
mod local;
mod options;
mod parallel;
mod place;
mod redrive;
mod setup;
mod show;
mod signals;
mod source;
mod voice;
mod worker;

/// Makes thumbnails in a sandbox.
#[derive(Debug, Parser)]
#[command(name = "thimble", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make thumbnails of images
    Generate(generate::Generate),
    /// Say what images are
    Inspect(inspect::Inspect),
    Local(local::Local),
    Worker(worker::Worker),
    Redrive(redrive::Redrive),
    Dlq(dlq::Dlq),
    Backfill(backfill::Backfill),
    /// Look at engines, publish them, and say which one is live
    #[command(subcommand)]
    Engine(engine::Command),
}

/// Where a command writes to.
pub struct Console<'a> {
    /// What was asked for.
    pub out: &'a mut dyn Write,
    /// What people should know besides.
    pub err: &'a mut dyn Write,
    /// Whether somebody watches `err`.
    pub is_watched: bool,
}

/// How a command ended that could do its work at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// Something was not, and was reported.
    Incomplete,
}

/// Why a command could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// It was asked for wrongly; the text says how to ask.
    Usage(String),
    /// Something stood in the way.
    Error(Box<dyn std::error::Error>),
}

impl Cli {
    /// Does what is asked for.
    ///
    /// # Errors
    ///
    /// If nothing could be done at all. What goes wrong with one of several
    /// images is reported on the console and makes the outcome incomplete.
    pub fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        match &self.command {
            Command::Generate(generate) => generate.run(console),
            Command::Inspect(inspect) => inspect.run(console),
            Command::Local(local) => local.run(console),
            Command::Worker(worker) => worker.run(),
            Command::Redrive(redrive) => redrive.run(console),
            Command::Dlq(dlq) => dlq.run(console),
            Command::Backfill(backfill) => backfill.run(console),
            Command::Engine(command) => command.run(console),
        }
    }
}

/// The exit code for the end of a command, and a line about a failure.
pub fn report(ended: Result<Outcome, Failure>, console: &mut Console<'_>) -> ExitCode {
    match ended {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        // Whoever reads our output has seen enough.
        Err(Failure::Error(error)) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(failure) => {
            // If standard error is gone there is nobody left to tell.
            let _ = writeln!(console.err, "thimble: {failure}");
            ExitCode::from(if matches!(failure, Failure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// What commands run on that wait for many things at once.
fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) => f.write_str(text),
            Self::Error(error) => f.write_str(&with_causes(&**error)),
        }
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(Box::new(error))
    }
}
