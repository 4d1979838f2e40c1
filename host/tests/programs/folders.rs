//! `thimble generate` with folders, and without presets.

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

use crate::desk::{picture, text};
use crate::process::finish;
use crate::tool::{assert_fails, lines, said, thimble};

fn album(keys: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (seed, key) in (1..).zip(keys) {
        let path = folder.path().join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, picture(seed)).unwrap();
    }
    folder
}

fn generate(folder: &TempDir, words: &[&str]) -> Output {
    let words = [&["generate"], words].concat();
    finish(thimble(&words).current_dir(folder.path()).spawn().unwrap())
}

/// Files below `thumbs`, by their paths.
fn thumbnails(folder: &TempDir) -> Vec<String> {
    fn below(folder: &Path, found: &mut Vec<String>, root: &Path) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                below(&path, found, root);
            } else {
                found.push(path.strip_prefix(root).unwrap().display().to_string());
            }
        }
    }
    let (root, mut found) = (folder.path().join("thumbs"), Vec::new());
    below(&root, &mut found, &root);
    found.sort();
    found
}

const SMALL: [&str; 4] = ["-p", "s=8x8,png", "-o", "thumbs"];

#[test]
fn folders_are_walked_and_names_never_meet() {
    let folder = album(&[
        "pics/cat.bmp",
        "pics/2023/cat.bmp",
        "pics/2024/a/cat.bmp",
        "dog.bmp",
    ]);
    said(&generate(&folder, &[&["pics"][..], &SMALL].concat()));
    let expected = [
        "2023/cat.bmp/s.png",
        "2024/a/cat.bmp/s.png",
        "cat.bmp/s.png",
    ];
    assert_eq!(thumbnails(&folder), expected);

    // Several share the folder around them; a file that is named twice is made once.
    fs::remove_dir_all(folder.path().join("thumbs")).unwrap();
    let words = ["pics/2023", "pics/2024", "pics/2023/cat.bmp", "dog.bmp"];
    said(&generate(&folder, &[&words[..], &SMALL].concat()));
    let expected = [
        "dog.bmp/s.png",
        "pics/2023/cat.bmp/s.png",
        "pics/2024/a/cat.bmp/s.png",
    ];
    assert_eq!(thumbnails(&folder), expected);
}

#[test]
fn an_image_alone_goes_by_its_name_and_beside_others_by_its_path() {
    let folder = album(&["a/cat.bmp", "b/cat.bmp"]);
    said(&generate(&folder, &[&["a/cat.bmp"][..], &SMALL].concat()));
    assert_eq!(thumbnails(&folder), ["cat.bmp/s.png"]);
    fs::remove_dir_all(folder.path().join("thumbs")).unwrap();
    said(&generate(
        &folder,
        &[&["a/cat.bmp", "b/cat.bmp"][..], &SMALL].concat(),
    ));
    assert_eq!(thumbnails(&folder), ["a/cat.bmp/s.png", "b/cat.bmp/s.png"]);
    let help = said(&generate(&folder, &["--help"]));
    for place in ["thumbs/cat.jpg/small.jpg", "thumbs/a/cat.jpg/small.jpg"] {
        assert!(help.contains(place), "{help}");
    }
}

#[test]
fn a_name_does_not_depend_on_what_else_is_in_the_folder() {
    let folder = album(&["pics/2023/only.bmp"]);
    said(&generate(&folder, &[&["pics"][..], &SMALL].concat()));
    assert_eq!(thumbnails(&folder), ["2023/only.bmp/s.png"]);
}

#[test]
fn litter_and_the_output_itself_are_left_alone() {
    let keys = [
        "cat.bmp",
        ".hidden.bmp",
        "@eaDir/cat.bmp",
        "Thumbs.db",
        "raw/cat.bmp",
        "a/._cat.bmp",
    ];
    let folder = album(&keys);
    std::os::unix::fs::symlink("cat.bmp", folder.path().join("link.bmp")).unwrap();
    fs::write(folder.path().join("not-yet.bmp"), []).unwrap();
    for _ in 0..2 {
        let words = [&[".", "--exclude", "raw"][..], &SMALL].concat();
        let output = generate(&folder, &words);
        said(&output);
        let noted = text(&output.stderr);
        let expected = "7 left alone: 2 hidden, 2 of other programs, 1 excluded, 1 link, \
                        1 empty (./not-yet.bmp)";
        assert!(noted.contains(expected), "{noted}");
        assert_eq!(thumbnails(&folder), ["cat.bmp/s.png"]);
    }
    // Whoever names a file means it.
    said(&generate(&folder, &[&[".hidden.bmp"][..], &SMALL].concat()));
    assert_eq!(thumbnails(&folder), [".hidden.bmp/s.png", "cat.bmp/s.png"]);
}

