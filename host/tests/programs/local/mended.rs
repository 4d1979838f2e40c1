//! Images that failed and are mended or removed: their letters go with the failure.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use testkit::Numbers;

use crate::desk::{Desk, picture};
use crate::kills::kills;
use crate::process::{Running, eventually};
use crate::tool::{lines, run, said, thimble};

const BROKEN: &[u8] = b"BM, broken";

/// A folder of images, in one of both layouts.
struct Place {
    _directory: TempDir,
    images: PathBuf,
    state: PathBuf,
    words: Vec<String>,
}

impl Place {
    /// A folder of its own, with images in it.
    fn own() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().to_owned();
        Self::at(directory, root.join("images"), &root, &root, None)
    }

    /// A folder of photos, and one of thumbnails.
    fn apart() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (photos, thumbs) = (
            directory.path().join("my photos"),
            directory.path().join("thumbs"),
        );
        Self::at(directory, photos.clone(), &thumbs, &photos, Some(&thumbs))
    }

    fn at(
        directory: TempDir,
        images: PathBuf,
        root: &Path,
        folder: &Path,
        thumbnails: Option<&Path>,
    ) -> Self {
        fs::create_dir_all(&images).unwrap();
        let word = |path: &Path| path.to_str().unwrap().to_owned();
        let mut words = vec!["local".to_owned(), word(folder)];
        if let Some(thumbnails) = thumbnails {
            words.extend(["--thumbnails".to_owned(), word(thumbnails)]);
        }
        Self {
            _directory: directory,
            images,
            state: root.join(".thimble"),
            words,
        }
    }

    fn words<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let own = self.words.iter().map(String::as_str);
        own.chain(more.iter().copied()).collect()
    }

    fn local(&self, more: &[&str]) -> Output {
        run(&self.words(more))
    }

    fn once(&self, more: &[&str]) -> Value {
        let output = self.local(&[&["--once", "--json", "--preset", "s=8x8,png"], more].concat());
        lines(&output).pop().unwrap()["summary"].take()
    }

    fn watch(&self, told: &Path) -> Running {
        let words = self.words(&["--preset", "s=8x8,png"]);
        Running::start(thimble(&words).stdout(File::create(told).unwrap()))
    }

    fn write(&self, key: &str, bytes: &[u8]) {
        let path = self.images.join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = self.state.with_file_name("half-written");
        fs::create_dir_all(beside.parent().unwrap()).unwrap();
        fs::write(&beside, bytes).unwrap();
        fs::rename(beside, path).unwrap();
    }

    /// The images that letters are about, in the order in which they are listed.
    fn letters(&self) -> Vec<String> {
        let listed = lines(&self.local(&["dead-letters", "--json"]));
        let key = |line: &Value| line["key"].as_str().unwrap().to_owned();
        listed.iter().map(key).collect()
    }

    fn is_told(&self, depth: &str) -> bool {
        said(&self.local(&["status"])).contains(depth)
    }
}

#[test]
fn the_letters_of_images_that_are_mended_moved_or_removed_go() {
    for (place, more) in [
        (Place::own(), &[][..]),
        (Place::apart(), &[]),
        // A manifest tells that an image is rejected, which is no thumbnail.
        (Place::apart(), &["--manifest"]),
    ] {
        for key in ["mended", "moved", "removed", "emptied", "hopeless"] {
            place.write(&format!("a/{key}.bmp"), BROKEN);
        }
        assert_eq!(place.once(more)["deadLetters"], 5);
        assert_eq!(place.once(more)["lettersCleared"], 0);
        place.write("a/mended.bmp", &picture(1));
        fs::remove_file(place.images.join("a/removed.bmp")).unwrap();
        place.write("a/emptied.bmp", b"");
        fs::rename(
            place.images.join("a/moved.bmp"),
            place.images.join("a/here.bmp"),
        )
        .unwrap();
        assert_eq!(place.letters().len(), 5, "nobody has looked yet");
        let summary = place.once(more);
        let counts = ["thumbnails", "lettersCleared", "deadLetters"].map(|name| &summary[name]);
        assert_eq!(counts, [1, 4, 2]);
        assert_eq!(place.letters(), ["a/here.bmp", "a/hopeless.bmp"]);
        assert!(place.is_told("2 dead letters\n"));

        fs::remove_dir_all(place.images.join("a")).unwrap();
        let output = place.local(&[&["--once"], more].concat());
        let told = said(&output);
        assert!(told.contains(", 2 dead letters gone ("), "{told}");
        assert!(place.is_told("0 dead letters\n"));
    }
}

