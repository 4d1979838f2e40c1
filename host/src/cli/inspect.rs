//! `thimble inspect`: what an engine says that images are.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::generate::{Failed, Image, line};
use super::options::EngineOptions;
use super::source::{self, SourceError};
use super::{Console, Failure, Outcome, parallel};
use crate::contract::{ImageInfo, Limits};
use crate::error::with_causes;
use crate::text::printable;
use crate::wasm::{self, SandboxedEngine};

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

#[derive(Debug, thiserror::Error)]
enum ImageError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Engine(#[from] wasm::Error),
}

#[derive(Debug, Serialize)]
struct Inspected {
    file: String,
    status: &'static str,
    source: Image,
}

impl Inspect {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let engine = self.engine.load()?;
        let limits = self.engine.limits();
        let work = |file: &PathBuf| inspect(&engine, file, self.engine.max_bytes(), &limits);
        let mut outcome = Outcome::Done;
        parallel::for_each(&self.files, work, |file, result| {
            if result.is_err() {
                outcome = Outcome::Incomplete;
            }
            self.tell(file, result, console)
        })?;
        Ok(outcome)
    }

    fn tell(
        &self,
        path: &Path,
        result: Result<ImageInfo, ImageError>,
        console: &mut Console<'_>,
    ) -> std::io::Result<()> {
        let file = path.display().to_string();
        match result {
            Ok(info) if self.json => line(
                console.out,
                &Inspected {
                    file,
                    status: "done",
                    source: Image::new(info),
                },
            ),
            Ok(info) => writeln!(console.out, "{}: {}", printable(file), Image::new(info)),
            Err(error) if self.json => line(
                console.out,
                &Failed::new(path, error.kind(), with_causes(&error)),
            ),
            Err(error) => writeln!(console.err, "{}: {}", printable(file), with_causes(&error)),
        }
    }
}

impl ImageError {
    fn kind(&self) -> &'static str {
        match self {
            Self::Source(error) => error.kind(),
            Self::Engine(error) => error.kind(),
        }
    }
}

/// No specs: the engine reads the header and nothing else.
fn inspect(
    engine: &SandboxedEngine,
    file: &Path,
    max_bytes: u64,
    limits: &Limits,
) -> Result<ImageInfo, ImageError> {
    let source = source::read(file, max_bytes)?;
    Ok(engine.generate_blocking(&source, &[], limits, None)?.source)
}
