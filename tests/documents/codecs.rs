//! Each crate of a codec has its page, its tests, its bench and its fuzz target, and none of
//! them knows the contract.

use std::fs;
use std::path::Path;

use crate::checkout;
use crate::map::folders_of;

/// Packages on the other side of the wall.
const CONTRACT: [&str; 6] = [
    "testkit",
    "thimble",
    "thimble-engine",
    "wasip2",
    "wit-bindgen",
    "wit-parser",
];

fn codecs() -> Vec<String> {
    let codecs = folders_of("crates");
    assert!(codecs.len() > 5, "these are all codecs: {codecs:?}");
    codecs
}

fn manifest(codec: &str) -> String {
    checkout::read(&format!("crates/{codec}/Cargo.toml"))
}

/// The documentation at the root of a crate, without the marks of a comment.
fn page(codec: &str) -> String {
    let root = checkout::read(&format!("crates/{codec}/src/lib.rs"));
    let lines = root.lines().filter_map(|line| line.strip_prefix("//!"));
    lines
        .map(|line| line.trim_start().to_owned() + "\n")
        .collect()
}

/// Names of the dependencies of all kinds.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut is_list = false;
    let mut found = vec![];
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_list = line.contains("dependencies");
        } else if is_list {
            found.extend(line.split(['.', ' ', '=']).next());
        }
    }
    found
}

#[test]
fn no_codec_knows_the_contract() {
    for codec in codecs() {
        let manifest = manifest(&codec);
        let known: Vec<_> = dependencies(&manifest)
            .into_iter()
            .filter(|name| CONTRACT.contains(name))
            .collect();
        assert!(known.is_empty(), "{codec} depends on: {known:?}");
        assert!(!manifest.contains("path ="), "{codec} depends on a folder");
    }
}

#[test]
fn each_page_of_a_codec_has_a_table_an_example_limits_and_errors() {
    for codec in codecs() {
        let page = page(&codec);
        for part in ["\n| ", "\n```\n", "\n# Limits\n"] {
            assert!(page.contains(part), "{codec}: no {part:?} on its root page");
        }
        let errors = ["\n# Errors\n", "Nothing here fails"];
        assert!(
            errors.iter().any(|words| page.contains(words)),
            "{codec}: its root page says nothing of errors"
        );
    }
}

#[test]
fn each_codec_has_its_bench_or_says_why_not() {
    for codec in codecs() {
        let has_bench = manifest(&codec).contains("[[bench]]");
        let says_why_not = page(&codec).contains("No bench");
        assert_ne!(has_bench, says_why_not, "{codec}: a bench, or a reason");
    }
}

/// True if a file of this folder, or of one in it, has tests.
fn has_tests(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths = entries.map(|entry| entry.path());
    paths.any(|path| match path.is_dir() {
        true => has_tests(&path),
        false => fs::read_to_string(&path).is_ok_and(|text| text.contains("#[test]")),
    })
}

#[test]
fn each_codec_has_tests_of_its_own_or_says_why_not() {
    for codec in codecs() {
        let has_tests = has_tests(&checkout::path(&format!("crates/{codec}")));
        let says_why_not = page(&codec).contains("No tests here:");
        assert_ne!(has_tests, says_why_not, "{codec}: tests, or a reason");
    }
}

#[test]
fn each_codec_names_its_fuzz_targets_or_says_why_it_has_none() {
    for codec in codecs() {
        let page = page(&codec);
        let Some((_, named)) = page.split_once("fuzz target") else {
            panic!("{codec}: its root page names no fuzz target");
        };
        let named = named.split("in `fuzz/`").next().unwrap_or_default();
        let targets: Vec<_> = named.split('`').skip(1).step_by(2).collect();
        assert_eq!(
            targets.is_empty(),
            page.contains("no fuzz target:"),
            "{codec}: fuzz targets, or a reason"
        );
        for target in targets {
            let file = format!("fuzz/fuzz_targets/{target}.rs");
            let path = checkout::path(&file);
            assert!(Path::is_file(&path), "{codec} names {file}");
        }
    }
}
