//! Output of commands, to readers that go away and to terminals.

use std::fs;
use std::io::pipe;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use testkit::component::{BAD_SOURCE, Component, GOOD_SOURCE};
use thimble::engines::{Author, Draft, EngineStore};
use thimble::local::DirectoryStore;

use crate::desk::{Desk, files, picture, text};
use crate::process::finish;
use crate::tool::thimble;

/// Presets of the thumbnails that a component by hand always makes.
const PRESETS: [&str; 4] = ["--preset", "small=8x8", "--preset", "tiny=5x5,cover"];

/// A desk with a good image and a bad one, an engine that dies of the bad one,
/// and a store with that engine.
struct Studio {
    desk: Desk,
    root: String,
    tools: tempfile::TempDir,
}

impl Studio {
    fn new() -> Self {
        let desk = Desk::kept();
        desk.image("good.png", GOOD_SOURCE);
        desk.image("bad.png", BAD_SOURCE);
        let tools = tempfile::tempdir().unwrap();
        let engine = Component::that_runs("(unreachable)").build();
        fs::write(tools.path().join("engine.wasm"), engine).unwrap();
        let root = desk.root.to_str().unwrap().to_owned();
        Self { desk, root, tools }
    }

    fn path(&self, name: &str) -> String {
        self.tools.path().join(name).to_str().unwrap().to_owned()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = thimble(words);
        command
            .env("THIMBLE_ENGINE", self.path("engine.wasm"))
            .env("THIMBLE_ENGINE_STORE", self.path("engines"))
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE");
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        finish(self.command(words).spawn().unwrap())
    }

    #[track_caller]
    fn does(&self, words: &[&str]) {
        let output = self.run(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            text(&output.stderr)
        );
    }

    /// The same with nobody at the other end of its standard output.
    fn unheard(&self, words: &[&str]) -> Output {
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        finish(self.command(words).stdout(writer).spawn().unwrap())
    }

    fn generate(&self) -> Vec<String> {
        let image = format!("{}/images/good.png", self.root);
        let words = ["generate", &image, "-o", &self.path("thumbs")];
        words
            .iter()
            .chain(&PRESETS)
            .map(|word| (*word).to_owned())
            .collect()
    }

    fn local(&self, more: &[&str]) -> Vec<String> {
        let words = ["local", &self.root];
        let all = words.iter().chain(more).chain(&PRESETS);
        all.map(|word| (*word).to_owned()).collect()
    }
}

fn words(owned: &[String]) -> Vec<&str> {
    owned.iter().map(String::as_str).collect()
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure_of_any_command() {
    let studio = Studio::new();
    let root = studio.root.as_str();
    let silent = |command: &[&str]| {
        let output = studio.unheard(command);
        let said = text(&output.stderr);
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{command:?}"
        );
    };
    let once = studio.local(&["--once"]);
    silent(&words(&once));
    // The work is done, no matter who reads.
    assert_eq!(studio.desk.thumbnails().len(), 2);
    assert_eq!(studio.desk.status(), [0, 0, 1]);
    studio.does(&["engine", "publish", &studio.path("engine.wasm")]);
    studio.does(&["engine", "promote", "latest"]);
    let image = studio.path("photo.bmp");
    fs::write(&image, picture(1)).unwrap();
    let engine = studio.path("engine.wasm");
    let real = crate::desk::engine().to_str().unwrap().to_owned();
    let json = studio.local(&["--once", "--json"]);
    for command in [
        &words(&studio.generate())[..],
        &words(&json),
        &["inspect", &image, "--engine", &real],
        &["engine", "inspect", &engine],
        &["engine", "list"],
        &["engine", "show", "latest"],
        &["backfill", root, "--queue", root, "--dry-run"],
        &["local", root, "status"],
        &["local", root, "dead-letters"],
        &["dlq", "list", "--queue", root],
        &["dlq", "list", "--queue", root, "--json"],
        &["redrive", "--from", root, "--to", root, "--dry-run"],
        &["--help"],
    ] {
        silent(command);
    }
    assert_eq!(studio.desk.status(), [0, 0, 1], "a look changes nothing");
    silent(&["backfill", root, "--queue", root]);
    assert_eq!(
        studio.desk.status(),
        [2, 0, 1],
        "what is to be sent is sent"
    );
    silent(&["redrive", "--from", root, "--to", root]);
    assert_eq!(
        studio.desk.status(),
        [2, 0, 0],
        "a letter takes the place of what waits for the same image"
    );
    silent(&words(&once));
    silent(&["dlq", "purge", "--queue", root, "--yes"]);
    assert_eq!(studio.desk.status(), [0, 0, 0]);
}

