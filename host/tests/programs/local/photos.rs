//! A folder of photos, and thumbnails of it somewhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::desk::{files, picture, text};
use crate::process::{Running, eventually, finish, signal};
use crate::tool::{assert_fails, run, said, thimble};

/// A folder of photos and a place for thumbnails.
struct Album {
    _directory: TempDir,
    photos: PathBuf,
    thumbs: PathBuf,
}

impl Album {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let album = Self {
            photos: directory.path().join("my photos"),
            thumbs: directory.path().join("thumbs"),
            _directory: directory,
        };
        album.photo("cat.bmp", 1);
        album.photo("2023/beach/cat.bmp", 2);
        album
    }

    fn photo(&self, key: &str, seed: u32) {
        let path = self.photos.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, picture(seed)).unwrap();
    }

    /// The words of `thimble local` from the photos to the thumbnails, and more.
    fn words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let (photos, thumbs) = (self.photos.to_str().unwrap(), self.thumbs.to_str().unwrap());
        [&["local", photos, "--thumbnails", thumbs], more].concat()
    }

    fn local(&self, more: &[&str]) -> Output {
        run(&self.words(more))
    }

    /// Work all off; the summary.
    fn once(&self, more: &[&str]) -> Value {
        let output = self.local(&[&["--once", "--json"], more].concat());
        let last = said(&output).lines().last().unwrap().to_owned();
        serde_json::from_str::<Value>(&last).unwrap()["summary"].take()
    }

    fn thumbnails(&self) -> Vec<String> {
        let mut keys: Vec<String> = files(&self.thumbs).into_keys().collect();
        keys.retain(|key| !key.starts_with(".thimble/"));
        keys
    }
}

const ONE: [&str; 2] = ["--preset", "s=8x8,png"];

#[test]
fn photos_get_thumbnails_somewhere_else_and_stay_as_they_are() {
    let album = Album::new();
    let before = files(&album.photos);
    let summary = album.once(&ONE);
    assert_eq!(summary["done"], 2);
    assert_eq!(
        album.thumbnails(),
        ["2023/beach/cat.bmp/s.png", "cat.bmp/s.png"]
    );
    assert!(files(&album.photos) == before, "something changed");
    assert_eq!(
        fs::read_dir(&album.photos).unwrap().count(),
        2,
        "nothing is made in it"
    );

    // Again there is nothing to do, and what goes takes its thumbnails along.
    assert_eq!(album.once(&ONE)["thumbnails"], 0);
    fs::remove_dir_all(album.photos.join("2023")).unwrap();
    assert_eq!(album.once(&ONE)["removed"], 1);
    assert_eq!(album.thumbnails(), ["cat.bmp/s.png"]);
}

#[test]
fn half_a_picture_is_told_and_as_many_as_anybody_reads() {
    let album = Album::new();
    let half = |key: &str, seed| {
        let picture = picture(seed);
        fs::write(album.photos.join(key), &picture[..picture.len() / 2]).unwrap();
    };
    half("half.bmp", 3);
    let output = album.local(&[&["--once"][..], &ONE].concat());
    said(&output);
    let told = text(&output.stderr);
    let warning = "the source is truncated, the rest of it is missing";
    assert_eq!(told, format!("half.bmp: warning: {warning}\n"));

    (0..120).for_each(|number| half(&format!("{number:03}.bmp"), number));
    let output = album.local(&[&["--once"][..], &ONE].concat());
    said(&output);
    let told = text(&output.stderr);
    assert_eq!(told.matches(warning).count(), 100, "{told}");
    assert!(
        told.ends_with("\nand 20 more warnings; --json has them all\n"),
        "{told}"
    );

    let words = album.words(&ONE);
    let mut watching = thimble(&words);
    let watching = watching.spawn().unwrap();
    half("later.bmp", 7);
    eventually("the last picture", || {
        album.thumbnails().contains(&"later.bmp/s.png".to_owned())
    });
    signal("INT", &watching);
    let told = text(&finish(watching).stderr);
    assert_eq!(told, format!("later.bmp: warning: {warning}\n"));
}

#[test]
fn a_second_folder_is_told_the_option_that_takes_it() {
    let album = Album::new();
    let (photos, thumbs) = (
        album.photos.to_str().unwrap(),
        album.thumbs.to_str().unwrap(),
    );
    for more in [&["--once"][..], &[]] {
        let output = run(&[&["local", photos, thumbs], more].concat());
        assert_eq!(output.status.code(), Some(2));
        let told = text(&output.stderr);
        let line = format!("thimble local '{photos}' --thumbnails {thumbs}");
        assert!(told.contains(&line), "{told}");
        assert!(
            told.contains("status, dead-letters, redrive and purge"),
            "{told}"
        );
    }
    assert!(!album.thumbs.exists());
}

