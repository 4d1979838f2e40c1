//! `thimble dlq`: dead letters, with their reasons.

use std::io;

use clap::{Args, Subcommand};

use super::place::QueuePlace;
use super::queues::{self, DEAD_LETTERS, Links};
use super::setup;
use super::signals::Stop;
use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, block_on, number};
use crate::dead_letters::{DeadLetters, Purged};
use crate::letter::Choice;
use crate::ports::Message;
use crate::text::{plural, printable};

mod letter;

/// Look at dead letters, or delete them.
///
/// A queue shows what it holds only by handing it out. Letters that are looked at
/// are given back at once, but their receive counts go up by one each time, and
/// nobody else sees them meanwhile.
#[derive(Debug, Args)]
pub(super) struct Dlq {
    /// The dead-letter queue: a URL or a folder; `thimble help queues` lists the kinds
    #[arg(
        long,
        value_name = "QUEUE",
        env = "DEAD_LETTER_QUEUE_URL",
        global = true
    )]
    queue: Option<QueuePlace>,

    /// Print results and failures, and nothing else
    #[arg(long, short, global = true)]
    quiet: bool,

    /// A line of JSON for each letter
    #[arg(long, global = true, conflicts_with = "quiet")]
    json: bool,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List dead letters: key, reason, receive count and age
    List {
        /// The most letters to show
        #[arg(long, value_name = "NUMBER", default_value_t = 10,
              value_parser = number::within(0..=usize::MAX))]
        max: usize,

        #[command(flatten)]
        filter: LetterFilter,
    },
    /// Show one letter in full: its attributes and its body
    Show {
        /// The id of the letter, as the list shows it
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Delete the letters that are there now, for good; none that come later
    Purge {
        #[command(flatten)]
        filter: LetterFilter,

        /// Really delete them
        #[arg(long)]
        yes: bool,
    },
}

/// Choice of letters.
#[derive(Debug, Args)]
struct LetterFilter {
    /// Only letters about images whose keys begin with this
    #[arg(long, value_name = "PREFIX")]
    key_prefix: Option<String>,

    /// Only letters with this kind of failure, such as malformed-source
    #[arg(long, value_name = "KIND", value_parser = setup::kind)]
    error_kind: Option<String>,
}

impl LetterFilter {
    fn choice(&self) -> Choice {
        Choice {
            key_prefix: self.key_prefix.clone(),
            error_kind: self.error_kind.clone(),
            ..Choice::default()
        }
    }
}

impl Dlq {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let voice = &voice.with_tone(self.quiet, self.json);
        let Some(place) = &self.queue else {
            let text = "no queue is named; say --queue URL, or set DEAD_LETTER_QUEUE_URL";
            return Err(Failure::Usage(text.to_owned()));
        };
        block_on(async {
            let queue = queues::receiver(place, DEAD_LETTERS, &mut Links::default()).await?;
            let letters = DeadLetters::new(queue.clone());
            match &self.command {
                Command::List { max, filter } => list(&letters, *max, filter, voice).await,
                Command::Show { id } => show(&letters, id, voice).await,
                Command::Purge { filter, yes: true } => {
                    forget(&letters, &filter.choice(), voice, |_| ()).await
                }
                Command::Purge {
                    filter: _,
                    yes: false,
                } => {
                    let found = plural(queue.depth().await?.visible, "dead letter");
                    let text = format!(
                        "about {found} would be deleted for good; look with `thimble dlq list`, \
                         and add --yes to delete"
                    );
                    Err(Failure::Usage(text))
                }
            }
        })
    }
}

async fn list(
    letters: &DeadLetters,
    max: usize,
    filter: &LetterFilter,
    voice: &Voice,
) -> Result<Outcome, Failure> {
    let peek = letters.peek(max, &filter.choice()).await?;
    let shown = peek.letters.len();
    for message in &peek.letters {
        if voice.is_json() {
            voice.say_json(&letter::line(message))?;
        } else {
            voice.say(letter::words(message))?;
        }
    }
    if !voice.speaks() {
        return Ok(Outcome::Done);
    }
    match (shown, peek.found) {
        (0, 0) => voice.say("there are no dead letters")?,
        (0, found) => {
            let found = plural(found, "dead letter");
            voice.say(format_args!("none of about {found} matches"))?;
        }
        (shown, found) => {
            let more = if found > shown as u64 {
                "; --max shows more"
            } else {
                ""
            };
            let found = plural(found, "dead letter");
            voice.say(format_args!("\n{shown} of about {found}{more}"))?;
            voice.note("note: each letter shown has a receive count higher by one now")?;
        }
    }
    Ok(Outcome::Done)
}

async fn show(letters: &DeadLetters, id: &str, voice: &Voice) -> Result<Outcome, Failure> {
    let Some(message) = letters.find(id).await? else {
        return Err(Failure::Usage(format!(
            "no dead letter has this id; `thimble dlq list` shows them: {}",
            printable(id)
        )));
    };
    if voice.is_json() {
        voice.say_json(&letter::whole(&message))?;
    } else {
        voice.say(letter::page(&message))?;
    }
    Ok(Outcome::Done)
}

/// Delete the letters that are there and tell how many; each that was deleted is shown to
/// `deleted`.
pub(super) async fn forget(
    letters: &DeadLetters,
    choice: &Choice,
    voice: &Voice,
    deleted: impl FnMut(&Message) + Send,
) -> Result<Outcome, Failure> {
    let bar = voice.bar();
    let stop = Stop::watch();
    let watch = |purged: &Purged| {
        bar.set_position(purged.forgotten);
        stop.flow()
    };
    let purged = letters.purge_and(choice, watch, deleted).await?;
    bar.finish_and_clear();
    unless_unheard(tell(&purged, voice))?;
    Ok(stop.outcome(purged.failed))
}

fn tell(purged: &Purged, voice: &Voice) -> io::Result<()> {
    if voice.is_json() {
        voice.say_json(purged)?;
    } else if voice.speaks() {
        let deleted = plural(purged.forgotten, "dead letter");
        voice.say(format_args!("{deleted} deleted"))?;
    }
    match &purged.reason {
        Some(reason) => voice.note(format_args!(
            "thimble: {} could not be deleted: {}",
            purged.failed,
            printable(reason)
        )),
        None => Ok(()),
    }
}
