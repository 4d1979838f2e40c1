//! The lines of a file: each value read as what it stands for.

use std::collections::BTreeMap;

use super::list::entries;
use super::tree::{Field, Fields, Mistakes, Text, Tree, Value};
use super::{MAX_RULES, quoted, storage};
use crate::manifest::ManifestName;
use crate::naming::Naming;
use crate::object::is_bucket;
use crate::ports::{Attributes, Storage};
use crate::preset::{Preset, PresetError};
use crate::recipe::copies::{Copies, MAX_METADATA, OURS, is_header};
use crate::recipe::{Sources, media_type};
use crate::text::nearest;

/// All lines of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    /// The presets in `[presets]`, if there is such a table.
    pub(super) presets: Option<Vec<Preset>>,
    pub(super) default: Output,
    pub(super) rules: Vec<RuleLines>,
    /// Every preset, and the place where it is written, in bytes.
    pub(super) written: Vec<(Preset, usize)>,
}

/// The lines of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct RuleLines {
    pub(super) name: Option<String>,
    pub(super) sources: Sources,
    pub(super) output: Output,
}

/// The lines of a rule or of the default about thumbnails.
#[derive(Clone, Debug, Default)]
pub(super) struct Output {
    pub(super) presets: Option<Vec<Preset>>,
    pub(super) bucket: Option<String>,
    pub(super) naming: Option<Naming>,
    pub(super) manifest: Option<ManifestName>,
    pub(super) cache_control: Option<String>,
    pub(super) metadata: Option<Attributes>,
    pub(super) copies: Option<Copies>,
    pub(super) storage: Option<Storage>,
    /// The places of the keys, in bytes.
    pub(super) places: BTreeMap<&'static str, usize>,
    /// The place of the whole.
    pub(super) at: usize,
    /// True if it has a mistake, so that nothing can be said of what it would do.
    pub(super) is_unsound: bool,
}

impl Output {
    /// The place of a key, or else of the whole.
    pub(super) fn place(&self, key: &str) -> usize {
        self.places.get(key).copied().unwrap_or(self.at)
    }
}

impl Lines {
    /// The lines of `tree`, which gets the mistakes.
    pub(super) fn read(tree: &mut Tree) -> Self {
        let mut reader = Reader {
            mistakes: std::mem::take(&mut tree.mistakes),
            presets: Vec::new(),
            written: Vec::new(),
        };
        let presets = tree.presets.take().map(|lines| reader.presets(&lines));
        let default = tree.default.take().unwrap_or_default();
        let rules = std::mem::take(&mut tree.rules);
        if let Some(first) = rules.get(MAX_RULES) {
            let problem = format!(
                "there are {} rules, and at most {MAX_RULES} are read",
                rules.len()
            );
            reader.mistake(first.at, problem);
        }
        let mut lines = Self {
            presets,
            written: Vec::new(),
            default: reader.output(&default, false),
            rules: rules
                .iter()
                .take(MAX_RULES)
                .map(|rule| reader.rule(rule))
                .collect(),
        };
        reader.names(&rules);
        lines.written = reader.written;
        tree.mistakes = reader.mistakes;
        lines
    }
}

struct Reader {
    mistakes: Mistakes,
    /// The presets in `[presets]`: each name, and what it stands for unless that is wrong.
    presets: Vec<(String, Option<Preset>)>,
    /// Every preset, and the place where it is written.
    written: Vec<(Preset, usize)>,
}

impl Reader {
    fn mistake(&mut self, at: usize, problem: impl Into<String>) {
        self.mistakes.push((at, problem.into()));
    }

