//! `wit/` against the contracts that were released: engines which were built
//! against those must fit for ever.
//!
//! Within one version (0.1, or 1) an interface and a world stay as they are:
//! not even a field, a case or a function may be added, since an engine that was
//! built without it would be refused. What may come is a new interface, and
//! other words in the comments.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use testkit::built::workspace;

/// The files of a folder as one text without comments, one blank between words. A folder
/// in it is a contract of its own.
fn contract(folder: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let text: Vec<String> = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    without_comments(&text.join("\n"))
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

/// The interfaces and worlds of a contract: what stands before and in braces.
fn parts(contract: &str) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    let mut depth = 0;
    let mut part = String::new();
    for character in contract.chars() {
        part.push(character);
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => part.clear(),
            _ => {}
        }
        if depth == 0 && character == '}' {
            let (name, body) = part.trim().split_once(" {").unwrap();
            parts.insert(name.to_owned(), body.to_owned());
            part.clear();
        }
    }
    parts
}

/// The parts of a released contract that another does not have, or has otherwise.
fn broken(released: &str, current: &str) -> Vec<String> {
    let current = parts(current);
    let is_kept = |(name, body): &(String, String)| current.get(name) == Some(body);
    let broken = parts(released).into_iter().filter(|part| !is_kept(part));
    broken.map(|(name, _)| name).collect()
}

/// `0.1` of `package thimble:engine@0.1.0;`: what engines and hosts agree on.
fn generation(contract: &str) -> String {
    let version = contract.split('@').nth(1).unwrap();
    let numbers: Vec<&str> = version.split(['.', ';']).collect();
    match numbers[0] {
        "0" => numbers[..2].join("."),
        major => major.to_owned(),
    }
}

#[test]
fn engines_that_were_built_against_a_released_contract_still_fit() {
    let current = contract(&workspace().join("wit"));
    let mut compared = 0;
    for folder in fs::read_dir(workspace().join("tests/contracts")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let released = contract(&folder);
        if generation(&released) == generation(&current) {
            let broken = broken(&released, &current);
            assert!(
                broken.is_empty(),
                "{broken:?} differ from {}: engines that were built against it would be refused; \
                 add an interface instead, or raise the version of the package in wit/",
                folder.display()
            );
            compared += 1;
        }
    }
    assert!(
        compared > 0,
        "no contract of this version was released; copy wit/ to tests/contracts/VERSION"
    );
}

#[test]
fn what_would_refuse_an_old_engine_is_found() {
    let released = contract(&workspace().join("tests/contracts/0.1.0"));
    for (from, to) in [
        ("frames: u32, }", "frames: u32, hash: string, }"),
        ("invalid-spec(string),", "invalid-spec(string), tired,"),
        ("fill, }", "fill, tile, }"),
        ("max-side: u32,", "max-side: u64,"),
        ("describe: func()", "undescribe: func()"),
        ("describe: func()", "reset: func(); describe: func()"),
        ("export thumbnailer;", "export thumbnailer; import clock;"),
    ] {
        let changed = released.replacen(from, to, 1);
        assert_ne!(changed, released, "the contract has no `{from}`");
        assert_eq!(broken(&released, &changed).len(), 1, "{from} -> {to}");
    }
}

#[test]
fn another_interface_and_other_comments_are_no_change() {
    let text = "package a:b@0.1.0;\n/// One.\ninterface one {\n  get: func();\n}\n";
    let changed =
        "package a:b@0.1.7;\n// Another.\ninterface one { get: func(); }\ninterface two {}";
    let (text, changed) = (without_comments(text), without_comments(changed));
    assert_eq!(broken(&text, &changed), Vec::<String>::new());
    assert_eq!(generation(&text), generation(&changed));
}
