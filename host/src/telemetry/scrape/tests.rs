use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use super::*;
use crate::error::Error;
use crate::memory::MemoryQueue;
use crate::object::Location;
use crate::ports::{
    Engine as _, EngineError, EngineFailure, Message, Outgoing, QueueError, QueueProblem,
    StoreError, StoreProblem,
};
use crate::report::{ObjectReport, Outcome, Skipped};
use crate::results::ResultError;
use crate::telemetry::Measures;
use crate::testing::world::{IMAGES, World};
use crate::testing::{Fault, MeddledQueue, deciding};

/// The most series of a process.
const MOST: usize = 60;

fn worker() -> Scrape {
    let (work, letters) = (MemoryQueue::new("work"), MemoryQueue::new("letters"));
    Scrape::of_worker(Arc::new(work), Some(Arc::new(letters))).unwrap()
}

/// The series of a page with their values.
fn series(page: &str) -> BTreeMap<String, f64> {
    let lines = page.lines().filter(|line| !line.starts_with('#'));
    let of = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(of).collect()
}

fn report(result: Result<Outcome, Error>) -> MessageReport {
    let object = ObjectReport {
        location: Some(Location::new(IMAGES, "a")),
        result,
        took: Duration::from_millis(30),
    };
    MessageReport::new(&Message::direct("a", ""), vec![object])
}

/// A failure of many kinds, and of each that may be to blame.
fn failures() -> Vec<Error> {
    let place = Location::new(IMAGES, "a");
    let store = [
        StoreProblem::NotFound,
        StoreProblem::InvalidKey,
        StoreProblem::NotModified,
        StoreProblem::ConditionFailed,
        StoreProblem::MissingBucket,
        StoreProblem::Denied,
        StoreProblem::KeyDenied,
        StoreProblem::Archived,
        StoreProblem::NoCredentials,
        StoreProblem::Full,
        StoreProblem::Throttled,
        StoreProblem::Timeout,
        StoreProblem::Unavailable,
        StoreProblem::Unknown,
    ];
    let engine = [
        EngineFailure::UnsupportedFormat(String::new()),
        EngineFailure::MalformedSource(String::new()),
        EngineFailure::LimitExceeded(String::new()),
        EngineFailure::InvalidSpec(String::new()),
        EngineFailure::Other(String::new()),
        EngineFailure::Trap(String::new()),
        EngineFailure::OutOfStack,
        EngineFailure::OutOfMemory { limit: 1 },
        EngineFailure::InvalidOutput(String::new()),
        EngineFailure::Unavailable(String::new()),
    ];
    let queue = [QueueProblem::Missing, QueueProblem::Unknown];
    let other = [
        Error::UnknownEvent(String::new()),
        Error::InvalidBucket(String::new()),
        Error::Unnameable(String::new()),
        Error::Untold(ResultError::Refused(String::new())),
        Error::KeepsChanging { rounds: 4 },
        Error::OutOfTime,
        Error::Panicked(String::new()),
    ];
    let store = store.map(|problem| StoreError::new(problem, &place).into());
    let engine = engine.map(|failure| EngineError::new(failure, None).into());
    let queue = queue.map(|problem| QueueError::new(problem, "work").into());
    let all = store.into_iter().chain(engine).chain(queue).chain(other);
    all.collect()
}

fn engine(version: &str) -> Arc<EngineIdentity> {
    Arc::new(EngineIdentity {
        name: "thimble-engine".to_owned(),
        version: version.to_owned(),
        digest: "0123456789abcdef".repeat(4),
    })
}

