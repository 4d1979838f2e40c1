//! `docs/threat-model.md` names a test for each row.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::checkout;

/// Every source file of the workspace below `folder`.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names of functions in `text`.
fn functions(text: &str) -> impl Iterator<Item = &str> {
    let rests = text.split("fn ").skip(1);
    rests.filter_map(|rest| rest.split_once('(').map(|(name, _)| name))
}

/// The words in backticks that could be the name of a test: at least four of
/// them, divided by underscores.
fn tests_named_in(text: &str) -> BTreeSet<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted
        .filter(|name| name.matches('_').count() >= 3)
        .filter(|name| {
            name.chars()
                .all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
        })
        .collect()
}

#[test]
fn each_test_that_the_threat_model_names_exists() {
    let page = checkout::read("docs/threat-model.md");
    let named = tests_named_in(&page);
    assert!(named.len() > 20, "the page names {} tests", named.len());
    let mut files = Vec::new();
    sources(&checkout::path("."), &mut files);
    let texts: Vec<String> = files.iter().flat_map(fs::read_to_string).collect();
    let known: BTreeSet<&str> = texts.iter().flat_map(|text| functions(text)).collect();
    let unknown: Vec<_> = named.difference(&known).collect();
    assert!(unknown.is_empty(), "no such tests: {unknown:?}");
}
