use proptest::prelude::*;

use super::*;
use crate::testing::events::{blessed, fixtures};

/// What a body says, one line for each object.
fn read(body: &str) -> String {
    let line = |event: Result<ObjectEvent, Error>| match event {
        Ok(event) => {
            let etag = event.etag.map_or("-".to_owned(), |etag| etag.to_string());
            let version = event.version.unwrap_or("-".to_owned());
            let size = event.size.map_or("-".to_owned(), |size| size.to_string());
            format!(
                "{:?} {} {size} {etag} {version}\n",
                event.change, event.location
            )
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
        let expected =
            ObjectEvent { change, size, etag: Some(etag), ..ObjectEvent::written(location) };
        prop_assert_eq!(events.len(), 1);
        prop_assert_eq!(events[0].as_ref().unwrap(), &expected);
    }

    #[test]
    fn no_body_makes_the_host_panic(body in any::<String>()) {
        let _ = parse(&body);
    }
}
