//! `thimble engine`: what a component is and whether it is an engine, and the
//! life of engines in a store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::generate::line;
use super::{Console, Failure, Outcome};
use crate::contract::{Budget, INTERFACE};
use crate::text::printable;
use crate::wasm::{Artifact, Runtime, SandboxedEngine, metadata};

mod compile;
mod keygen;
mod live;
mod look;
mod place;
mod publish;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load an engine, put it through its self-test, and say what it is
    Inspect(Inspect),
    /// Compile an engine, for a host that has no compiler
    Compile(compile::Compile),
    Keygen(keygen::Keygen),
    Publish(publish::Publish),
    List(look::List),
    Show(look::Show),
    Promote(live::Promote),
    Canary(live::Canary),
    Rollback(live::Rollback),
    Verify(look::Verify),
    Gc(look::Gc),
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The engine
    #[arg(value_name = "ENGINE")]
    engine: PathBuf,

    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Inspected<'a> {
    digest: String,
    bytes: usize,
    contract: &'static str,
    name: &'a str,
    version: &'a str,
    decodes: &'a [String],
    encodes: &'a [String],
    settings: &'a [String],
    imports: &'a [String],
    metadata: BTreeMap<&'static str, String>,
}

impl Command {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        match self {
            Self::Inspect(inspect) => inspect.run(console),
            Self::Compile(compile) => compile.run(console),
            Self::Keygen(keygen) => keygen.run(console),
            Self::Publish(publish) => publish.run(console),
            Self::List(list) => list.run(console),
            Self::Show(show) => show.run(console),
            Self::Promote(promote) => promote.run(console),
            Self::Canary(canary) => canary.run(console),
            Self::Rollback(rollback) => rollback.run(console),
            Self::Verify(verify) => verify.run(console),
            Self::Gc(gc) => gc.run(console),
        }
    }
}

impl Inspect {
    fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let artifact = Artifact::read(&self.engine)?;
        let engine = SandboxedEngine::load(&Runtime::new()?, &artifact, Budget::default())?;
        let info = engine.info();
        let inspected = Inspected {
            digest: artifact.digest().to_string(),
            bytes: artifact.bytes().len(),
            contract: INTERFACE,
            name: &info.name,
            version: &info.version,
            decodes: &info.decodes,
            encodes: &info.encodes,
            settings: &info.settings,
            imports: engine.imports(),
            metadata: metadata(&artifact).into_iter().collect(),
        };
        if self.json {
            line(console.out, &inspected)?;
        } else {
            inspected.write(console)?;
        }
        Ok(Outcome::Done)
    }
}

impl Inspected<'_> {
    fn write(&self, console: &mut Console<'_>) -> std::io::Result<()> {
        let list = |items: &[String]| match items {
            [] => "none".into(),
            items => items.join(", "),
        };
        let mut rows = vec![
            ("engine", format!("{} {}", self.name, self.version)),
            ("digest", format!("sha256:{}", self.digest)),
            ("size", format!("{} bytes", self.bytes)),
            ("contract", self.contract.into()),
            ("decodes", list(self.decodes)),
            ("encodes", list(self.encodes)),
            ("settings", list(self.settings)),
            ("imports", format!("{} (without power)", list(self.imports))),
        ];
        rows.extend(
            self.metadata
                .iter()
                .map(|(name, value)| (*name, value.clone())),
        );
        rows.iter().try_for_each(|(name, value)| {
            writeln!(
                console.out,
                "{:<13}{}",
                format!("{name}:"),
                printable(value)
            )
        })
    }
}