#[test]
fn a_pattern_is_read_as_it_would_be_typed() {
    let keys = ["pics/cat.bmp", "pics/2024/cat.bmp", "other/2024/cat.bmp"];
    let folder = album(&keys);
    let whole = folder.path().join("pics/2024").display().to_string();
    std::os::unix::fs::symlink("pics", folder.path().join("link")).unwrap();
    let linked = folder.path().join("link/2024").display().to_string();
    let own = folder.path().file_name().unwrap().to_str().unwrap();
    let around = format!("../{own}/pics/2024");
    for pattern in [
        "2024",
        "./2024",
        "2024/",
        "pics/2024",
        "./pics/2024/",
        &whole,
        "link/2024",
        &linked,
        &around,
    ] {
        let words = [&["pics", "--exclude", pattern][..], &SMALL].concat();
        let output = generate(&folder, &words);
        said(&output);
        let noted = text(&output.stderr);
        assert!(
            noted.contains("1 left alone: 1 excluded"),
            "{pattern}: {noted}"
        );
        assert!(!noted.contains("warning"), "{pattern}: {noted}");
        assert_eq!(thumbnails(&folder), ["cat.bmp/s.png"], "{pattern}");
    }

    // The folder that it names is the one that it is about.
    let words = [&["pics", "other", "--exclude", "pics/2024"][..], &SMALL].concat();
    said(&generate(&folder, &words));
    let others = ["other/2024/cat.bmp/s.png", "pics/cat.bmp/s.png"];
    assert_eq!(thumbnails(&folder)[1..], others);
}

#[test]
fn a_pattern_that_excludes_nothing_is_told() {
    let folder = album(&["pics/cat.bmp"]);
    let words = ["pics", "--exclude", "2042", "--exclude", "thumbs/"];
    for more in [&[][..], &["--json"]] {
        let output = generate(
            &folder,
            &[&words, more, &SMALL[..2], &["-o", "pics/thumbs"]].concat(),
        );
        said(&output);
        let noted = text(&output.stderr);
        // The thumbnails are left alone with or without a pattern that says so.
        let is_first = more.is_empty();
        assert!(
            noted.contains("warning: --exclude 2042 excluded nothing; "),
            "{noted}"
        );
        assert_eq!(
            noted.matches("warning").count(),
            if is_first { 2 } else { 1 },
            "{noted}"
        );
    }
    // A name at the top of the folder that is not there yet, and one in another case.
    for pattern in ["/tmp", "*.BMP"] {
        let output = generate(
            &folder,
            &[&["pics", "--exclude", pattern][..], &SMALL].concat(),
        );
        said(&output);
        let told = format!("warning: --exclude {pattern} excluded nothing; ");
        assert!(text(&output.stderr).contains(&told), "{pattern}");
    }
    for pattern in ["../pics", "pics/../cat.bmp", "/proc/self/*"] {
        let words = [&["pics", "--exclude", pattern][..], &SMALL].concat();
        let expected = format!("thimble: --exclude {pattern} is not in pics; a pattern is a name");
        assert_fails(&generate(&folder, &words), 2, &expected);
    }
}

#[test]
fn a_folder_without_images_is_no_success() {
    let folder = album(&[]);
    fs::create_dir(folder.path().join("pics")).unwrap();
    let output = generate(&folder, &[&["pics"][..], &SMALL].concat());
    assert_fails(&output, 1, "name images, or a folder of them");
}

