//! The command line of the engine, over files in memory.

use std::collections::BTreeMap;

use testkit::pixels::test_picture;
use thimble_engine::command::{Files, paths, run};

use thimble_engine::contract::Limits;

/// Files in memory; `-` is read from as standard input and written to as
/// standard output.
#[derive(Default)]
struct Memory {
    files: BTreeMap<String, Vec<u8>>,
    written: BTreeMap<String, Vec<u8>>,
    told: Vec<String>,
}

impl Files for Memory {
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        self.files
            .get(name)
            .cloned()
            .ok_or_else(|| format!("cannot read {name}: it is missing"))
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), String> {
        self.written.insert(name.into(), content.into());
        Ok(())
    }

    fn tell(&mut self, line: &str) {
        self.told.push(line.into());
    }
}

/// A PNG, 60 by 40.
fn picture() -> Vec<u8> {
    test_picture(60, 40, false).to_png()
}

/// Runs a command whose words have blanks between them.
fn execute(line: &str) -> (Result<(), String>, Memory) {
    execute_words(&line.split_whitespace().collect::<Vec<_>>())
}

fn execute_words(words: &[&str]) -> (Result<(), String>, Memory) {
    let mut files = Memory::default();
    for name in ["photo.png", "-", "my photo.png", "a{size}.png", "-odd.png"] {
        files.files.insert(name.into(), picture());
    }
    files
        .files
        .insert("text.png".into(), b"no picture at all".to_vec());
    let arguments: Vec<String> = words.iter().map(|word| (*word).into()).collect();
    (run(&arguments, &mut files), files)
}

fn written(line: &str) -> Vec<String> {
    let (result, files) = execute(line);
    assert_eq!(result, Ok(()), "{line:?}");
    files.written.into_keys().collect()
}

fn refused(line: &str) -> String {
    let (result, files) = execute(line);
    assert!(files.written.is_empty(), "{line:?} wrote something");
    let message = result.unwrap_err();
    assert!(
        !message.contains('\n') && !message.ends_with('.'),
        "{message:?} is not one line"
    );
    message
}

/// Media type, width and height of the file that a command wrote under a name.
fn made(line: &str, name: &str) -> (String, u32, u32) {
    let (result, files) = execute(line);
    assert_eq!(result, Ok(()), "{line:?}");
    let output = thimble_engine::generate(&files.written[name], &[], &Limits::default()).unwrap();
    let dimensions = output.source.dimensions;
    (
        output.source.media_type,
        dimensions.width,
        dimensions.height,
    )
}

#[test]
fn a_size_and_a_name_make_a_thumbnail() {
    let line = "photo.png --size 20x20 -o thumb.png";
    assert_eq!(made(line, "thumb.png"), ("image/png".into(), 20, 13));
    let line = "photo.png --size=20x20 --fit=cover --output=thumb.png";
    assert_eq!(made(line, "thumb.png"), ("image/png".into(), 20, 20));
    let line = "photo.png --size 30x -o thumb.png";
    assert_eq!(made(line, "thumb.png"), ("image/png".into(), 30, 20));
    let line = "photo.png --size x10 -o thumb.png";
    assert_eq!(made(line, "thumb.png"), ("image/png".into(), 15, 10));
    let line = "photo.png --size 120x --enlarge -o thumb.png";
    assert_eq!(made(line, "thumb.png"), ("image/png".into(), 120, 80));
}

#[test]
fn the_format_is_the_one_asked_for_or_that_of_the_name() {
    for (words, media_type) in [
        ("-o thumb", "image/png"),
        ("-o thumb.jpg", "image/jpeg"),
        ("-o thumb.WEBP", "image/webp"),
        ("-o thumb --format jpeg", "image/jpeg"),
        ("-o thumb --format image/webp", "image/webp"),
        ("-o thumb.{ext} --format jpg", "image/jpeg"),
    ] {
        let line = format!("photo.png --size 9x9 {words}");
        let name = &written(&line)[0];
        assert_eq!(made(&line, name).0, media_type, "{line:?} wrote {name}");
    }
}

#[test]
fn several_sizes_are_told_apart_by_the_name() {
    let line = "photo.png --size 20x20 --size x10 -o out/{name}-{size}.{ext}";
    assert_eq!(written(line), ["out/photo-20x20.png", "out/photo-x10.png"]);
    let line = "photo.png --size 20x20 --size 9x9 -o {width}x{height}.webp";
    assert_eq!(written(line), ["20x13.webp", "9x6.webp"]);
    let same = "photo.png --size 20x20 --size 20x20 -o {size}.png";
    assert!(refused(same).contains("20x20.png"));
    let one_file = "photo.png --size 20x20 --size 9x9 -o thumb.png";
    assert!(refused(one_file).contains("{size}"));
    assert!(
        refused("photo.png --size 20x20 --size 9x9").contains("{size}"),
        "standard output is one file, too"
    );
}

#[test]
fn standard_input_and_output_are_dashes() {
    assert_eq!(written("- --size 9x9"), ["-"]);
    assert_eq!(written("- --size 9x9 -o {name}.png"), ["stdin.png"]);
    assert_eq!(made("- --size 9x9 --format webp -o -", "-").0, "image/webp");
}

