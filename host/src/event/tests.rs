use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

/// What `tests/events/NAME.json` says, one line for each object.
fn read(name: &str) -> Vec<String> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/events")
        .join(name);
    let body = std::fs::read_to_string(&path).unwrap();
    let line = |event: Result<ObjectEvent, Error>| match event {
        Ok(event) => {
            let etag = event.etag.map_or("-".to_owned(), |etag| etag.to_string());
            let version = event.version.unwrap_or("-".to_owned());
            let size = event.size.map_or("-".to_owned(), |size| size.to_string());
            format!(
                "{:?} {} {size} {etag} {version}",
                event.change, event.location
            )
        }
        Err(error) => error.to_string(),
    };
    parse(&body).unwrap().into_iter().map(line).collect()
}

#[test]
fn every_kind_of_event_is_understood() {
    let put = "Written images/holiday 2026/café + beach.jpg 1894321 \
               0cc175b9c0f1b6a831c399e269772661 L4kqtJlcpXroDTDmpUMLUo";
    let several = [
        "Written images/big.tiff 73400320 9b2cf535f27731c974343645a3985328-9 -",
        "the message is not an event of a known kind: \
         version 2 of a record is read, not version 3.0",
        "Written images/copied.png 512 92eb5ffee6ae2fec3ad71c777531578f -",
    ];
    let bridge = "Written images/holiday 2026/100%25+café.jpg 184662 \
                  4e68adba0abe2dc8653dc3354e14c01d -";
    let removed = [
        "Removed images/old/cat.jpg - - -",
        "Removed images/expired.jpg - - -",
    ];
    let deleted = "Removed images/old/cat.jpg - d41d8cd98f00b204e9800998ecf8427e -";
    for (name, expected) in [
        ("s3-put.json", &[put][..]),
        ("s3-several.json", &several),
        ("s3-removed.json", &removed),
        ("s3-test-event.json", &[]),
        ("sns.json", &[put]),
        ("sns-records.json", &[put]),
        ("sqs-sns.json", &[put]),
        ("event-bridge.json", &[bridge]),
        ("event-bridge-deleted.json", &[deleted]),
    ] {
        assert_eq!(read(name), expected, "{name}");
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
