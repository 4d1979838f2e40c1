//! An engine takes the place of another while the program runs.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use testkit::component::Component;

use crate::desk::{Desk, engine, picture, text};
use crate::process::{Running, eventually, finish};

/// Thumbnails that a hand-written engine can make as well.
const PRESETS: [&str; 4] = ["--preset", "small=8x8", "--preset", "tiny=5x5,cover"];

/// A folder with a store of engines, and a key.
pub(super) struct Workshop {
    pub(super) desk: Desk,
    pub(super) tools: tempfile::TempDir,
    pub(super) public: String,
}

impl Workshop {
    pub(super) fn new() -> Self {
        let desk = Desk::new();
        let tools = tempfile::tempdir().unwrap();
        let key = tools.path().join("key");
        let made = thimble(&["engine", "keygen", key.to_str().unwrap()], &[]);
        assert!(made.status.success(), "{}", text(&made.stderr));
        let public = text(&made.stdout).trim().to_owned();
        let again = thimble(&["engine", "keygen", key.to_str().unwrap()], &[]);
        assert_eq!(again.status.code(), Some(2), "no key is written over");
        Self {
            desk,
            tools,
            public,
        }
    }

    /// `thimble engine WORDS`, as whoever has the key.
    fn engine(&self, words: &[&str]) -> Output {
        let arguments: Vec<&str> = ["engine"].iter().chain(words).copied().collect();
        let store = self.desk.root.join("engines");
        let key = self.tools.path().join("key");
        let (store, key) = (store.to_str().unwrap(), key.to_str().unwrap());
        let mut set = vec![
            ("THIMBLE_ENGINE_STORE", store),
            ("THIMBLE_ENGINE_KEYS", self.public.as_str()),
        ];
        if ["publish", "promote", "canary", "rollback"].contains(&words[0]) {
            set.push(("THIMBLE_ENGINE_KEY", key));
        }
        thimble(&arguments, &set)
    }

    pub(super) fn done(&self, words: &[&str]) -> String {
        let output = self.engine(words);
        assert!(
            output.status.success(),
            "{words:?}: {}",
            text(&output.stderr)
        );
        text(&output.stdout)
    }

    fn json(&self, words: &[&str]) -> Value {
        let said = self.done(&[words, &["--json"]].concat());
        serde_json::from_str(&said).unwrap()
    }

    fn hand_written(&self, name: &str, engine: &Component) -> PathBuf {
        let path = self.tools.path().join(name);
        std::fs::write(&path, engine.build()).unwrap();
        path
    }

    pub(super) fn publish(&self, engine: &Path) -> String {
        let published = self.json(&["publish", engine.to_str().unwrap()]);
        published["release"].as_str().unwrap().to_owned()
    }

    pub(super) fn watch(&self) -> Running {
        let arguments = [&PRESETS[..], &["--trusted", &self.public]].concat();
        let mut command = self.desk.command(&arguments);
        let said = std::fs::File::create(self.tools.path().join("said")).unwrap();
        Running::start(command.stdout(said).stderr(Stdio::null()))
    }

