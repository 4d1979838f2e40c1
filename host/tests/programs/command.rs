//! The command, as somebody uses it who makes mistakes.
//!
//! Most of these use an engine written by hand, which takes anything that begins
//! like a PNG for one and makes two thumbnails of it. One uses the real engine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use testkit::built;
use testkit::component::{BAD_SOURCE, Component, GOOD_SOURCE, png, real_source};

/// Two presets that match what an engine written by hand always makes.
const PRESETS: [&str; 4] = ["--preset", "small=8x8", "--preset", "tiny=5x5,cover"];

struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("engine.wasm"), Component::good().build()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn thimble(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_thimble"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("THIMBLE_ENGINE", self.path("engine.wasm"))
            .output()
            .unwrap()
    }

    /// `thimble generate FILES... -o thumbs` with the two presets.
    fn generate(&self, files: &[&str]) -> Output {
        let words = [&["generate"], files, &PRESETS, &["-o", "thumbs"]].concat();
        self.thimble(&words)
    }
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn assert_fails(output: &Output, code: i32, text: &str) {
    assert_eq!(output.status.code(), Some(code), "{}", err(output));
    assert!(
        err(output).contains(text),
        "`{}` does not say `{text}`",
        err(output)
    );
    assert!(!err(output).contains("panicked"));
}

