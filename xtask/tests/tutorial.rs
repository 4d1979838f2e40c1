//! The text that teaches writing an engine has the code that is compiled.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::fs;

fn read(file: &str) -> String {
    fs::read_to_string(testkit::built::workspace().join(file)).unwrap()
}

/// Checks that the page has the code of a file, which is shorter than so many lines.
fn teaches(file: &str, language: &str, lines: usize) {
    let code = read(file);
    assert!(
        read("docs/engines.md").contains(&format!("```{language}\n{code}```\n")),
        "docs/engines.md has other code than {file}; copy it"
    );
    assert!(code.lines().count() < lines, "{file} is long");
}

#[test]
fn the_engine_of_the_tutorial_is_that_of_the_example_and_takes_less_than_eighty_lines() {
    teaches("examples/first-engine/src/lib.rs", "rust", 80);
}

#[test]
fn the_codec_of_the_tutorial_is_that_of_the_folder_and_takes_less_than_sixty_lines() {
    teaches("codecs/qoi/src/lib.rs", "rust", 60);
    teaches("codecs/farbfeld/farbfeld.js", "js", 60);
}