#[tokio::test]
async fn whatever_a_process_meets_it_has_sixty_series_at_most() {
    let scrape = worker();
    let failures = failures();
    assert!(failures.len() > 30);
    for error in failures.into_iter().rev() {
        scrape.add(&report(Err(error)));
    }
    scrape.add(&report(Ok(Outcome::default())));
    scrape.add(&report(Ok(Outcome::skipped(Skipped::Gone))));
    for metric in Metric::ALL {
        scrape.count(*metric, 1);
    }
    for version in ["1", "2", "3"] {
        scrape.live(engine(version));
        scrape.page(true, Form::OpenMetrics).await;
    }
    let page = scrape.page(true, Form::OpenMetrics).await;
    let found = series(&page);
    assert!(found.len() <= MOST, "{page}");
    // The table promises no less than there is, and no more than is allowed.
    let of_worker = || EXPORTED.iter().filter(|of| of.commands.contains(&"worker"));
    assert!(of_worker().map(|of| of.series).sum::<usize>() <= MOST);
    for of in of_worker() {
        let series = found.keys().filter(|series| is_of(of, series)).count();
        assert!((1..=of.series).contains(&series), "{}: {series}", of.name);
    }
    let blamed = |name: &&String| name.contains("kind=\"other\"");
    let others: BTreeSet<&str> = found
        .keys()
        .filter(blamed)
        .filter_map(|name| name.split("blame=\"").nth(1)?.split('"').next())
        .collect();
    assert!(
        others.contains("engine") && others.contains("platform"),
        "{page}"
    );
}

/// True if a series is one of this metric.
fn is_of(exported: &Exported, series: &str) -> bool {
    let name = series.split('{').next().unwrap_or_default();
    let Kind::Histogram = exported.kind else {
        return name == exported.name;
    };
    let rest = name.strip_prefix(exported.name);
    rest.is_some_and(|rest| ["_bucket", "_sum", "_count"].contains(&rest))
}

#[tokio::test]
async fn each_metric_has_the_name_the_kind_and_the_labels_of_the_table() {
    let (scrape, door) = (
        worker(),
        Scrape::of_door(Arc::new(MemoryQueue::new("work"))),
    );
    let door = door.unwrap();
    door.event(200);
    scrape.live(engine("1"));
    scrape.add(&report(Err(Error::OutOfTime)));
    let (page, other) = (
        scrape.page(true, Form::OpenMetrics).await,
        door.page(true, Form::OpenMetrics).await,
    );
    let page = page + &other + &redriven(true).unwrap();
    let found: BTreeSet<String> = series(&page).into_keys().collect();
    for name in &found {
        let exported = EXPORTED.iter().find(|exported| is_of(exported, name));
        let exported = exported.unwrap_or_else(|| panic!("{name} is in no table"));
        let labels = name.split(['{', ',']).skip(1);
        let labels: Vec<&str> = labels
            .filter_map(|label| label.split('=').next())
            .filter(|label| *label != "le")
            .collect();
        assert_eq!(labels, exported.labels, "{name}");
        let family = exported
            .name
            .trim_end_matches("_total")
            .trim_end_matches("_info");
        let line = format!("# TYPE {family} {}\n", exported.kind.as_str());
        assert!(page.contains(&line), "{line}");
    }
    for exported in EXPORTED {
        let is_there = found.iter().any(|name| is_of(exported, name));
        assert!(is_there, "{} is not exported", exported.name);
    }
    assert!(other.ends_with("# EOF\n"), "{other}");
}

#[tokio::test]
async fn the_numbers_are_those_of_the_log() {
    let world = World::new();
    let (scrape, mut measures) = (worker(), Measures::new("worker"));
    let bodies = ["png", "trap", "png", "malformed", ""];
    for report in world.worked_on(&bodies).await {
        measures.add(&report);
        scrape.add(&report);
    }
    let lines = measures.take(&world.engine.identity(""), SystemTime::UNIX_EPOCH);
    let log: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let sum = |name: &str| match &log[name] {
        serde_json::Value::Array(values) => values.iter().filter_map(|value| value.as_f64()).sum(),
        value => value.as_f64().unwrap_or_default(),
    };
    let found = series(&scrape.page(true, Form::OpenMetrics).await);
    for (name, metric) in [
        ("thimble_images_total{outcome=\"done\"}", "Done"),
        ("thimble_images_total{outcome=\"skipped\"}", "Skipped"),
        ("thimble_images_total{outcome=\"rejected\"}", "Rejected"),
        ("thimble_images_total{outcome=\"retried\"}", "Retried"),
        ("thimble_thumbnails_total", "Thumbnails"),
        ("thimble_source_bytes_total", "SourceBytes"),
        ("thimble_thumbnail_bytes_total", "ThumbnailBytes"),
    ] {
        assert_eq!(found[name], sum(metric), "{name}");
    }
    assert_eq!(found["thimble_images_total{outcome=\"done\"}"], 2.0);
    assert_eq!(found["thimble_images_total{outcome=\"rejected\"}"], 2.0);
    assert_eq!(
        found["thimble_failures_total{kind=\"engine-trap\",blame=\"engine\"}"],
        1.0
    );
    for stage in ["fetch", "engine", "store"] {
        assert_eq!(
            found[&format!("thimble_stage_seconds_count{{stage=\"{stage}\"}}")],
            2.0
        );
    }
}