#[test]
fn other_commands_find_the_state_by_both_folders_or_by_the_target() {
    let album = Album::new();
    album.photo("broken.bmp", 1);
    fs::write(album.photos.join("broken.bmp"), "BM, broken").unwrap();
    album.once(&ONE);
    let thumbs = album.thumbs.to_str().unwrap();
    for words in [album.words(&["status"]), vec!["local", thumbs, "status"]] {
        assert!(said(&run(&words)).contains("1 dead letter\n"), "{words:?}");
    }
    let letters = said(&run(&["local", thumbs, "dead-letters"]));
    assert!(letters.contains("broken.bmp"), "{letters}");
    album.photo("broken.bmp", 3);
    assert!(said(&album.local(&["redrive"])).contains("1 dead letter sent back"));
    // The target alone knows its sources as well.
    said(&run(&["local", thumbs, "--once", ONE[0], ONE[1]]));
    assert!(album.thumbnails().contains(&"broken.bmp/s.png".to_owned()));
}

#[test]
fn thumbnails_inside_the_folder_of_the_photos_are_no_photos() {
    let mut album = Album::new();
    album.thumbs = album.photos.join("thumbs");
    for _ in 0..2 {
        album.once(&ONE);
        assert_eq!(
            album.thumbnails(),
            ["2023/beach/cat.bmp/s.png", "cat.bmp/s.png"]
        );
    }
    let words = album.words(&ONE);
    let mut watching = Running::start(&mut thimble(&words));
    album.photo("new.bmp", 5);
    eventually("a new photo", || album.thumbnails().len() == 3);
    assert!(watching.stop().success());
    assert_eq!(album.once(&ONE)["done"], 0);
    assert_eq!(album.thumbnails().len(), 3);
}

#[test]
fn files_of_somebody_else_among_the_thumbnails_stay() {
    let album = Album::new();
    fs::create_dir_all(album.thumbs.join("letters")).unwrap();
    fs::write(album.thumbs.join("letters/dear.txt"), "mine").unwrap();
    album.once(&ONE);
    let summary = album.once(&ONE);
    assert_eq!(
        (&summary["removed"], &summary["skipped"]),
        (&0.into(), &0.into())
    );
    assert_eq!(
        fs::read_to_string(album.thumbs.join("letters/dear.txt")).unwrap(),
        "mine"
    );
}

#[test]
fn folders_that_would_mix_photos_and_thumbnails_are_refused() {
    let album = Album::new();
    let photos = album.photos.to_str().unwrap();
    let around = album.photos.parent().unwrap().to_str().unwrap();
    for target in [photos, around] {
        let output = run(&["local", photos, "--thumbnails", target, "--once"]);
        assert_fails(&output, 1, "the thumbnails need a folder of their own");
    }
    assert!(!album.photos.join(".thimble").exists());
    // A target has the thumbnails of one source.
    album.once(&ONE);
    let other = album.photos.join("2023");
    let thumbs = album.thumbs.to_str().unwrap();
    let output = run(&[
        "local",
        other.to_str().unwrap(),
        "--thumbnails",
        thumbs,
        "--once",
    ]);
    assert_fails(&output, 1, "choose another folder");
    assert_eq!(album.thumbnails().len(), 2);
}

#[test]
fn a_target_whose_process_was_killed_at_its_beginning_is_as_good_as_new() {
    let album = Album::new();
    let state = album.thumbs.join(".thimble");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("0123456789abcdef-0"), "/half/of/a/pa").unwrap();
    album.once(&ONE);
    assert_eq!(album.thumbnails().len(), 2);
}

#[test]
fn a_folder_of_photos_alone_is_told_what_to_type() {
    let album = Album::new();
    let photos = album.photos.to_str().unwrap();
    for more in [vec!["--once"], vec![], vec!["status"]] {
        let output = run(&[vec!["local", photos], more].concat());
        assert_fails(&output, 2, "2 images in ");
        let said = text(&output.stderr);
        assert!(said.contains(" --thumbnails '"), "{said}");
        assert!(said.contains("my photos-thumbnails'"), "{said}");
    }
    assert_eq!(
        fs::read_dir(&album.photos).unwrap().count(),
        2,
        "nothing is made in it"
    );
    // Beside `images` they are mentioned, and left alone.
    fs::create_dir(album.photos.join("images")).unwrap();
    let output = run(&["local", photos, "--once"]);
    said(&output);
    let noted = text(&output.stderr);
    assert!(noted.contains("note: 1 image beside "), "{noted}");
}

