//! The tables of parameters and variables, with their defaults.

use std::collections::BTreeMap;

use thimble::config::file::{self, KEYS};
use thimble::config::{Unset, VARIABLES, Variable};

use crate::stack::{self, Parameter};
use crate::{checkout, section};

/// Variables of OpenTelemetry's exporter that docs/operations.md says are read.
const OF_TRACES: [&str; 4] = [
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "OTEL_EXPORTER_OTLP_TIMEOUT",
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
];

/// The default as a cell of a table: what is to be set stands in backticks.
fn cell(default: &Unset) -> String {
    match default {
        Unset::Number(number) => with_words(*number),
        Unset::Words(words) => (*words).to_owned(),
        text => format!("`{text}`"),
    }
}

/// A number with what it is in larger units, if it is a round number of them.
fn with_words(number: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1_000_000, "million")];
    let unit = units
        .iter()
        .find(|(unit, _)| number >= *unit && number.is_multiple_of(*unit));
    match unit {
        Some((unit, word)) => format!("`{number}`, {} {word}", number / unit),
        None => format!("`{number}`"),
    }
}

/// Text within a table of Markdown.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

fn variables_table(
    variables: impl Iterator<Item = &'static Variable>,
    parameters: &BTreeMap<String, String>,
) -> String {
    let mut table = "| variable | parameter | default | purpose |\n|---|---|---|---|\n".to_owned();
    for Variable {
        name,
        default,
        reason,
    } in variables
    {
        let parameter = parameters.get(*name);
        let parameter = parameter.map_or("-".to_owned(), |name| format!("`{name}`"));
        table += &format!(
            "| `{name}` | {parameter} | {} | {} |\n",
            cell(default),
            escaped(reason)
        );
    }
    table
}

#[test]
fn the_table_of_variables_is_that_of_the_code() {
    let parameters = stack::parameter_by_variable();
    let table = variables_table(VARIABLES.iter(), &parameters);
    section::holds("docs/operations.md", "variables", &table);
}

#[test]
fn the_table_of_keys_is_that_of_the_code() {
    let mut table = "| key | value | meaning |\n|---|---|---|\n".to_owned();
    for key in KEYS {
        let (kind, meaning) = (key.kind.as_str(), escaped(key.meaning));
        table += &format!("| `{}` | {kind} | {meaning} |\n", key.name);
    }
    section::holds("docs/operations.md", "keys", &table);
}

#[test]
fn the_schema_of_the_file_is_that_of_the_code() {
    let path = checkout::path("docs/thimble.schema.json");
    let schema = serde_json::to_string_pretty(&file::schema()).expect("a schema is JSON") + "\n";
    testkit::blessed(path, &schema);
}

#[test]
fn the_variables_of_engines_are_those_of_the_code() {
    let swapped = [
        "STORE",
        "CHANNEL",
        "KEYS",
        "UNSIGNED",
        "CHECK_SECONDS",
        "COMPILE_SECONDS",
        "COMPILE_MEMORY",
    ];
    let of_engines = VARIABLES.iter().filter(|variable| {
        let rest = variable.name.strip_prefix("ENGINE_");
        rest.is_some_and(|rest| swapped.contains(&rest))
    });
    let table = variables_table(of_engines, &stack::parameter_by_variable());
    section::holds("docs/engines.md", "variables", &table);
}

#[test]
fn the_table_of_parameters_is_that_of_the_stack() {
    let mut table = "| parameter | default | purpose |\n|---|---|---|\n".to_owned();
    for Parameter {
        name,
        default,
        reason,
    } in stack::parameters()
    {
        let Some(reason) = reason else { continue };
        let default = default.filter(|default| !default.is_empty());
        let default = default.map_or("none".to_owned(), |default| format!("`{default}`"));
        table += &format!("| `{name}` | {default} | {} |\n", escaped(&reason));
    }
    section::holds("docs/operations.md", "parameters", &table);
}

/// A parameter is explained by its variable, or else by a comment of its own.
#[test]
fn each_parameter_has_the_default_of_its_variable_or_says_why_not() {
    let by_variable = stack::parameter_by_variable();
    for Parameter {
        name,
        default,
        reason,
    } in stack::parameters()
    {
        let of_this = |variable: &&Variable| by_variable.get(variable.name) == Some(&name);
        let Some(variable) = VARIABLES.iter().find(of_this) else {
            assert!(reason.is_some(), "{name} has no comment that explains it");
            continue;
        };
        let same = match variable.default {
            Unset::Words(_) => String::new(),
            default => default.to_string(),
        };
        let is_same = default.as_deref() == Some(&same);
        assert!(
            is_same != reason.is_some(),
            "{name} is {default:?}, {} is {same:?}: a comment has to explain a difference, and \
             nothing else",
            variable.name
        );
    }
}

#[test]
fn each_variable_of_the_stack_is_one_of_the_host() {
    for variable in stack::parameter_by_variable().keys() {
        let known = VARIABLES.iter().any(|known| known.name == variable)
            || OF_TRACES.contains(&variable.as_str());
        assert!(known, "the host reads no variable {variable}");
    }
}
