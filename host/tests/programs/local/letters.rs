//! Images that cannot be made into thumbnails, and the way back.

use std::fs;

use crate::desk::{Desk, picture, text};
use crate::tool::lines;

#[test]
fn every_image_is_made_and_every_other_file_is_told_with_its_reason() {
    let desk = Desk::new();
    let keys = [
        "plain.bmp",
        "a/same.bmp",
        "b/same.bmp",
        "a b+c%2Bd/späße 🦀.bmp",
        "no extension",
        "wrong.jpg",
        "UPPER.BMP",
        "tab\tand'quote\".bmp",
    ];
    for (number, key) in (1..).zip(keys) {
        desk.image(key, &picture(number));
    }
    desk.image(
        "corrupt.png",
        b"\x89PNG\r\n\x1a\nand nothing that belongs behind it",
    );
    desk.image("text.jpg", b"hello");
    desk.image("empty.gif", b"");
    let summary = desk.once();
    assert_eq!(summary["done"], 8);
    assert_eq!(summary["thumbnails"], 24);
    assert_eq!(summary["rejected"], 2);
    let letters = desk.dead_letters();
    let keys: Vec<&str> = letters.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["corrupt.png", "text.jpg"]);
    assert_eq!(letters[0].1, "malformed-source");
    assert_eq!(letters[1].1, "unsupported-format");
    assert_eq!(desk.thumbnails().len(), 24);

    // For people, the same in words.
    let output = desk.run(&["--once"]);
    let said = text(&output.stdout);
    assert!(said.contains("0 images, 0 thumbnails"), "{said}");
    assert!(said.contains("no thumbnails could be made of:"), "{said}");
    assert!(said.contains("corrupt.png"), "{said}");
    assert!(output.status.success());
    assert_eq!(desk.dead_letters().len(), 2, "no letter is written twice");
}

#[test]
fn a_repaired_image_gets_its_thumbnails_and_its_letter_goes() {
    let desk = Desk::new();
    desk.image("broken.bmp", b"BM, broken");
    desk.image("hopeless.bmp", b"BM, broken as well");
    desk.once();
    assert_eq!(desk.status(), [0, 0, 2]);
    desk.image("broken.bmp", &picture(1));

    let output = desk.run(&["redrive", "--key-prefix", "broken", "--dry-run"]);
    assert!(text(&output.stdout).contains("1 dead letter would be sent back, 1 skipped"));
    assert_eq!(desk.status(), [0, 0, 2]);
    let output = desk.run(&["redrive", "--key-prefix", "broken"]);
    assert!(output.status.success());
    assert_eq!(desk.status(), [1, 0, 1]);
    let summary = desk.once();
    assert_eq!(summary["done"], 1);
    assert_eq!(desk.thumbnails().len(), 3);
    let letters = desk.dead_letters();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].0, "hopeless.bmp");

    let output = desk.run(&["purge"]);
    assert_eq!(text(&output.stdout), "1 dead letter deleted\n");
    assert_eq!(desk.status(), [0, 0, 0]);
    let output = desk.run(&["dead-letters"]);
    assert_eq!(text(&output.stdout), "there are no dead letters\n");
}

/// A folder is looked at as well, so there are two messages about each.
#[test]
fn images_that_were_sent_back_and_fail_again_are_counted_once() {
    let desk = Desk::new();
    for key in ["one.bmp", "two.bmp"] {
        desk.image(key, b"BM, broken");
    }
    desk.once();
    for _ in 0..2 {
        assert!(desk.run(&["redrive"]).status.success());
        let said = text(&desk.run(&["--once"]).stdout);
        assert!(said.contains(", 2 failed ("), "{said}");
        assert_eq!(desk.status(), [0, 0, 2]);
    }
    assert!(desk.run(&["redrive"]).status.success());
    let summary = desk.once();
    let counts = ["rejected", "deadLetters"].map(|name| &summary[name]);
    assert_eq!(counts, [2, 2]);
}

#[test]
fn an_image_removed_while_it_waits_is_no_failure() {
    let desk = Desk::new();
    desk.image("gone.bmp", b"BM, broken");
    desk.once();
    assert!(desk.run(&["redrive"]).status.success());
    assert_eq!(desk.status(), [1, 0, 0]);
    desk.remove("gone.bmp");
    let summary = desk.once();
    assert_eq!(
        (&summary["skipped"], &summary["rejected"]),
        (&1.into(), &0.into())
    );
    assert_eq!(desk.status(), [0, 0, 0]);
}

#[test]
fn what_changed_while_nobody_looked_is_found_at_the_next_start() {
    let desk = Desk::new();
    for (number, key) in (1..).zip(["kept.bmp", "changed.bmp", "removed.bmp", "folder/in.bmp"]) {
        desk.image(key, &picture(number));
    }
    desk.once();
    let before = desk.thumbnails();
    assert_eq!(before.len(), 12);
    desk.image("changed.bmp", &picture(20));
    desk.image("new.bmp", &picture(21));
    desk.remove("removed.bmp");
    fs::remove_dir_all(desk.root.join("images/folder")).unwrap();
    let summary = desk.once();
    assert_eq!(summary["removed"], 6);
    assert_eq!(
        summary["thumbnails"], 6,
        "what was up to date is left alone"
    );

    let fresh = Desk::new();
    for (number, key) in [(1, "kept.bmp"), (20, "changed.bmp"), (21, "new.bmp")] {
        fresh.image(key, &picture(number));
    }
    fresh.once();
    assert!(desk.thumbnails() == fresh.thumbnails());
}

#[test]
fn other_presets_make_other_thumbnails() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let output = desk.run(&["--once", "--preset", "tiny=8x8,cover,png"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let keys: Vec<String> = desk.thumbnails().into_keys().collect();
    assert_eq!(keys, ["cat.bmp/tiny.png"]);
}

#[test]
fn letters_are_listed_by_name() {
    let desk = Desk::new();
    let keys = ["b.bmp", "B.bmp", "a/z.bmp", "10.bmp", "ä.bmp", "c.bmp"];
    // Each is a letter before the next one is looked at.
    for key in keys {
        desk.image(key, b"BM, broken");
        desk.once();
    }
    let mut sorted = keys;
    sorted.sort_unstable();
    let told = text(&desk.run(&["dead-letters"]).stdout);
    let names = told
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    assert_eq!(names.collect::<Vec<_>>(), sorted);
    let told = lines(&desk.run(&["dead-letters", "--json"]));
    let names = told.iter().map(|line| line["key"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), sorted);
}
