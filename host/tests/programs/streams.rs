//! Images that come through a pipe, and thumbnails that go through one.

use std::fs::{self, File};
use std::process::Output;

use tempfile::TempDir;

use crate::desk::{picture, text};
use crate::process::finish;
use crate::tool::{assert_fails, said, thimble};

const SMALL: [&str; 2] = ["--preset", "small=8x8,png"];

/// A folder with an image, a text and the thumbnail that the image should get.
fn world() -> (TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cat.bmp"), picture(1)).unwrap();
    fs::write(folder.path().join("notes.txt"), "dear diary").unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    said(&run(
        &folder,
        &[&["generate", "cat.bmp", "-o", "thumbs"][..], &SMALL].concat(),
        None,
    ));
    let thumbnail = fs::read(folder.path().join("thumbs/cat.bmp/small.png")).unwrap();
    (folder, thumbnail)
}

/// Runs the program with a file as its standard input.
fn run(folder: &TempDir, words: &[&str], input: Option<&str>) -> Output {
    let mut command = thimble(words);
    command.current_dir(folder.path());
    if let Some(input) = input {
        command.stdin(File::open(folder.path().join(input)).unwrap());
    }
    finish(command.spawn().unwrap())
}

fn through(folder: &TempDir, words: &[&str], input: &str) -> Output {
    run(
        folder,
        &[&["generate"], words, &SMALL].concat(),
        Some(input),
    )
}

#[test]
fn an_image_goes_through_a_pipe() {
    let (folder, thumbnail) = world();
    for words in [["-", "-o", "-"], ["cat.bmp", "-o", "-"]] {
        let output = through(&folder, &words, "cat.bmp");
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert_eq!(output.stdout, thumbnail);
        assert!(output.stderr.is_empty());
    }
    said(&through(&folder, &["-", "-o", "piped"], "cat.bmp"));
    assert_eq!(
        fs::read(folder.path().join("piped/-/small.png")).unwrap(),
        thumbnail
    );
    let seen = said(&run(&folder, &["inspect", "-"], Some("cat.bmp")));
    assert_eq!(seen, "-: image/bmp 96x64, 1 frame\n");
}

#[test]
fn what_does_not_fit_a_pipe_is_refused() {
    let (folder, _) = world();
    let one = "one thumbnail of one image goes to the standard output";
    let two = ["-", "--preset", "large=16x16", "-o", "-"];
    assert_fails(&through(&folder, &two, "cat.bmp"), 2, one);
    assert_fails(
        &through(&folder, &["-", "cat.bmp", "-o", "-"], "cat.bmp"),
        2,
        one,
    );
    let lines = ["-", "-o", "-", "--json"];
    assert_fails(&through(&folder, &lines, "cat.bmp"), 2, "leave --json out");
    let twice = ["-", "-", "-o", "thumbs"];
    assert_fails(&through(&folder, &twice, "cat.bmp"), 2, "given twice");
}

#[test]
fn what_comes_through_a_pipe_may_be_no_image() {
    let (folder, _) = world();
    let stream = ["-", "-o", "-"];
    for (input, problem) in [
        ("notes.txt", "-: the source is not"),
        ("empty", "-: it is empty"),
    ] {
        let output = through(&folder, &stream, input);
        assert_fails(&output, 1, problem);
        assert!(output.stdout.is_empty());
    }
    let frugal = ["-", "-o", "-", "--max-bytes", "100"];
    assert_fails(
        &through(&folder, &frugal, "cat.bmp"),
        1,
        "at most 100 are read",
    );
}
