//! Links and paths within the documents lead somewhere.

use std::fs;
use std::path::Path;

use crate::{checkout, map};

/// Every document for readers, relative to the root of the checkout.
pub(crate) fn documents() -> Vec<String> {
    let mut found = Vec::new();
    for folder in [
        "",
        "docs",
        "docs/decisions",
        "bindings/npm",
        "bindings/python",
        "tests",
        "tests/events",
        "tests/contracts",
        "wit",
    ] {
        let entries = fs::read_dir(checkout::path(folder));
        for entry in entries.into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".md") {
                found.push(Path::new(folder).join(name).to_string_lossy().into_owned());
            }
        }
    }
    assert!(found.len() > 20, "{} documents were found", found.len());
    found
}

/// The targets of the links of a text, without those outside of the checkout.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1);
    let targets = targets.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| !target.contains("://") && !target.contains(char::is_whitespace))
}

/// The anchor that GitHub gives to a heading.
fn anchor(heading: &str) -> String {
    let kept = heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .replace(' ', "-");
    kept.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        .collect()
}

#[test]
fn each_link_leads_to_a_file_and_to_a_heading_of_it() {
    let mut broken = Vec::new();
    for document in documents() {
        let text = checkout::read(&document);
        let folder = Path::new(&document).parent().unwrap_or(Path::new(""));
        for link in links(&text) {
            let (file, wanted) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => folder.join(file).to_string_lossy().into_owned(),
            };
            let exists = checkout::path(&target).exists();
            let has_heading = |text: &str| {
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                headings.any(|heading| anchor(heading) == wanted)
            };
            let found = exists && (wanted.is_empty() || has_heading(&checkout::read(&target)));
            if !found {
                broken.push(format!("{document}: {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A registry shows the text of a package, and has no files beside it.
#[test]
fn a_text_that_a_registry_shows_has_no_link_to_a_file() {
    for document in [
        "bindings/npm/README.md",
        "bindings/python/README.md",
        "scripts/release/npm/README.md",
        "scripts/release/python/README.md",
    ] {
        let text = checkout::read(document);
        let found: Vec<_> = links(&text).filter(|link| !link.starts_with('#')).collect();
        assert!(found.is_empty(), "{document}: {found:?}");
    }
}

/// Words in backticks that begin with a folder of the checkout are paths.
#[test]
fn each_path_that_is_named_exists() {
    let folders = map::folders();
    let mut missing = Vec::new();
    for document in documents() {
        // Entries of long ago may be about files that are gone.
        if document == "CHANGELOG.md" {
            continue;
        }
        let text = checkout::read(&document);
        for path in text.split('`').skip(1).step_by(2) {
            let is_path = path
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_'));
            let begins = path
                .split_once('/')
                .is_some_and(|(first, _)| folders.iter().any(|folder| folder == first));
            if is_path && begins && !exists(path) {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// A module is named without its extension where it is a file and a folder.
fn exists(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    // Files that fuzzing and packaging write are in no fresh checkout.
    let is_made = path.starts_with("fuzz/corpus") || path.starts_with("fuzz/artifacts");
    is_made || checkout::path(path).exists() || checkout::path(&format!("{path}.rs")).exists()
}
