//! `thimble config`: the configuration file, before a host reads it.

use clap::{Args, Subcommand};

use super::options::{CompilerOptions, EngineFile};
use super::stores;
use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, block_on};
use crate::config::file::{self, File, Given, Place};
use crate::config::{Config, Mistake, given};
use crate::contract::{Budget, Limits};
use crate::engines::try_presets;
use crate::error::with_causes;
use crate::object::{Location, split_s3};
use crate::preset::Preset;
use crate::recipe::{Recipe, Recipes};
use crate::text::{plural, printable};
use crate::wasm::Runtime;

mod publish;
mod show;
mod stack;

use publish::Publish;
use stack::Stack;

/// A bucket that only its variable knows.
const UNKNOWN: &str = "$THUMBNAILS_BUCKET";

const FILES: &str = "\
The file is the one that is named, or else that of THIMBLE_CONFIG, or else thimble.toml in this
folder. Other commands never take a file that nobody named: what they do depends on no folder that
they happen to be started in.";

/// Check the configuration file, show what it means, and help to write it
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    Check(Check),
    Show(Show),
    Schema(Schema),
    Publish(Publish),
    #[command(hide = true)]
    Stack(StackNeeds),
}

/// The file that a command is about.
#[derive(Debug, Args)]
struct Named {
    /// The configuration file: a path, s3://BUCKET/KEY, or channel:NAME of the store in
    /// ENGINE_STORE
    #[arg(value_name = "FILE", env = "THIMBLE_CONFIG")]
    file: Option<String>,
}

/// Tell every mistake of a configuration file
///
/// Each is told with its line and column, and the engine is asked whether it can make
/// every preset. Variables of the environment that a host would read count as well.
/// It ends with 1 if there is a mistake.
#[derive(Debug, Args)]
#[command(after_help = FILES)]
pub(super) struct Check {
    #[command(flatten)]
    named: Named,

    /// Show which rule this source meets, and what its thumbnails are called; may be given
    /// several times
    #[arg(long = "key", value_name = "BUCKET/KEY", value_parser = location)]
    keys: Vec<Location>,

    /// Ask no engine
    #[arg(long)]
    without_engine: bool,

    #[command(flatten)]
    engine: EngineFile,

    #[command(flatten)]
    compiler: CompilerOptions,
}

/// Show what a configuration file means together with the variables of the environment
///
/// The answer is a configuration file again, in which each rule has all that holds for it.
#[derive(Debug, Args)]
#[command(after_help = FILES)]
pub(super) struct Show {
    #[command(flatten)]
    named: Named,
}

/// Print what a stack needs for a configuration file, as JSON
///
/// The parts of serverless.yml ask for it when they are packaged.
#[derive(Debug, Args)]
pub(super) struct StackNeeds {
    #[command(flatten)]
    named: Named,
}

/// Print a JSON schema of the configuration file, for editors
///
/// `thimble config schema > thimble.schema.json`, and `#:schema ./thimble.schema.json` as the
/// first line of the file: editors with Taplo then complete keys and mark mistakes.
#[derive(Debug, Args)]
pub(super) struct Schema {}

impl Command {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        match self {
            Self::Check(check) => check.run(voice),
            Self::Show(show) => show.run(voice),
            Self::Stack(needs) => needs.run(voice),
            Self::Publish(publish) => publish.run(voice),
            Self::Schema(_) => {
                let text = serde_json::to_string_pretty(&file::schema())?;
                voice.say(text)?;
                Ok(Outcome::Done)
            }
        }
    }
}

impl Named {
    /// The file, or the reason why it cannot be read.
    fn read(&self) -> Result<Result<File, String>, Failure> {
        let named = self.file.as_ref().filter(|name| !name.is_empty());
        let name = named.map_or(file::NAME, String::as_str);
        let lookup = |variable: &str| match variable {
            "THIMBLE_CONFIG" => Some(name.to_owned()),
            _ => std::env::var(variable).ok(),
        };
        let place = Config::place(lookup).unwrap_or_else(|| Place::of(name));
        block_on(async {
            let (objects, engines) = stores::of_file(Some(&place), lookup).await?;
            let read = place.read(objects.as_ref(), engines.as_ref(), None).await;
            let unread = || Err(format!("{place}: it cannot be read"));
            Ok(read.and_then(|found| found.map_or_else(unread, |(file, _)| Ok(file))))
        })
    }

    /// The file, its recipes, and the settings that the environment adds, `changed`, if
    /// nothing is wrong.
    fn good(
        &self,
        changed: impl Fn(&File, Given) -> Given,
    ) -> Result<(File, Recipes, Given), Failure> {
        let usage = |lines: Vec<String>| Failure::Usage(lines.join("\n"));
        let (given, _, wrong) = surroundings();
        if !wrong.is_empty() {
            return Err(usage(wrong.iter().map(ToString::to_string).collect()));
        }
        let file = self.read()?.map_err(|unread| usage(vec![unread]))?;
        let given = changed(&file, given);
        let (recipes, mistakes) = file.recipes(&given);
        if !mistakes.is_empty() {
            return Err(usage(mistakes.iter().map(ToString::to_string).collect()));
        }
        Ok((file, recipes, given))
    }
}