#[test]
fn odd_names_are_names() {
    let name = "{name} (klein), größe {size}.png";
    let (result, files) = execute_words(&["my photo.png", "--size", "9x9", "-o", name]);
    assert_eq!(result, Ok(()));
    let names: Vec<_> = files.written.into_keys().collect();
    assert_eq!(names, ["my photo (klein), größe 9x9.png"]);
    let line = "a{size}.png --size 9x9 -o {name}{{size}{what}.png";
    assert_eq!(written(line), ["a{size}{9x9{what}.png"]);
    let line = "--size 9x9 -o thumb.png -- -odd.png";
    assert_eq!(written(line), ["thumb.png"]);
}

#[test]
fn a_thumbnail_never_replaces_its_image() {
    let message = refused("photo.png --size 9x9 -o {name}.{ext}");
    assert!(message.contains("photo.png"), "{message}");
}

#[test]
fn a_mistake_is_one_line_that_says_what_to_change() {
    for (line, words) in [
        ("", "no image"),
        ("photo.png", "--size"),
        ("photo.png other.png --size 9x9", "one image"),
        ("photo.png --size", "--size needs a value"),
        ("photo.png --size 9", "WxH"),
        ("photo.png --size axb", "axb"),
        ("photo.png --size -1x5", "-1x5"),
        ("photo.png --size x", "neither"),
        ("photo.png --size 0x5", "zero"),
        ("photo.png --size 5000x5", "4096"),
        ("photo.png --size 9x9 --fit squeeze", "squeeze"),
        ("photo.png --size 9x9 --focus left", "left"),
        ("photo.png --size 9x9 --focus 2,0", "from 0 to 1"),
        ("photo.png --size 9x9 --focus nan,0", "from 0 to 1"),
        ("photo.png --size 9x9 --background #12", "#rrggbb"),
        ("photo.png --size 9x9 --background #12345é", "#rrggbb"),
        ("photo.png --size 9x9 -q high", "high"),
        ("photo.png --size 9x9 -q 0", "from 1 to 100"),
        ("photo.png --size 9x9 -q 101", "from 1 to 100"),
        ("photo.png --size 9x9 --format bmp", "image/bmp"),
        ("photo.png --size 9x9 --set fast", "name=value"),
        ("photo.png --size 9x9 --set jpeg.fast=1", "jpeg.fast"),
        ("photo.png --size 9x9 --set jpeg.optimize=1", "true, false"),
        ("photo.png --size 9x9 --quick", "--quick"),
        ("photo.png --size 9x9 --enlarge=yes", "no value"),
        ("gone.png --size 9x9", "gone.png"),
        ("text.png --size 9x9", "text.png: "),
    ] {
        let message = refused(line);
        assert!(
            message.contains(words),
            "{line:?} says {message:?} instead of {words:?}"
        );
    }
}

#[test]
fn the_engine_speaks_for_itself() {
    let answer = |option: &str| {
        let (result, files) = execute(option);
        assert_eq!(result, Ok(()));
        String::from_utf8(files.written["-"].clone()).unwrap()
    };
    assert!(answer("--help").contains("--size WxH"));
    assert!(answer("--version").starts_with("thimble-engine "));
    let description: serde_json::Value = serde_json::from_str(&answer("--describe")).unwrap();
    assert_eq!(description["settings"]["jpeg.subsampling"][0], "420");
    assert_eq!(description["encodes"][0], "image/jpeg");
    let (_, files) = execute("--info photo.png");
    let info: serde_json::Value = serde_json::from_slice(&files.written["-"]).unwrap();
    assert_eq!(
        info,
        serde_json::json!({"media-type": "image/png", "width": 60, "height": 40, "frames": 1})
    );
}

#[test]
fn a_path_belongs_to_the_granted_directory_with_the_longest_name() {
    for (path, granted, expected) in [
        ("photo.jpg", vec!["."], Some((0, "photo.jpg"))),
        ("./photo.jpg", vec!["."], Some((0, "photo.jpg"))),
        ("a b/ü.jpg", vec!["."], Some((0, "a b/ü.jpg"))),
        ("photos/cat.jpg", vec![".", "photos"], Some((1, "cat.jpg"))),
        ("photos/cat.jpg", vec!["photos", "."], Some((0, "cat.jpg"))),
        (
            "photos/cat.jpg",
            vec!["./photos/", "."],
            Some((0, "cat.jpg")),
        ),
        (
            "photos/cats/tom.jpg",
            vec!["photos", "photos/cats"],
            Some((1, "tom.jpg")),
        ),
        ("photos-old/cat.jpg", vec!["photos"], None),
        ("photos", vec!["photos"], None),
        ("/data/cat.jpg", vec!["."], None),
        ("/data/cat.jpg", vec!["/", "/data"], Some((1, "cat.jpg"))),
        ("/data/cat.jpg", vec!["/"], Some((0, "data/cat.jpg"))),
        ("../cat.jpg", vec!["."], Some((0, "../cat.jpg"))),
        ("../cat.jpg", vec!["photos"], None),
        ("cat.jpg", vec![], None),
    ] {
        let granted: Vec<String> = granted.into_iter().map(Into::into).collect();
        assert_eq!(
            paths::resolve(path, &granted),
            expected,
            "{path} in {granted:?}"
        );
    }
}