    fn presets(&mut self, lines: &[(Text, Text)]) -> Vec<Preset> {
        for (name, rest) in lines {
            let line = format!("{}={}", name.text, rest.text);
            let preset = line.parse::<Preset>();
            match &preset {
                Ok(preset) => self.written.push((preset.clone(), name.at)),
                Err(error) => {
                    let at = place(error, &name.text, name.at, rest);
                    let reason = error.reason();
                    self.mistake(at, format!("preset {}: {reason}", quoted(&name.text)));
                }
            }
            self.presets.push((name.text.clone(), preset.ok()));
        }
        let known = self.presets.iter();
        known.filter_map(|(_, preset)| preset.clone()).collect()
    }

    fn rule(&mut self, fields: &Fields) -> RuleLines {
        let before = self.mistakes.len();
        let sources = Sources {
            buckets: self.conditions(fields, "bucket", |text| {
                let problem = "is the name of no bucket";
                (!is_bucket(text)).then(|| problem.to_owned())
            }),
            prefixes: self.conditions(fields, "prefix", |_| None),
            suffixes: self.conditions(fields, "suffix", |_| None),
            media_types: self.conditions(fields, "media-type", unknown_type),
        };
        if sources == Sources::default() && self.mistakes.len() == before {
            let problem = "a rule needs bucket, prefix, suffix or media-type; what holds for every \
                           source belongs into [default]";
            self.mistake(fields.at, problem);
        }
        let mut output = self.output(fields, true);
        output.is_unsound = self.mistakes.len() > before;
        RuleLines {
            name: fields.one("name").map(|text| text.text.clone()),
            sources,
            output,
        }
    }

    /// The entries of a list of conditions.
    fn conditions(
        &mut self,
        fields: &Fields,
        key: &'static str,
        problem: impl Fn(&str) -> Option<String>,
    ) -> Vec<String> {
        if let Some(([], at)) = fields.texts(key) {
            self.mistake(
                at,
                format!("{key} is an empty list, which no source can meet"),
            );
        }
        let empty = format!("an empty {key} is no condition; leave it out");
        entries(&mut self.mistakes, fields, key, &empty, problem)
    }

    fn output(&mut self, fields: &Fields, is_rule: bool) -> Output {
        let before = self.mistakes.len();
        let places = fields.fields.iter().map(|(name, field)| (*name, field.at));
        let mut output = Output {
            presets: self.chosen(fields),
            naming: self.parsed(fields, "thumbnail-name"),
            manifest: self.parsed(fields, "manifest-name"),
            metadata: self.metadata(fields),
            copies: storage::copies(&mut self.mistakes, fields),
            storage: storage::storage(&mut self.mistakes, fields),
            places: places.collect(),
            at: fields.at,
            ..Output::default()
        };
        if let Some(bucket) = fields.one("thumbnails-bucket") {
            if !is_bucket(&bucket.text) {
                let problem = format!("{} is the name of no bucket", quoted(&bucket.text));
                self.mistake(bucket.at, problem);
            }
            output.bucket = Some(bucket.text.clone());
        }
        if let Some(header) = fields.one("cache-control") {
            if !is_header(&header.text) {
                let problem = "a header is made of visible characters of ASCII and blanks";
                self.mistake(header.at, problem);
            }
            output.cache_control = Some(header.text.clone());
        }
        output.is_unsound = !is_rule && self.mistakes.len() > before;
        output
    }

    /// The presets that a rule or the default chooses.
    fn chosen(&mut self, fields: &Fields) -> Option<Vec<Preset>> {
        let (texts, _) = fields.texts("presets")?;
        let mut chosen: Vec<Preset> = Vec::new();
        for text in texts {
            let Some(preset) = self.preset(text) else {
                continue;
            };
            if chosen.iter().any(|known| known.name() == preset.name()) {
                let problem = format!(
                    "two presets are called {}, and so would be their thumbnails",
                    quoted(preset.name())
                );
                self.mistake(text.at, problem);
            } else {
                chosen.push(preset);
            }
        }
        Some(chosen)
    }

