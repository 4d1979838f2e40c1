//! Files that are left alone, and files that cannot be looked at.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::desk::{Desk, picture, text};
use crate::process::signal;
use crate::process::{Running, eventually, finish};

#[test]
fn what_is_left_alone_is_counted_by_kind() {
    let desk = Desk::new();
    for key in ["cat.bmp", ".hidden.bmp", ".trash/cat.bmp", "a/._cat.bmp"] {
        desk.image(key, &picture(1));
    }
    for key in ["@eaDir/cat.bmp", "a/Thumbs.db", "desktop.ini"] {
        desk.image(key, &picture(2));
    }
    desk.image("notes.txt", b"hello");
    desk.image("not-yet.bmp", b"");
    desk.image("raw/cat.bmp", &picture(3));
    let images = desk.root.join("images");
    std::os::unix::fs::symlink("cat.bmp", images.join("link.bmp")).unwrap();
    fs::write(images.join(OsStr::from_bytes(b"a\xff.bmp")), picture(4)).unwrap();
    let made = Command::new("mkfifo").arg(images.join("pipe.bmp")).status();
    assert!(made.unwrap().success());

    for sum in [
        "1 image, 3 thumbnails (",
        "0 images, 0 thumbnails, 1 up to date (",
    ] {
        let output = desk.run(&["--once", "--exclude", "*.txt", "--exclude", "raw/"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        let expected = "12 left alone: 3 hidden, 3 of other programs, 2 excluded, 1 link, \
                        1 name that is not text, 1 special file, 1 empty (not-yet.bmp)";
        assert!(said.contains(expected), "{said}");
        assert!(said.starts_with(sum), "{said}");
    }
    assert_eq!(desk.dead_letters(), []);

    // The same while it is watched.
    let mut watching = desk.watch();
    desk.image(".later.bmp", &picture(5));
    desk.image("@eaDir/later.bmp", &picture(5));
    desk.image("z.bmp", &picture(6));
    eventually("what comes last", || {
        desk.thumbnails()
            .keys()
            .any(|key| key.starts_with("z.bmp/"))
    });
    assert!(watching.stop().success());
    let keys = desk.thumbnails().into_keys();
    let sources: Vec<String> = keys.filter(|key| key.contains("later")).collect();
    assert_eq!(sources, [] as [String; 0]);
}

#[test]
fn a_letter_that_was_purged_does_not_come_back_until_its_file_changes() {
    let desk = Desk::new();
    desk.image("notes.jpg", b"hello");
    assert_eq!(desk.once()["rejected"], 1);
    assert_eq!(
        text(&desk.run(&["purge"]).stdout),
        "1 dead letter deleted\n"
    );
    let summary = desk.once();
    assert_eq!(
        (&summary["rejected"], &summary["leftAlone"]["purged"]),
        (&0.into(), &1.into())
    );
    assert_eq!(desk.status(), [0, 0, 0]);
    desk.image("notes.jpg", b"hello again");
    assert_eq!(desk.once()["rejected"], 1);
    desk.run(&["purge"]);
    desk.image("notes.jpg", &picture(1));
    assert_eq!(desk.once()["done"], 1);
}

#[test]
fn an_image_that_was_mended_before_its_letter_was_purged_is_made() {
    let desk = Desk::new();
    desk.image("mended.bmp", b"BM, broken");
    desk.image("restored.bmp", b"BM, broken as well");
    desk.image("hopeless.bmp", b"BM, broken for good");
    assert_eq!(desk.once()["rejected"], 3);
    desk.image("mended.bmp", &picture(1));
    // As programs do that keep the times of what they copy.
    desk.image("restored.bmp", &picture(2));
    let restored = File::options()
        .write(true)
        .open(desk.root.join("images/restored.bmp"));
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_000_001);
    restored.unwrap().set_modified(long_ago).unwrap();

    let purged = desk.run(&["purge"]);
    assert_eq!(text(&purged.stdout), "3 dead letters deleted\n");
    let told = text(&purged.stderr);
    assert!(told.contains("2 images changed after"), "{told}");
    let summary = desk.once();
    assert_eq!(summary["leftAlone"]["purged"], 1);
    assert_eq!(summary["thumbnails"], 6);
    assert_eq!(desk.status(), [0, 0, 0]);
}

/// A desk with an image and what a camera, a telephone and a person put beside it.
fn with_sidecars() -> Desk {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    desk.image("picture", &picture(2));
    desk.image("cat.xmp", b"<?xpacket begin=''?><x:xmpmeta/>");
    desk.image("2023/dog.XMP", b"<?xpacket begin=''?><x:xmpmeta/>");
    desk.image(
        "cat.mov",
        &[&b"\0\0\0\x14ftypqt  "[..], &[0; 30_000]].concat(),
    );
    desk.image("README", b"hello");
    desk
}

#[test]
fn what_is_no_image_is_counted_and_makes_no_letter() {
    let desk = with_sidecars();
    desk.image("no-picture.jpg", b"hello");
    desk.image("photo.dat", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    let words = ["--once", "--max-bytes", "20000"];
    for _ in 0..2 {
        let output = desk.run(&words);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let said = text(&output.stdout);
        let expected = "\n4 files are no images: 2 .xmp, 1 without an extension, 1 .mov\n";
        assert!(said.contains(expected), "{said}");
        assert!(said.contains(", 2 failed ("), "{said}");
        let letters = desk.dead_letters();
        let expected = ["no-picture.jpg", "photo.dat"]
            .map(|key| (key.to_owned(), "unsupported-format".to_owned()));
        assert_eq!(letters, expected);
    }
    let output = desk.run(&["--once", "--json", "--max-bytes", "20000"]);
    let said = text(&output.stdout);
    let mut lines: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let summary = lines.pop().unwrap();
    let expected = serde_json::json!({"": 1, "mov": 1, "xmp": 2});
    assert_eq!(summary["summary"]["notImages"], expected);
    let is_none = |line: &&Value| line["skipped"] == "not-an-image";
    let reasons = lines.iter().filter(is_none).map(|line| &line["reason"]);
    let reasons: Vec<&str> = reasons.map(|reason| reason.as_str().unwrap()).collect();
    assert_eq!(reasons.len(), 4, "{said}");
    let too_large = reasons.iter().filter(|why| why.contains("20000"));
    assert_eq!(too_large.count(), 1, "{reasons:?}");
}

#[test]
fn what_is_no_image_fails_where_somebody_waits_to_hear_of_it() {
    let desk = Desk::new();
    desk.image("cat.xmp", b"<?xpacket begin=''?><x:xmpmeta/>");
    let kept = |desk: &Desk| desk.thumbnails().into_keys().collect::<Vec<_>>();
    let letter = |key: &str| [(key.to_owned(), "unsupported-format".to_owned())];
    desk.run(&["--once", "--manifest"]);
    assert_eq!(kept(&desk), ["cat.xmp/manifest.json"]);
    assert_eq!(desk.dead_letters(), letter("cat.xmp"));

    let desk = Desk::new();
    let results = tempfile::tempdir().unwrap();
    desk.image("1f0c2a", b"no image");
    let words = ["--once", "--results", results.path().to_str().unwrap()];
    desk.run(&words);
    assert_eq!(desk.dead_letters(), letter("1f0c2a"));
    assert_eq!(fs::read_dir(results.path()).unwrap().count(), 1);

    // Its thumbnails are there, and of another version.
    let desk = Desk::new();
    desk.image("1f0c2a", &picture(1));
    desk.once();
    desk.image("1f0c2a", b"no image");
    assert_eq!(desk.once()["rejected"], 1);
    assert_eq!(desk.dead_letters(), letter("1f0c2a"));
}

#[test]
fn a_long_video_is_not_read() {
    for (more, said) in [
        (&[][..], "cat.mov: no image"),
        (&["--manifest"], "are read"),
    ] {
        let desk = Desk::new();
        desk.image("cat.mov", b"\0\0\0\x14ftypqt  ");
        let video = desk.root.join("images/cat.mov");
        let video = File::options().write(true).open(video).unwrap();
        video.set_len(2 << 30).unwrap();
        let log = desk.root.join("said");
        let file = File::create(&log).unwrap();
        let mut command = desk.command(more);
        let mut watching = Running::start(command.stdout(file.try_clone().unwrap()).stderr(file));
        eventually(said, || fs::read_to_string(&log).unwrap().contains(said));
        let read = fs::read_to_string(format!("/proc/{}/io", watching.0.id())).unwrap();
        let read = read.lines().next().unwrap().strip_prefix("rchar: ");
        let read: u64 = read.unwrap().parse().unwrap();
        assert!(read < 1 << 30, "{read} bytes were read");
        assert!(watching.stop().success());
    }
}

#[test]
fn what_is_no_image_becomes_one_when_it_is_replaced() {
    let desk = with_sidecars();
    let mut watching = desk.command(&["--preset", "s=8x8,png"]);
    let watching = watching.spawn().unwrap();
    let made = |key: &str| desk.thumbnails().contains_key(&format!("{key}/s.png"));
    eventually("the images", || made("cat.bmp") && made("picture"));
    desk.image("README", &picture(3));
    eventually("the file that is an image now", || made("README"));
    let gone = desk.root.join("gone");
    fs::rename(desk.root.join("images/2023"), gone).unwrap();
    desk.image("z.bmp", &picture(4));
    eventually("what comes last", || made("z.bmp"));
    signal("INT", &watching);
    let output = finish(watching);
    let said = text(&output.stdout);
    assert!(said.contains("\nREADME: no image, left alone\n"), "{said}");
    assert!(
        said.contains("\n2 files are no images: 1 .mov, 1 .xmp\n"),
        "{said}"
    );
    assert_eq!(desk.dead_letters(), []);
}

#[test]
fn a_pattern_that_is_none_is_told_at_once() {
    let output = Desk::new().run(&["--once", "--exclude", "[a"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.contains("a pattern is for example *.txt"), "{said}");
}

#[test]
fn a_pattern_may_begin_with_the_folder_and_is_told_if_it_took_nothing() {
    let desk = Desk::new();
    for key in ["cat.bmp", "2023/cat.bmp", "2024/cat.bmp"] {
        desk.image(key, &picture(1));
    }
    let images = desk.root.join("images");
    let (images, old) = (images.to_str().unwrap(), "2042");
    let year = format!("{images}/2024/");
    let words = ["--once", "--exclude", &year, "--exclude", old, "--quiet"];
    let output = desk.run(&words);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let keys: Vec<String> = desk.thumbnails().into_keys().collect();
    assert_eq!(keys.len(), 6, "{keys:?}");
    assert!(!keys.iter().any(|key| key.starts_with("2024")), "{keys:?}");
    let told = text(&output.stderr);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.starts_with("warning: --exclude 2042 excluded nothing; "),
        "{told}"
    );

    // What can exclude nothing is refused before anything is made.
    let empty = desk.root.parent().unwrap().join("empty");
    fs::create_dir(&empty).unwrap();
    let desk = Desk::nowhere(&empty);
    for pattern in ["../2024", "2023/..", images] {
        let output = desk.run(&["--once", "--exclude", pattern]);
        assert_eq!(output.status.code(), Some(2), "{pattern}");
        let told = text(&output.stderr);
        assert!(told.contains("such as raw or '*.txt'"), "{told}");
    }
    assert!(!desk.root.join("images").exists());
}

#[test]
fn an_interrupted_run_says_how_many_are_left() {
    let desk = Desk::new();
    for number in 0..150 {
        desk.image(&format!("{number:03}.bmp"), &picture(number));
    }
    let running = desk.command(&["--once"]).spawn().unwrap();
    desk.first_thumbnail();
    signal("INT", &running);
    let output = finish(running);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(
        said.contains(" left; the next run goes on from here"),
        "{said}"
    );
    assert_eq!(desk.once()["left"], 0);
    assert_eq!(desk.thumbnails().len(), 450);
}

#[test]
fn a_file_changed_in_place_with_its_time_kept_is_seen() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let path = desk.root.join("images/cat.bmp");
    let times = |path: &std::path::Path| fs::metadata(path).unwrap().modified().unwrap();
    // Long enough ago for its time to be trusted.
    let before = SystemTime::now() - Duration::from_secs(3_600);
    let set = || {
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(before)
            .unwrap()
    };
    set();
    desk.once();
    std::thread::sleep(Duration::from_millis(2_200));
    desk.once();
    let old = desk.thumbnails();
    fs::write(&path, picture(2)).unwrap();
    set();
    assert_eq!(times(&path), before);
    assert_eq!(desk.once()["done"], 1);
    assert!(desk.thumbnails() != old);
}

#[test]
fn a_path_that_is_too_long_becomes_a_letter_that_says_so() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let long = "x".repeat(200);
    let key = [long.as_str(); 5].join("/") + "/cats and dogs.bmp" + &"y".repeat(20);
    desk.image(&key, &picture(2));
    assert_eq!(desk.once()["done"], 1);
    let letters = desk.dead_letters();
    assert_eq!(letters, [(key, "invalid-key".to_owned())]);
    let said = text(&desk.run(&["dead-letters"]).stdout);
    assert!(
        said.contains("and at most 1024 are possible; shorten it"),
        "{said}"
    );
    // No store has a file of that name, and it is there all the same, until it is gone.
    desk.once();
    assert_eq!(desk.status(), [0, 0, 1]);
    fs::remove_dir_all(desk.root.join("images").join(&long)).unwrap();
    desk.once();
    assert_eq!(desk.status(), [0, 0, 0]);
}

#[test]
fn a_folder_too_deep_to_be_looked_into_is_told_by_name_and_costs_no_other_image() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    // No path reaches the innermost of these, so one half is moved into the other.
    let long = "x".repeat(200);
    let half = [long.as_str(); 12].join("/");
    let outer = desk.root.join("images/deep").join(&half);
    let inner = desk.root.join("inner");
    fs::create_dir_all(&outer).unwrap();
    fs::create_dir_all(inner.join(&half)).unwrap();
    fs::rename(inner, outer.join("inner")).unwrap();
    let output = desk.run(&["--once"]);
    let told = text(&output.stderr);
    assert!(
        told.contains(&format!("images/deep/{long}/")) && told.contains("left out"),
        "{told}"
    );
    // What nobody has looked at is no success.
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(desk.thumbnails().len(), 3);
    assert_eq!(desk.dead_letters(), []);
}
