//! The whole way of an image, in a folder.

use std::process::Command;

use crate::desk::{Desk, picture, text};
use crate::process::{eventually, finish, signal};
use crate::tool::{assert_fails, lines, run, said, thimble};

/// A desk with `good` images and one that is broken.
fn desk(good: u32) -> (Desk, String) {
    let desk = Desk::kept();
    for number in 1..=good {
        desk.image(&format!("{number:02}.bmp"), &picture(number));
    }
    desk.image("broken & bent+.bmp", b"BM, broken");
    assert_eq!(desk.status(), [0, 0, 0]);
    let root = desk.root.to_str().unwrap().to_owned();
    (desk, root)
}

#[test]
fn images_that_were_there_become_thumbnails_and_letters_come_back() {
    let (desk, root) = desk(3);
    let backfill = |more: &[&str]| {
        run(&[
            &["backfill", root.as_str(), "--queue", &root, "--json"],
            more,
        ]
        .concat())
    };
    let summary = |lines: Vec<serde_json::Value>| lines.last().unwrap()["summary"].clone();
    assert_eq!(summary(lines(&backfill(&[])))["sent"], 4);
    assert_eq!(desk.status(), [4, 0, 0]);
    let work = || run(&["worker", "--queue", &root, "--once"]);
    let output = work();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(desk.thumbnails().len(), 9);
    assert_eq!(desk.status(), [0, 0, 1]);

    // Nothing but the broken one lacks its thumbnails, also in a dry run.
    let missing = summary(lines(&backfill(&["--missing-only", "--dry-run"])));
    assert_eq!(
        (&missing["sent"], &missing["upToDate"]),
        (&1.into(), &3.into())
    );
    assert_eq!(desk.status(), [0, 0, 1]);

    // Looking counts as a reception, and leaves the letter where it was.
    let list = || lines(&run(&["dlq", "list", "--queue", &root, "--json"]));
    let letters = [list(), list()];
    let letter = &letters[1][0];
    assert_eq!(letter["kind"], "unsupported-format");
    assert_eq!(letter["key"], "broken & bent+.bmp");
    let count = |at: usize| letters[at][0]["receiveCount"].as_u64().unwrap();
    assert_eq!(count(1), count(0) + 1);
    let id = letter["id"].as_str().unwrap();
    let page = said(&run(&["dlq", "show", id, "--queue", &root]));
    assert!(
        page.contains("thimble-reason") && page.contains("broken+%26+bent%2B.bmp"),
        "{page}"
    );
    assert_eq!(desk.status(), [0, 0, 1]);

    desk.image("broken & bent+.bmp", &picture(9));
    let redrive = |more: &[&str]| {
        let words = [&["redrive", "--from", &root, "--to", &root], more].concat();
        said(&run(&words))
    };
    assert!(redrive(&["--dry-run"]).contains("1 dead letter would be sent back, 0 skipped"));
    assert!(
        redrive(&["--error-kind", "engine-trap"]).contains("0 dead letters sent back, 1 skipped")
    );
    assert_eq!(desk.status(), [0, 0, 1]);
    assert!(redrive(&[]).contains("1 dead letter sent back"));
    assert_eq!(desk.status(), [1, 0, 0]);
    assert!(work().status.success());
    assert_eq!(desk.thumbnails().len(), 12);
    assert_eq!(desk.status(), [0, 0, 0]);
    assert!(said(&run(&["dlq", "list", "--queue", &root])).contains("there are no dead letters"));
}

#[test]
fn letters_are_forgotten_only_by_those_who_say_yes() {
    let (desk, root) = desk(0);
    desk.image("other.bmp", b"BM, broken as well");
    desk.once();
    assert_eq!(desk.status(), [0, 0, 2]);
    let purge = |more: &[&str]| run(&[&["dlq", "purge", "--queue", root.as_str()], more].concat());
    assert_fails(&purge(&[]), 2, "about 2 dead letters would be deleted");
    assert_eq!(desk.status(), [0, 0, 2]);
    assert_eq!(
        said(&purge(&["--yes", "--key-prefix", "other"])),
        "1 dead letter deleted\n"
    );
    assert_eq!(
        said(&purge(&["--yes", "--json"])).trim(),
        r#"{"found":1,"forgotten":1,"skipped":0,"failed":0,"reason":null}"#
    );
    assert_eq!(desk.status(), [0, 0, 0]);
    assert_fails(
        &run(&["dlq", "show", "nobody", "--queue", &root]),
        2,
        "`thimble dlq list` shows them: nobody",
    );
}