#[tokio::test(start_paused = true)]
async fn queues_are_asked_every_fifteen_seconds_at_most() {
    let (work, letters) = (
        Arc::new(MemoryQueue::new("work")),
        Arc::new(MemoryQueue::new("letters")),
    );
    let scrape = Scrape::of_worker(work.clone(), Some(letters.clone())).unwrap();
    let waiting = "thimble_queue_messages{queue=\"work\",state=\"visible\"}";
    let dead = "thimble_queue_messages{queue=\"dead-letters\",state=\"visible\"}";
    assert_eq!(
        series(&scrape.page(true, Form::OpenMetrics).await)[waiting],
        0.0
    );
    work.send(vec![Outgoing::new("1"), Outgoing::new("2")])
        .await;
    letters.send(vec![Outgoing::new("3")]).await;
    tokio::time::advance(Duration::from_secs(14)).await;
    assert_eq!(
        series(&scrape.page(true, Form::OpenMetrics).await)[waiting],
        0.0
    );
    tokio::time::advance(Duration::from_secs(1)).await;
    let found = series(&scrape.page(true, Form::OpenMetrics).await);
    assert_eq!((found[waiting], found[dead]), (2.0, 1.0));
    for queue in ["work", "dead-letters"] {
        let age = found[&format!("thimble_queue_oldest_seconds{{queue=\"{queue}\"}}")];
        assert!((0.0..60.0).contains(&age), "{age}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_is_not_shown_and_holds_nobody_up() {
    for fault in [Fault::Never, Fault::Refused] {
        let silent: Arc<dyn Queue> = Arc::new(MeddledQueue::new(
            Arc::new(MemoryQueue::new("work")),
            deciding(move |_| fault),
        ));
        let scrape = Scrape::of_worker(silent, None).unwrap();
        let page = tokio::time::timeout(
            Duration::from_secs(5),
            scrape.page(false, Form::OpenMetrics),
        )
        .await;
        let page = page.unwrap();
        assert!(!page.contains("thimble_queue_messages{"), "{page}");
        assert!(page.contains("thimble_healthy 0\n"), "{page}");
    }
}

#[tokio::test]
async fn text_of_a_stranger_ends_no_line() {
    let scrape = worker();
    scrape.live(engine("1\"} 1\nthimble_healthy 7\n\u{1b}[31m"));
    let page = scrape.page(true, Form::OpenMetrics).await;
    assert!(
        !page.contains("\nthimble_healthy 7") && !page.contains('\u{1b}'),
        "{page}"
    );
    assert!(
        series(&page)
            .keys()
            .any(|name| name.starts_with("thimble_engine_info{"))
    );
}

#[tokio::test]
async fn the_older_form_has_the_same_series() {
    let scrape = worker();
    scrape.live(engine("1"));
    scrape.add(&report(Ok(Outcome::default())));
    let (new, old) = (
        scrape.page(true, Form::OpenMetrics).await,
        scrape.page(true, Form::Text).await,
    );
    // Labels may have another order, and bounds other zeros.
    let names = |page: &str| {
        let name = |series: String| series.split('{').next().unwrap_or_default().to_owned();
        series(page).into_keys().map(name).collect::<Vec<String>>()
    };
    assert_eq!(names(&new), names(&old));
    assert!(
        old.contains("# TYPE thimble_images_total counter\n"),
        "{old}"
    );
    assert!(!old.contains("# EOF") && !old.contains(" info\n"), "{old}");
}
