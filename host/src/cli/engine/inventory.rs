//! `thimble engine list`, `show`, `verify` and `gc`: contents of a store, its
//! soundness, and the removal of what nothing refers to.

use std::io;
use std::time::{Duration, SystemTime};

use clap::Args;
use serde::Serialize;

use super::super::voice::{Voice, unless_unheard};
use super::super::{Failure, Outcome, block_on, number};
use super::live::write;
use super::options::{ChangeOptions, SigningOptions, StoreOption, TrustOptions};
use crate::engines::{Channel, ChannelFetch, EngineStore, Finding, Retention};
use crate::error::with_causes;
use crate::text::{plural, printable};
use crate::trust::{Digest, Release, Trust};

/// List the engines of a store, and the channels that make them live
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    options: ReadOptions,
}

/// Show a release
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The release: the beginning of a digest, name@version, or latest
    #[arg(value_name = "RELEASE")]
    release: String,

    #[command(flatten)]
    options: ReadOptions,
}

/// Read everything in a store and report what is wrong with it
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    store: StoreOption,

    // Whoever signs believes the public half of their own key.
    #[command(flatten)]
    signing: SigningOptions,

    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

/// Remove what no channel and no recent release refers to
#[derive(Debug, Args)]
pub(in crate::cli) struct Gc {
    /// The newest releases, this many, are kept in any case
    #[arg(long, value_name = "NUMBER", default_value_t = 5,
          value_parser = number::within(0..=usize::MAX))]
    keep: usize,

    /// Everything is kept for this many days in any case
    #[arg(long, value_name = "DAYS", default_value_t = 1,
          value_parser = number::within(0..=u64::MAX))]
    days: u64,

    #[command(flatten)]
    store: StoreOption,

    #[command(flatten)]
    change: ChangeOptions,
}

/// Options of every command that only reads a store.
#[derive(Debug, Args)]
struct ReadOptions {
    #[command(flatten)]
    store: StoreOption,

    #[command(flatten)]
    trust: TrustOptions,

    /// JSON instead of lines
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Listed {
    channels: Vec<Channel>,
    releases: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    id: Digest,
    #[serde(flatten)]
    release: Release,
}

#[derive(Serialize)]
struct Found {
    what: String,
    kind: &'static str,
    problem: String,
}

#[derive(Serialize)]
struct Removed {
    objects: usize,
    bytes: u64,
    keys: Vec<String>,
}

impl List {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let trust = self.options.trust.author().trust().clone();
        let listed = block_on(async {
            let store = self.options.store.open().await?;
            listed(&store, &trust).await
        })?;
        if self.options.json {
            voice.say_json(&listed)?;
            return Ok(Outcome::Done);
        }
        for channel in &listed.channels {
            write(channel, voice)?;
        }
        for Named { id, release } in &listed.releases {
            voice.say(format_args!("{}  {}", short(id), release.reference(*id)))?;
        }
        if listed.channels.is_empty() && listed.releases.is_empty() {
            voice.note("no engines are here; publish one with `thimble engine publish`")?;
        }
        Ok(Outcome::Done)
    }
}

async fn listed(store: &EngineStore, trust: &Trust) -> Result<Listed, Failure> {
    let mut channels = Vec::new();
    for name in store.channels().await? {
        if let ChannelFetch::Read(read) = store.fetch_channel(&name, trust, None).await? {
            channels.push(read.channel);
        }
    }
    let releases = store.releases(trust).await?.into_iter();
    let releases = releases
        .map(|(id, release)| Named { id, release })
        .collect();
    Ok(Listed { channels, releases })
}

impl Show {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let trust = self.options.trust.author().trust().clone();
        let (id, release) = block_on(async {
            let store = self.options.store.open().await?;
            let reference = store.find(&self.release, &trust).await?;
            let release = store.release(&reference, &trust).await?;
            Ok((reference.release, release.into_inner()))
        })?;
        if self.options.json {
            voice.say_json(&Named { id, release })?;
            return Ok(Outcome::Done);
        }
        let Release {
            name,
            version,
            contract,
            wasm,
            ..
        } = &release;
        voice.say(format_args!(
            "engine:      {} {}",
            printable(name),
            printable(version)
        ))?;
        voice.say(format_args!("digest:      sha256:{}", wasm.sha256))?;
        voice.say(format_args!("size:        {} bytes", wasm.bytes))?;
        voice.say(format_args!("contract:    {}", printable(contract)))?;
        voice.say(format_args!("release:     {id}"))?;
        for form in &release.compiled {
            voice.say(format_args!(
                "compiled:    {}, {} bytes",
                printable(&form.key),
                form.code.bytes
            ))?;
        }
        Ok(Outcome::Done)
    }
}

impl Verify {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = voice.with_tone(false, self.json);
        let trust = self.signing.author()?.trust().clone();
        let findings = block_on(async {
            let store = self.store.open().await?;
            Ok(store.check(&trust).await?)
        })?;
        unless_unheard(tell(&findings, &trust, &voice))?;
        Ok(if findings.is_empty() {
            Outcome::Done
        } else {
            Outcome::Incomplete
        })
    }
}

fn tell(findings: &[Finding], trust: &Trust, voice: &Voice) -> io::Result<()> {
    for finding in findings {
        let found = Found {
            what: finding.what.clone(),
            kind: finding.problem.kind(),
            problem: with_causes(&finding.problem),
        };
        if voice.is_json() {
            voice.say_json(&found)?;
        } else {
            voice.say(format_args!(
                "{}: {}",
                printable(&found.what),
                found.problem
            ))?;
        }
    }
    if !findings.is_empty() || voice.is_json() {
        return Ok(());
    }
    voice.note(if trust.asks_for_signatures() {
        "all objects and signatures are valid"
    } else {
        "all objects are valid; no key was given to check signatures with"
    })
}

impl Gc {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let retention = Retention {
            releases: self.keep,
            age: Duration::from_secs(self.days.saturating_mul(86_400)),
        };
        let removed = block_on(async {
            let store = self.store.open().await?;
            let now = SystemTime::now();
            let garbage = store.garbage(retention, now).await?;
            if self.change.dry_run {
                return Ok(garbage);
            }
            Ok(store.collect(garbage, retention, now).await?)
        })?;
        let removed = Removed {
            objects: removed.len(),
            bytes: removed.iter().map(|garbage| garbage.bytes).sum(),
            keys: removed.into_iter().map(|garbage| garbage.key).collect(),
        };
        if self.change.json {
            voice.say_json(&removed)?;
            return Ok(Outcome::Done);
        }
        for key in &removed.keys {
            voice.say(printable(key))?;
        }
        let did = if self.change.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        voice.note(format_args!(
            "{} {did}, {}",
            plural(removed.objects as u64, "object"),
            plural(removed.bytes, "byte")
        ))?;
        Ok(Outcome::Done)
    }
}

fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(12).collect()
}
