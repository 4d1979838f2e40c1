//! `thimble engine compile`: an engine as machine code.

use std::path::PathBuf;
use std::{fs, io};

use clap::Args;

use super::super::options::CompilerOptions;
use super::super::voice::Voice;
use super::super::{Failure, Outcome};
use crate::trust::{Digest, Target};
use crate::wasm::Artifact;

#[derive(Debug, Args)]
pub(in crate::cli) struct Compile {
    /// The engine
    #[arg(value_name = "ENGINE")]
    engine: PathBuf,

    /// The file to write the machine code to
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,

    /// The kind of machine that runs it: x86_64 or aarch64 [default: that of this machine]
    #[arg(long, value_name = "TARGET")]
    target: Option<Target>,

    #[command(flatten)]
    compiler: CompilerOptions,
}

impl Compile {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let artifact = Artifact::read(&self.engine)?;
        let Some(target) = self.target.or_else(Target::native) else {
            return Err(Failure::Usage(
                "engines are not compiled for machines such as this; name one with --target".into(),
            ));
        };
        let compiled = self
            .compiler
            .compiler()
            .compile_now(&artifact, Some(target))?;
        let code = compiled.code();
        fs::write(&self.output, code).map_err(|error| {
            let output = self.output.display();
            io::Error::new(error.kind(), format!("cannot write {output}: {error}"))
        })?;
        let (bytes, digest) = (code.len(), Digest::of(code));
        voice.say(format_args!(
            "{}  {bytes} bytes  sha256:{digest}  {}",
            self.output.display(),
            target.key()
        ))?;
        Ok(Outcome::Done)
    }
}