#[test]
fn what_is_no_image_is_counted_in_folders_and_fails_where_it_is_named() {
    let folder = album(&["pics/cat.bmp", "pics/picture"]);
    let write = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join("pics").join(name), bytes).unwrap();
    };
    let video = [&b"\0\0\0\x14ftypqt  "[..], &[0; 30_000]].concat();
    write("cat.mov", &video);
    write("cat.aae", b"<?xml version='1.0'?><plist/>");
    let folders = &[&["pics", "--max-bytes", "20000"][..], &SMALL].concat();
    let output = generate(&folder, folders);
    said(&output);
    let noted = text(&output.stderr);
    let expected = "2 of 2 images done, 0 failed\n2 files are no images: 1 .aae, 1 .mov\n";
    assert_eq!(noted, expected);
    let output = generate(&folder, &[&folders[..], &["--json"]].concat());
    let statuses = lines(&output)
        .into_iter()
        .map(|mut line| line["status"].take());
    let expected = ["not-an-image", "done", "not-an-image", "done"];
    assert_eq!(statuses.collect::<Vec<_>>(), expected);

    // Whoever names a file means it.
    let output = generate(&folder, &[&["pics/cat.aae"][..], &SMALL].concat());
    assert_fails(&output, 1, "pics/cat.aae: the source is not in a format");
    // What is called a picture is to be one, and what begins as one has a way out.
    write("cat.jpg", b"hello");
    write("scan.pdf", b"%PDF-1.7");
    write("photo.dat", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let output = generate(&folder, folders);
    assert_fails(&output, 1, "2 of 5 images done, 3 failed\n2 files are no");
    assert_fails(&output, 1, "pics/photo.dat: the source is not in a format");

    let folder = album(&[]);
    fs::create_dir(folder.path().join("pics")).unwrap();
    fs::write(folder.path().join("pics/notes.txt"), "BMW parts").unwrap();
    fs::write(folder.path().join("pics/a.xmp"), "<x:xmpmeta/>").unwrap();
    let none = "there is no image in what was named; name images, or a folder of them\n";
    let output = generate(&folder, &[&["pics"][..], &SMALL].concat());
    let counted = format!("{none}2 files are no images: 1 .txt, 1 .xmp");
    assert_fails(&output, 1, &counted);
    let output = generate(&folder, &[&["pics", "--json"][..], &SMALL].concat());
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(1), none)
    );
    let output = generate(
        &folder,
        &[&["pics", "--exclude", "pics/*"][..], &SMALL].concat(),
    );
    assert_fails(&output, 1, &format!("{none}2 left alone: 2 excluded"));
}

#[test]
fn without_a_preset_there_are_the_three_that_other_commands_make() {
    let folder = album(&["cat.bmp"]);
    said(&generate(&folder, &["cat.bmp", "-o", "thumbs"]));
    assert_eq!(thumbnails(&folder).len(), 3);
}

#[test]
fn a_format_that_is_not_read_is_named_with_those_that_are() {
    let folder = album(&[]);
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x08meta";
    let html = b"<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n";
    for (name, bytes, words) in [
        ("photo.heic", &heic[..], ["HEIC", "JPEG, PNG"]),
        ("photo.jpg", &html[..], ["HTML", "JPEG, PNG"]),
    ] {
        fs::write(folder.path().join(name), bytes).unwrap();
        let output = generate(&folder, &[&[name][..], &SMALL].concat());
        let start = format!("{name}: the source is not in a format the engine decodes: ");
        assert_fails(&output, 1, &start);
        words.iter().for_each(|word| assert_fails(&output, 1, word));
        // The same words in a letter of `thimble local`.
        let told = text(&output.stderr);
        let reason = told
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        let desk = crate::desk::Desk::new();
        desk.image(name, bytes);
        desk.once();
        let letters = text(&desk.run(&["dead-letters"]).stdout);
        assert!(letters.contains(reason.unwrap()), "{letters}");
    }
}

#[test]
fn the_formats_that_are_read_are_named_once() {
    let folder = album(&[]);
    let desk = crate::desk::Desk::new();
    for name in ["a.jpg", "b.jpg", "c.heic"] {
        fs::write(folder.path().join(name), "hello").unwrap();
        desk.image(name, b"hello");
    }
    let output = generate(
        &folder,
        &[&["a.jpg", "b.jpg", "c.heic"][..], &SMALL].concat(),
    );
    let known = |told: &str| {
        assert_eq!(told.matches("JPEG, PNG").count(), 1, "{told}");
        assert_eq!(told.matches("no known image").count(), 3, "{told}");
    };
    known(&text(&output.stderr));
    known(&text(&desk.run(&["--once"]).stdout));
    known(&text(&desk.run(&["dead-letters"]).stdout));
}

#[test]
fn older_thumbnails_of_the_same_preset_in_another_format_stay_and_are_told() {
    let folder = album(&["cat.bmp", "dog.bmp"]);
    let run = |images: &[&str], format: &str| {
        let preset = format!("s=8x8,{format}");
        let words = [images, &["-p", &preset, "-p", "t=8x8,png", "-o", "thumbs"]].concat();
        let output = generate(&folder, &words);
        said(&output);
        text(&output.stderr)
    };
    let word = "by presets of the same names, in other formats, left as they were";
    for format in ["png", "png", "jpeg"] {
        // The third finds what the first left.
        let noted = run(&["cat.bmp"], format);
        assert_eq!(noted.contains(word), format == "jpeg", "{noted}");
    }
    let noted = run(&["cat.bmp"], "png");
    let expected = format!("note: 1 older thumbnail {word}: thumbs/cat.bmp/s.jpg");
    assert!(noted.contains(&expected), "{noted}");
    run(&["dog.bmp"], "jpeg");
    let noted = run(&["cat.bmp", "dog.bmp"], "webp");
    assert!(noted.contains("note: 3 older thumbnails"), "{noted}");
    assert_eq!(thumbnails(&folder).len(), 7);
}
