//! Help, manual pages and completions: words of the program about itself.

use std::fs;
use std::process::Command;

use crate::desk::text;
use crate::process::finish;
use crate::tool::{assert_fails, run, said, thimble};

#[test]
fn help_has_pages_and_knows_every_command() {
    let pages = [
        ("presets", "name=WxH[,fit][,focus][,format]"),
        ("formats", "image/jpeg"),
        ("config", "THUMBNAILS_BUCKET"),
        ("queues", "nats://HOST:PORT/STREAM"),
        ("generate", "Usage: thimble generate"),
    ];
    for (page, words) in pages {
        let shown = said(&run(&["help", page]));
        assert!(shown.contains(words), "{page}: {shown}");
    }
    let shown = said(&run(&["help", "engine", "publish"]));
    assert!(shown.contains("Usage: thimble engine publish"), "{shown}");
    let all = said(&run(&["help"]));
    for command in ["generate", "local", "worker", "completions", "man"] {
        assert!(all.contains(command), "{all}");
    }
    assert_fails(&run(&["help", "preset"]), 2, "did you mean `presets`?");
    assert_fails(
        &run(&["help", "tea"]),
        2,
        "`thimble help` lists the commands",
    );
    assert_fails(
        &run(&["help", "engine", "publishes"]),
        2,
        "did you mean `publish`?",
    );
}

#[test]
fn pages_fit_a_narrow_terminal() {
    for page in [
        "presets", "formats", "queues", "config", "generate", "local",
    ] {
        let mut asked = thimble(&["help", page]);
        let shown = said(&finish(asked.env("COLUMNS", "60").spawn().unwrap()));
        // Nothing is cut in two: a grammar, an address.
        let is_cut = |line: &&str| line.trim().contains(' ') && line.chars().count() > 60;
        let wide: Vec<&str> = shown.lines().filter(is_cut).collect();
        assert!(wide.is_empty(), "{page}: {wide:#?}");
    }
}

/// Bash itself says which words it would complete.
#[test]
fn completions_are_a_script_that_its_shell_understands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = said(&run(&["completions", shell]));
        assert!(script.contains("backfill"), "{shell}");
        fs::write(folder.path().join(shell), script).unwrap();
    }
    let completed = |words: &str, last: &str, before: &str, at: usize| {
        let ask = format!(
            "source ./bash; COMP_WORDS=({words}); COMP_CWORD={at}; _thimble thimble '{last}' \
             {before}; echo \"${{COMPREPLY[@]}}\""
        );
        let answer = Command::new("bash")
            .args(["-c", &ask])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(answer.stderr.is_empty(), "{}", text(&answer.stderr));
        text(&answer.stdout)
    };
    assert_eq!(completed("thimble gen", "gen", "thimble", 1), "generate\n");
    assert_eq!(
        completed("thimble help pres", "pres", "help", 2),
        "presets\n"
    );
    assert_eq!(
        completed("thimble help gen", "gen", "help", 2),
        "generate\n"
    );
    assert_fails(&run(&["completions", "ksh"]), 2, "possible values");
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let page = said(&run(&["man"]));
    assert!(
        page.starts_with(".ie") || page.contains(".TH thimble 1"),
        "{page}"
    );
    let page = said(&run(&["man", "engine", "publish"]));
    assert!(page.contains("thimble engine publish"), "{page}");
    assert_fails(&run(&["man", "generates"]), 2, "did you mean `generate`?");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("man1");
    said(&run(&["man", "--all", pages.to_str().unwrap()]));
    for page in [
        "thimble.1",
        "thimble-generate.1",
        "thimble-engine-publish.1",
    ] {
        assert!(pages.join(page).is_file(), "{page}");
    }
}

#[test]
fn the_version_names_all_that_a_report_of_a_fault_should_say() {
    let shown = said(&run(&["--version"]));
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(lines[0], format!("thimble {}", env!("CARGO_PKG_VERSION")));
    assert!(
        lines[1].contains("sha256:") && lines[1].contains("engine.wasm"),
        "{shown}"
    );
    assert!(shown.contains("thimble:engine/"), "{shown}");
    assert!(shown.contains("wasmtime: 48"), "{shown}");
    assert_eq!(said(&run(&["-V"])), shown);
}
