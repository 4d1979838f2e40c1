//! The pages about a stack of the template name parameters and outputs that it has, and
//! say truly that nothing of it is kept.

use std::collections::BTreeSet;

use crate::{checkout, stack};

const PAGES: [&str; 4] = [
    "README.md",
    "docs/failures.md",
    "docs/operations.md",
    "docs/upgrading.md",
];

/// Words before a `=` that look like parameters: the header of X-Ray has one.
const OTHERS: [&str; 1] = ["Sampled"];

/// The parameters of the template: those of the stack, and those that osls has no need for.
fn parameters() -> BTreeSet<String> {
    let of_the_stack = stack::parameters().into_iter().map(|parameter| {
        let (first, rest) = parameter.name.split_at(1);
        first.to_uppercase() + rest
    });
    let page = checkout::read("deploy/template/parameters.py");
    let own = checkout::part(&page, "\ndef code():", "\ndef ");
    let own = own.lines().filter_map(|line| {
        let name = line.strip_prefix("        \"")?.strip_suffix("\": {")?;
        Some(name.to_owned())
    });
    of_the_stack.chain(own).collect()
}

/// The outputs of the stack: those that it always has, and that of its results.
fn outputs() -> BTreeSet<String> {
    let page = checkout::read("deploy/resources.yml");
    let (_, always) = page.split_once("\nOutputs:\n").expect("outputs");
    let always = always
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'))
        .filter(|name| !name.starts_with(' '));
    let page = checkout::read("deploy/results.js");
    let results = checkout::part(&page, "  Outputs: {\n", ":").trim();
    always.chain([results]).map(str::to_owned).collect()
}

/// The word at the end of a text.
fn last_word(text: &str) -> &str {
    let end = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
    &text[end.len()..]
}

/// The word at the beginning of a text.
fn first_word(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    &text[..text.len() - rest.len()]
}

#[test]
fn each_parameter_of_the_template_that_is_set_is_there() {
    let known = parameters();
    let is_written_as_one = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.contains(|c: char| c.is_ascii_lowercase())
    };
    let mut found = BTreeSet::new();
    for page in PAGES {
        let text = checkout::read(page);
        let pieces: Vec<&str> = text.split('=').collect();
        let set = pieces.windows(2).filter(|pair| !pair[1].is_empty());
        let names = set.map(|pair| last_word(pair[0]));
        let names = names.filter(|name| is_written_as_one(name) && !OTHERS.contains(name));
        found.extend(names.map(str::to_owned));
    }
    assert!(found.contains("CodePrefix"), "{found:?}");
    let unknown: Vec<_> = found.difference(&known).collect();
    assert!(unknown.is_empty(), "the template has no {unknown:?}");
}

#[test]
fn each_output_that_is_asked_for_is_there_and_each_is_explained() {
    let known = outputs();
    assert!(known.len() > 5, "{known:?}");
    for page in PAGES {
        let text = checkout::read(page);
        for asked in text.split("$(output ").skip(1).map(first_word) {
            assert!(known.contains(asked), "{page}: {asked} is no output");
        }
    }
    let page = checkout::read("docs/operations.md");
    let rows: String = checkout::rows_below(&page, "| output | value |").collect();
    for output in known {
        assert!(rows.contains(&format!("`{output}`")), "no row of {output}");
    }
}

#[test]
fn a_stack_keeps_nothing_when_it_is_removed() {
    let page = checkout::read("docs/operations.md");
    assert!(page.contains("**Removal keeps nothing.**"));
    let mut files = vec!["serverless.yml".to_owned()];
    for entry in std::fs::read_dir(checkout::path("deploy")).expect("a folder") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".js") || name.ends_with(".yml") {
            files.push(format!("deploy/{name}"));
        }
    }
    assert!(files.len() > 7, "{files:?}");
    for file in files {
        let text = checkout::read(&file);
        for word in [
            "DeletionPolicy",
            "UpdateReplacePolicy",
            "VersioningConfiguration",
        ] {
            assert!(!text.contains(word), "{file} has {word}: tell the page");
        }
    }
}

#[test]
fn what_the_package_for_python_needs_is_named() {
    let project = checkout::read("bindings/python/pyproject.toml");
    let needed = checkout::part(&project, "\ndependencies = [", "]");
    let names: Vec<_> = needed
        .split('"')
        .skip(1)
        .step_by(2)
        .map(first_word)
        .collect();
    assert!(!names.is_empty(), "{needed}");
    for page in ["README.md", "bindings/python/README.md"] {
        let text = checkout::read(page);
        for name in &names {
            let is_named = text.contains(&format!("`{name}`"));
            assert!(is_named, "{page} does not name {name}");
        }
    }
}