impl Check {
    fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let file = match self.named.read()? {
            Ok(file) => file,
            Err(unread) => {
                unless_unheard(voice.say(unread))?;
                return Ok(Outcome::Incomplete);
            }
        };
        let (given, limits, wrong) = surroundings();
        let (recipes, mistakes) = file.recipes(&given);
        let mut lines: Vec<String> = wrong.iter().map(ToString::to_string).collect();
        lines.extend(mistakes.iter().map(ToString::to_string));
        if !self.without_engine {
            lines.extend(self.refused(&file, &recipes, &limits)?);
        }
        for line in &lines {
            unless_unheard(voice.say(line))?;
        }
        for location in &self.keys {
            unless_unheard(self.meets(location, &file, &recipes, voice))?;
        }
        if !lines.is_empty() {
            return Ok(Outcome::Incomplete);
        }
        let rules = plural(recipes.rules.len() as u64, "rule");
        unless_unheard(voice.note(format_args!(
            "{}: {rules}, no mistake",
            printable(file.name())
        )))?;
        Ok(Outcome::Done)
    }

    /// Words of the engine about presets that it cannot make.
    fn refused(
        &self,
        file: &File,
        recipes: &Recipes,
        limits: &Limits,
    ) -> Result<Vec<String>, Failure> {
        let load = self.engine.at_hand(Budget::default())?;
        let engine = load(&Runtime::new()?, &self.compiler.compiler())?;
        let (mut lines, mut good): (Vec<String>, Vec<&Preset>) = (Vec::new(), Vec::new());
        let sets = recipes.sets();
        for preset in sets.iter().flatten() {
            if good.contains(&preset) {
                continue;
            }
            match try_presets(&engine, std::slice::from_ref(preset), limits) {
                Ok(()) => good.push(preset),
                Err(error) => {
                    let line = file.about(preset, with_causes(&error)).to_string();
                    if !lines.contains(&line) {
                        lines.push(line);
                    }
                }
            }
        }
        // Presets that are good by themselves may be too many together.
        for set in &sets {
            if set.len() > 1
                && set.iter().all(|preset| good.contains(&preset))
                && let Some(first) = set.first()
                && let Err(error) = try_presets(&engine, set, limits)
            {
                lines.push(file.about(first, with_causes(&error)).to_string());
            }
        }
        Ok(lines)
    }

    /// Says which rule a source meets, and what comes of it.
    fn meets(
        &self,
        location: &Location,
        file: &File,
        recipes: &Recipes,
        voice: &Voice,
    ) -> std::io::Result<()> {
        let index = recipes.rule(location).map(|(index, _)| index);
        let title = recipes.title(index);
        let line = file
            .line_of(index)
            .map_or(String::new(), |line| format!(", line {line}"));
        voice.say(format_args!("{location} meets {title}{line}"))?;
        if recipes.is_output(location) {
            return voice.say("  it is no source, because thumbnails are written there");
        }
        let Some(recipe) = recipes.of(location) else {
            return voice.say("  it gets no thumbnails");
        };
        for preset in &recipe.presets {
            voice.say(format_args!(
                "  {preset}: {}",
                name(recipe, location, preset)
            ))?;
        }
        Ok(())
    }
}

impl Show {
    fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let (_, recipes, _) = self.named.good(|_, given| given)?;
        voice.say(show::text(&recipes).trim_end())?;
        Ok(Outcome::Done)
    }
}

impl StackNeeds {
    fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let (file, recipes, given) = self.named.good(stack::as_in_a_stack)?;
        voice.say_json(&Stack::of(&file, &recipes, given.own.as_deref()))?;
        Ok(Outcome::Done)
    }
}

/// Settings that the environment adds to a file; the bucket of thumbnails need not be known yet.
fn surroundings() -> (Given, Limits, Vec<Mistake>) {
    let (mut given, limits, mistakes) = given(|name| std::env::var(name).ok());
    given.bucket.get_or_insert_with(|| UNKNOWN.to_owned());
    (given, limits, mistakes)
}

/// The name of a thumbnail, as far as it is known without the source.
fn name(recipe: &Recipe, location: &Location, preset: &Preset) -> String {
    let Recipe { naming, bucket, .. } = recipe;
    let key = match &preset.spec().encoding.media_type {
        Some(media_type) => naming.key(&location.key, preset.name(), media_type),
        None => naming.stem(&location.key, preset.name()) + naming.ending(),
    };
    printable(format!("{bucket}/{key}"))
}

/// Parser for the location of a source.
fn location(text: &str) -> Result<Location, String> {
    let parts = split_s3(text).or_else(|| text.split_once('/'));
    match parts {
        Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => {
            Ok(Location::new(bucket, key))
        }
        _ => Err("a source is BUCKET/KEY, such as uploads/avatars/ann.jpg".to_owned()),
    }
}
