//! `thimble engine promote`, `canary` and `rollback`: one write each, which
//! happens only if nobody else was faster.

use clap::Args;

use super::super::generate::line;
use super::super::{Console, Failure, Outcome};
use super::place::{Manner, Place, Which, Who, now, wait_for};
use crate::engines::{Channel, NoChange, Reference, WHOLE};

/// Make a published engine the one that is live
#[derive(Debug, Args)]
pub(in crate::cli) struct Promote {
    /// The release: the beginning of a digest, name@version, or latest
    #[arg(value_name = "RELEASE")]
    release: String,

    #[command(flatten)]
    change: Options,
}

/// Try a published engine on a share of the objects
#[derive(Debug, Args)]
pub(in crate::cli) struct Canary {
    /// The release: the beginning of a digest, name@version, or latest
    #[arg(value_name = "RELEASE", required_unless_present = "off")]
    release: Option<String>,

    /// The share of the objects, in percent, down to 0.1
    #[arg(long, value_name = "NUMBER", default_value_t = 5.0)]
    percent: f64,

    /// End the trial
    #[arg(long, conflicts_with_all = ["release", "percent"])]
    off: bool,

    #[command(flatten)]
    change: Options,
}

/// Make the engine before this one live again
#[derive(Debug, Args)]
pub(in crate::cli) struct Rollback {
    #[command(flatten)]
    change: Options,
}

#[derive(Debug, Args)]
struct Options {
    #[command(flatten)]
    which: Which,

    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    who: Who,

    #[command(flatten)]
    manner: Manner,
}

impl Promote {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        let Options { which, .. } = &self.change;
        self.change
            .run(Some(&self.release), console, |channel, engine| {
                let engine = engine.ok_or(NoChange::Live)?;
                match channel {
                    Some(channel) => channel.promote(engine, now()),
                    None => Ok(Channel::begin(which.channel.clone(), engine, now())),
                }
            })
    }
}

impl Canary {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        // Saturates, and what makes no sense is refused where it is used.
        let weight = (self.percent * f64::from(WHOLE) / 100.0).round() as u16;
        self.change
            .run(self.release.as_deref(), console, |channel, engine| {
                let channel = channel.ok_or(NoChange::NoChannel)?;
                match engine {
                    Some(engine) => channel.try_out(engine, weight, now()),
                    None => channel.end_trial(now()),
                }
            })
    }
}

impl Rollback {
    pub(super) fn run(&self, console: &mut Console<'_>) -> Result<Outcome, Failure> {
        self.change.run(None, console, |channel, _| {
            channel.ok_or(NoChange::NoChannel)?.roll_back(now())
        })
    }
}

impl Options {
    fn run(
        &self,
        release: Option<&str>,
        console: &mut Console<'_>,
        change: impl FnOnce(Option<&Channel>, Option<Reference>) -> Result<Channel, NoChange>,
    ) -> Result<Outcome, Failure> {
        let author = self.who.author()?;
        let planned = wait_for(async {
            let store = self.place.open().await?;
            let engine = match release {
                Some(words) => Some(store.find(words, author.trust()).await?),
                None => None,
            };
            let name = &self.which.channel;
            let planned = store
                .plan(name, &author, |channel| change(channel, engine))
                .await?;
            if !self.manner.dry_run {
                store.commit(&planned, &author).await?;
            }
            Ok(planned)
        })?;
        if self.manner.json {
            line(console.out, &planned.channel)?;
        } else {
            if self.manner.dry_run {
                writeln!(
                    console.err,
                    "nothing was changed; this is what it would be:"
                )?;
            }
            write(&planned.channel, console)?;
        }
        Ok(Outcome::Done)
    }
}

/// A channel, in lines.
pub(super) fn write(channel: &Channel, console: &mut Console<'_>) -> std::io::Result<()> {
    writeln!(console.out, "{} #{}", channel.channel, channel.serial)?;
    writeln!(console.out, "  current:  {}", channel.current)?;
    if let Some(previous) = &channel.previous {
        writeln!(console.out, "  previous: {previous}")?;
    }
    if let Some(canary) = &channel.canary {
        let percent = f64::from(canary.weight) * 100.0 / f64::from(WHOLE);
        writeln!(
            console.out,
            "  canary:   {} for {percent} % of the objects",
            canary.engine
        )?;
    }
    Ok(())
}
