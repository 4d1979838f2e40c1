//! Workers of a stream of NATS, killed at any moment.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Duration;

use testkit::Numbers;

use crate::desk::Desk;
use crate::kills::{IMAGES, assert_whole, kills, rejected, write};
use crate::nats::Nats;
use crate::process::Running;
use crate::tool::{lines, run, said, thimble};

/// Words of a worker whose messages come back soon, and never count as hopeless: each
/// kill is a reception.
fn worker(queue: &str, root: &str, more: &[&str]) -> std::process::Command {
    let words = [
        "worker",
        "--queue",
        queue,
        "--store",
        root,
        "--visibility",
        "2",
    ];
    let mut command = thimble(&[&words, more].concat());
    command.env("MAX_RECEIVE_COUNT", "1000");
    command
}

#[test]
fn forty_workers_are_killed_and_no_image_is_lost() {
    let Some(nats) = Nats::new("kills") else {
        return;
    };
    let whole = Desk::new();
    (0..IMAGES).for_each(|number| write(&whole, number));
    whole.once();
    let desk = Desk::kept();
    (0..IMAGES).for_each(|number| write(&desk, number));
    let root = desk.root.to_str().unwrap();
    let mut numbers = Numbers::new(0x6e61_7473_6b69_6c6c);
    let kills = kills(40);
    let mut killed_at_work = 0;
    for kill in 0..kills {
        // Something to do each time: all of it again, as soon as there is little left.
        if kill % 4 == 0 {
            let _ = std::fs::remove_dir_all(desk.root.join("thumbnails"));
            said(&run(&["backfill", root, "--queue", &nats.queue]));
        }
        let mut command = worker(&nats.queue, root, &[]);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut working = Running::start(command);
        // A machine may be too slow for a thumbnail within any given time.
        if kill % 4 == 0 {
            desk.first_thumbnail();
        }
        std::thread::sleep(Duration::from_millis(numbers.below(800) as u64));
        working.kill();
        killed_at_work += u64::from(assert_whole(&desk, &whole, kill));
    }
    assert!(
        killed_at_work > 0,
        "no kill fell behind the first thumbnail"
    );
    let _ = std::fs::remove_dir_all(desk.root.join("thumbnails"));
    said(&run(&["backfill", root, "--queue", &nats.queue]));
    let last = worker(&nats.queue, root, &["--once"]).spawn().unwrap();
    said(&crate::process::finish(last));
    assert!(desk.thumbnails() == whole.thumbnails(), "an image is lost");
    let list = [
        "dlq",
        "list",
        "--max",
        "10000",
        "--queue",
        &nats.letters,
        "--json",
    ];
    let letters = lines(&run(&list));
    let field = |letter: &serde_json::Value, name: &str| letter[name].as_str().unwrap().to_owned();
    let found: BTreeSet<_> = letters
        .iter()
        .map(|letter| (field(letter, "key"), field(letter, "kind")))
        .collect();
    assert_eq!(
        found,
        rejected().into_iter().collect(),
        "each bad image has letters with its reason, and no other has any"
    );
    println!("{kills} kills, {killed_at_work} of them behind the first thumbnail");
}
