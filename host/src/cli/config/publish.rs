//! `thimble config publish`: a configuration file for the hosts that follow a channel.

use clap::Args;

use super::super::engine::{ChannelOption, StoreChange, now};
use super::super::voice::Voice;
use super::super::{Failure, Outcome, block_on};
use super::Named;
use crate::text::printable;

/// Write a configuration file into an engine store, signed, for the hosts that follow it
///
/// Hosts with THIMBLE_CONFIG=channel:NAME read it from their ENGINE_STORE and believe the keys
/// in ENGINE_KEYS. A file with a mistake is not written; ask `thimble config check` about the
/// engine before.
#[derive(Debug, Args)]
pub(in crate::cli) struct Publish {
    #[command(flatten)]
    named: Named,

    #[command(flatten)]
    channel: ChannelOption,

    #[command(flatten)]
    to: StoreChange,
}

impl Publish {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let (file, ..) = self.named.good(|_, given| given)?;
        let author = self.to.signing.author()?;
        let name = &self.channel.name;
        if self.to.options.dry_run {
            voice.note("nothing was written; the file has no mistake")?;
            return Ok(Outcome::Done);
        }
        let written = block_on(async {
            let store = self.to.store.open_or_make().await?;
            Ok(store.configure(name, file.text(), &author, now()).await?)
        })?;
        if self.to.options.json {
            voice.say_json(&written)?;
        } else {
            let file = printable(file.name());
            voice.say(format_args!("{name} #{}: {file}", written.serial))?;
        }
        Ok(Outcome::Done)
    }
}
