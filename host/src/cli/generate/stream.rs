//! One thumbnail of one image, to the standard output.

use std::io::{self, IsTerminal};
use std::path::Path;

use super::{Gathered, Generate, ReadError};
use crate::cli::source;
use crate::cli::voice::Voice;
use crate::cli::{Failure, Outcome};
use crate::contract::{Limits, Spec};
use crate::error::with_causes;
use crate::text::printable;
use crate::wasm::SandboxedEngine;

impl Generate {
    /// True if the thumbnail is the output.
    pub(super) fn streams(&self) -> bool {
        source::is_stream(&self.output)
    }

    /// Refuses what has no place in one stream of bytes.
    pub(super) fn check_stream(&self, gathered: &Gathered, presets: usize) -> Result<(), Failure> {
        let problem = if gathered.files.len() != 1 || presets != 1 {
            "one thumbnail of one image goes to the standard output; name one file and one \
             --preset, or a folder with -o"
        } else if self.json {
            "the standard output is for the thumbnail; leave --json out, or name a folder with -o"
        } else if io::stdout().is_terminal() {
            "a terminal shows no thumbnail; send the standard output to a file or a program"
        } else {
            return Ok(());
        };
        Err(Failure::Usage(problem.into()))
    }
}

/// Makes the thumbnail and writes it.
pub(super) fn make(
    engine: &SandboxedEngine,
    path: &Path,
    max_bytes: u64,
    specs: &[Spec],
    limits: &Limits,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let file = printable(path.display());
    let made = source::read(path, max_bytes)
        .map_err(ReadError::from)
        .and_then(|source| Ok(engine.generate_blocking(&source, specs, limits, None)?));
    match made {
        Ok(output) => {
            for warning in &output.warnings {
                voice.note(format_args!("{file}: warning: {warning}"))?;
            }
            for thumbnail in &output.thumbnails {
                voice.give(&thumbnail.data)?;
            }
            Ok(Outcome::Done)
        }
        Err(error) => {
            voice.note(format_args!("{file}: {}", with_causes(&error)))?;
            Ok(Outcome::Incomplete)
        }
    }
}
