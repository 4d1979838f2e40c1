use super::*;
use crate::event::{self, Change};
use crate::memory::MemoryQueue;
use crate::object::Location;
use crate::ports::{Attributes, ReceiveOptions};
use crate::testing::{Fault, MeddledQueue, Verb, deciding, sending_with};

struct Queues {
    dead: Arc<MemoryQueue>,
    source: Arc<MemoryQueue>,
}

async fn queues(letters: &[(&str, &str)]) -> Queues {
    let dead = Arc::new(MemoryQueue::new("dead"));
    for (key, kind) in letters {
        let body = event::notification(Change::Written, &Location::new("images", *key), None, None);
        let attributes = [
            (letter::KIND, *kind),
            (letter::REASON, "it failed"),
            (letter::ENGINE, "0123"),
            ("color", "blue"),
        ];
        let attributes = attributes
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let outgoing = Outgoing {
            attributes: attributes.collect(),
            ..Outgoing::new(body)
        };
        assert!(dead.send(vec![outgoing]).await.iter().all(Result::is_ok));
    }
    Queues {
        dead,
        source: Arc::new(MemoryQueue::new("source")),
    }
}

impl Queues {
    fn redrive(&self, options: Options) -> Redrive {
        Redrive {
            from: self.dead.clone(),
            to: self.source.clone(),
            options,
        }
    }

    async fn depths(&self) -> (u64, u64) {
        let (dead, source) = (self.dead.depth().await, self.source.depth().await);
        (dead.unwrap().visible, source.unwrap().visible)
    }

    async fn received(&self) -> Vec<Message> {
        let options = ReceiveOptions {
            max: 100,
            visibility: None,
            wait: Duration::ZERO,
        };
        self.source.receive(&options).await.unwrap()
    }
}

fn counts(report: &Report) -> [u64; 6] {
    let Report {
        found,
        moved,
        skipped,
        copies,
        failed,
        left,
        ..
    } = *report;
    [found, moved, skipped, copies, failed, left]
}

const FOUR: [(&str, &str); 4] = [
    ("a/1", "engine-trap"),
    ("a/2", "malformed-source"),
    ("b/1", "engine-trap"),
    ("b/2", "access-denied"),
];

#[tokio::test(start_paused = true)]
async fn every_letter_moves_once_and_keeps_what_it_carried() {
    let queues = queues(&FOUR).await;
    let report = queues.redrive(Options::default()).run(None).await.unwrap();
    assert_eq!(counts(&report), [4, 4, 0, 0, 0, 0]);
    assert_eq!(queues.depths().await, (0, 4));
    let expected: Attributes = [
        ("color", "blue"),
        (letter::ORIGIN, "dead-1"),
        (letter::REDRIVES, "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(queues.received().await.swap_remove(0).attributes, expected);
}

#[tokio::test(start_paused = true)]
async fn only_letters_that_were_asked_for_move_and_the_rest_is_there_at_once() {
    let of_prefix = Options {
        choice: Choice {
            key_prefix: Some("a/".to_owned()),
            ..Choice::default()
        },
        ..Options::default()
    };
    let of_kind = Options {
        choice: Choice {
            error_kind: Some("engine-trap".to_owned()),
            ..Choice::default()
        },
        ..Options::default()
    };
    let one = Options {
        max: Some(1),
        ..Options::default()
    };
    let none = Options {
        dry_run: true,
        ..Options::default()
    };
    for (options, expected, depths) in [
        (of_prefix, [4, 2, 2, 0, 0, 2], (2, 2)),
        (of_kind, [4, 2, 2, 0, 0, 2], (2, 2)),
        (one, [4, 1, 0, 0, 0, 3], (3, 1)),
        (none, [4, 4, 0, 0, 0, 4], (4, 0)),
    ] {
        let queues = queues(&FOUR).await;
        let report = queues.redrive(options.clone()).run(None).await.unwrap();
        assert_eq!(counts(&report), expected, "{options:?}");
        assert_eq!(queues.depths().await, depths, "{options:?}");
        assert_eq!(report.dry_run, options.dry_run);
        // What was only looked at is not told as moved.
        let told = serde_json::to_string(&report.entries).unwrap();
        let fates = ["\"would-move\"", "\"moved\""].map(|fate| told.matches(fate).count());
        let moved = usize::try_from(report.moved).unwrap();
        let expected = if options.dry_run {
            [moved, 0]
        } else {
            [0, moved]
        };
        assert_eq!(fates, expected, "{told}");
    }
}

#[tokio::test(start_paused = true)]
async fn letters_that_fail_again_while_it_runs_are_not_chased() {
    let queues = queues(&FOUR).await;
    // Whatever is sent to the source queue is a dead letter again at once.
    let again = sending_with(Verb::Send, queues.dead.clone());
    let back = MeddledQueue::new(queues.source.clone(), again);
    let redrive = Redrive {
        to: Arc::new(back),
        ..queues.redrive(Options::default())
    };
    let report = redrive.run(None).await.unwrap();
    assert_eq!(counts(&report)[..2], [4, 4]);
    assert_eq!(queues.depths().await, (4, 4));
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_cannot_be_sent_stays() {
    let queues = queues(&FOUR).await;
    let refused = MeddledQueue::new(
        queues.source.clone(),
        deciding(|call| Fault::Refused.when(call.number == 1)),
    );
    let redrive = Redrive {
        to: Arc::new(refused),
        ..queues.redrive(Options::default())
    };
    let report = redrive.run(None).await.unwrap();
    assert_eq!(counts(&report), [4, 3, 0, 0, 1, 1]);
    assert!(matches!(report.entries[1].fate, Fate::Unsent { .. }));
    assert_eq!(queues.depths().await, (1, 3));
}

#[tokio::test(start_paused = true)]
async fn deletes_that_fail_do_not_multiply_letters_without_bound() {
    let queues = queues(&FOUR[..1]).await;
    let undeletable: Arc<dyn Queue> = Arc::new(MeddledQueue::new(
        queues.dead.clone(),
        deciding(|call| Fault::Refused.when(call.verb == Verb::Delete)),
    ));
    for round in 1..=5 {
        let redrive = Redrive {
            from: undeletable.clone(),
            ..queues.redrive(Options::default())
        };
        let report = redrive.run(None).await.unwrap();
        assert_eq!(counts(&report)[1], 0, "in round {round}");
        // All that was sent fails again and is a dead letter again.
        for message in queues.received().await {
            let outgoing = Outgoing {
                attributes: message.attributes.clone(),
                ..Outgoing::new(&message.body)
            };
            queues.dead.send(vec![outgoing]).await;
            queues.source.delete(&[message.receipt]).await;
        }
        // One more for each round at most, and not twice as many.
        assert_eq!(queues.depths().await, (1 + round, 0));
    }
    // As soon as deletes succeed, one is left of them all.
    let report = queues.redrive(Options::default()).run(None).await.unwrap();
    assert_eq!(counts(&report), [6, 1, 0, 5, 0, 0]);
    assert_eq!(queues.depths().await, (0, 1));
}

#[tokio::test(start_paused = true)]
async fn it_keeps_to_its_rate_and_stops_before_its_deadline() {
    let queues = queues(&FOUR).await;
    let begun = Instant::now();
    let options = Options {
        rate_per_second: Some(0.5),
        ..Options::default()
    };
    let deadline = begun + Duration::from_secs(7);
    let report = queues.redrive(options).run(Some(deadline)).await.unwrap();
    assert!(Instant::now() <= deadline);
    assert_eq!(counts(&report), [4, 3, 0, 0, 0, 1]);
    assert_eq!(queues.depths().await, (1, 3));
}
