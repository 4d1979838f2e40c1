//! `thimble engine promote`, `canary` and `rollback`: one conditional write each.

use clap::Args;

use super::super::voice::Voice;
use super::super::{Failure, Outcome, block_on};
use super::options::{ChannelOption, StoreChange, now};
use crate::engines::{Channel, NoChange, Reference, WHOLE};
use crate::text::printable;

/// Make a published engine the one that is live
#[derive(Debug, Args)]
pub(in crate::cli) struct Promote {
    /// The release: the beginning of a digest, name@version, or latest
    #[arg(value_name = "RELEASE")]
    release: String,

    #[command(flatten)]
    change: ChannelChange,
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
    change: ChannelChange,
}

/// Make the engine before this one live again
#[derive(Debug, Args)]
pub(in crate::cli) struct Rollback {
    #[command(flatten)]
    change: ChannelChange,
}

/// Options of every command that replaces the document of a channel.
#[derive(Debug, Args)]
struct ChannelChange {
    #[command(flatten)]
    channel: ChannelOption,

    #[command(flatten)]
    to: StoreChange,
}

impl Promote {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let name = &self.change.channel.name;
        self.change
            .run(Some(&self.release), voice, |channel, engine| {
                let engine = engine.ok_or(NoChange::Live)?;
                match channel {
                    Some(channel) => channel.promote(engine, now()),
                    None => Ok(Channel::begin(name.clone(), engine, now())),
                }
            })
    }
}

impl Canary {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        // Saturates, and what makes no sense is refused where it is used.
        let weight = (self.percent * f64::from(WHOLE) / 100.0).round() as u16;
        self.change
            .run(self.release.as_deref(), voice, |channel, engine| {
                let channel = channel.ok_or(NoChange::NoChannel)?;
                match engine {
                    Some(engine) => channel.try_out(engine, weight, now()),
                    None => channel.end_trial(now()),
                }
            })
    }
}

impl Rollback {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        self.change.run(None, voice, |channel, _| {
            channel.ok_or(NoChange::NoChannel)?.roll_back(now())
        })
    }
}

impl ChannelChange {
    fn run(
        &self,
        release: Option<&str>,
        voice: &Voice,
        change: impl FnOnce(Option<&Channel>, Option<Reference>) -> Result<Channel, NoChange>,
    ) -> Result<Outcome, Failure> {
        let author = self.to.signing.author()?;
        let planned = block_on(async {
            let store = self.to.store.open().await?;
            let engine = match release {
                Some(words) => Some(store.find(words, author.trust()).await?),
                None => None,
            };
            let name = &self.channel.name;
            let planned = store
                .plan(name, &author, |channel| change(channel, engine))
                .await?;
            if !self.to.options.dry_run {
                store.commit(&planned, &author).await?;
            }
            Ok(planned)
        })?;
        if self.to.options.json {
            voice.say_json(&planned.channel)?;
        } else {
            if self.to.options.dry_run {
                voice.note("nothing was changed; this is what it would be:")?;
            }
            write(&planned.channel, voice)?;
        }
        Ok(Outcome::Done)
    }
}

/// A channel, in lines.
pub(super) fn write(channel: &Channel, voice: &Voice) -> std::io::Result<()> {
    voice.say(format_args!("{} #{}", channel.channel, channel.serial))?;
    voice.say(format_args!("  current:  {}", printable(&channel.current)))?;
    if let Some(previous) = &channel.previous {
        voice.say(format_args!("  previous: {}", printable(previous)))?;
    }
    if let Some(canary) = &channel.canary {
        let percent = f64::from(canary.weight) * 100.0 / f64::from(WHOLE);
        voice.say(format_args!(
            "  canary:   {} for {percent} % of the objects",
            printable(&canary.engine)
        ))?;
    }
    Ok(())
}
