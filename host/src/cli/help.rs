//! `thimble help`, `thimble completions` and `thimble man`: all that is known about
//! the commands, from the definitions that parse them.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use clap_complete::Shell;
use clap_mangen::Man;

use super::options::EngineOptions;
use super::voice::Voice;
use super::{Cli, Failure, Outcome, setup};
use crate::text::nearest;

mod fit;

const PRESETS: &str = include_str!("help/presets.txt");
const QUEUES: &str = include_str!("help/queues.txt");
const FILE: &str = include_str!("help/file.txt");

/// Name of the program, for shells and for pages of the manual.
const PROGRAM: &str = "thimble";

/// Show help about a command, or a page: presets, formats, queues or config
///
/// `thimble help presets` explains the grammar of presets, `thimble help formats` names
/// the formats that the engine reads and writes, `thimble help queues` the kinds of
/// queues, and `thimble help config` the variables of the environment.
#[derive(Debug, Args)]
pub(super) struct Help {
    /// A command, such as `engine publish`, or a page
    #[arg(value_name = "COMMAND")]
    topic: Vec<String>,

    #[command(flatten)]
    engine: EngineOptions,
}

/// A page about what several commands have in common.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Page {
    Presets,
    Formats,
    Queues,
    Config,
}

/// Write completions for a shell to the standard output
///
/// For example `thimble completions bash > ~/.local/share/bash-completion/completions/thimble`,
/// or `thimble completions zsh > _thimble` in a folder of zsh's `fpath`.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

/// Write pages of the manual
///
/// The page of `thimble`, or that of a command, goes to the standard output:
/// `thimble man engine publish | man -l -`.
#[derive(Debug, Args)]
pub(super) struct Manual {
    /// A command, such as `engine publish`
    #[arg(value_name = "COMMAND")]
    topic: Vec<String>,

    /// The folder to write all pages to instead
    #[arg(long, value_name = "FOLDER", conflicts_with = "topic")]
    all: Option<PathBuf>,
}

impl Help {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let page = match &self.topic[..] {
            [word] => Page::from_str(word, false).ok(),
            _ => None,
        };
        let fitted = |page: &str| fit::fit(page, fit::columns());
        let text = match page {
            Some(Page::Presets) => fitted(PRESETS),
            Some(Page::Formats) => fitted(&self.formats()?),
            Some(Page::Queues) => fitted(QUEUES),
            Some(Page::Config) => fitted(&format!("{}\n{}", FILE, setup::variables())),
            None => command(&self.topic)?.render_long_help().to_string(),
        };
        voice.say(text.trim_end())?;
        Ok(Outcome::Done)
    }

    /// The formats of the engine at hand, as it describes them itself.
    fn formats(&self) -> Result<String, Failure> {
        let engine = self.engine.load()?;
        let info = engine.info();
        let list = |types: &[String]| types.join("\n  ");
        Ok(format!(
            "Formats of the engine {} {}\n\nIt reads:\n  {}\n\nIt writes:\n  {}\n\nSettings of \
             a preset:\n  {}\n\nA format is recognized by its content, whatever the name of the \
             file.",
            info.name,
            info.version,
            list(&info.decodes),
            list(&info.encodes),
            list(&info.settings),
        ))
    }
}

impl Completions {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let mut script = Vec::new();
        let mut command = with_topics(Cli::definition());
        clap_complete::generate(self.shell, &mut command, PROGRAM, &mut script);
        voice.give(&script)?;
        Ok(Outcome::Done)
    }
}

impl Manual {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        if let Some(folder) = &self.all {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::definition(), folder)?;
            return Ok(Outcome::Done);
        }
        let mut page = Vec::new();
        Man::new(command(&self.topic)?).render(&mut page)?;
        voice.give(&page)?;
        Ok(Outcome::Done)
    }
}

/// The commands and pages that help knows, for shells to offer. Whoever asks for another one is
/// told which was meant.
fn with_topics(command: clap::Command) -> clap::Command {
    let commands = command.get_subcommands().map(clap::Command::get_name);
    let commands = commands.map(str::to_owned);
    // A parser takes names that live for ever; there are few of them, and the program ends.
    let names = commands.chain(pages()).map(|name| &*name.leak());
    let topics = PossibleValuesParser::new(names);
    command.mut_subcommand("help", |help| {
        help.mut_arg("topic", |topic| topic.value_parser(topics))
    })
}

/// The names of the pages.
fn pages() -> impl Iterator<Item = String> {
    let pages = Page::value_variants().iter();
    pages
        .filter_map(ValueEnum::to_possible_value)
        .map(|page| page.get_name().to_owned())
}

/// The command of this name, with the names of those it belongs to.
fn command(topic: &[String]) -> Result<clap::Command, Failure> {
    let mut command = Cli::definition();
    command.build();
    for word in topic {
        let Some(found) = command.find_subcommand(word) else {
            return Err(Failure::Usage(unknown(word, &command)));
        };
        command = found.clone();
    }
    Ok(command)
}

fn unknown(word: &str, command: &clap::Command) -> String {
    let commands = command.get_subcommands().map(clap::Command::get_name);
    let pages: Vec<_> = pages().collect();
    match nearest(word, commands.chain(pages.iter().map(String::as_str))) {
        Some(meant) => format!("nothing is called `{word}`; did you mean `{meant}`?"),
        None => format!(
            "nothing is called `{word}`; `thimble help` lists the commands, and there are \
             pages about {}",
            pages.join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::QueuePlace;
    use super::{Cli, PRESETS, QUEUES};
    use crate::preset::Preset;

    #[test]
    fn the_command_line_is_sound() {
        Cli::definition().debug_assert();
    }

    #[test]
    fn each_example_of_a_queue_is_one() {
        let examples = QUEUES
            .split_whitespace()
            .filter(|word| word.contains("://"));
        let examples: Vec<_> = examples
            .filter(|word| !word.contains("PORT") && *word != "s3://")
            .collect();
        assert_eq!(examples.len(), 7, "{examples:?}");
        for example in examples {
            assert!(example.parse::<QueuePlace>().is_ok(), "{example}");
        }
    }

    #[test]
    fn each_example_of_a_preset_is_one() {
        let lines = PRESETS.lines().filter(|line| line.starts_with("  "));
        let examples: Vec<_> = lines
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| word.contains('=') && !word.contains('['))
            .collect();
        assert_eq!(examples.len(), 6);
        for example in examples {
            assert!(example.parse::<Preset>().is_ok(), "{example}");
        }
        for preset in Preset::defaults() {
            assert!(PRESETS.contains(preset.name()));
        }
    }
}
