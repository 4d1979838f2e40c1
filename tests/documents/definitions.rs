//! Definitions name the thing first: a comment of documentation begins with a noun or
//! a verb, never with `What`, `How` or `Whether`.

use std::fs;
use std::path::Path;

use crate::checkout;

const FOLDERS: [&str; 11] = [
    "bench",
    "codecs",
    "crates",
    "engine-wasm",
    "examples",
    "fuzz/fuzz_targets",
    "host",
    "samples",
    "testkit",
    "tests",
    "xtask",
];

/// First words that put a question in the place of a name.
const QUESTIONS: [&str; 11] = [
    "How", "That", "What", "When", "Where", "Whether", "Which", "Who", "Whom", "Whose", "Why",
];

#[test]
fn definitions_name_the_thing_first() {
    let mut files = 0;
    let mut wrong = Vec::new();
    for folder in FOLDERS {
        visit(&checkout::path(folder), &mut |path| {
            files += 1;
            let text = fs::read_to_string(path).expect("a source is text");
            let lines =
                questions(&text).map(|(at, line)| format!("{}:{at}: {line}", path.display()));
            wrong.extend(lines);
        });
    }
    assert!(files > 300, "{files} files were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Comments of documentation that begin with a question, and the numbers of their
/// lines.
fn questions(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut before = None;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let comment = ["///", "//!"]
            .into_iter()
            .find_map(|mark| line.trim().strip_prefix(mark));
        let begins = before.is_none();
        before = comment;
        let first = comment?.split_whitespace().next()?;
        (begins && QUESTIONS.contains(&first)).then(|| (at + 1, line.trim()))
    })
}

fn visit(folder: &Path, look: &mut dyn FnMut(&Path)) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for entry in entries {
        let entry = entry.expect("an entry of a folder");
        let (path, name) = (entry.path(), entry.file_name());
        let is_built = ["target", "node_modules", "target-address"]
            .iter()
            .any(|built| name == *built);
        if path.is_dir() && !is_built {
            visit(&path, look);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            look(&path);
        }
    }
}

#[test]
fn a_question_is_found_where_a_comment_begins() {
    let text = "//! How it works.\n//! Whether or not.\n\n/// A name.\n/// What it is.\nfn a() {}\n    /// Where it is.\n";
    let found: Vec<usize> = questions(text).map(|(at, _)| at).collect();
    assert_eq!(found, [1, 7]);
}