#[test]
fn a_backfill_says_what_it_costs_and_how_to_go_on() {
    let (desk, root) = desk(12);
    let images = format!("{root}/images");
    let backfill =
        |more: &[&str]| run(&[&["backfill", images.as_str(), "--queue", &root], more].concat());
    let estimate = said(&backfill(&["--dry-run"]));
    for part in [
        "13 images",
        "at most 13 messages and 39 thumbnails",
        "S3 PUT",
        "SQS requests",
        "assumed",
    ] {
        assert!(estimate.contains(part), "{estimate}");
    }
    assert_eq!(desk.status(), [0, 0, 0], "a dry run sends nothing");
    let first = said(&backfill(&["--max", "5"]));
    assert!(
        first.contains("continue with:") && first.contains("--after=05.bmp"),
        "{first}"
    );
    assert_eq!(desk.status(), [5, 0, 0]);
    let rest = said(&backfill(&["--after=05.bmp"]));
    assert!(
        rest.contains("8 messages sent") && !rest.contains("continue"),
        "{rest}"
    );
    assert_eq!(desk.status(), [13, 0, 0]);
    // Only a part of the folder, and never the thumbnails in it.
    let part = said(&run(&[
        "backfill",
        &format!("{images}/1"),
        "--queue",
        &root,
        "--dry-run",
    ]));
    assert!(part.starts_with("3 images"), "{part}");
    let own = format!("{root}/thumbnails");
    assert_fails(
        &run(&["backfill", &own, "--queue", &root]),
        2,
        "THUMBNAIL_NAME",
    );
}

#[test]
fn many_messages_are_not_sent_unasked() {
    let desk = Desk::kept();
    for number in 0..1_001 {
        desk.image(&format!("{number:04}.bmp"), b"BM");
    }
    assert_eq!(desk.status(), [0, 0, 0]);
    let root = desk.root.to_str().unwrap();
    let words = ["backfill", root, "--queue", root];
    assert_fails(&run(&words), 2, "1001 messages would be sent, for about $");
    assert_eq!(desk.status(), [0, 0, 0]);
    let words = [&words[..], &["--max", "7"]].concat();
    said(&run(&words));
    assert_eq!(desk.status(), [7, 0, 0]);
}

#[test]
fn an_interrupted_backfill_says_how_to_go_on_and_nothing_is_sent_twice() {
    let (desk, root) = desk(30);
    let words = ["backfill", &root, "--queue", &root, "--rate", "5", "--json"];
    let child = thimble(&words).spawn().unwrap();
    eventually("it has begun", || desk.messages() >= 5);
    signal("INT", &child);
    let output = finish(child);
    assert_eq!(output.status.code(), Some(1));
    let last = text(&output.stdout).lines().last().unwrap().to_owned();
    let summary = serde_json::from_str::<serde_json::Value>(&last).unwrap()["summary"].take();
    assert_eq!(summary["ended"], "interrupted");
    let sent = summary["sent"].as_u64().unwrap();
    assert!((5..31).contains(&sent), "{summary}");
    assert_eq!(desk.status(), [sent, 0, 0]);
    // It prints a command for a shell.
    let command = summary["goOn"]
        .as_str()
        .unwrap()
        .replace("--rate 5", "--rate 1000");
    let output = Command::new("bash")
        .args(["-c", &command])
        .output()
        .unwrap();
    let last = said(&output).lines().last().unwrap().to_owned();
    let rest = serde_json::from_str::<serde_json::Value>(&last).unwrap();
    assert_eq!(rest["summary"]["sent"], 31 - sent);
    assert_eq!(desk.status(), [31, 0, 0]);
}
