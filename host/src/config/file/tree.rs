//! The text of a file as tables of known keys, with the place of everything.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{self, KEYS, Kind, Section};
use super::quoted;
use crate::text::nearest;

/// The keys of a file, outermost.
const TABLES: [&str; 3] = ["presets", "default", "rule"];

/// Mistakes, with their places in bytes.
pub(super) type Mistakes = Vec<(usize, String)>;

/// A text, and where it stands, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) at: usize,
    /// True if it is written as it is, so that a place in it is a place in the file.
    pub(super) is_plain: bool,
}

/// The value of a key.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Texts(Vec<Text>),
    Table(Vec<(Text, Text)>),
}

/// A key, with its value.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) at: usize,
    pub(super) value: Value,
}

/// A table, by the names of its keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) at: usize,
    pub(super) fields: BTreeMap<&'static str, Field>,
}

impl Fields {
    /// The only text of a key.
    pub(super) fn one(&self, key: &str) -> Option<&Text> {
        self.texts(key)?.0.first()
    }

    /// The texts of a list, and where it stands.
    pub(super) fn texts(&self, key: &str) -> Option<(&[Text], usize)> {
        let field = self.fields.get(key)?;
        match &field.value {
            Value::Texts(texts) => Some((texts, field.at)),
            Value::Table(_) => None,
        }
    }
}

/// A file as it stands.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) presets: Option<Vec<(Text, Text)>>,
    pub(super) default: Option<Fields>,
    pub(super) rules: Vec<Fields>,
    /// Mistakes so far.
    pub(super) mistakes: Mistakes,
    text: String,
}

impl Tree {
    pub(super) fn read(text: &str) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut tree = Self {
            text: text.to_owned(),
            ..Self::default()
        };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            tree.mistakes.push((at, error.message().to_owned()));
        }
        for (key, value) in table.get_ref() {
            let at = key.span().start;
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("presets", DeValue::Table(table)) => {
                    tree.presets = Some(tree_texts(&mut tree.mistakes, table, text));
                }
                ("default", DeValue::Table(table)) => {
                    tree.default = Some(tree.fields(at, table, &[Section::Output]));
                }
                ("rule", DeValue::Array(array)) if array.iter().all(is_table) => {
                    for rule in array {
                        if let DeValue::Table(table) = rule.get_ref() {
                            let at = rule.span().start;
                            let rule = tree.fields(at, table, &[Section::Sources, Section::Output]);
                            tree.rules.push(rule);
                        }
                    }
                }
                ("rule", other) => tree.mistakes.push((
                    at,
                    format!(
                        "rules are written as [[rule]], and not as {}",
                        article(other.type_str())
                    ),
                )),
                (name @ ("presets" | "default"), other) => tree.mistakes.push((
                    at,
                    format!(
                        "{name} is a table, [{name}], and not {}",
                        article(other.type_str())
                    ),
                )),
                (name, _) => tree.mistakes.push((at, misplaced(name))),
            }
        }
        tree
    }

    /// The fields of a table whose keys have their places in `places`.
    fn fields(&mut self, at: usize, table: &DeTable<'_>, places: &[Section]) -> Fields {
        let mut fields = Fields {
            at,
            ..Fields::default()
        };
        for (name, value) in table {
            let at = name.span().start;
            let Some(key) = keys::find(name.get_ref(), places) else {
                self.mistakes.push((at, unknown(name.get_ref(), places)));
                continue;
            };
            if let Some(value) = self.value(key.name, key.kind, value) {
                fields.fields.insert(key.name, Field { at, value });
            }
        }
        fields
    }

    fn value(&mut self, name: &str, kind: Kind, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let at = value.span().start;
        let wrong = |is: &str| format!("{name} is {}, and not {}", kind.as_str(), article(is));
        match (kind, value.get_ref()) {
            (Kind::Text | Kind::Texts, DeValue::String(text)) => {
                Some(Value::Texts(vec![plain(text, at, &self.text)]))
            }
            (Kind::Texts, DeValue::Array(entries)) => {
                let mut texts = Vec::new();
                for entry in entries {
                    let at = entry.span().start;
                    match entry.get_ref() {
                        DeValue::String(text) => texts.push(plain(text, at, &self.text)),
                        other => {
                            let is = format!("a list with {}", article(other.type_str()));
                            self.mistakes
                                .push((at, format!("{name} is {}, and not {is}", kind.as_str())));
                        }
                    }
                }
                Some(Value::Texts(texts))
            }
            (Kind::Table, DeValue::Table(table)) => Some(Value::Table(tree_texts(
                &mut self.mistakes,
                table,
                &self.text,
            ))),
            (_, other) => {
                self.mistakes.push((at, wrong(other.type_str())));
                None
            }
        }
    }
}

/// The texts of a table, in the order of the file.
fn tree_texts(mistakes: &mut Mistakes, table: &DeTable<'_>, file: &str) -> Vec<(Text, Text)> {
    let mut texts = Vec::new();
    for (name, value) in table {
        let at = value.span().start;
        match value.get_ref() {
            DeValue::String(text) => {
                let name = Text {
                    text: name.get_ref().to_string(),
                    at: name.span().start,
                    is_plain: true,
                };
                texts.push((name, plain(text, at, file)));
            }
            other => mistakes.push((
                at,
                format!(
                    "{} is a text, and not {}",
                    quoted(name.get_ref()),
                    article(other.type_str())
                ),
            )),
        }
    }
    texts.sort_by_key(|(name, _)| name.at);
    texts
}

fn is_table(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().is_table()
}

/// A text that begins with its quote at `at`.
fn plain(text: &DeString<'_>, at: usize, file: &str) -> Text {
    let inside = file.get(at + 1..).unwrap_or_default();
    Text {
        text: text.to_string(),
        at,
        is_plain: inside.starts_with(text.as_ref()),
    }
}

fn article(noun: &str) -> String {
    let an = noun.starts_with(['a', 'e', 'i', 'o', 'u']);
    match noun {
        "string" => "a text".to_owned(),
        noun if noun.starts_with("a list") => noun.to_owned(),
        noun if an => format!("an {noun}"),
        noun => format!("a {noun}"),
    }
}

/// A key outside of the tables that have keys.
fn misplaced(name: &str) -> String {
    if let Some(meant) = nearest(name, TABLES) {
        return format!("there is no key {}; did you mean `{meant}`?", quoted(name));
    }
    match keys::find(name, &[Section::Sources, Section::Output]) {
        Some(_) => format!("`{name}` belongs into [default] or into a [[rule]]"),
        None => format!(
            "there is no key {}; a file has [presets], [default] and [[rule]]",
            quoted(name)
        ),
    }
}

fn unknown(name: &str, places: &[Section]) -> String {
    if keys::find(name, &[Section::Sources]).is_some() {
        return format!("`{name}` belongs into a [[rule]]; the default is for what no rule takes");
    }
    let known = KEYS.iter().filter(|key| places.contains(&key.section));
    let known: Vec<&str> = known.map(|key| key.name).collect();
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("there is no key {}; did you mean `{meant}`?", quoted(name)),
        None => format!(
            "there is no key {}; there are {}",
            quoted(name),
            known.join(", ")
        ),
    }
}
