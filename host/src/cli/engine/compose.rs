//! `thimble engine compose`: an engine that decodes more.

use std::path::{Path, PathBuf};
use std::{fs, io};

use clap::Args;

use super::super::options::CompilerOptions;
use super::super::voice::Voice;
use super::super::{Failure, Outcome};
use crate::text::printable;
use crate::wasm::{Artifact, Part, Runtime, compose};

/// Join codecs to an open engine: components that decode what it does not know
///
/// What comes out is an engine like any other, to be used, published and promoted. The order
/// of the codecs makes no difference.
#[derive(Debug, Args)]
pub(in crate::cli) struct Compose {
    /// The open engine, engine-open.wasm
    #[arg(value_name = "ENGINE")]
    engine: PathBuf,

    /// The codecs
    #[arg(value_name = "CODEC", required = true)]
    codecs: Vec<PathBuf>,

    /// The file to write the engine to
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    #[command(flatten)]
    compiler: CompilerOptions,
}

impl Compose {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let open = Artifact::read(&self.engine)?;
        let parts = self.codecs.iter().map(|path| part(path));
        let parts = parts.collect::<Result<Vec<Part>, Failure>>()?;
        let compiler = self.compiler.compiler();
        let (joined, engine) = compose(&compiler, &Runtime::new()?, &open, parts)?;
        let bytes = joined.bytes();
        fs::write(&self.output, bytes).map_err(|error| {
            let output = printable(self.output.display());
            io::Error::new(error.kind(), format!("cannot write {output}: {error}"))
        })?;
        voice.say(format_args!(
            "{}  {} bytes  sha256:{}  {} {}",
            printable(self.output.display()),
            bytes.len(),
            joined.digest(),
            printable(&engine.info().name),
            printable(&engine.info().version)
        ))?;
        Ok(Outcome::Done)
    }
}

fn part(path: &Path) -> Result<Part, Failure> {
    Ok(Part {
        name: printable(path.display()),
        artifact: Artifact::read(path)?,
    })
}
