//! `thimble --version`: all that a report of a fault should say.

use std::env::consts::{ARCH, OS};

use super::options::EngineFile;
use super::voice::Voice;
use super::{Failure, Outcome};
use crate::contract::INTERFACE;
use crate::text::printable;
use crate::trust::WASMTIME;
use crate::wasm::{Artifact, metadata};

/// Shows the versions of the program and of what belongs to it. The engine is
/// read, and not run.
pub(super) fn show(voice: &Voice) -> Result<Outcome, Failure> {
    voice.say(format_args!("thimble {}", env!("CARGO_PKG_VERSION")))?;
    voice.say(format_args!("engine:   {}", engine()))?;
    voice.say(format_args!("contract: {INTERFACE}"))?;
    voice.say(format_args!("wasmtime: {WASMTIME}"))?;
    voice.say(format_args!("machine:  {ARCH} {OS}"))?;
    Ok(Outcome::Done)
}

/// Version, digest and file of the engine that a command would take.
fn engine() -> String {
    let file = EngineFile::of_the_environment().find();
    let read = file.and_then(|path| Ok((Artifact::read(&path)?, path)));
    match read {
        Ok((artifact, path)) => {
            let known = metadata(&artifact);
            let version = known.iter().find(|(name, _)| *name == "version");
            let version = version.map_or("of no version", |(_, version)| version);
            let (digest, path) = (artifact.digest(), path.display());
            printable(format!("{version}, sha256:{digest}, {path}"))
        }
        Err(failure) => failure.to_string(),
    }
}
