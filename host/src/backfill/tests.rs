use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

use super::*;
use crate::letter;
use crate::memory::MemoryQueue;
use crate::ports::ReceiveOptions;
use crate::testing::world::{IMAGES, THUMBNAILS, World};
use crate::testing::{Fault, MeddledQueue, Meddler, deciding};

const SURVEYED: fn(&Survey) -> ControlFlow<()> = |_| ControlFlow::Continue(());
const GO_ON: fn(&Report) -> ControlFlow<()> = |_| ControlFlow::Continue(());

/// A world with objects to send messages about, and a queue to send them to.
struct Desk {
    world: World,
    queue: Arc<MemoryQueue>,
}

impl Desk {
    async fn new(keys: &[&str]) -> Self {
        let world = World::new();
        for key in keys {
            world.write(key, "png cat").await;
        }
        Self {
            world,
            queue: Arc::new(MemoryQueue::new("source")),
        }
    }

    async fn many(count: u32) -> Self {
        let keys: Vec<String> = (0..count).map(|number| format!("{number:05}")).collect();
        Self::new(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    fn backfill(&self) -> Backfill {
        Backfill {
            store: self.world.store.clone(),
            queue: Some(self.queue.clone()),
            settings: self.world.settings.clone(),
            missing: None,
            options: Options {
                bucket: IMAGES.to_owned(),
                ..Options::default()
            },
        }
    }

    /// The keys of all messages, and how many messages there are.
    async fn keys(&self) -> (BTreeSet<String>, usize) {
        let options = ReceiveOptions {
            max: usize::MAX,
            visibility: None,
            wait: Duration::ZERO,
        };
        let messages = self.queue.receive(&options).await.unwrap();
        let keys = messages.iter().filter_map(letter::key_of).collect();
        (keys, messages.len())
    }
}

async fn run(backfill: &Backfill) -> Report {
    let survey = backfill.survey(SURVEYED).await.unwrap();
    backfill.run(&survey, GO_ON).await
}

fn meddler(fault: impl Fn(u64) -> Fault + Send + Sync + 'static) -> Meddler {
    deciding(move |call| fault(call.number))
}

#[tokio::test(start_paused = true)]
async fn every_object_gets_a_message_that_can_be_read_back() {
    let keys = [
        "a b+c%2B.png",
        "späße/🦀.png",
        "plain",
        "z/../z",
        "tab\tkey",
    ];
    let desk = Desk::new(&keys).await;
    let report = run(&desk.backfill()).await;
    assert!(matches!(report.ended, Ended::Done));
    assert_eq!(report.sent, 5);
    let (sent, count) = desk.keys().await;
    assert_eq!(count, 5);
    assert_eq!(sent, keys.map(str::to_owned).into());
}

#[tokio::test(start_paused = true)]
async fn thumbnails_and_what_is_excluded_get_none() {
    let mut desk = Desk::new(&[
        "cat.png",
        "notes.txt",
        "thumbs/cat.png/small.png",
        "folder/",
    ])
    .await;
    desk.world.write("empty.png", "").await;
    desk.world.settings.recipes.default.bucket = IMAGES.to_owned();
    desk.world.settings.recipes.default.naming = "thumbs/{key}/{preset}.{ext}".parse().unwrap();
    desk.world.settings.sources.suffixes = vec![".png".to_owned()];
    let backfill = desk.backfill();
    let survey = backfill.survey(SURVEYED).await.unwrap();
    assert_eq!(
        (
            survey.objects,
            survey.thumbnails,
            survey.excluded,
            survey.unfit
        ),
        (1, 1, 2, 1)
    );
    backfill.run(&survey, GO_ON).await;
    assert_eq!(desk.keys().await.0, ["cat.png".to_owned()].into());
    // The bucket of the thumbnails itself, whatever is in it.
    desk.world.settings.recipes.default.naming = "{key}/{preset}.{ext}".parse().unwrap();
    let survey = desk.backfill().survey(SURVEYED).await.unwrap();
    assert_eq!((survey.objects, survey.thumbnails), (0, 5));
}

#[tokio::test(start_paused = true)]
async fn what_is_interrupted_continues_behind_what_was_sent() {
    let desk = Desk::many(1_234).await;
    let mut backfill = desk.backfill();
    let mut rounds = 0;
    loop {
        let survey = backfill.survey(SURVEYED).await.unwrap();
        let mut requests = 0;
        let interrupt = |_: &Report| {
            requests += 1;
            if requests == 20 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let report = backfill.run(&survey, interrupt).await;
        rounds += 1;
        if matches!(report.ended, Ended::Done) {
            break;
        }
        assert!(matches!(report.ended, Ended::Interrupted));
        assert_eq!(report.sent, 200);
        backfill.options.after = report.after;
    }
    assert_eq!(rounds, 7);
    let (keys, count) = desk.keys().await;
    assert_eq!((keys.len(), count), (1_234, 1_234));
}

#[tokio::test(start_paused = true)]
async fn no_more_is_sent_than_was_asked_for_or_counted() {
    let desk = Desk::many(60).await;
    let mut backfill = desk.backfill();
    backfill.options.max = Some(25);
    let report = run(&backfill).await;
    assert_eq!((report.sent, report.after.as_deref()), (25, Some("00024")));
    assert!(matches!(report.ended, Ended::Enough));
    let rest = Backfill {
        options: Options {
            max: None,
            after: report.after,
            ..backfill.options
        },
        ..backfill
    };
    let survey = rest.survey(SURVEYED).await.unwrap();
    assert_eq!(survey.objects, 35);
    // What comes while it runs tells of itself.
    for key in ["00030-new", "99999"] {
        desk.world.write(key, "png cat").await;
    }
    let report = rest.run(&survey, GO_ON).await;
    assert_eq!(report.sent, 35);
    assert_eq!(desk.keys().await.1, 60);
}

#[tokio::test(start_paused = true)]
async fn only_what_lacks_thumbnails_is_sent_on_request() {
    let desk = Desk::many(40).await;
    let pipeline = Arc::new(desk.world.pipeline());
    for number in (0..40).filter(|number| number % 4 != 0) {
        let event = desk.world.write(&format!("{number:05}"), "png cat").await;
        pipeline.process(&event, None).await.unwrap();
    }
    // These are of a source that has been replaced.
    desk.world.write("00001", "png another cat").await;
    let backfill = Backfill {
        missing: Some(pipeline),
        ..desk.backfill()
    };
    let report = run(&backfill).await;
    assert_eq!((report.sent, report.up_to_date), (11, 29));
    let dry = Backfill {
        queue: None,
        ..backfill
    };
    assert_eq!(run(&dry).await.sent, 11);
    assert_eq!(desk.keys().await.1, 11);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_queue_did_not_take_is_sent_again() {
    let desk = Desk::many(30).await;
    let fault = |number| {
        if number % 5 == 0 {
            Fault::Refused
        } else {
            Fault::None
        }
    };
    let queue = MeddledQueue::new(desk.queue.clone(), meddler(fault));
    let backfill = Backfill {
        queue: Some(Arc::new(queue)),
        ..desk.backfill()
    };
    let report = run(&backfill).await;
    assert!(matches!(report.ended, Ended::Done));
    assert_eq!(report.sent, 30);
    assert_eq!(desk.keys().await.1, 30);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_fails_for_good_ends_it_before_the_first_message_it_lacks() {
    let desk = Desk::many(30).await;
    // From the 16th message on, every second one.
    let calls = AtomicU64::new(0);
    let fault = move |_| match calls.fetch_add(1, Ordering::Relaxed) {
        call if call > 15 && (call % 2 == 0 || call > 19) => Fault::Refused,
        _ => Fault::None,
    };
    let queue = MeddledQueue::new(desk.queue.clone(), meddler(fault));
    let backfill = Backfill {
        queue: Some(Arc::new(queue)),
        ..desk.backfill()
    };
    let report = run(&backfill).await;
    assert!(matches!(report.ended, Ended::Failed(_)));
    assert_eq!(report.after.as_deref(), Some("00015"));
    assert_eq!(report.sent as usize, desk.keys().await.1);
    assert_eq!(report.sent + report.unsent, 20);
}

#[tokio::test(start_paused = true)]
async fn it_keeps_to_its_rate() {
    let desk = Desk::many(45).await;
    let mut backfill = desk.backfill();
    backfill.options.rate_per_second = Some(2.0);
    let begun = Instant::now();
    assert_eq!(run(&backfill).await.sent, 45);
    // Two at a time, and the 23rd time the last one.
    assert_eq!(begun.elapsed().as_secs(), 22);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there_is_an_error_and_not_an_empty_one() {
    let desk = Desk::new(&[]).await;
    let mut backfill = desk.backfill();
    let survey = backfill.survey(SURVEYED).await.unwrap();
    assert_eq!((survey.objects, survey.last.clone()), (0, None));
    assert_eq!(backfill.run(&survey, GO_ON).await.sent, 0);
    backfill.options.bucket = "nowhere".to_owned();
    assert!(backfill.survey(SURVEYED).await.is_err());
    backfill.options.bucket = THUMBNAILS.to_owned();
    assert_eq!(backfill.survey(SURVEYED).await.unwrap().objects, 0);
}

#[test]
fn an_estimate_is_the_sum_of_what_it_names() {
    let survey = Survey {
        objects: 1_000_000,
        bytes: 1 << 40,
        pages: 1_000,
        ..Survey::default()
    };
    let estimate = Estimate::new(&survey, 1_000_000, 3, Choices::default());
    assert_eq!(estimate.thumbnails, 3_000_000);
    let sum: f64 = estimate.items.iter().map(Item::dollars).sum();
    assert!((estimate.dollars - sum).abs() < 1e-9);
    // Three PUTs for each of a million: 15 dollars, the largest part but one.
    let puts = estimate.items.iter().find(|item| item.what.contains("PUT"));
    assert!((puts.unwrap().dollars() - 15.0).abs() < 1e-6);
    let with = |told, checked| {
        let choices = Choices { told, checked };
        Estimate::new(&survey, 1_000_000, 3, choices).dollars
    };
    assert!(with(false, true) > estimate.dollars);
    // A manifest is one PUT more, and one HEAD.
    let manifest = with(true, false) - estimate.dollars;
    assert!((manifest - 5.4).abs() < 1e-6, "{manifest}");
}
