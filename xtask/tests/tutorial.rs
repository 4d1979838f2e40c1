//! The text that teaches writing an engine has the code that is compiled.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::fs;

fn read(file: &str) -> String {
    fs::read_to_string(testkit::built::workspace().join(file)).unwrap()
}

#[test]
fn the_code_of_the_tutorial_is_that_of_the_example() {
    let code = read("examples/first-engine/src/lib.rs");
    assert!(
        read("docs/engines.md").contains(&format!("```rust\n{code}```\n")),
        "docs/engines.md has other code than examples/first-engine; copy it"
    );
}

#[test]
fn a_whole_engine_takes_less_than_eighty_lines() {
    assert!(read("examples/first-engine/src/lib.rs").lines().count() < 80);
}

#[test]
fn the_codec_of_the_tutorial_is_that_of_the_folder_and_takes_less_than_sixty_lines() {
    let code = read("codecs/qoi/src/lib.rs");
    assert!(
        read("docs/engines.md").contains(&format!("```rust\n{code}```\n")),
        "docs/engines.md has other code than codecs/qoi; copy it"
    );
    assert!(code.lines().count() < 60);
}
