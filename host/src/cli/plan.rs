//! `thimble plan`: a deployment for a number of images a second.

use std::fmt::Write as _;

use clap::Args;

use super::options::bytes;
use super::setup;
use super::voice::Voice;
use super::{Failure, Outcome};
use crate::capacity::{Figure, Figures, Load, Plan};
use crate::preset::Preset;

/// Bytes of a megabyte.
const MEGABYTE: f64 = 1e6;

/// Width of the names in a table.
const NAME: usize = 28;

/// Show what a number of images a second needs on AWS, and what it costs.
///
/// Executions, partitions, requests, the time until all executions run, the cost of a day, and
/// the limit that comes first. Service times are measured and limits are published; each figure
/// has its source. Nobody has measured these loads on AWS: they say what to set before you try
/// one. docs/capacity.md explains them.
#[derive(Debug, Args)]
pub(super) struct Command {
    /// Images a second
    #[arg(long, value_name = "NUMBER", value_parser = setup::rate)]
    rate: f64,

    /// The size of an image, such as 500kB, or `photo` (12 megapixels) or `small` (640 pixels)
    #[arg(long, value_name = "SIZE", default_value = "photo", value_parser = size)]
    size: Size,

    /// The thumbnails of each image: their number, or presets divided by blanks
    #[arg(long, value_name = "PRESETS", default_value = "3", value_parser = presets)]
    presets: usize,

    /// Plan without manifests
    #[arg(long)]
    no_manifests: bool,

    /// One line of JSON
    #[arg(long)]
    json: bool,
}

/// Size of an image.
#[derive(Clone, Debug, PartialEq)]
enum Size {
    /// In bytes.
    Bytes(u64),
    /// The same as an image that was measured.
    Measured(String),
}

/// Parser for the size of an image.
fn size(text: &str) -> Result<Size, String> {
    match text {
        "photo" | "small" => Ok(Size::Measured(text.to_owned())),
        _ => bytes(text)
            .map(Size::Bytes)
            .map_err(|error| format!("{error}, or `photo` or `small`")),
    }
}

/// Parser for the number of thumbnails.
fn presets(text: &str) -> Result<usize, String> {
    if let Ok(count) = text.parse::<usize>() {
        return match count {
            1..=1_000 => Ok(count),
            _ => Err("a number from 1 to 1000 is expected".to_owned()),
        };
    }
    let mut count = 0;
    for word in text.split_whitespace() {
        word.parse::<Preset>().map_err(|error| error.to_string())?;
        count += 1;
    }
    match count {
        0 => Err("a number or presets such as small=200x200 are expected".to_owned()),
        _ => Ok(count),
    }
}

impl Command {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let figures = Figures::of_this_version()?;
        let megabytes = match &self.size {
            Size::Bytes(bytes) => *bytes as f64 / MEGABYTE,
            Size::Measured(name) => figures
                .image(name)
                .map(|image| image.megabytes)
                .unwrap_or_default(),
        };
        let load = Load {
            rate: self.rate,
            megabytes,
            thumbnails: self.presets,
            manifests: !self.no_manifests,
        };
        let plan = Plan::new(&load, &figures);
        if self.json {
            voice.say_json(&plan)?;
        } else {
            voice.say(text(&load, &plan, &figures).trim_end())?;
        }
        Ok(Outcome::Done)
    }
}

/// The plan in words.
fn text(load: &Load, plan: &Plan, figures: &Figures) -> String {
    let mut text = format!(
        "{} images a second of {:.2} MB, thumbnails of each: {}{}\n\n",
        load.rate,
        load.megabytes,
        load.thumbnails,
        if load.manifests {
            ", and a manifest"
        } else {
            ""
        },
    );
    for (name, value, source) in rows(plan, figures) {
        // A string takes everything.
        let _ = writeln!(text, "{name:NAME$}{value:>12}  {source}");
    }
    text += "\nLimits as they are by default, in images a second:\n";
    for wall in &plan.walls {
        let mark = if wall.exceeded { "too low" } else { "" };
        let (name, images) = (&wall.name, count(wall.images.floor()));
        let _ = writeln!(text, "{name:36}{images:>10}  {mark:8}{}", wall.source);
    }
    text += &match plan.first_wall() {
        Some(wall) => format!(
            "\nThe first wall is {}, at {} images a second.\n",
            wall.name,
            count(wall.images.floor())
        ),
        None => "\nNo limit is in the way.\n".to_owned(),
    };
    text
}

fn rows(plan: &Plan, figures: &Figures) -> Vec<(&'static str, String, String)> {
    let from = |name| {
        let Figure { value, source, .. } = figures.limit(name);
        format!("{value} each: {source}")
    };
    let model = || "the items: thimble plan --json; docs/operations.md".to_owned();
    vec![
        (
            "ms of an image",
            format!("{:.0}", plan.seconds * 1_000.0),
            plan.measured.clone(),
        ),
        (
            "executions",
            plan.executions.to_string(),
            "the rate times the time (Little's law)".to_owned(),
        ),
        (
            "seconds until all run",
            plan.ramp.to_string(),
            figures.limit("ramp").source,
        ),
        (
            "PUT a second",
            count(plan.puts),
            "one for each thumbnail and manifest".to_owned(),
        ),
        (
            "partitions of thumbnails",
            plan.partitions_of_thumbnails.to_string(),
            from("puts"),
        ),
        (
            "GET and HEAD a second",
            count(plan.gets),
            "of each source".to_owned(),
        ),
        (
            "partitions of sources",
            plan.partitions_of_sources.to_string(),
            from("gets"),
        ),
        (
            "cores of workers instead",
            plan.cores.to_string(),
            plan.measured.clone(),
        ),
        (
            "$ a million images",
            format!("{:.2}", plan.million.dollars),
            model(),
        ),
        ("$ a day", format!("{:.2}", plan.dollars_a_day), model()),
    ]
}

/// A number without a fraction that means nothing.
fn count(number: f64) -> String {
    if number < 10.0 {
        format!("{number:.1}")
    } else {
        format!("{number:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_a_number_or_are_counted() {
        assert_eq!(presets("4"), Ok(4));
        assert_eq!(presets("small=200x200,cover  wide=1280x"), Ok(2));
        for text in ["0", "", "many", "1001"] {
            assert!(presets(text).is_err(), "{text}");
        }
        assert_eq!(size("2MB"), Ok(Size::Bytes(2_000_000)));
        assert_eq!(size("photo"), Ok(Size::Measured("photo".to_owned())));
        assert!(size("large").unwrap_err().contains("`photo`"));
    }

    #[test]
    fn a_plan_in_words_names_the_first_wall_and_every_source() {
        let figures = Figures::of_this_version().unwrap();
        let load = Load {
            rate: 1_000.0,
            megabytes: 2.63,
            thumbnails: 3,
            manifests: true,
        };
        let plan = Plan::new(&load, &figures);
        let text = text(&load, &plan, &figures);
        assert!(
            text.contains("The first wall is maxConcurrency, at 10"),
            "{text}"
        );
        for words in [
            "executions",
            "optimizing-performance",
            "services-sqs-scaling",
            "$ a day",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
}