    /// Works everything off with the engine that is live, and returns the summary.
    pub(super) fn once(&self) -> Value {
        let words = ["--once", "--json", "--trusted", &self.public];
        let output = self.desk.run(&[&PRESETS[..], &words].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        let last = said.lines().last().unwrap();
        serde_json::from_str::<Value>(last).unwrap()["summary"].take()
    }

    /// True once the host that watches has said `words`.
    pub(super) fn has_said(&self, words: &str) -> bool {
        std::fs::read_to_string(self.tools.path().join("said"))
            .is_ok_and(|said| said.contains(words))
    }
}

pub(super) fn thimble(arguments: &[&str], set: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thimble"));
    command.args(arguments).envs(set.iter().copied());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    finish(command.spawn().unwrap())
}

#[test]
fn an_image_that_killed_one_engine_is_made_by_the_next_without_a_restart() {
    let workshop = Workshop::new();
    let deficient = Component::that_runs("(unreachable)");
    let deficient = workshop.publish(&workshop.hand_written("deficient.wasm", &deficient));
    workshop.done(&["promote", &deficient]);

    let host = workshop.watch();
    workshop.desk.image("cat.bmp", &picture(1));
    let letters = || workshop.desk.dead_letters();
    eventually("the image is a dead letter", || !letters().is_empty());
    assert_eq!(
        letters(),
        [("cat.bmp".to_owned(), "engine-trap".to_owned())]
    );
    assert!(workshop.desk.thumbnails().is_empty());

    let fixed = workshop.publish(&engine());
    workshop.done(&["promote", &fixed]);
    assert!(workshop.desk.run(&["redrive"]).status.success());
    eventually("the thumbnails are there", || {
        workshop.desk.thumbnails().len() == 2
    });
    assert!(letters().is_empty());
    for engine in ["engine: by-hand ", "engine: thimble-engine "] {
        eventually(engine, || workshop.has_said(engine));
    }
    assert!(workshop.has_said(") is live\n"));
    drop(host);
    let said = workshop.done(&["verify"]);
    assert_eq!(said, "");
}

#[test]
fn engines_are_published_promoted_tried_and_rolled_back_from_the_command_line() {
    let workshop = Workshop::new();
    let [one, two] = ["1.0.1", "1.0.2"].map(|version| {
        let engine = Component::called("by-hand", version);
        workshop.hand_written(version, &engine)
    });
    let nothing = workshop.engine(&["list"]);
    assert!(
        text(&nothing.stderr).contains("`thimble engine publish` makes one"),
        "{nothing:?}"
    );
    let planned = workshop.json(&["publish", one.to_str().unwrap(), "--dry-run"]);
    assert_eq!(planned["release"], Value::Null);
    let still = workshop.engine(&["list"]);
    assert_eq!(text(&still.stderr), text(&nothing.stderr));
    let (one, two) = (workshop.publish(&one), workshop.publish(&two));

    let both = ["--target", "x86_64", "--target", "aarch64", "--dry-run"];
    let path = workshop.tools.path().join("1.0.1");
    let planned = workshop.json(&[&["publish", path.to_str().unwrap()], &both[..]].concat());
    let keys = [0, 1].map(|form: usize| planned["compiled"][form]["key"].as_str().unwrap());
    assert_eq!(
        keys,
        [
            "wt48-x86_64-unknown-linux-gnu-x86-64-v3",
            "wt48-aarch64-unknown-linux-gnu-armv8-a"
        ]
    );

    let nothing = workshop.engine(&["rollback"]);
    assert_eq!(nothing.status.code(), Some(1));
    assert!(text(&nothing.stderr).contains("promote an engine first"));
    workshop.done(&["promote", "by-hand@1.0.1"]);
    let planned = workshop.json(&["promote", &two[..12], "--dry-run"]);
    assert_eq!(planned["serial"], 2);
    assert_eq!(workshop.json(&["list"])["channels"][0]["serial"], 1);
    let tried = workshop.json(&["canary", &two[..12], "--percent", "2.5"]);
    assert_eq!(
        (&tried["canary"]["weight"], &tried["serial"]),
        (&25.into(), &2.into())
    );
    let promoted = workshop.json(&["promote", &two[..12]]);
    assert_eq!(promoted["current"]["release"], two.as_str());
    assert_eq!(promoted["canary"], Value::Null);
    let back = workshop.json(&["rollback"]);
    assert_eq!(back["current"]["release"], one.as_str());
    assert_eq!(back["serial"], 4);
    let said = workshop.done(&["show", "by-hand@1.0.2"]);
    assert!(said.contains("engine:      by-hand 1.0.2"), "{said}");
    assert!(said.contains("wt48-x86_64"), "{said}");
    let twice = workshop.engine(&["promote", "by-hand@1.0.1"]);
    assert!(text(&twice.stderr).contains("that engine is live already"));
    let unknown = workshop.engine(&["promote", "by-hand@9"]);
    assert!(text(&unknown.stderr).contains("no release is called that"));

    let broken = workshop.hand_written("broken", &Component::that_tests_with("(unreachable)"));
    let refused = workshop.engine(&["publish", broken.to_str().unwrap()]);
    assert!(text(&refused.stderr).contains("fails its self-test"));
    let garbage = workshop.json(&["gc", "--keep", "0", "--days", "0", "--dry-run"]);
    assert_eq!(garbage["objects"], 0, "both are named by the channel");

    let path = workshop.desk.root.join("engines/channels/stable.json");
    let document = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        document.replace("\\\"serial\\\":4", "\\\"serial\\\":9"),
    )
    .unwrap();
    let verified = workshop.engine(&["verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(text(&verified.stdout).contains("the document was changed"));
}
