//! Text of strangers on a terminal, and the words for a failure.
//!
//! A key, a reason, or the documents of an engine store may hold what a terminal
//! takes for a command. No program writes it there as it is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::{Value, json};
use testkit::component::{BAD_SOURCE, Component, PRESETS};
use thimble::trust::Digest;

use crate::desk::{Desk, text};
use crate::process::finish;
use crate::tool::{lines, run, thimble};

/// Clears the screen, sets its title, colors it with one byte in place of two,
/// returns, rings, and turns the direction of text.
const COMMANDS: &str = "\u{1b}[2J\u{1b}]0;x\u{7}\u{9b}31m\r\u{7f}\u{202e}";

/// Nothing that a terminal would obey, in whatever a program wrote.
#[track_caller]
fn assert_harmless(output: &Output, words: &[&str]) {
    for stream in [&output.stdout, &output.stderr] {
        let said = text(stream);
        let obeyed = |character: char| {
            (character.is_control() && character != '\n') || character == '\u{202e}'
        };
        assert!(!said.contains(obeyed), "{words:?}: {said:?}");
        assert!(!said.contains("panicked"), "{words:?}: {said}");
    }
}

/// A desk whose engine is `component`, with one image that it fails with.
struct Trouble {
    desk: Desk,
    engine: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Trouble {
    fn new(component: &Component, key: &str) -> Self {
        let desk = Desk::new();
        let engine = desk.root.join("engine.wasm");
        fs::write(&engine, component.build()).unwrap();
        desk.image(key, BAD_SOURCE);
        let environment = vec![];
        Self {
            desk,
            engine,
            environment,
        }
    }

    fn root(&self) -> &str {
        self.desk.root.to_str().unwrap()
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = thimble(words);
        command.env("THIMBLE_ENGINE", &self.engine);
        command.env("PRESETS", PRESETS.join(" "));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        finish(command.spawn().unwrap())
    }

    fn with_presets(&self, words: &[&str]) -> Output {
        let presets = ["--preset", PRESETS[0], "--preset", PRESETS[1]];
        self.run(&[words, &presets].concat())
    }
}

#[test]
fn no_command_in_a_key_or_in_the_words_of_an_engine_reaches_a_terminal() {
    let component = Component::that_claims(|claim| claim.error = Some((1, COMMANDS)));
    let key = format!("a{COMMANDS}\nb.png");
    let trouble = Trouble::new(&component, &key);
    let root = trouble.root();
    let image = format!("{root}/images/{key}");
    let thumbs = format!("{root}/thumbs");
    let check = |words: &[&str]| {
        assert_harmless(&trouble.run(words), words);
        let words = [words, &["--json"]].concat();
        assert_harmless(&trouble.run(&words), &words);
    };
    for words in [
        &["generate", &image, "-o", &thumbs][..],
        &["local", root, "--once"],
        &["local", root, "--once", "--quiet"],
    ] {
        let output = trouble.with_presets(words);
        assert_harmless(&output, words);
        let said = text(&output.stdout) + &text(&output.stderr);
        assert!(said.contains("a\\u{1b}[2J"), "{words:?}: {said}");
    }
    check(&["inspect", &image]);
    check(&["local", root, "status"]);
    check(&["local", root, "dead-letters"]);
    check(&["dlq", "list", "--queue", root]);
    let letters = lines(&trouble.run(&["dlq", "list", "--queue", root, "--json"]));
    assert_eq!(letters[0]["key"], key, "JSON still says what it is");
    let id = letters[0]["id"].as_str().unwrap().to_owned();
    check(&["dlq", "show", &id, "--queue", root]);
    check(&["dlq", "show", COMMANDS, "--queue", root]);
    check(&["dlq", "purge", "--queue", root]);
    check(&["backfill", root, "--queue", root, "--dry-run"]);
    check(&["redrive", "--from", root, "--to", root, "--dry-run"]);
    check(&["local", root, "redrive"]);
    for text in [&[][..], &["--text"]] {
        let words = [&["worker", "--queue", root, "--once"], text].concat();
        assert_harmless(&trouble.run(&words), &words);
        assert_harmless(
            &trouble.run(&["local", root, "redrive"]),
            &["local", "redrive"],
        );
    }
    check(&["dlq", "purge", "--queue", root, "--yes"]);
}

/// An engine store as somebody writes it who means ill: each text of its
/// documents has commands in it.
fn ill_meant(store: &Path) -> String {
    let wasm = Component::good().build();
    let engine = Digest::of(&wasm);
    write(store, &format!("engines/{engine}.wasm"), &wasm);
    let code = Digest::of(b"code");
    write(store, &format!("compiled/{code}.cwasm"), b"code");
    let ill = |text: &str| format!("{text}{COMMANDS}\n");
    let release = sealed(
        "release",
        &json!({
            "name": ill("name"), "version": ill("1.0.0"), "contract": ill("contract"),
            "published": 0,
            "wasm": { "sha256": engine.to_string(), "bytes": wasm.len() },
            "compiled": [{
                "key": ill("key"), "target": ill("target"), "cpu": ill("cpu"),
                "wasmtime": ill("48"), "sha256": code.to_string(), "bytes": 4,
            }],
        }),
    );
    let id = Digest::of(&release).to_string();
    write(store, &format!("releases/{id}.json"), &release);
    // A document of another kind, and one that is none.
    let other = sealed(&ill("kind"), &json!({}));
    let name = format!("releases/{}.json", Digest::of(&other));
    write(store, &name, &other);
    write(store, &format!("releases/{}.json", Digest::of(b"")), b"");
    write(store, "engines/no\u{1b}[2Jdigest.wasm", b"no digest");
    let reference = |name: &str| {
        json!({
            "release": id, "engine": engine.to_string(), "name": ill(name), "version": ill("1"),
        })
    };
    let mut canary = reference("canary");
    canary["weight"] = 10.into();
    canary["salt"] = ill("salt").into();
    let channel = sealed(
        "channel",
        &json!({
            "channel": "stable", "serial": 3, "changed": 0, "current": reference("current"),
            "previous": reference("previous"), "canary": canary,
        }),
    );
    write(store, "channels/stable.json", &channel);
    id
}

fn sealed(kind: &str, document: &Value) -> Vec<u8> {
    let envelope = json!({
        "format": 1, "kind": kind, "payload": document.to_string(), "signatures": [],
    });
    envelope.to_string().into_bytes()
}

fn write(store: &Path, key: &str, bytes: &[u8]) {
    let path = store.join(key);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn no_command_in_the_documents_of_an_engine_store_reaches_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("engines");
    let id = ill_meant(&store);
    let at = store.to_str().unwrap();
    let engine = store.join("engines");
    let engine = fs::read_dir(engine).unwrap().find_map(|entry| {
        let path = entry.unwrap().path();
        (!path.to_str().unwrap().contains("no")).then_some(path)
    });
    let engine = engine.unwrap();
    for words in [
        &["list"][..],
        &["show", &id],
        &["show", COMMANDS],
        &["verify"],
        &["gc", "--dry-run", "--keep", "0", "--days", "0"],
        &["promote", &id, "--dry-run"],
        &["canary", &id, "--dry-run"],
        &["canary", "--off", "--dry-run"],
        &["rollback", "--dry-run"],
        &["rollback"],
    ] {
        let words = [&["engine"], words, &["--store", at]].concat();
        let output = run(&words);
        assert_harmless(&output, &words);
        if matches!(words[1], "list" | "show" | "verify") {
            let said = text(&output.stdout) + &text(&output.stderr);
            assert!(said.contains("\\u{1b}[2J"), "{words:?}: {said}");
        }
        let words = [&words[..], &["--json"]].concat();
        assert_harmless(&run(&words), &words);
    }
    let words = ["engine", "inspect", engine.to_str().unwrap()];
    assert_harmless(&run(&words), &words);
    // A host that follows it says what it does not follow.
    let desk = Desk::at(folder.path());
    let output = desk.run(&["--once"]);
    assert_harmless(&output, &["local", "--once"]);
}

/// The kind and the text of a failure where somebody reads them: those of `generate`, those
/// of `local`, those of the letter, and those of the log of a worker, which is that of a
/// function.
fn told_everywhere(trouble: &Trouble, key: &str, options: &[&str]) -> [(String, String); 4] {
    let told = |value: &Value, kind: &str, text: &str| {
        let [kind, text] = [kind, text].map(|name| value[name].as_str().map(str::to_owned));
        kind.zip(text).unwrap_or_else(|| panic!("{value}"))
    };
    let root = trouble.root();
    let image = format!("{root}/images/{key}");
    let thumbs = format!("{root}/thumbs");
    let words = ["generate", &image, "-o", &thumbs, "--json"];
    let generated = trouble.with_presets(&[&words, options].concat());
    let generated: Value = serde_json::from_slice(&generated.stdout).unwrap();

    let words = ["local", root, "--once", "--json"];
    let worked = lines(&trouble.with_presets(&[&words, options].concat()));
    let letters = lines(&trouble.run(&["dlq", "list", "--queue", root, "--json"]));

    assert!(trouble.run(&["local", root, "redrive"]).status.success());
    let log = text(&trouble.run(&["worker", "--queue", root, "--once"]).stderr);
    let line = log.lines().find(|line| line.contains("object failed"));
    let line: Value = serde_json::from_str(line.unwrap_or_else(|| panic!("{log}"))).unwrap();
    let fields = line.get("fields").unwrap_or(&line);
    [
        told(&generated["error"], "kind", "message"),
        told(&worked[0], "kind", "reason"),
        told(&letters[0], "kind", "reason"),
        told(fields, "error.kind", "error.message"),
    ]
}

/// Only the end of a text differs: a hint to an option, or the place of the object.
#[test]
fn a_source_that_no_engine_sees_has_one_kind_and_one_text_too() {
    let mut large = Trouble::new(&Component::good(), "large.png");
    large.environment = vec![("MAX_SOURCE_BYTES", "2".to_owned())];
    let long = format!("{}.png", "a".repeat(200));
    let mut unnameable = Trouble::new(&Component::good(), &long);
    let config = unnameable.desk.root.join("thimble.toml");
    let lines = "[default]\nthumbnail-name = \"{preset}/{key}-NAME.{ext}\"\n";
    fs::write(&config, lines.replace("NAME", &"b".repeat(60))).unwrap();
    unnameable.environment = vec![("THIMBLE_CONFIG", config.to_str().unwrap().to_owned())];
    let size = BAD_SOURCE.len();
    for (trouble, key, options, kind, text) in [
        (
            &large,
            "large.png",
            &["--max-bytes", "2"][..],
            "source-too-large",
            format!("it has {size} bytes, and at most 2 are read"),
        ),
        (
            &unnameable,
            &long,
            &[],
            "unnameable",
            "no thumbnail can be named after this source: ".to_owned(),
        ),
    ] {
        for told in told_everywhere(trouble, key, options) {
            assert_eq!(told.0, kind, "{told:?}");
            assert!(told.1.starts_with(&text), "{told:?}");
        }
    }
}

#[test]
fn a_failure_has_one_name_and_one_text_wherever_it_is_told() {
    let mut kinds = BTreeSet::new();
    let claims = (0..5).map(|number| {
        Component::that_claims(move |claim| claim.error = Some((number, "some\ndetail")))
    });
    let others = [
        Component::that_runs("(unreachable)"),
        Component::that_runs("(memory.grow (i32.const 60000))"),
        Component::that_claims(|claim| claim.thumbnails.clear()),
    ];
    for component in claims.chain(others) {
        let trouble = Trouble::new(&component, "bad.png");
        let [told, others @ ..] = told_everywhere(&trouble, "bad.png", &[]);
        for other in others {
            assert_eq!(other, told);
        }
        kinds.insert(told.0);
    }
    assert!(kinds.len() >= 7, "{kinds:?}");
}
