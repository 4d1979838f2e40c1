//! `thimble config`, and the commands that read a configuration file.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::desk::{Desk, engine, files, picture, text};
use crate::process::{CACHE, Running, eventually, finish};
use crate::tool::thimble;

const FILE: &str = r#"[presets]
face = "32x32,cover,png"
wide = "64x"

[default]
presets = ["wide"]

[[rule]]
name = "avatars"
prefix = "avatars/"
presets = ["face"]
thumbnail-name = "faces/{key}/{preset}.{ext}"
thumbnails-bucket = "faces"

[[rule]]
prefix = "raw/"
presets = []
"#;

/// A folder with a configuration file.
struct Place(TempDir);

impl Place {
    fn with(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("thimble.toml"), file).unwrap();
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn thimble(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_thimble"))
            .args(words)
            .current_dir(self.path())
            .env("THIMBLE_ENGINE", engine())
            .env("THIMBLE_CACHE", CACHE)
            .env_remove("THIMBLE_CONFIG")
            .output()
            .unwrap()
    }
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

#[test]
fn a_check_says_what_becomes_of_a_source() {
    let place = Place::with(FILE);
    let keys = [
        "--key",
        "uploads/avatars/ann.jpg",
        "--key",
        "s3://uploads/beach.jpg",
        "--key",
        "uploads/raw/1.nef",
        "--key",
        "faces/faces/x",
    ];
    let checked = place.thimble(&[&["config", "check"], &keys[..]].concat());
    assert_eq!(code(&checked), Some(0), "{}", text(&checked.stderr));
    let expected = "\
uploads/avatars/ann.jpg meets rule 1 (avatars), line 8
  face=32x32,cover,png: faces/faces/avatars/ann.jpg/face.png
uploads/beach.jpg meets the default, line 5
  wide=64x: $THUMBNAILS_BUCKET/beach.jpg/wide.{ext}
uploads/raw/1.nef meets rule 2, line 15
  it gets no thumbnails
faces/faces/x meets the default, line 5
  it is no source, because thumbnails are written there
";
    assert_eq!(text(&checked.stdout), expected);
    assert!(text(&checked.stderr).contains("thimble.toml: 2 rules, no mistake"));
}

#[test]
fn a_check_tells_every_mistake_those_of_the_engine_included() {
    let place = Place::with(
        "[presets]\nold = \"10x10,avif\"\nhuge = \"60000x60000,enlarge,fill\"\nbad = \"10x10,covr\"\n\
         [[rule]]\nprefix = \"a/\"\npresetz = \"x=1x\"\n",
    );
    let checked = place.thimble(&["config", "check"]);
    assert_eq!(code(&checked), Some(1));
    let told = text(&checked.stdout);
    let places: Vec<&str> = told
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    let expected = [
        "thimble.toml:4:14",
        "thimble.toml:7:1",
        "thimble.toml:2:1",
        "thimble.toml:3:1",
    ];
    assert_eq!(places, expected, "{told}");
    assert!(told.contains("did you mean `presets`?"), "{told}");
    assert!(
        told.contains("cannot make the preset old=10x10,avif"),
        "{told}"
    );
    let without = place.thimble(&["config", "check", "--without-engine"]);
    assert_eq!(text(&without.stdout).lines().count(), 2);
    let missing = place.thimble(&["config", "check", "nowhere.toml"]);
    assert_eq!(code(&missing), Some(1));
    assert!(text(&missing.stdout).starts_with("nowhere.toml: it cannot be read"));
}

#[test]
fn what_is_shown_is_a_file_that_means_the_same() {
    let place = Place::with(FILE);
    let shown = place.thimble(&["config", "show"]);
    assert_eq!(code(&shown), Some(0), "{}", text(&shown.stderr));
    fs::write(place.path().join("again.toml"), &shown.stdout).unwrap();
    let again = place.thimble(&["config", "show", "again.toml"]);
    assert_eq!(text(&again.stdout), text(&shown.stdout));
    assert!(text(&shown.stdout).contains("presets = [\"face=32x32,cover,png\"]"));
    let schema = place.thimble(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert!(schema["properties"]["rule"]["items"]["properties"]["prefix"].is_object());
}

#[test]
fn images_of_a_folder_get_what_their_rules_say() {
    let place = Place::with(FILE);
    for (key, seed) in [("avatars/ann.bmp", 1), ("beach.bmp", 2), ("raw/1.bmp", 3)] {
        let path = place.path().join("photos").join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, picture(seed)).unwrap();
    }
    let made = |words: &[&str]| {
        let output = place.thimble(&[&["generate", "photos", "-o", "out"], words].concat());
        assert_eq!(code(&output), Some(0), "{}", text(&output.stderr));
        let keys: Vec<String> = files(&place.path().join("out")).into_keys().collect();
        fs::remove_dir_all(place.path().join("out")).unwrap();
        (keys, text(&output.stderr))
    };
    let (keys, told) = made(&["--config", "thimble.toml"]);
    assert_eq!(
        keys,
        ["beach.bmp/wide.jpg", "faces/avatars/ann.bmp/face.png"]
    );
    assert!(
        told.contains("1 image left alone by the configuration file"),
        "{told}"
    );
    let plain = FILE.replace("thumbnail-name", "# ");
    fs::write(place.path().join("plain.toml"), plain).unwrap();
    let (keys, _) = made(&["--config", "plain.toml", "--preset", "x=9x9,png"]);
    let expected = ["avatars/ann.bmp/x.png", "beach.bmp/x.png"];
    assert_eq!(keys, expected, "options say more");
    let (keys, _) = made(&["--preset", "x=9x9,png"]);
    assert_eq!(keys.len(), 3, "a file that nobody named is not read");
}

#[test]
fn a_folder_that_is_followed_is_followed_by_the_rules_of_the_file() {
    let place = Place::with(FILE);
    let (desk, file) = (Desk::new(), place.path().join("thimble.toml"));
    let once = |words: &[&str]| {
        let words = [&["--once", "--config", file.to_str().unwrap()], words].concat();
        let output = desk.run(&words);
        assert_eq!(code(&output), Some(0), "{}", text(&output.stderr));
        desk.thumbnails().into_keys().collect::<Vec<_>>()
    };
    desk.image("avatars/ann.bmp", &picture(1));
    desk.image("beach.bmp", &picture(2));
    desk.image("raw/1.bmp", &picture(3));
    let keys = once(&[]);
    assert_eq!(
        keys,
        ["beach.bmp/wide.jpg", "faces/avatars/ann.bmp/face.png"]
    );
    desk.remove("avatars/ann.bmp");
    assert_eq!(once(&[]), ["beach.bmp/wide.jpg"]);
    fs::write(&file, "[default]\npresetz = 'x=1x'\n").unwrap();
    let refused = desk.run(&["--once", "--config", file.to_str().unwrap()]);
    assert_eq!(code(&refused), Some(2));
    assert!(text(&refused.stderr).contains("thimble.toml:2:1: there is no key `presetz`"));
}

#[test]
fn a_backfill_and_a_worker_go_by_the_file_and_a_change_is_asked_for_alone() {
    let place = Place::with(FILE);
    let (desk, file) = (Desk::kept(), place.path().join("thimble.toml"));
    for (key, seed) in [("avatars/ann.bmp", 1), ("beach.bmp", 2), ("raw/1.bmp", 3)] {
        desk.image(key, &picture(seed));
    }
    let root = desk.root.to_str().unwrap();
    // A folder has one place for thumbnails.
    let in_folder = FILE.replace("thumbnails-bucket", "# ");
    let run = |text: &str, words: &[&str]| {
        fs::write(&file, text).unwrap();
        let with = ["--queue", root, "--config", file.to_str().unwrap()];
        let output = finish(thimble(&[words, &with[..]].concat()).spawn().unwrap());
        assert!(output.status.success(), "{}", text_of(&output));
        text_of(&output)
    };
    let asked = |text: &str, option: &str| {
        let said = run(text, &["backfill", root, option, "--json"]);
        let summary = said.lines().rfind(|line| line.contains("\"sent\""));
        let summary: serde_json::Value = serde_json::from_str(summary.unwrap()).unwrap();
        let sent = summary["summary"]["sent"].as_u64();
        run(text, &["worker", "--once", "--quiet"]);
        (sent, desk.thumbnails().into_keys().collect::<Vec<_>>())
    };
    let (sent, keys) = asked(&in_folder, "--changed");
    let first = ["beach.bmp/wide.jpg", "faces/avatars/ann.bmp/face.png"];
    assert_eq!((sent, keys), (Some(2), first.map(str::to_owned).to_vec()));
    assert_eq!(
        asked(&in_folder, "--changed").0,
        Some(0),
        "nothing has changed"
    );
    let other = in_folder.replace("wide = \"64x\"", "wide = \"48x\"");
    assert_eq!(
        asked(&other, "--changed").0,
        Some(1),
        "one rule has changed"
    );
    assert_eq!(asked(&other, "--missing-only").0, Some(0));
}

fn text_of(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[cfg(unix)]
#[test]
fn a_change_of_the_file_reaches_a_folder_that_is_followed_and_a_mistake_does_not() {
    let place = Place::with(FILE);
    let (desk, file) = (Desk::new(), place.path().join("thimble.toml"));
    let said = place.path().join("said");
    desk.image("avatars/ann.bmp", &picture(1));
    desk.image("beach.bmp", &picture(2));
    let mut command = desk.command(&["--config", file.to_str().unwrap()]);
    let words = fs::File::create(&said).unwrap();
    let mut watching = Running::start(command.stdout(Stdio::null()).stderr(words));
    let keys = || desk.thumbnails().into_keys().collect::<Vec<_>>();
    let first = ["beach.bmp/wide.jpg", "faces/avatars/ann.bmp/face.png"];
    eventually("thumbnails", || keys() == first);
    // No image changes: what is up to date no longer is made anew, and nothing else.
    let face = || desk.thumbnails()["faces/avatars/ann.bmp/face.png"].clone();
    let (before, wide) = (face(), desk.thumbnails()["beach.bmp/wide.jpg"].clone());
    let other = FILE.replace("wide = \"64x\"", "wide = \"48x\"");
    fs::write(&file, &other).unwrap();
    eventually("narrower ones", || {
        let now = desk.thumbnails();
        now.get("beach.bmp/wide.jpg")
            .is_some_and(|now| *now != wide)
            && keys() == first
    });
    assert!(face() == before);
    fs::write(&file, other.replace("[default]", "[defaults]")).unwrap();
    let has_said = |words: &str| fs::read_to_string(&said).unwrap().contains(words);
    eventually("the mistake is told", || {
        has_said("did you mean `default`?")
    });
    desk.image("late.bmp", &picture(3));
    eventually("the last good one holds on", || {
        keys().contains(&"late.bmp/wide.jpg".to_owned())
    });
    assert!(has_said(
        "the configuration file has changed and is in force"
    ));
    assert!(watching.stop().success());
}
