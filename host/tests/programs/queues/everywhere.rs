//! One way of an image, with every kind of queue that needs no cloud, and the store of a
//! folder apart from it.

use std::process::Command;

use serde_json::Value;

use crate::desk::{Desk, picture, text};
use crate::nats::Nats;
use crate::process::finish;
use crate::tool::{assert_fails, lines, run, said, thimble};

/// A queue and the queue of its dead letters, as words of a command name them.
struct Queues<'a> {
    work: &'a str,
    letters: &'a str,
}

impl<'a> Queues<'a> {
    fn of(nats: &'a Nats) -> Self {
        Self {
            work: &nats.queue,
            letters: &nats.letters,
        }
    }

    fn work_off(&self, desk: &Desk) {
        said(&finish(self.once(desk).spawn().unwrap()));
    }

    fn once(&self, desk: &Desk) -> Command {
        let root = desk.root.to_str().unwrap();
        thimble(&["worker", "--queue", self.work, "--store", root, "--once"])
    }

    fn letters(&self) -> Vec<Value> {
        lines(&run(&["dlq", "list", "--queue", self.letters, "--json"]))
    }
}

fn whole_way(queues: &Queues<'_>) {
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    desk.image("a/good.bmp", &picture(1));
    desk.image("b/cut & off+.bmp", b"BM, broken");
    let sent = lines(&run(&["backfill", root, "--queue", queues.work, "--json"]));
    assert_eq!(sent.last().unwrap()["summary"]["sent"], 2);
    queues.work_off(&desk);
    assert_eq!(desk.thumbnails().len(), 3);

    let letters = queues.letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0]["kind"], "unsupported-format");
    assert_eq!(letters[0]["key"], "b/cut & off+.bmp");
    let id = letters[0]["id"].as_str().unwrap();
    let page = said(&run(&["dlq", "show", id, "--queue", queues.letters]));
    assert!(page.contains("thimble-reason"), "{page}");

    desk.image("b/cut & off+.bmp", &picture(2));
    let redrive = |more: &[&str]| {
        let words = ["redrive", "--from", queues.letters, "--to", queues.work];
        said(&run(&[&words, more].concat()))
    };
    assert!(redrive(&["--dry-run"]).contains("1 dead letter would be sent back"));
    assert!(redrive(&["--key-prefix", "a/"]).contains("0 dead letters sent back, 1 skipped"));
    assert!(redrive(&[]).contains("1 dead letter sent back"));
    queues.work_off(&desk);
    assert_eq!(desk.thumbnails().len(), 6);
    assert_eq!(queues.letters(), Vec::<Value>::new());

    desk.image("c/broken.bmp", b"BM, broken again");
    said(&run(&[
        "backfill",
        root,
        "--queue",
        queues.work,
        "--missing-only",
    ]));
    queues.work_off(&desk);
    let purge = ["dlq", "purge", "--queue", queues.letters];
    assert_fails(&run(&purge), 2, "about 1 dead letter would be deleted");
    let purged = said(&run(&[&purge[..], &["--yes"]].concat()));
    assert_eq!(purged, "1 dead letter deleted\n");
}

#[test]
fn a_folder_of_queues_serves_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    whole_way(&Queues {
        work: &format!("file:{path}"),
        letters: &format!("file://{path}/.thimble/dead-letters"),
    });
    let made: Vec<_> = std::fs::read_dir(path).unwrap().collect();
    assert_eq!(made.len(), 1, "nothing but the queues is in it: {made:?}");
}

#[test]
fn streams_of_nats_serve_a_folder() {
    let Some(nats) = Nats::new("everywhere") else {
        return;
    };
    whole_way(&Queues::of(&nats));
    // What was named wrongly is not made.
    let nowhere = format!("{}-nowhere", nats.queue);
    let list = ["dlq", "list", "--queue", &nowhere];
    assert_fails(&run(&list), 1, "there is no such queue");
    let itself = ["--dead-letters", &nats.queue, "--thumbnails", "t"];
    let worker = [
        &["worker", "--queue", &nats.queue, "--store", "."][..],
        &itself,
    ];
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    let words: Vec<&str> = worker.concat();
    let words: Vec<&str> = words
        .iter()
        .map(|word| if *word == "." { root } else { word })
        .collect();
    assert_fails(&run(&words), 2, "cannot be its own dead-letter queue");
}

/// Streams of NATS, and a desk with one image.
fn streams_and_cat(name: &str) -> Option<(Nats, Desk)> {
    let nats = Nats::new(name)?;
    let desk = Desk::kept();
    desk.image("cat.bmp", &picture(1));
    Some((nats, desk))
}

#[test]
fn what_others_put_into_a_stream_is_worked_on() {
    let Some((nats, desk)) = streams_and_cat("foreign") else {
        return;
    };
    let queues = Queues::of(&nats);
    queues.work_off(&desk);
    let event = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"images"},"object":{"key":"cat.bmp"}}}]}"#;
    nats.publish(event.as_bytes());
    queues.work_off(&desk);
    assert_eq!(desk.thumbnails().len(), 3);
}

#[test]
fn a_message_as_long_as_its_server_takes_becomes_a_letter_and_the_others_are_done() {
    let Some((nats, desk)) = streams_and_cat("longest") else {
        return;
    };
    let queues = Queues::of(&nats);
    said(&run(&[
        "backfill",
        desk.root.to_str().unwrap(),
        "--queue",
        queues.work,
    ]));
    // No event: one byte more is refused by the server.
    nats.publish(&vec![b'x'; 1 << 20]);
    queues.work_off(&desk);
    assert_eq!(desk.thumbnails().len(), 3);
    let letters = queues.letters();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0]["kind"], Value::Null, "the log has it");
    let redrive = ["redrive", "--from", queues.letters, "--to", queues.work];
    assert!(said(&run(&redrive)).contains("1 dead letter sent back"));
}

#[test]
fn a_worker_ends_and_says_so_if_nothing_can_become_of_what_is_left() {
    let Some((nats, desk)) = streams_and_cat("stranded") else {
        return;
    };
    let queues = Queues::of(&nats);
    let root = desk.root.to_str().unwrap();
    said(&run(&["backfill", root, "--queue", queues.work]));
    // What is no text is longer once it is, and then no queue of this server takes it.
    nats.publish(&vec![0xff; 1 << 20]);
    for attempt in ["the first", "another"] {
        let mut worker = queues.once(&desk);
        worker.env("MAX_RECEIVE_COUNT", "1");
        let output = finish(worker.spawn().unwrap());
        assert_fails(&output, 1, "1 message left");
        let log = text(&output.stderr);
        assert!(log.contains("nats stream rmm"), "{attempt}: {log}");
        assert_eq!(desk.thumbnails().len(), 3, "{attempt}");
    }
}