/// The text has all of these parts.
fn assert_tells(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{text}` lacks `{part}`");
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path))
        } else {
            files.push(path)
        }
    }
    files.sort();
    files
}

#[test]
fn thumbnails_are_written_where_the_image_is_a_folder() {
    let world = World::new();
    world.write("photo.png", GOOD_SOURCE);
    let output = world.generate(&["photo.png"]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert_eq!(
        fs::read(world.path("thumbs/photo.png/small.png")).unwrap(),
        png(8, 4)
    );
    assert_eq!(
        fs::read(world.path("thumbs/photo.png/tiny.png")).unwrap(),
        png(5, 5)
    );
    assert_eq!(
        files_below(&world.path("thumbs")).len(),
        2,
        "nothing is left lying about"
    );
    assert!(out(&output).contains("thumbs/photo.png/small.png  8x4"));
}

#[test]
fn odd_names_are_kept_and_lead_nowhere_else() {
    let world = World::new();
    let names = "a b.jpg/1+1.jpg/100%.jpg/%2e%2e.jpg/żółw 🐢.jpg/..jpg/no-dot".split('/');
    for name in names.clone() {
        world.write(&format!("in/{name}"), GOOD_SOURCE);
    }
    let files: Vec<String> = names
        .clone()
        .map(|name| format!("in/../in/./{name}"))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let output = world.generate(&files);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    for name in names {
        assert!(
            world.path(&format!("thumbs/{name}/small.png")).is_file(),
            "{name}"
        );
    }
    assert_eq!(files_below(&world.path("thumbs")).len(), 2 * files.len());
}

#[test]
fn images_of_one_name_in_two_folders_stay_apart() {
    let world = World::new();
    world.write("a/cat.jpg", GOOD_SOURCE);
    world.write("b/cat.jpg", GOOD_SOURCE);
    assert_eq!(
        world.generate(&["a/cat.jpg", "b/cat.jpg"]).status.code(),
        Some(0)
    );
    assert!(world.path("thumbs/a/cat.jpg/small.png").is_file());
    assert!(world.path("thumbs/b/cat.jpg/small.png").is_file());
    assert_fails(
        &world.generate(&["a/cat.jpg", "a/../a/cat.jpg"]),
        2,
        "given twice",
    );
}

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let world = World::new();
    fs::write(
        world.path("engine.wasm"),
        Component::that_claims(|claim| claim.error = Some((0, "no magic"))).build(),
    )
    .unwrap();
    world.write("good.png", GOOD_SOURCE);
    world.write("notes.jpg", b"dear diary");
    world.write("empty.jpg", b"");
    fs::create_dir(world.path("photo.jpg")).unwrap();
    let output = world.generate(&[
        "notes.jpg",
        "empty.jpg",
        "photo.jpg",
        "gone.jpg",
        "good.png",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert_tells(
        &err(&output),
        &[
            "notes.jpg: the source is not in a format the engine decodes: no magic",
            "empty.jpg: it is empty",
            "gone.jpg: it cannot be read: No such file",
            "1 of 4 images done, 3 failed",
        ],
    );
    assert!(world.path("thumbs/good.png/small.png").is_file());
}

#[test]
fn programs_get_a_line_of_json_for_each_file() {
    let world = World::new();
    world.write("good.png", GOOD_SOURCE);
    world.write("empty.jpg", b"");
    let words = [
        &["generate", "good.png", "empty.jpg"][..],
        &PRESETS,
        &["-o", "t", "--json"],
    ];
    let output = world.thimble(&words.concat());
    assert_eq!(output.status.code(), Some(1));
    let lines: Vec<serde_json::Value> = out(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["file"], "good.png");
    assert_eq!(lines[0]["status"], "done");
    assert_eq!(lines[0]["source"]["width"], 16);
    assert_eq!(lines[0]["source"]["mediaType"], "image/png");
    assert_eq!(lines[0]["thumbnails"][1]["path"], "t/good.png/tiny.png");
    assert_eq!(lines[0]["engine"]["name"], "by-hand");
    assert_eq!(lines[1]["status"], "failed");
    assert_eq!(lines[1]["error"]["kind"], "empty-file");
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let world = World::new();
    File::create(world.path("huge.jpg"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert_fails(
        &world.generate(&["huge.jpg"]),
        1,
        "it has 1073741824 bytes, and at most",
    );
    world.write("photo.png", GOOD_SOURCE);
    for (limit, code, words) in [
        ("10MiB", 0, ""),
        ("1B", 1, "and at most 1 are read"),
        (
            "10 elephants",
            2,
            "a size is for example 10000000, 10MB or 10MiB",
        ),
    ] {
        let output = world.generate(&["photo.png", "--max-bytes", limit]);
        assert_fails(&output, code, words);
    }
}

#[test]
fn mistakes_in_presets_are_shown_together() {
    let world = World::new();
    world.write("photo.png", GOOD_SOURCE);
    let base = ["generate", "photo.png", "-o", "thumbs"];
    let output = world.thimble(&[&base[..], &["-p", "a=1x1,cvoer", "-p", "b=0x1"]].concat());
    assert_fails(
        &output,
        2,
        "did you mean `cover`?\n  a=1x1,cvoer\n        ^^^^^\n",
    );
    assert_fails(&output, 2, "a side is a number of pixels from 1 to 65535");
    let output = world.thimble(&[&base[..], &["-p", "a=1x1", "-p", "a=2x2"]].concat());
    assert_fails(&output, 2, "two presets have one name: a");
    assert!(!world.path("thumbs").exists(), "nothing was begun");
}

#[test]
fn a_place_that_cannot_be_written_to_is_told_before_any_work() {
    let world = World::new();
    world.write("photo.png", GOOD_SOURCE);
    world.write("occupied", b"a file");
    let words = [&["generate", "photo.png"][..], &PRESETS].concat();
    let into = |folder: &str| world.thimble(&[&words[..], &["-o", folder]].concat());
    assert_fails(&into("occupied"), 1, "cannot write occupied; check -o");
    assert_fails(&into("occupied/below"), 1, "check -o");
    assert_fails(&into("/proc/thumbs"), 1, "cannot write /proc/thumbs");
    assert_fails(&into("."), 2, "choose another with -o");
}

#[test]
fn an_engine_that_is_missing_or_none_is_told() {
    let world = World::new();
    world.write("photo.png", GOOD_SOURCE);
    let words = [
        &["generate", "photo.png"][..],
        &PRESETS,
        &["-o", "thumbs", "--engine"],
    ]
    .concat();
    let with = |engine: &str| world.thimble(&[&words[..], &[engine]].concat());
    assert_fails(
        &with("nowhere.wasm"),
        1,
        "cannot read the engine nowhere.wasm",
    );
    assert_fails(
        &with("photo.png"),
        1,
        "not a component that this host can compile: it is not a WebAssembly file",
    );
    fs::write(
        world.path("other.wasm"),
        Component::with_contract("@0.1.0", "@0.2.0").build(),
    )
    .unwrap();
    assert_fails(&with("other.wasm"), 1, "use an engine or a host that match");
    let program = world.path("bin/thimble");
    fs::create_dir(world.path("bin")).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_thimble"), &program).unwrap();
    fs::remove_file(world.path("engine.wasm")).unwrap();
    let output = Command::new(program)
        .args([&["inspect"], &["photo.png"][..]].concat())
        .current_dir(world.folder.path())
        .env_remove("THIMBLE_ENGINE")
        .output()
        .unwrap();
    assert_fails(&output, 2, "run `make engine`");
}

#[test]
fn an_engine_that_loops_is_stopped_and_the_next_image_is_made() {
    let world = World::new();
    let looping = Component::that_runs("(loop $l (br $l)) (unreachable)");
    fs::write(world.path("engine.wasm"), looping.build()).unwrap();
    world.write("bad.jpg", BAD_SOURCE);
    world.write("good.png", GOOD_SOURCE);
    let words = [
        &["generate", "bad.jpg", "good.png"][..],
        &PRESETS,
        &["-o", "t", "--timeout", "1"],
    ];
    assert_fails(
        &world.thimble(&words.concat()),
        1,
        "bad.jpg: the engine was stopped after 1s",
    );
    assert!(world.path("t/good.png/small.png").is_file());
}

#[test]
fn a_part_of_a_preset_is_told_where_it_belongs() {
    let world = World::new();
    for option in ["--size", "--fit", "--quality=80"] {
        for command in ["generate", "local"] {
            let output = world.thimble(&[command, option, "200x200", "photo.png"]);
            assert_fails(&output, 2, "--preset NAME=WxH,cover,webp,q80");
            assert!(
                !err(&output).contains("a similar argument"),
                "{}",
                err(&output)
            );
        }
    }
    let output = world.thimble(&["inspect", "--size", "200x200", "photo.png"]);
    assert!(!err(&output).contains("preset"), "{}", err(&output));
}

#[test]
fn an_engine_can_be_looked_at() {
    let world = World::new();
    let output = world.thimble(&["engine", "inspect", "engine.wasm"]);
    let parts = [
        "by-hand 1.2.3",
        "sha256:",
        "thimble:engine/thumbnailer@0.1.0",
        "image/png",
    ];
    assert_tells(&out(&output), &parts);
    // Without a name it is the one that other commands take.
    let found = world.thimble(&["engine", "inspect"]);
    assert_eq!(out(&found), out(&output));
    let output = world.thimble(&["engine", "inspect", "engine.wasm", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["decodes"][0], "image/png");
    assert_eq!(json["digest"].as_str().unwrap().len(), 64);
}

#[test]
fn the_real_engine_makes_thumbnails_and_says_what_images_are() {
    let engine = built::engine();
    let engine = engine.to_str().unwrap();
    let world = World::new();
    world.write("photo.jpg", &real_source());
    let output = world.thimble(&["inspect", "photo.jpg", "--engine", engine]);
    assert_eq!(
        out(&output),
        "photo.jpg: image/png 16x8, 1 frame\n",
        "{}",
        err(&output)
    );
    let output = world.thimble(&[
        "generate",
        "photo.jpg",
        "-p",
        "half=8x",
        "-p",
        "jpeg=5x5,cover,jpeg,q80",
        "-o",
        "thumbs",
        "--engine",
        engine,
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    assert!(world.path("thumbs/photo.jpg/half.png").is_file());
    let jpeg = fs::read(world.path("thumbs/photo.jpg/jpeg.jpg")).unwrap();
    assert!(jpeg.starts_with(b"\xff\xd8\xff"));
    let output = world.thimble(&[
        "generate",
        "photo.jpg",
        "-p",
        "a=8x,no-such-setting=1",
        "-o",
        "thumbs",
        "--engine",
        engine,
    ]);
    assert_fails(&output, 2, "a preset asks for what the engine cannot do");
}

/// `ulimit -v`, as batch systems set it: 64 GiB are plenty for images, and too
/// little for a pool of memories.
#[test]
#[cfg(target_os = "linux")]
fn address_space_may_be_scarce() {
    let world = World::new();
    world.write("a.png", GOOD_SOURCE);
    let arguments = [&["generate", "a.png", "-o", "thumbs"][..], &PRESETS].concat();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 67108864 && exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_thimble"))
        .args(arguments)
        .current_dir(world.folder.path())
        .env("THIMBLE_ENGINE", world.path("engine.wasm"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", err(&output));
    assert!(
        world.path("thumbs/a.png/small.png").exists(),
        "{}",
        out(&output)
    );
}
