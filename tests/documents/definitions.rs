//! Definitions name the thing first: a comment of documentation begins with a noun or
//! a verb, never with `What`, `How` or `Whether`. So does a comment of a script.

use std::fs;
use std::path::Path;

use crate::checkout;

const FOLDERS: [&str; 16] = [
    "bench",
    "bindings",
    "codecs",
    "crates",
    "deploy",
    "docs/site",
    "engine-wasm",
    "examples",
    "fuzz/fuzz_targets",
    "host",
    "samples",
    "scripts",
    "testkit",
    "tests",
    "wit",
    "xtask",
];

/// Marks of comments, by the ending of a file. One that stands alone on its line begins a
/// comment in the next.
const MARKS: [(&str, &[&str]); 6] = [
    ("rs", &["///", "//!"]),
    ("wit", &["///"]),
    ("py", &["#:", "#", "\"\"\""]),
    ("js", &["/**", "//", "*"]),
    ("mjs", &["/**", "//", "*"]),
    ("ts", &["/**", "//", "*"]),
];

/// Folders that are made, or kept as they were.
const LEFT_OUT: [&str; 5] = [
    "target",
    "target-address",
    "node_modules",
    "contracts",
    "__pycache__",
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
            let Some(marks) = marks(path) else {
                return;
            };
            files += 1;
            let text = fs::read_to_string(path).expect("a source is text");
            let lines = questions(&text, marks);
            wrong.extend(lines.map(|(at, line)| format!("{}:{at}: {line}", path.display())));
        });
    }
    assert!(files > 300, "{files} files were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The marks of comments in a file, if it is a source.
fn marks(path: &Path) -> Option<&'static [&'static str]> {
    let extension = path.extension()?.to_str()?;
    let mut known = MARKS.into_iter();
    known.find_map(|(known, marks)| (known == extension).then_some(marks))
}

/// Comments that begin with a question, and the numbers of their lines.
fn questions<'a>(text: &'a str, marks: &[&str]) -> impl Iterator<Item = (usize, &'a str)> {
    let mut before = None;
    text.lines().enumerate().filter_map(move |(at, line)| {
        let mut marks = marks.iter();
        let comment = marks.find_map(|mark| line.trim().strip_prefix(mark));
        let begins = before.is_none();
        let opens = begins && !line.trim().starts_with("//");
        before = comment.filter(|text| !opens || !text.is_empty());
        let first = comment?.split_whitespace().next()?;
        (begins && QUESTIONS.contains(&first)).then(|| (at + 1, line.trim()))
    })
}

fn visit(folder: &Path, look: &mut dyn FnMut(&Path)) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for entry in entries {
        let entry = entry.expect("an entry of a folder");
        let (path, name) = (entry.path(), entry.file_name());
        let is_hidden = name.as_encoded_bytes().starts_with(b".");
        let is_left_out = is_hidden || LEFT_OUT.iter().any(|left_out| name == *left_out);
        if path.is_dir() && !is_left_out {
            visit(&path, look);
        } else if path.is_file() {
            look(&path);
        }
    }
}

#[test]
fn a_question_is_found_where_a_comment_begins() {
    let text = "//! How it works.\n//! Whether or not.\n\n/// A name.\n/// What it is.\nfn a() {}\n    /// Where it is.\n";
    let found = |text: &str, ending: &str| -> Vec<usize> {
        let marks = marks(Path::new(ending)).expect("marks");
        questions(text, marks).map(|(at, _)| at).collect()
    };
    assert_eq!(found(text, "a.rs"), [1, 7]);
    let text = "/**\n * What it is.\n * How.\n */\nf();\n/** Who it is. */\n";
    assert_eq!(found(text, "a.d.ts"), [2, 6]);
    let text = "#: A name.\n# What.\ndef a():\n    \"\"\"How it works.\"\"\"\n";
    assert_eq!(found(text, "a.py"), [4]);
}
