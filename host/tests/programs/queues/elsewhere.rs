//! Queues in Postgres and containers of Azure, at the server and the emulator that the
//! environment names: see `scripts/postgres.sh` and `scripts/emulators.sh`.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::Numbers;
use thimble::blobs::{Blobs, Service};
use thimble::object::Location;
use thimble::ports::{Listing, NewObject, ObjectStore};

use super::listen::Door;
use crate::desk::{Desk, picture};
use crate::process::{Running, eventually};
use crate::tool::{lines, run, said, tested_over, thimble};

/// Images that come before each kill; the last of them is none.
const IMAGES: u64 = 30;

/// A queue that no other test and no other run has, and its dead letters; `None` says that
/// there is no server.
struct Queues {
    work: String,
    letters: String,
}

impl Queues {
    fn new(name: &str) -> Option<Self> {
        let url = tested_over("Postgres", "THIMBLE_TEST_POSTGRES")?;
        let name = unique(name);
        Some(Self {
            work: format!("{url}&queue={name}"),
            letters: format!("{url}&queue={name}-dead-letters"),
        })
    }

    /// The images of the dead letters, and the kinds of their failures.
    fn dead_letters(&self) -> Vec<(String, String)> {
        let listed = run(&[
            "dlq",
            "--queue",
            &self.letters,
            "list",
            "--json",
            "--max",
            "1000",
        ]);
        let field = |line: &Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let letters = lines(&listed).into_iter();
        let mut letters: Vec<_> = letters
            .map(|line| (field(&line, "key"), field(&line, "kind")))
            .collect();
        letters.sort();
        // One who is killed after it has sent a letter sends it again.
        letters.dedup();
        letters
    }

    fn worker<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let own = [
            "worker",
            "--queue",
            &self.work,
            "--dead-letters",
            &self.letters,
        ];
        [&own, more].concat()
    }
}

fn unique(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{name}-{}", now.as_nanos())
}

/// Number of kills; `THIMBLE_KILLS=40` is the long form.
fn kills() -> u64 {
    let kills = std::env::var("THIMBLE_KILLS").ok();
    kills.and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

fn write(desk: &Desk, kill: u64, number: u64) {
    let key = format!("{kill}/{number}.bmp");
    match number == IMAGES - 1 {
        true => desk.image(&key, b"this is no image"),
        false => desk.image(
            &key,
            &picture(u32::try_from(kill * IMAGES + number).unwrap()),
        ),
    }
}

#[test]
fn a_queue_in_postgres_loses_nothing_however_often_its_worker_is_killed() {
    let Some(queues) = Queues::new("kills") else {
        return;
    };
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    let words = queues.worker(&[
        "--store",
        root,
        "--visibility",
        "2",
        "--concurrency",
        "1",
        "--quiet",
    ]);
    let all = |kills: u64| usize::try_from(kills * (IMAGES - 1) * 3).unwrap();
    let mut numbers = Numbers::new(0x0090_57f2_e5d0_0d1e);
    let mut killed_at_work = 0;
    for kill in 0..kills() {
        (0..IMAGES).for_each(|number| write(&desk, kill, number));
        let sources = format!("{root}/images/{kill}/");
        said(&run(&["backfill", &sources, "--queue", &queues.work]));
        let before = desk.thumbnails().len();
        let mut worker = Running::start(&mut thimble(&words));
        // Some are killed before they begin, and most of them at work.
        let pause = match kill % 3 {
            0 => numbers.below(1_500),
            _ => {
                eventually("a thumbnail", || desk.thumbnails().len() > before);
                numbers.below(if kill % 3 == 1 { 1 } else { 50 })
            }
        };
        std::thread::sleep(Duration::from_millis(pause as u64));
        worker.kill();
        let made = desk.thumbnails().len();
        killed_at_work += u64::from(before < made && made < all(kill + 1));
    }
    assert!(
        killed_at_work > 0,
        "no kill fell between the first thumbnail and the last"
    );
    let finish = [&words[..], &["--once"]].concat();
    // What the killed had in hand comes back when its time is over.
    let expected: Vec<_> = (0..kills())
        .map(|kill| {
            (
                format!("{kill}/{}.bmp", IMAGES - 1),
                "unsupported-format".to_owned(),
            )
        })
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    eventually("all of it is done", || {
        said(&run(&finish));
        desk.thumbnails().len() == all(kills()) && queues.dead_letters() == expected
    });
    println!(
        "{killed_at_work} kills of {} between the first thumbnail and the last",
        kills()
    );
}

/// An event of Event Grid about a blob.
fn event(key: &str) -> String {
    json!([{
        "eventType": "Microsoft.Storage.BlobCreated", "id": "1", "dataVersion": "",
        "subject": format!("/blobServices/default/containers/images/blobs/{key}"),
        "data": {"api": "PutBlob", "contentLength": 10, "url": "https://x/images/x"},
    }])
    .to_string()
}

#[tokio::test]
async fn the_way_of_an_image_through_azure_and_postgres() {
    if tested_over("Azure", "THIMBLE_TEST_AZURE").is_none() {
        return;
    }
    let Some(queues) = Queues::new("story") else {
        return;
    };
    let store = Blobs::from_environment(Service::Azure).unwrap();
    let folder = unique("story");
    let put = async |name: &str, body: Vec<u8>| {
        let key = format!("{folder}/{name}");
        let location = Location::new("images", &key);
        store.put(&location, NewObject::new(body)).await.unwrap();
        key
    };
    let count = async |key: &str| {
        let found = store.list(&Listing::new("thumbnails", key)).await;
        found.unwrap().objects.len()
    };
    // Event Grid asks, is told yes, and sends its events.
    let door = Door::new(&queues.work, Some("sesame"));
    let asks = json!([{
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "data": {"validationCode": "open"},
    }]);
    let answer = door.post("/?token=sesame", "", &asks.to_string());
    assert!(
        answer.contains(r#"{"validationResponse":"open"}"#),
        "{answer}"
    );
    let good = put("a cat+dog %2B späße.bmp", picture(1)).await;
    let cut_off = put("cut off.bmp", picture(2)[..30].to_vec()).await;
    for key in [&good, &cut_off] {
        let answer = door.post("/?token=sesame", "", &event(key));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let worker = ["--store", "az://", "--thumbnails", "thumbnails", "--once"];
    let worker = queues.worker(&worker);
    said(&run(&worker));
    assert_eq!(count(&good).await, 3);
    // The one that was cut off waits with its reason, until somebody sends it whole.
    let letters = queues.dead_letters();
    let kinds = ["malformed-source", "unsupported-format"];
    assert!(
        matches!(&letters[..], [(key, kind)] if *key == cut_off && kinds.contains(&&kind[..])),
        "{letters:?}"
    );
    put("cut off.bmp", picture(2)).await;
    said(&run(&[
        "redrive",
        "--from",
        &queues.letters,
        "--to",
        &queues.work,
    ]));
    said(&run(&worker));
    assert_eq!(count(&cut_off).await, 3);
    assert_eq!(queues.dead_letters(), []);
    // A backfill finds what is there, and nothing that is missing.
    let sources = format!("az://images/{folder}");
    let words = [
        "backfill",
        &sources,
        "--queue",
        &queues.work,
        "--missing-only",
    ];
    let told = run(&[&words[..], &["--thumbnails", "thumbnails", "--json"]].concat());
    let told = lines(&told).pop().unwrap();
    let (sent, known) = (&told["summary"]["sent"], &told["summary"]["upToDate"]);
    assert_eq!((sent, known), (&json!(0), &json!(2)), "{told}");
}
