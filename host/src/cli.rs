//! The command line: `thimble generate`, `inspect`, `local`, `worker` and the rest.
//!
//! Results go to standard output, everything else to standard error, so that
//! the one can be piped while the other is read. The exit code is 0 when all was
//! done, 1 when something was not, 2 when it was asked for wrongly, and 130 when it
//! was interrupted.

use crate::error::with_causes;
use std::fmt;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

mod backfill;
mod blobs;
mod brokers;
mod cloud;
mod config;
mod dlq;
mod doctor;
mod engine;
mod excluding;
mod generate;
mod health;
mod help;
mod inspect;
mod keys;
mod listen;
mod local;
mod mistakes;
mod monitor;
mod not_images;
mod number;
mod options;
mod page;
mod parallel;
mod place;
mod plan;
mod postgres;
mod queues;
mod reasons;
mod redrive;
mod registry;
mod secret;
mod setup;
mod show;
mod signals;
mod source;
mod stores;
mod versions;
mod voice;
mod waiting;
mod worker;

pub use voice::Voice;

/// Makes thumbnails in a sandbox.
#[derive(Debug, Parser)]
#[command(
    name = "thimble",
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Show the versions of the program, of its engine and of the contract
    #[arg(short = 'V', long)]
    version: bool,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make thumbnails of images
    Generate(generate::Generate),
    /// Show format and size of images
    Inspect(inspect::Inspect),
    Local(local::Local),
    Worker(worker::Worker),
    Doctor(doctor::Doctor),
    Listen(listen::Listen),
    Health(health::Health),
    Redrive(redrive::Redrive),
    Dlq(dlq::Dlq),
    Backfill(backfill::Backfill),
    Plan(plan::Command),
    #[command(subcommand)]
    Config(config::Command),
    /// Inspect engines, publish them, and make one live
    #[command(subcommand)]
    Engine(engine::Command),
    Help(help::Help),
    Completions(help::Completions),
    Man(help::Manual),
}

/// Outcome of a command that was able to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was done.
    Done,
    /// Something was not, and was reported.
    Incomplete,
    /// It was told to stop before all was done.
    Interrupted,
}

/// Failure of a command that was not.
#[derive(Debug)]
pub enum Failure {
    /// It was asked for wrongly; the text says how to ask.
    Usage(String),
    /// Something stood in the way.
    Error(Box<dyn std::error::Error>),
}

impl Cli {
    /// The command line of this process; ends it after a mistake, or after a page of help.
    pub fn of_process() -> Self {
        let given = Self::definition().try_get_matches();
        let given = given.unwrap_or_else(|mistake| mistakes::told(mistake).exit());
        Self::from_arg_matches(&given).unwrap_or_else(|error| error.exit())
    }

    /// The commands and their options. Pages of help name variables, and never show what
    /// they hold: it may be the path of a key.
    fn definition() -> clap::Command {
        fn hidden(command: clap::Command) -> clap::Command {
            command
                .mut_args(|option| option.hide_env_values(true))
                .mut_subcommands(hidden)
        }
        hidden(Self::command())
    }

    /// Runs the command.
    ///
    /// # Errors
    ///
    /// If nothing could be done at all. What goes wrong with one of several
    /// images is told and makes the outcome incomplete.
    pub fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        if self.version {
            return versions::show(voice);
        }
        let Some(command) = &self.command else {
            return Err(Failure::Usage(
                "name a command; `thimble help` lists them".to_owned(),
            ));
        };
        match command {
            Command::Generate(generate) => generate.run(voice),
            Command::Inspect(inspect) => inspect.run(voice),
            Command::Local(local) => local.run(voice),
            Command::Worker(worker) => worker.run(voice),
            Command::Doctor(doctor) => doctor.run(voice),
            Command::Listen(listen) => listen.run(voice),
            Command::Health(health) => health.run(voice),
            Command::Redrive(redrive) => redrive.run(voice),
            Command::Dlq(dlq) => dlq.run(voice),
            Command::Backfill(backfill) => backfill.run(voice),
            Command::Plan(plan) => plan.run(voice),
            Command::Config(command) => command.run(voice),
            Command::Engine(command) => command.run(voice),
            Command::Help(help) => help.run(voice),
            Command::Completions(completions) => completions.run(voice),
            Command::Man(manual) => manual.run(voice),
        }
    }
}

/// Exit code of a command, after a line about its failure.
pub fn report(ended: Result<Outcome, Failure>, voice: &Voice) -> ExitCode {
    match ended {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Incomplete) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        // Whoever read the output has seen enough.
        Err(Failure::Error(error)) if error.downcast_ref().is_some_and(voice::is_unheard) => {
            ExitCode::SUCCESS
        }
        Err(failure) => {
            // If the standard error is gone there is nobody left to tell.
            let _ = voice.note(format_args!("thimble: {failure}"));
            ExitCode::from(if matches!(failure, Failure::Usage(_)) {
                2
            } else {
                1
            })
        }
    }
}

/// Runs what has to wait, on a runtime of many threads.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let done = runtime.block_on(work);
    // What is left has no one who waits for it: an engine on its way, say.
    runtime.shutdown_background();
    done
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