#[test]
fn every_image_is_made_though_nobody_reads_the_list() {
    let studio = Studio::new();
    let mut command = studio.generate();
    for name in ["a.png", "b.png", "c.png"] {
        let copy = studio.path(name);
        fs::copy(format!("{}/images/good.png", studio.root), &copy).unwrap();
        command.push(copy);
    }
    let output = studio.unheard(&words(&command));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let made = files(Path::new(&studio.path("thumbs")));
    for name in ["good.png/", "a.png/", "b.png/", "c.png/"] {
        assert!(
            made.keys().any(|key| key.contains(name)),
            "{name}: {made:?}"
        );
    }
    // A failure is one all the same.
    command.push(format!("{}/images/bad.png", studio.root));
    assert_eq!(studio.unheard(&words(&command)).status.code(), Some(1));
}

#[test]
fn a_failure_is_one_though_nobody_reads_it() {
    let studio = Studio::new();
    let wrong = studio.path("wrong.toml");
    fs::write(&wrong, "[default]\nno-such-key = 1\n").unwrap();
    let missing = studio.path("missing.toml");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let key = ["--key", "images/a.png"];
    for command in [
        &["health", &address][..],
        &["config", "check", &missing, "--without-engine"],
        &["config", "check", &wrong, "--without-engine"],
        &[&["config", "check", &wrong, "--without-engine"], &key[..]].concat(),
    ] {
        let output = studio.unheard(command);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{command:?}: {said}");
    }
}

#[test]
fn a_watch_that_nobody_watches_ends() {
    let studio = Studio::new();
    studio.desk.remove("bad.png");
    let output = studio.unheard(&words(&studio.local(&[])));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_worker_whose_log_nobody_reads_works_on() {
    let studio = Studio::new();
    let root = studio.root.as_str();
    assert_eq!(studio.desk.status(), [0, 0, 0]);
    for format in [&["--text"][..], &[]] {
        studio.does(&["backfill", root, "--queue", root]);
        let (reader, writer) = pipe().unwrap();
        drop(reader);
        let worker = ["worker", "--queue", root, "--once"];
        let mut command = studio.command(&[&worker, &PRESETS[..], format].concat());
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(finish(command.spawn().unwrap()).status.code(), Some(0));
        assert_eq!(studio.desk.thumbnails().len(), 2);
    }
}

#[test]
fn a_full_disk_is_a_failure_that_is_told() {
    let studio = Studio::new();
    for command in [studio.generate(), studio.local(&["--once"])] {
        let full = fs::File::create("/dev/full").unwrap();
        let mut child = studio.command(&words(&command));
        let output = finish(child.stdout(full).spawn().unwrap());
        assert_eq!(output.status.code(), Some(1), "{command:?}");
        let said = text(&output.stderr);
        assert!(said.contains("No space left"), "{said}");
    }
    assert_eq!(
        studio.desk.thumbnails().len(),
        2,
        "all is done nevertheless"
    );
}

/// Commands that somebody might think should be colorful.
fn colorful(studio: &Studio) -> Vec<Vec<String>> {
    let root = studio.root.clone();
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let worker = ["worker", "--queue", &root, "--once", "--text"];
    vec![
        [owned(&worker), owned(&PRESETS)].concat(),
        owned(&["--help"]),
        owned(&["worker", "--no-such-option"]),
        studio.generate(),
        studio.local(&["--once"]),
    ]
}

/// True if there are codes that choose a color: `ESC [`, numbers, `m`.
fn has_colors(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|code| {
        let end = code.find(|c: char| !c.is_ascii_digit() && c != ';');
        end.is_some_and(|end| code[end..].starts_with('m'))
    })
}

#[test]
fn no_escape_codes_go_into_a_pipe() {
    let studio = Studio::new();
    assert_eq!(studio.desk.status(), [0, 0, 0]);
    for command in colorful(&studio) {
        for no_color in [None, Some("1")] {
            let mut child = studio.command(&words(&command));
            child.envs(no_color.map(|value| ("NO_COLOR", value)));
            let output = finish(child.spawn().unwrap());
            let said = text(&output.stdout) + &text(&output.stderr);
            assert!(!said.contains('\u{1b}'), "{command:?}: {said}");
            assert!(!said.is_empty(), "{command:?}");
        }
    }
}

