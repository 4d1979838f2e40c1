use proptest::prelude::*;

use super::*;
use crate::testing::events::{blessed, fixtures};

/// The outcome of reading a body, one line for each object.
fn read(body: &str) -> String {
    let line = |event: Result<ObjectEvent, Error>| match event {
        Ok(event) => {
            let etag = event.etag.map_or("-".to_owned(), |etag| etag.to_string());
            let size = event.size.map_or("-".to_owned(), |size| size.to_string());
            format!("{:?} {} {size} {etag}\n", event.change, event.location)
        }
        Err(error) => format!("{error}\n"),
    };
    match parse(body) {
        Ok(events) => events.into_iter().map(line).collect(),
        Err(error) => format!("{error}\n"),
    }
}

#[test]
fn events_of_every_kind_are_understood() {
    let bodies = fixtures();
    assert!(bodies.len() >= 25, "{} events", bodies.len());
    for (name, body) in bodies {
        blessed(&format!("objects/{name}.txt"), &read(&body));
    }
}

#[test]
fn what_is_no_event_is_refused_whatever_it_is() {
    let mut wrapped = json!({ "Event": "s3:TestEvent" }).to_string();
    for _ in 0..10 {
        wrapped = json!({ "Message": wrapped }).to_string();
    }
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "\"Records\"",
        "{\"Message\": \"hello\"}",
        &wrapped,
    ] {
        let error = parse(body).unwrap_err();
        assert_eq!(error.verdict().kind, "unknown-event", "{body}");
    }
    for record in [
        "null",
        "{}",
        "{\"s3\": {}}",
        "{\"body\": 1}",
        "{\"s3\": null}",
    ] {
        let events = parse(&format!("{{\"Records\": [{record}]}}")).unwrap();
        assert!(
            matches!(events.as_slice(), [Err(Error::UnknownEvent(_))]),
            "{record}"
        );
    }
}

#[test]
fn a_bucket_that_no_store_can_have_is_rejected_and_disturbs_no_other() {
    let record = |bucket: &str| {
        let at = Location::new(bucket, "0.png");
        let body = notification(Change::Written, &at, None, None);
        let mut body: Value = serde_json::from_str(&body).unwrap();
        body["Records"][0].take()
    };
    let bad = [
        "img/../thumbs",
        "UPPER/..",
        "..",
        "a",
        "",
        "im ages",
        "images\u{0}",
    ];
    for bucket in bad {
        let body = json!({ "Records": [record(bucket), record("images")] }).to_string();
        let events = parse(&body).unwrap();
        let verdict = events[0].as_ref().unwrap_err().verdict();
        assert_eq!(verdict.kind, "invalid-bucket", "{bucket:?}");
        assert_eq!(verdict.disposition, crate::error::Disposition::Reject);
        assert!(events[1].is_ok(), "{bucket:?}");
        let event = json!({
            "detail-type": "Object Created",
            "source": "aws.s3",
            "detail": { "bucket": { "name": bucket }, "object": { "key": "0.png" } },
        });
        let events = parse(&event.to_string());
        let error = match events {
            Ok(mut events) => events.remove(0).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.verdict().kind, "invalid-bucket", "{bucket:?}");
    }
}

#[test]
fn of_the_events_of_one_object_the_latest_write_counts() {
    let at = |key: &str| ObjectEvent::written(Location::new("images", key));
    let with = |etag: &str, sequencer: Option<&str>, change| ObjectEvent {
        etag: Some(ETag::new(etag)),
        sequencer: sequencer.map(Sequencer::new),
        change,
        ..at("cat")
    };
    use Change::{Removed, Written};
    for (events, expected) in [
        (
            vec![with("1", None, Written), with("2", None, Written)],
            "2",
        ),
        (
            vec![
                with("1", Some("0B"), Written),
                with("2", Some("0A"), Written),
            ],
            "1",
        ),
        (
            vec![with("1", None, Written), with("2", None, Removed)],
            "1",
        ),
        (
            vec![with("1", None, Removed), with("2", None, Written)],
            "2",
        ),
        (
            vec![with("1", None, Removed), with("2", None, Removed)],
            "2",
        ),
    ] {
        let dog = Ok(at("dog"));
        let unknown = || Err(Error::UnknownEvent("why".to_owned()));
        let mut all = vec![unknown(), dog];
        all.extend(events.into_iter().map(Ok));
        all.push(unknown());
        let merged = merged(all);
        let told: Vec<Option<&str>> = merged
            .iter()
            .map(|event| event.as_ref().ok().map(|event| event.location.key.as_str()))
            .collect();
        assert_eq!(told, [None, Some("dog"), Some("cat"), None]);
        let etag = merged[2].as_ref().unwrap().etag.as_ref();
        assert_eq!(etag.map(ETag::as_str), Some(expected));
    }
}

proptest! {
    #[test]
    fn any_key_comes_through_a_notification(
        key in any::<String>(),
        size in any::<Option<u64>>(),
        removed in any::<bool>(),
    ) {
        let change = if removed { Change::Removed } else { Change::Written };
        let location = Location::new("images", key);
        let etag = ETag::new("abc");
        let body = notification(change, &location, size, Some(&etag));
        let events = parse(&body).unwrap();
        prop_assert_eq!(events.len(), 1);
        let found = events[0].as_ref().unwrap();
        let reading = found.reading.clone();
        let expected =
            ObjectEvent { change, size, etag: Some(etag), reading, ..ObjectEvent::written(location) };
        prop_assert_eq!(found, &expected);
        prop_assert!(!matches!(found.reading, Reading::Undecodable(_)));
    }

    #[test]
    fn no_body_makes_the_host_panic(body in any::<String>()) {
        let _ = parse(&body);
    }
}
