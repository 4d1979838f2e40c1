//! `thimble inspect`: format and size of images, as an engine sees them.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::generate::{Failed, Image, ReadError};
use super::options::EngineOptions;
use super::source;
use super::voice::Voice;
use super::{Failure, Outcome, parallel};
use crate::contract::{ImageInfo, Limits};
use crate::error::with_causes;
use crate::text::printable;
use crate::wasm::SandboxedEngine;

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The images
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// One line of JSON for each image
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    engine: EngineOptions,
}

#[derive(Debug, Serialize)]
struct Inspected {
    file: String,
    status: &'static str,
    source: Image,
}

impl Inspect {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = voice.with_tone(false, self.json);
        let engine = self.engine.load()?;
        let limits = self.engine.limits();
        let work = |file: &PathBuf| inspect(&engine, file, self.engine.max_bytes(), &limits);
        let mut outcome = Outcome::Done;
        parallel::for_each(&self.files, work, |file, result| {
            if result.is_err() {
                outcome = Outcome::Incomplete;
            }
            tell(file, result, &voice)
        })?;
        Ok(outcome)
    }
}

/// Report of one file.
fn tell(path: &Path, result: Result<ImageInfo, ReadError>, voice: &Voice) -> io::Result<()> {
    let file = path.display().to_string();
    match result {
        Ok(info) if voice.is_json() => voice.say_json(&Inspected {
            file,
            status: "done",
            source: Image::new(info),
        }),
        Ok(info) => voice.say(format_args!("{}: {}", printable(file), Image::new(info))),
        Err(error) if voice.is_json() => {
            voice.say_json(&Failed::new(path, error.kind(), with_causes(&error)))
        }
        Err(error) => voice.note(format_args!("{}: {}", printable(file), with_causes(&error))),
    }
}

/// No specs: the engine reads the header and nothing else.
fn inspect(
    engine: &SandboxedEngine,
    file: &Path,
    max_bytes: u64,
    limits: &Limits,
) -> Result<ImageInfo, ReadError> {
    let source = source::read(file, max_bytes)?;
    Ok(engine.generate_blocking(&source, &[], limits, None)?.source)
}