#[test]
fn a_letter_stays_as_long_as_the_version_that_is_there_has_no_thumbnails() {
    let place = Place::own();
    place.write("cat.bmp", &picture(1));
    assert_eq!(place.once(&[])["thumbnails"], 1);
    // The older version has thumbnails, and they are there still.
    place.write("cat.bmp", BROKEN);
    place.write("dog.bmp", BROKEN);
    for _ in 0..2 {
        assert_eq!(place.once(&[])["deadLetters"], 2);
    }
    place.write("dog.bmp", &picture(2));
    assert_eq!(place.once(&[])["lettersCleared"], 1);
    assert_eq!(place.letters(), ["cat.bmp"]);
    // Thumbnails by other presets are not up to date, and then they are.
    place.write("cat.bmp", &picture(1));
    assert_eq!(place.once(&["--preset", "t=9x9,png"])["deadLetters"], 0);
}

#[test]
fn all_letters_of_an_image_go_and_those_of_others_stay() {
    let place = Place::apart();
    for key in ["cat.bmp", "cat.bmp.bmp", "dog.bmp"] {
        place.write(key, BROKEN);
    }
    place.once(&[]);
    // A message that nobody finished becomes a second letter, under a token of its own.
    let messages = place.state.join("dead-letters/messages");
    let files = fs::read_dir(&messages).unwrap();
    for path in files.map(|file| file.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let (id, _) = name.split_once('.').unwrap();
        fs::copy(&path, messages.join(format!("{id}0.-.1.0.ready"))).unwrap();
    }
    let all = ["cat.bmp", "cat.bmp.bmp", "dog.bmp"].map(|key| [key, key]);
    assert_eq!(place.letters(), all.concat());
    place.write("cat.bmp", &picture(1));
    assert_eq!(place.once(&[])["lettersCleared"], 2);
    assert_eq!(place.letters(), all[1..].concat());
}

#[test]
fn letters_go_while_the_folder_is_watched_and_every_change_is_told() {
    for place in [Place::own(), Place::apart()] {
        place.write("good.bmp", &picture(1));
        for key in ["mended", "removed", "folder/one", "folder/two", "hopeless"] {
            place.write(&format!("{key}.bmp"), BROKEN);
        }
        let told = place.images.with_file_name("told");
        let mut watching = place.watch(&told);
        let is_told = |line: &str| {
            let told = fs::read_to_string(&told).unwrap();
            told.lines().any(|known| known == line)
        };
        eventually("a thumbnail", || is_told("good.bmp: 1 thumbnail"));
        eventually("five letters", || place.is_told("5 dead letters\n"));
        place.write("mended.bmp", &picture(2));
        eventually("the letter of a mended image goes", || {
            place.is_told("4 dead letters\n")
        });
        assert!(is_told("mended.bmp: 1 thumbnail"));
        assert!(is_told("mended.bmp: its dead letter is gone"));
        fs::remove_file(place.images.join("removed.bmp")).unwrap();
        fs::remove_file(place.images.join("good.bmp")).unwrap();
        eventually("the letter of a removed image goes", || {
            place.is_told("3 dead letters\n")
        });
        eventually("its thumbnail goes", || {
            is_told("good.bmp: removed, with 1 thumbnail")
        });
        // Of a folder that goes, nothing but its own name is heard.
        let aside = place.images.with_file_name("aside");
        fs::rename(place.images.join("folder"), aside).unwrap();
        eventually("the letters of a folder go", || {
            place.letters() == ["hopeless.bmp"]
        });
        // It comes back as it was, and so does its letter.
        place.write("mended.bmp", BROKEN);
        eventually("a letter again", || {
            place.letters() == ["hopeless.bmp", "mended.bmp"]
        });
        assert!(watching.stop().success());
        assert_eq!(place.letters(), ["hopeless.bmp", "mended.bmp"]);
        // Those that went with their folder failed once, and are no failures any more.
        let told = fs::read_to_string(&told).unwrap();
        assert!(told.contains(", 2 failed, "), "{told}");
        assert!(told.contains(", 4 dead letters gone ("), "{told}");
    }
}

