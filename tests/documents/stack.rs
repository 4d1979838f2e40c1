//! `serverless.yml`: the parameters of the stack, and the variables they set.

use std::collections::BTreeMap;

use crate::checkout;

/// A parameter of the stack.
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// Its value under `params.default`; none if it has to be given.
    pub(crate) default: Option<String>,
    /// The comment behind it.
    pub(crate) reason: Option<String>,
}

/// The parameters under `params.default`. One without a default stands there as
/// a comment: `# name: # reason`.
pub(crate) fn parameters() -> Vec<Parameter> {
    let template = checkout::read("serverless.yml");
    let lines = template
        .lines()
        .skip_while(|line| *line != "  default:")
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with("    "));
    lines.filter_map(parameter).collect()
}

fn parameter(line: &str) -> Option<Parameter> {
    let line = line.strip_prefix("    ")?;
    let (line, is_optional) = match line.strip_prefix("# ") {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (name, rest) = line.split_once(':')?;
    let is_name = name.starts_with(char::is_lowercase) && name.chars().all(char::is_alphanumeric);
    let (value, reason) = match rest.split_once(" # ") {
        Some((value, reason)) => (value.trim(), Some(reason.to_owned())),
        None => (rest.trim(), None),
    };
    let is_sentence = is_optional && !(value.is_empty() && reason.is_some());
    (is_name && !is_sentence).then(|| Parameter {
        name: name.to_owned(),
        default: (!is_optional).then(|| value.trim_matches('\'').to_owned()),
        reason,
    })
}

/// By variable of the function that makes thumbnails, the parameter it is set by.
pub(crate) fn parameter_by_variable() -> BTreeMap<String, String> {
    let template = checkout::read("serverless.yml");
    let set = template.lines().filter_map(|line| {
        let (variable, value) = line.trim().split_once(": ")?;
        let parameter = value.strip_prefix("${param:")?.strip_suffix('}')?;
        let is_variable = variable.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        is_variable.then(|| (variable.to_owned(), parameter.to_owned()))
    });
    set.collect()
}

#[test]
fn each_parameter_is_used() {
    let mut text = checkout::read("serverless.yml");
    for file in [
        "alarms.js",
        "config.js",
        "resources.yml",
        "roles.js",
        "sources.js",
    ] {
        text += &checkout::read(&format!("deploy/{file}"));
    }
    let all = parameters();
    assert!(all.len() > 30, "{} parameters were found", all.len());
    for Parameter { name, .. } in all {
        let is_used = text.contains(&format!("param:{name}"))
            || text.contains(&format!("parameter('{name}')"));
        assert!(is_used, "nothing asks for the parameter {name}");
    }
}