    /// The preset that `text` names or is.
    fn preset(&mut self, text: &Text) -> Option<Preset> {
        if text.text.contains('=') {
            return match text.text.parse::<Preset>() {
                Ok(preset) => {
                    self.written.push((preset.clone(), text.at));
                    Some(preset)
                }
                Err(error) => {
                    let at = place(&error, "", text.at, text);
                    self.mistake(
                        at,
                        format!("preset {}: {}", quoted(&text.text), error.reason()),
                    );
                    None
                }
            };
        }
        let known = self.presets.iter().find(|(name, _)| *name == text.text);
        if let Some((_, preset)) = known {
            return preset.clone();
        }
        let name = quoted(&text.text);
        let names = self.presets.iter().map(|(name, _)| name.as_str());
        let problem = match nearest(&text.text, names) {
            Some(meant) => format!("no preset is called {name}; did you mean `{meant}`?"),
            None => format!("no preset is called {name}; write it in [presets]"),
        };
        self.mistake(text.at, problem);
        None
    }

    /// A value of a type that says itself what is wrong with a text.
    fn parsed<T>(&mut self, fields: &Fields, key: &'static str) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let text = fields.one(key)?;
        match text.text.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.mistake(text.at, format!("{key}: {error}"));
                None
            }
        }
    }

    fn metadata(&mut self, fields: &Fields) -> Option<Attributes> {
        let Some(Field {
            value: Value::Table(table),
            at,
        }) = fields.fields.get("metadata")
        else {
            return None;
        };
        let (mut metadata, mut size) = (Attributes::new(), 0);
        for (name, value) in table {
            let is_letter =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if name.text.is_empty() || !name.text.bytes().all(is_letter) {
                let problem = "a name of metadata is made of small letters, digits and dashes";
                self.mistake(name.at, problem);
            } else if OURS.contains(&name.text.as_str()) {
                let problem = format!("{} says by what a thumbnail was made", quoted(&name.text));
                self.mistake(name.at, problem + "; choose another name");
            } else if !is_header(&value.text) {
                let problem = "metadata is made of visible characters of ASCII and blanks";
                self.mistake(value.at, problem);
            }
            size += name.text.len() + value.text.len();
            metadata.insert(name.text.clone(), value.text.clone());
        }
        if size > MAX_METADATA {
            let problem = format!(
                "the metadata has {size} bytes, and stores have room for {MAX_METADATA} besides \
                 that of Thimble"
            );
            self.mistake(*at, problem);
        }
        Some(metadata)
    }

    /// Two rules of one name cannot be told from each other in a message.
    fn names(&mut self, rules: &[Fields]) {
        let mut names: Vec<&str> = Vec::new();
        let mut twice = Vec::new();
        for text in rules.iter().filter_map(|rule| rule.one("name")) {
            if names.contains(&text.text.as_str()) {
                twice.push((
                    text.at,
                    format!("two rules are called {}", quoted(&text.text)),
                ));
            }
            names.push(&text.text);
        }
        self.mistakes.extend(twice);
    }
}

/// The place in the file of a mistake in a preset, whose line begins with `name` and goes
/// on with `rest`.
fn place(error: &PresetError, name: &str, at: usize, rest: &Text) -> usize {
    let skipped = match name {
        "" => 0,
        name => name.chars().count() + 1,
    };
    match (error.column() - 1).checked_sub(skipped) {
        None => at,
        Some(_) if !rest.is_plain => rest.at,
        Some(characters) => {
            let before = rest.text.chars().take(characters);
            rest.at + 1 + before.map(char::len_utf8).sum::<usize>()
        }
    }
}

fn unknown_type(name: &str) -> Option<String> {
    if !media_type::extensions(name).is_empty() {
        return None;
    }
    let known = media_type::MEDIA_TYPES.map(|(name, _)| name);
    Some(match nearest(name, known) {
        Some(meant) => format!("is no media type of sources; did you mean `{meant}`?"),
        None => format!(
            "is no media type of sources; there are {}",
            known.join(", ")
        ),
    })
}