#[test]
fn thumbnails_of_a_removed_image_go_whatever_preset_made_them() {
    let album = Album::new();
    album.once(&["--preset", "one=8x8,png"]);
    album.once(&["--preset", "two=9x9,webp"]);
    assert_eq!(album.thumbnails().len(), 4);
    fs::remove_file(album.photos.join("cat.bmp")).unwrap();
    let output = album.local(&["--once", "--preset", "two=9x9,webp"]);
    assert!(
        said(&output).contains("1 image removed"),
        "{}",
        said(&output)
    );
    assert_eq!(
        album.thumbnails(),
        ["2023/beach/cat.bmp/one.png", "2023/beach/cat.bmp/two.webp"]
    );
    // Nor does it matter when its presets were last in use.
    fs::remove_file(album.photos.join("2023/beach/cat.bmp")).unwrap();
    album.once(&["--preset", "three=7x7"]);
    assert_eq!(album.thumbnails(), [] as [String; 0]);
}

#[test]
fn an_image_that_became_a_link_loses_its_thumbnails() {
    let album = Album::new();
    album.once(&ONE);
    let words = album.words(&ONE);
    let mut watching = Running::start(&mut thimble(&words));
    let link = |key: &str| {
        fs::remove_file(album.photos.join(key)).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", album.photos.join(key)).unwrap();
    };
    link("cat.bmp");
    eventually("the thumbnails go", || album.thumbnails().len() == 1);
    assert!(watching.stop().success());
    link("2023/beach/cat.bmp");
    let summary = album.once(&ONE);
    assert_eq!(
        (&summary["removed"], &summary["leftAlone"]["link"]),
        (&1.into(), &2.into())
    );
    assert_eq!(album.thumbnails(), [] as [String; 0]);
}

#[test]
fn manifests_tell_of_images_that_are_done_and_of_those_that_failed() {
    let album = Album::new();
    fs::write(album.photos.join("broken.jpg"), "no image").unwrap();
    let words = [&ONE[..], &["--manifest"]].concat();
    assert_eq!(album.once(&words)["thumbnails"], 2);
    let all = [
        "2023/beach/cat.bmp/manifest.json",
        "2023/beach/cat.bmp/s.png",
        "broken.jpg/manifest.json",
        "cat.bmp/manifest.json",
        "cat.bmp/s.png",
    ];
    assert_eq!(album.thumbnails(), all);
    let manifest = |key: &str| -> Value {
        let file = fs::read(album.thumbs.join(key).join("manifest.json")).unwrap();
        serde_json::from_slice(&file).unwrap()
    };
    let done = manifest("cat.bmp");
    assert_eq!(done["state"], "done");
    assert_eq!(done["thumbnails"][0]["key"], "cat.bmp/s.png");
    let rejected = manifest("broken.jpg");
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(rejected["reason"]["kind"], "unsupported-format");
    assert_eq!(rejected["reason"]["blame"], "source");

    // Again there is nothing to do; and they go with their images.
    let before = fs::read(album.thumbs.join("cat.bmp/manifest.json")).unwrap();
    assert_eq!(album.once(&words)["thumbnails"], 0);
    assert_eq!(
        fs::read(album.thumbs.join("cat.bmp/manifest.json")).unwrap(),
        before
    );
    fs::remove_file(album.photos.join("broken.jpg")).unwrap();
    fs::remove_file(album.photos.join("cat.bmp")).unwrap();
    album.once(&words);
    assert_eq!(album.thumbnails(), all[..2]);
}

#[test]
fn a_preset_with_the_name_of_the_manifest_is_refused() {
    let album = Album::new();
    let preset = "manifest=8x8,image/json";
    let words = ["--once", "--manifest", "--preset", preset];
    assert_fails(
        &album.local(&words),
        2,
        "the preset manifest=8x8,image/json writes files that end in .json",
    );
}

