//! `thimble engine list`, `show`, `verify` and `gc`: what there is in a store,
//! whether it is as it should be, and what nobody needs.

use std::time::{Duration, SystemTime};

use clap::Args;
use serde::Serialize;

use super::super::generate::line;
use super::super::{Console, Failure, Outcome};
use super::live::write;
use super::place::{Manner, Place, Trusted, wait_for};
use crate::engines::{Channel, EngineStore, Look, Retention};
use crate::error::with_causes;
use crate::trust::{Digest, Release, Trust};

/// Say which engines a store has, and which are live
#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    #[command(flatten)]
    options: Options,
}

/// Say what is known of a release
#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The release: the beginning of a digest, name@version, or latest
    #[arg(value_name = "RELEASE")]
    release: String,

    #[command(flatten)]
    options: Options,
}

/// Read everything in a store and say what is wrong with it
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    options: Options,
}

/// Remove what no channel names and no recent release is made of
#[derive(Debug, Args)]
pub(in crate::cli) struct Gc {
    /// How many of the newest releases are kept in any case
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    keep: usize,

    /// How many days everything is kept in any case
    #[arg(long, value_name = "DAYS", default_value_t = 1)]
    days: u64,

    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    manner: Manner,
}

#[derive(Debug, Args)]
struct Options {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    trusted: Trusted,

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
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let trust = self.options.trusted.author().trust().clone();
        let listed = wait_for(async {
            let store = self.options.place.open().await?;
            listed(&store, &trust).await
        })?;
        if self.options.json {
            line(console.out, &listed)?;
            return Ok(Outcome::Done);
        }
        for channel in &listed.channels {
            write(channel, console)?;
        }
        for Named { id, release } in &listed.releases {
            writeln!(console.out, "{}  {}", short(id), release.reference(*id))?;
        }
        Ok(Outcome::Done)
    }
}

async fn listed(store: &EngineStore, trust: &Trust) -> Result<Listed, Failure> {
    let mut channels = Vec::new();
    for name in store.channels().await? {
        if let Look::Read(read) = store.look(&name, trust, None).await? {
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
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let trust = self.options.trusted.author().trust().clone();
        let (id, release) = wait_for(async {
            let store = self.options.place.open().await?;
            let reference = store.find(&self.release, &trust).await?;
            let release = store.release(&reference, &trust).await?;
            Ok((reference.release, release.into_inner()))
        })?;
        if self.options.json {
            line(console.out, &Named { id, release })?;
            return Ok(Outcome::Done);
        }
        let Release {
            name,
            version,
            contract,
            wasm,
            ..
        } = &release;
        writeln!(console.out, "engine:      {name} {version}")?;
        writeln!(console.out, "digest:      sha256:{}", wasm.sha256)?;
        writeln!(console.out, "size:        {} bytes", wasm.bytes)?;
        writeln!(console.out, "contract:    {contract}")?;
        writeln!(console.out, "release:     {id}")?;
        for form in &release.compiled {
            writeln!(
                console.out,
                "compiled:    {}, {} bytes",
                form.key, form.code.bytes
            )?;
        }
        Ok(Outcome::Done)
    }
}

impl Verify {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let trust = self.options.trusted.author().trust().clone();
        let findings = wait_for(async {
            let store = self.options.place.open().await?;
            Ok(store.check(&trust).await?)
        })?;
        for finding in &findings {
            let found = Found {
                what: finding.what.clone(),
                kind: finding.problem.kind(),
                problem: with_causes(&finding.problem),
            };
            if self.options.json {
                line(console.out, &found)?;
            } else {
                writeln!(console.out, "{}: {}", found.what, found.problem)?;
            }
        }
        if !findings.is_empty() {
            return Ok(Outcome::Incomplete);
        }
        if !self.options.json {
            let how = if trust.asks_for_signatures() {
                "signatures and all"
            } else {
                "but no key was given to check signatures with"
            };
            writeln!(console.err, "everything is as it should be, {how}")?;
        }
        Ok(Outcome::Done)
    }
}

impl Gc {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let retention = Retention {
            releases: self.keep,
            age: Duration::from_secs(self.days.saturating_mul(86_400)),
        };
        let removed = wait_for(async {
            let store = self.place.open().await?;
            let now = SystemTime::now();
            let garbage = store.garbage(retention, now).await?;
            if self.manner.dry_run {
                return Ok(garbage);
            }
            Ok(store.collect(garbage, retention, now).await?)
        })?;
        let removed = Removed {
            objects: removed.len(),
            bytes: removed.iter().map(|garbage| garbage.bytes).sum(),
            keys: removed.into_iter().map(|garbage| garbage.key).collect(),
        };
        if self.manner.json {
            line(console.out, &removed)?;
            return Ok(Outcome::Done);
        }
        for key in &removed.keys {
            writeln!(console.out, "{key}")?;
        }
        let did = if self.manner.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        writeln!(
            console.err,
            "{} objects of {} bytes {did}",
            removed.objects, removed.bytes
        )?;
        Ok(Outcome::Done)
    }
}

fn short(digest: &Digest) -> String {
    digest.to_string().chars().take(12).collect()
}
