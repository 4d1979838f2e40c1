//! `thimble engine`: inspection of a component, and the life of engines in a store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::options::{CompilerOptions, EngineFile};
use super::voice::Voice;
use super::{Failure, Outcome};
use crate::contract::{Budget, INTERFACE};
use crate::text::printable;
use crate::wasm::{Artifact, Runtime, SandboxedEngine, metadata};

mod compile;
mod compose;
mod inventory;
mod keygen;
mod live;
mod options;
mod publish;

pub(super) use options::{ChannelOption, StoreChange, TrustOptions, now};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Load an engine, put it through its self-test, and show what it can do
    Inspect(Inspect),
    /// Compile an engine, for a host that has no compiler
    Compile(compile::Compile),
    Compose(compose::Compose),
    Keygen(keygen::Keygen),
    Publish(publish::Publish),
    List(inventory::List),
    Show(inventory::Show),
    Promote(live::Promote),
    Canary(live::Canary),
    Rollback(live::Rollback),
    Verify(inventory::Verify),
    Gc(inventory::Gc),
}

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The engine [default: THIMBLE_ENGINE, or the one that other commands would find]
    #[arg(value_name = "ENGINE")]
    engine: Option<PathBuf>,

    /// JSON instead of lines
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    compiler: CompilerOptions,
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
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        match self {
            Self::Inspect(inspect) => inspect.run(voice),
            Self::Compile(compile) => compile.run(voice),
            Self::Compose(compose) => compose.run(voice),
            Self::Keygen(keygen) => keygen.run(voice),
            Self::Publish(publish) => publish.run(voice),
            Self::List(list) => list.run(voice),
            Self::Show(show) => show.run(voice),
            Self::Promote(promote) => promote.run(voice),
            Self::Canary(canary) => canary.run(voice),
            Self::Rollback(rollback) => rollback.run(voice),
            Self::Verify(verify) => verify.run(voice),
            Self::Gc(gc) => gc.run(voice),
        }
    }
}

impl Inspect {
    fn engine(&self) -> Result<PathBuf, Failure> {
        match &self.engine {
            Some(engine) => Ok(engine.clone()),
            None => EngineFile::of_the_environment().find(),
        }
    }

    fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let artifact = Artifact::read(&self.engine()?)?;
        let compiled = self.compiler.compiler().compile_now(&artifact, None)?;
        let engine =
            SandboxedEngine::load_compiled(&Runtime::new()?, &compiled, Budget::default())?;
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
            voice.say_json(&inspected)?;
        } else {
            inspected.write(voice)?;
        }
        Ok(Outcome::Done)
    }
}

impl Inspected<'_> {
    fn write(&self, voice: &Voice) -> std::io::Result<()> {
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
            voice.say(format_args!(
                "{:<13}{}",
                format!("{name}:"),
                printable(value)
            ))
        })
    }
}