#[test]
fn results_reach_a_folder_or_a_command_once() {
    let album = Album::new();
    fs::write(album.photos.join("broken.jpg"), "no image").unwrap();
    let told = album.photos.with_file_name("told");
    let results = |folder: &str| -> Vec<(String, String)> {
        let files = fs::read_dir(told.join(folder)).into_iter().flatten();
        let read = files.map(|file| {
            let text = fs::read(file.unwrap().path()).unwrap();
            let result: Value = serde_json::from_slice(&text).unwrap();
            let word = |part: &Value| part.as_str().unwrap().to_owned();
            (word(&result["source"]["key"]), word(&result["state"]))
        });
        let mut read: Vec<_> = read.collect();
        read.sort();
        read
    };
    let expected = [
        ("2023/beach/cat.bmp", "done"),
        ("broken.jpg", "rejected"),
        ("cat.bmp", "done"),
    ];
    let expected = expected.map(|(key, state)| (key.to_owned(), state.to_owned()));
    let folder = told.join("folder");
    let words = [&ONE[..], &["--results", folder.to_str().unwrap()]].concat();
    album.once(&words);
    assert_eq!(results("folder"), expected);
    // What failed is tried, and told, at each start.
    fs::remove_file(album.photos.join("broken.jpg")).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    album.once(&words);
    assert_eq!(results("folder"), [], "nothing has happened since");

    // The command refuses the first time that it is asked about an image.
    fs::create_dir_all(told.join("command")).unwrap();
    let command = format!(
        "cd '{}' && if mkdir \"seen-$THIMBLE_RESULT\"; then exit 1; fi; \
         cat >command/$THIMBLE_RESULT.json; test $THIMBLE_STATE = done",
        told.display()
    );
    for key in ["cat.bmp", "2023/beach/cat.bmp"] {
        fs::write(album.photos.join(key), picture(7)).unwrap();
    }
    album.once(&[&ONE[..], &["--on-result", &command]].concat());
    assert_eq!(
        results("command"),
        [expected[0].clone(), expected[2].clone()]
    );
}

#[test]
fn results_among_the_images_are_refused() {
    let album = Album::new();
    let inside = album.photos.join("results");
    let words = ["--once", "--results", inside.to_str().unwrap()];
    assert_fails(
        &album.local(&words),
        2,
        "choose a folder outside the images",
    );
}

#[test]
fn the_next_command_that_is_told_can_be_run_as_it_is_printed() {
    let album = Album::new();
    album.photo("it's/cat.bmp", 1);
    let folder = album.photos.join("it's");
    let thumbs = album.photos.with_file_name("$thumbs");
    let words = |command| {
        let (folder, thumbs) = (folder.to_str().unwrap(), thumbs.to_str().unwrap());
        ["local", folder, "--thumbnails", thumbs, command]
    };
    let told = said(&run(&words("status")));
    let line = told.trim().split_once("begin with: ").unwrap().1;
    let redrive = run(&words("redrive"));
    assert!(text(&redrive.stderr).contains(line), "the same of others");

    let mut shell = thimble(&[]);
    let program = PathBuf::from(shell.get_program());
    let path = std::env::join_paths([program.parent().unwrap(), Path::new("/bin")]).unwrap();
    let environment: Vec<_> = shell
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    shell = Command::new("/bin/sh");
    shell
        .args(["-c", &format!("{line} --once --preset s=8x8,png")])
        .envs(environment)
        .env("PATH", path);
    let told = said(&shell.output().unwrap());
    assert!(told.starts_with("1 image, 1 thumbnail"), "{told}");
    assert!(thumbs.join("cat.bmp/s.png").is_file());
}

#[test]
fn thumbnails_that_no_preset_in_use_makes_are_told() {
    let album = Album::new();
    let once = |presets: &[&str]| {
        let mut words = vec!["--once"];
        presets
            .iter()
            .for_each(|preset| words.extend(["--preset", preset]));
        said(&album.local(&words))
    };
    let told = once(&["one=8x8,png", "two=9x9,png"]);
    assert!(!told.contains("no preset in use"), "{told}");
    // What is none of ours is nobody's thumbnail.
    for name in ["one.txt", "three.png"] {
        fs::write(album.thumbs.join("cat.bmp").join(name), "mine").unwrap();
    }
    let told = once(&["two=9x9,webp"]);
    assert!(
        told.contains(
            "4 files among the thumbnails that no preset in use makes, left as found: one.png, two.png;"
        ),
        "{told}"
    );
    assert!(album.thumbs.join("cat.bmp/one.png").is_file());
    for key in ["cat.bmp", "2023/beach/cat.bmp"] {
        fs::remove_file(album.thumbs.join(key).join("one.png")).unwrap();
    }
    let summary = album.once(&["--preset", "two=9x9,webp"]);
    assert_eq!(summary["outdated"], 2);
    fs::remove_file(album.photos.join("cat.bmp")).unwrap();
    fs::remove_file(album.photos.join("2023/beach/cat.bmp")).unwrap();
    let told = once(&["two=9x9,webp"]);
    assert!(!told.contains("no preset in use"), "{told}");
}
