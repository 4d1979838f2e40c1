//! The page of `thimble help presets`: formats and settings of the engine, in the words of the
//! grammar.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use serde_json::Value;
use thimble::preset::Preset;
use thimble_engine::command::{Files, run};

use crate::checkout;

const PAGE: &str = "host/src/cli/help/presets.txt";

/// Standard output of the engine's command.
#[derive(Default)]
struct Answer(Vec<u8>);

impl Files for Answer {
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        Err(format!("nothing is asked of a file: {name}"))
    }

    fn write(&mut self, _name: &str, content: &[u8]) -> Result<(), String> {
        self.0.extend(content);
        Ok(())
    }

    fn tell(&mut self, _line: &str) {}
}

fn abilities() -> Value {
    let mut answer = Answer::default();
    run(&["--describe".to_owned()], &mut answer).expect("the engine describes itself");
    serde_json::from_slice(&answer.0).expect("JSON")
}

fn strings(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|item| item.as_str().expect("a string")).collect()
}

/// The word for a media type in the line of a preset.
fn word(media_type: &str) -> String {
    let preset: Preset = format!("a=1x,{media_type}").parse().expect("a preset");
    let line = preset.to_string();
    line.rsplit(',').next().expect("a part").to_owned()
}

/// The rows of the page that the engine decides about, by the words that they begin with and those behind them.
fn rows() -> [(&'static str, Option<&'static str>, String); 2] {
    let engine = abilities();
    let is_placeholder = |media_type: &&str| media_type.starts_with("image/x-");
    let (placeholders, pictures): (Vec<&str>, Vec<&str>) = strings(&engine["encodes"])
        .into_iter()
        .partition(is_placeholder);
    let words = |types: Vec<&str>| types.into_iter().map(word).collect::<Vec<_>>().join(", ");
    let formats = format!(
        "format    {}: pictures\n          {}: placeholders, a few bytes\n",
        words(pictures),
        words(placeholders)
    );
    let settings = engine["settings"].as_object().expect("settings").iter();
    let settings = settings.map(|(name, values)| {
        let values = strings(values).join(", ");
        format!("  {name:18}{values}\n")
    });
    let settings: BTreeSet<String> = settings.collect();
    [
        ("format    ", Some("          (default: "), formats),
        ("  frame ", None, settings.into_iter().collect()),
    ]
}

#[test]
fn the_help_of_presets_has_formats_and_settings_of_the_engine() {
    let mut page = checkout::read(PAGE);
    for (begin, end, expected) in rows() {
        let start = page.find(begin).expect("the rows begin");
        let rest = &page[start..];
        let length = end.map_or(rest.len(), |end| rest.find(end).expect("the rows end"));
        let found = start..start + length;
        if env::var_os("THIMBLE_BLESS").is_some() {
            page.replace_range(found, &expected);
            fs::write(checkout::path(PAGE), &page).expect("the page can be written");
        } else {
            assert_eq!(page[found], expected, "{PAGE}: run `make documents`");
        }
    }
}
