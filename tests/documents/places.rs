//! `tests/README.md` has a place for each kind of test, and leaves none out.

use std::fs;

use crate::checkout;
use crate::map::folders_of;

/// Folders whose entries are kinds of tests of their own.
const SEVERAL: [&str; 3] = ["tests", "host/tests", "engine-wasm/tests"];

/// Names of folders of tests.
const NAMES: [&str; 2] = ["test", "tests"];

/// Folders of tests in members of the checkout, with one name for all that a star means.
fn folders() -> Vec<String> {
    let groups = ["crates", "codecs", "bindings"].into_iter();
    let grouped = groups.flat_map(|group| {
        let members = folders_of(group).into_iter();
        members.map(move |member| format!("{group}/{member}"))
    });
    let alone = folders_of("").into_iter();
    let alone = alone.filter(|name| !name.starts_with('.') && name != "target");
    let members = grouped.chain(alone);
    let named = members.flat_map(|member| NAMES.map(|name| format!("{member}/{name}")));
    let found = named.filter(|folder| checkout::path(folder).is_dir());
    found
        .map(|folder| match folder.split('/').collect::<Vec<_>>()[..] {
            ["crates", _, name] => format!("crates/thimble-*/{name}"),
            ["codecs", _, name] => format!("codecs/*/{name}"),
            _ => folder,
        })
        .filter(|folder| !SEVERAL.contains(&folder.as_str()))
        .collect()
}

/// True if the page names an entry of a folder: by its path, or as the argument of a test.
fn is_named(page: &str, folder: &str, entry: &str) -> bool {
    let stem = entry.trim_end_matches(".rs");
    let names = [
        format!("`{folder}/{entry}`"),
        format!("`{folder}/{entry}/`"),
        format!("--test {stem}`"),
    ];
    let is_golden = folder == "tests" && page.contains(&format!("`{entry}/"));
    is_golden || names.iter().any(|name| page.contains(name.as_str()))
}

#[test]
fn each_folder_and_each_file_of_tests_has_its_place() {
    let page = checkout::read("tests/README.md");
    let mut missing = Vec::new();
    for folder in folders() {
        if !page.contains(&format!("`{folder}/`")) {
            missing.push(folder);
        }
    }
    for folder in SEVERAL {
        let entries = fs::read_dir(checkout::path(folder)).expect("a folder of tests");
        for entry in entries {
            let entry = entry.expect("an entry of a folder");
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_test = entry.path().is_dir() || name.ends_with(".rs");
            let is_shared = ["src", "contracts"].contains(&name.as_str());
            if is_test && !is_shared && !is_named(&page, folder, &name) {
                missing.push(format!("{folder}/{name}"));
            }
        }
    }
    assert!(missing.is_empty(), "tests/README.md names no {missing:?}");
}