#[test]
fn images_whose_letters_are_redriven_and_purged_meanwhile_end_as_they_are() {
    const IMAGES: u32 = 12;
    let key = |number: u32| format!("{number:02}.bmp");
    let odd: Vec<String> = (0..IMAGES)
        .filter(|number| number % 2 == 1)
        .map(key)
        .collect();
    for command in ["redrive", "purge"] {
        let place = Place::own();
        let told = place.images.with_file_name("told");
        let mut watching = place.watch(&told);
        let thumbnails = place.images.with_file_name("thumbnails");
        (0..IMAGES).for_each(|number| place.write(&key(number), BROKEN));
        eventually("letters of all", || place.is_told("12 dead letters\n"));
        for number in (0..IMAGES).step_by(2) {
            place.write(&key(number), &picture(number));
            let thumbnail = thumbnails.join(key(number)).join("s.png");
            eventually("a thumbnail of what was mended", || {
                said(&place.local(&[command]));
                thumbnail.is_file()
            });
        }
        let is_idle = || place.is_told("0 queued, 0 in progress\n");
        match command {
            "redrive" => eventually("letters of the broken ones", || {
                is_idle() && place.letters() == odd
            }),
            _ => eventually("no letters", || is_idle() && place.letters().is_empty()),
        }
        assert!(watching.stop().success());
        let summary = place.once(&[]);
        assert_eq!(summary["left"], 0, "{command}");
        assert_eq!(summary["upToDate"], 6, "{command}");
        if command == "purge" {
            assert_eq!(summary["leftAlone"]["purged"], 6);
        }
    }
}

#[test]
fn an_image_that_is_broken_and_mended_in_turn_ends_as_it_is() {
    let place = Place::own();
    let told = place.images.with_file_name("told");
    let mut watching = place.watch(&told);
    let mut numbers = Numbers::new(0x1e77_e25a);
    for is_mended in [true, false] {
        for round in 0..30 {
            let is_last = round == 29;
            let bytes = match if is_last { is_mended } else { round % 2 == 0 } {
                true => picture(round),
                false => BROKEN.to_vec(),
            };
            place.write("cat.bmp", &bytes);
            let pause = numbers.below(600) as u64;
            std::thread::sleep(std::time::Duration::from_millis(pause));
        }
        let letters: &[&str] = if is_mended { &[] } else { &["cat.bmp"] };
        let is_idle = || place.is_told("0 queued, 0 in progress\n");
        eventually("it is as it is", || is_idle() && place.letters() == letters);
    }
    assert!(watching.stop().success());
    assert_eq!(place.letters(), ["cat.bmp"]);
}

#[test]
fn a_result_that_nobody_could_be_told_keeps_its_letter() {
    let place = Place::own();
    place.write("cat.bmp", &picture(1));
    place.write("dog.bmp", &picture(2));
    let refusing = ["--on-result", "exit 1"];
    assert_eq!(place.once(&refusing)["deadLetters"], 2);
    // The thumbnails are there, and whoever waits for the result is not told by that.
    assert_eq!(place.once(&["--manifest"])["deadLetters"], 2);
    fs::remove_file(place.images.join("cat.bmp")).unwrap();
    assert_eq!(place.once(&["--manifest"])["deadLetters"], 1);
    said(&place.local(&["redrive"]));
    assert_eq!(place.once(&["--on-result", "exit 0"])["deadLetters"], 0);
}

#[test]
fn a_process_that_is_killed_while_letters_go_loses_none_and_leaves_none() {
    const IMAGES: u32 = 12;
    let desk = Desk::new();
    let key = |number: u32| format!("{}/{number}.bmp", number % 3);
    let (mut numbers, mut mended) = (Numbers::new(0x00de_ad1e_77e2), [false; IMAGES as usize]);
    for number in 0..IMAGES {
        desk.image(&key(number), BROKEN);
    }
    desk.once();
    for _ in 0..kills(6) {
        for (number, mended) in (0..).zip(&mut mended) {
            if numbers.below(3) == 0 {
                *mended = !*mended;
                match *mended {
                    true => desk.image(&key(number), &picture(number)),
                    false => desk.image(&key(number), BROKEN),
                }
            }
        }
        let mut watching = desk.watch();
        std::thread::sleep(std::time::Duration::from_millis(numbers.below(1_500) as u64));
        watching.kill();
    }
    let broken = (0..).zip(&mended).filter(|(_, mended)| !**mended);
    let mut expected: Vec<String> = broken.map(|(number, _)| key(number)).collect();
    expected.sort();
    let mut watching = desk.watch();
    eventually("letters of the broken ones, and no others", || {
        let letters = desk.dead_letters().into_iter().map(|of| of.0);
        letters.collect::<Vec<_>>() == expected
    });
    assert!(watching.stop().success());
}
