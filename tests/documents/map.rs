//! The maps of `docs/architecture.md` and `CONTRIBUTING.md` are complete.

use std::fs;

use crate::checkout;

/// The folders of the checkout that are neither hidden nor made.
pub(crate) fn folders() -> Vec<String> {
    let ignored = checkout::read(".gitignore");
    let ignored: Vec<&str> = ignored.lines().map(|line| line.trim_matches('/')).collect();
    let mut found = folders_of("");
    found.retain(|name| !name.starts_with('.') && !ignored.contains(&name.as_str()));
    assert!(found.len() > 10, "these are all folders: {found:?}");
    found
}

pub(crate) fn folders_of(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(checkout::path(folder))
        .into_iter()
        .flatten()
        .flatten();
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The modules that a crate's root declares.
fn modules(root: &str) -> Vec<String> {
    let root = checkout::read(root);
    let declared = root.lines().filter_map(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    let found: Vec<_> = declared.map(str::to_owned).collect();
    assert!(found.len() > 3, "these are all modules: {found:?}");
    found
}

#[track_caller]
fn names(document: &str, what: &str, words: impl IntoIterator<Item = String>) {
    let page = checkout::read(document);
    let missing: Vec<String> = words
        .into_iter()
        .filter(|word| !page.contains(&format!("`{word}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "{document} names no {what}: {missing:?}"
    );
}

#[test]
fn each_folder_of_the_checkout_is_on_both_maps() {
    for document in ["docs/architecture.md", "CONTRIBUTING.md"] {
        names(
            document,
            "folder",
            folders().into_iter().map(|folder| folder + "/"),
        );
    }
}

#[test]
fn each_module_of_host_and_engine_is_on_the_map() {
    for root in ["host/src/lib.rs", "engine-wasm/src/lib.rs"] {
        names("docs/architecture.md", "module", modules(root));
    }
}

#[test]
fn each_crate_of_a_codec_is_on_the_map() {
    names("docs/architecture.md", "crate", folders_of("crates"));
}

/// Rows of the table "Where do I find": a question, a file, and a name in it.
#[test]
fn what_newcomers_look_for_is_where_the_page_says() {
    let page = checkout::read("docs/architecture.md");
    let rows = checkout::part(&page, "## Where do I find", "\n## ")
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'));
    let mut count = 0;
    for row in rows {
        let mut quoted = row.split('`').skip(1).step_by(2);
        let (Some(file), Some(name)) = (quoted.next(), quoted.next()) else {
            panic!("a row needs a file and a name in it: {row}");
        };
        let found = fs::read_to_string(checkout::path(file)).is_ok_and(|text| text.contains(name));
        assert!(found, "there is no {name} in {file}");
        count += 1;
    }
    assert!(count >= 5, "{count} rows were found");
}
