//! `thimble engine publish`: an engine is tested, compiled, signed, and put into
//! a store. Nobody runs it before it is promoted.

use std::path::PathBuf;

use bytes::Bytes;
use clap::Args;
use serde::Serialize;

use super::super::options::CompilerOptions;
use super::super::registry;
use super::super::voice::Voice;
use super::super::{Failure, Outcome, block_on};
use super::options::{StoreChange, now};
use crate::contract::{Budget, INTERFACE};
use crate::engines::{Draft, Repository};
use crate::trust::Target;
use crate::wasm::{Artifact, Runtime, SandboxedEngine};

/// Test an engine, compile it, sign it, and put it into a store
#[derive(Debug, Args)]
pub(in crate::cli) struct Publish {
    /// The engine: a file, or oci://REGISTRY/NAME@sha256:DIGEST (or a tag) of one that was
    /// pushed to a registry in the layout of WebAssembly components
    #[arg(value_name = "ENGINE")]
    engine: PathBuf,

    /// A kind of machine to compile for, x86_64 or aarch64; may be given several
    /// times [default: x86_64, if there is a key to sign with]
    #[arg(long = "target", value_name = "TARGET")]
    targets: Vec<Target>,

    #[command(flatten)]
    to: StoreChange,

    #[command(flatten)]
    compiler: CompilerOptions,
}

#[derive(Serialize)]
struct Published<'a> {
    name: &'a str,
    version: &'a str,
    engine: String,
    bytes: usize,
    release: Option<String>,
    compiled: Vec<Form>,
    signed: bool,
}

#[derive(Serialize)]
struct Form {
    key: String,
    bytes: usize,
}

impl Publish {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let author = self.to.signing.author()?;
        let draft = self.draft()?;
        let release = if self.to.options.dry_run {
            None
        } else {
            Some(block_on(async {
                let store = self.to.store.open_or_make().await?;
                Ok(store.publish(&draft, &author, now()).await?)
            })?)
        };
        let form = |(target, code): &(Target, Bytes)| Form {
            key: target.key(),
            bytes: code.len(),
        };
        let published = Published {
            name: &draft.name,
            version: &draft.version,
            engine: crate::trust::Digest::of(&draft.wasm).to_string(),
            bytes: draft.wasm.len(),
            release: release
                .as_ref()
                .map(|reference| reference.release.to_string()),
            compiled: draft.compiled.iter().map(form).collect(),
            signed: self.to.signing.signs(),
        };
        if self.to.options.json {
            voice.say_json(&published)?;
        } else {
            published.write(voice)?;
        }
        Ok(Outcome::Done)
    }

    /// The bytes of the engine.
    fn artifact(&self) -> Result<Artifact, Failure> {
        match self
            .engine
            .to_str()
            .filter(|text| Repository::is_meant(text))
        {
            Some(text) => block_on(registry::artifact(text)),
            None => Ok(Artifact::read(&self.engine)?),
        }
    }

    /// The engine, if it passes every test that a host would put it to.
    fn draft(&self) -> Result<Draft, Failure> {
        let artifact = self.artifact()?;
        let compiler = self.compiler.compiler();
        let here = compiler.compile_now(&artifact, None)?;
        let runtime = Runtime::new()?;
        let engine = SandboxedEngine::load_compiled(&runtime, &here, Budget::default())?;
        let targets = match self.targets.as_slice() {
            // Nobody runs machine code that nobody vouches for.
            [] if self.to.signing.signs() => &[Target::X86_64],
            targets => targets,
        };
        let mut compiled = Vec::new();
        for &target in targets {
            let code = compiler.compile_now(&artifact, Some(target))?;
            if Target::native() == Some(target) {
                SandboxedEngine::load_compiled(&runtime, &code, Budget::default())?;
            }
            compiled.push((target, Bytes::copy_from_slice(code.code())));
        }
        let info = engine.info();
        Ok(Draft {
            name: info.name.clone(),
            version: info.version.clone(),
            contract: INTERFACE.to_owned(),
            wasm: Bytes::copy_from_slice(artifact.bytes()),
            compiled,
        })
    }
}

impl Published<'_> {
    fn write(&self, voice: &Voice) -> std::io::Result<()> {
        let Self { name, version, .. } = self;
        let short = self.engine.get(..12).unwrap_or(&self.engine);
        let did = if self.release.is_some() {
            "published"
        } else {
            "would publish"
        };
        voice.say(format_args!("{did} {name} {version} ({short})"))?;
        for Form { key, bytes } in &self.compiled {
            voice.say(format_args!("  compiled: {key}, {bytes} bytes"))?;
        }
        if !self.signed {
            voice
                .note("not signed: hosts with a key do not take it, see `thimble engine keygen`")?;
        }
        if self.release.is_some() {
            voice.note(format_args!(
                "make it live with: thimble engine promote {short}"
            ))?;
        }
        Ok(())
    }
}