/// Output of a command to a terminal, which `script` plays.
#[cfg(target_os = "linux")]
fn on_a_terminal(
    studio: &Studio,
    words: &[String],
    variable: Option<(&str, &str)>,
) -> Option<String> {
    let quoted = |word: &str| format!("'{}'", word.replace('\'', r"'\''"));
    let program = env!("CARGO_BIN_EXE_thimble");
    let line = std::iter::once(program).chain(words.iter().map(String::as_str));
    let line: Vec<String> = line.map(quoted).collect();
    let mut command = Command::new("script");
    command.args(["--quiet", "--command", &line.join(" "), "/dev/null"]);
    command
        .env("THIMBLE_ENGINE", studio.path("engine.wasm"))
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR")
        .env_remove("CLICOLOR_FORCE")
        .envs(variable)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    Some(text(&finish(command.spawn().ok()?).stdout))
}

#[test]
#[cfg(target_os = "linux")]
fn colors_are_for_terminals_and_for_nobody_who_wants_none() {
    let studio = Studio::new();
    assert_eq!(studio.desk.status(), [0, 0, 0]);
    let commands = colorful(&studio);
    let Some(said) = on_a_terminal(&studio, &commands[0], None) else {
        eprintln!("not tested on a terminal: there is no `script`");
        return;
    };
    assert!(has_colors(&said), "{said:?}");
    for command in commands {
        for variable in [("NO_COLOR", "1"), ("CLICOLOR", "0")] {
            let said = on_a_terminal(&studio, &command, Some(variable)).unwrap();
            assert!(
                !said.is_empty() && !has_colors(&said),
                "{command:?}, {variable:?}: {said:?}"
            );
        }
    }
}

#[test]
fn colors_go_into_a_pipe_for_those_who_force_them() {
    let studio = Studio::new();
    let commands = colorful(&studio);
    let command = words(&commands[0]);
    for (no_color, wanted) in [(None, true), (Some(("NO_COLOR", "1")), false)] {
        assert_eq!(studio.desk.status(), [0, 0, 0]);
        let mut child = studio.command(&command);
        child.env("CLICOLOR_FORCE", "1").envs(no_color);
        let said = text(&finish(child.spawn().unwrap()).stderr);
        assert_eq!(has_colors(&said), wanted, "{no_color:?}: {said:?}");
    }
}

#[tokio::test]
async fn names_in_a_store_of_engines_move_no_cursor() {
    let studio = Studio::new();
    let root = studio.tools.path();
    fs::create_dir(root.join("engines")).unwrap();
    let objects = DirectoryStore::open(root, &root.join(".thimble")).unwrap();
    let store = EngineStore::new(Arc::new(objects), "engines", "");
    let evil = "evil\u{1b}[2J\u{9b}31m\nforged \u{202e}gpj";
    let draft = Draft {
        name: evil.to_owned(),
        version: evil.to_owned(),
        contract: evil.to_owned(),
        wasm: Component::good().build().into(),
        compiled: Vec::new(),
    };
    let nobody = Author::new(None, Vec::new());
    store.publish(&draft, &nobody, 1).await.unwrap();
    for words in [
        &["engine", "promote", "latest", "--dry-run"][..],
        &["engine", "promote", "latest"],
        &["engine", "promote", "latest"],
        &["engine", "canary", "latest", "--dry-run"],
        &["engine", "list"],
        &["engine", "list", "--json"],
        &["engine", "show", "latest"],
        &["engine", "show", "latest", "--json"],
        &["engine", "show", evil],
        &["engine", "verify"],
        &["engine", "gc", "--dry-run"],
    ] {
        let output = studio.run(words);
        let said = text(&output.stdout) + &text(&output.stderr);
        let moves = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!said.contains(moves), "{words:?}: {said:?}");
        let forged = said.lines().any(|line| line.starts_with("forged"));
        assert!(!forged, "{words:?}: {said:?}");
    }
    let shown = text(&studio.run(&["engine", "show", "latest", "--json"]).stdout);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["name"], evil, "programs read what is there");
}

#[test]
fn a_start_that_takes_long_says_what_it_waits_for() {
    let studio = Studio::new();
    let engine = Component::that_tests_with("(loop $l (br $l)) (unreachable)").build();
    fs::write(studio.path("engine.wasm"), engine).unwrap();
    let output = studio.run(&["worker", "--queue", &studio.root, "--once"]);
    let log = text(&output.stderr);
    assert!(!output.status.success(), "{log}");
    let waits = log.find("loading the engine").expect(&log);
    let refused = log.find("stopped after").expect(&log);
    assert!(waits < refused, "{log}");
}
