use serde_json::{Value, json};

use super::{Meaning, Refusal, meaning};
use crate::event::{self, Change};
use crate::ports::Outgoing;

/// The messages that a body becomes.
fn messages(body: &[u8]) -> Result<Vec<Outgoing>, Refusal> {
    match meaning(body, None)? {
        Meaning::Messages(messages) => Ok(messages),
        Meaning::Handshake { code } => panic!("a handshake: {code}"),
    }
}

/// The changes that a body becomes, as a worker reads them.
fn changes(body: &Value) -> Vec<(Change, String, Option<u64>)> {
    let messages = messages(body.to_string().as_bytes()).unwrap();
    let events = messages.iter().map(|message| event::parse(&message.body));
    let events = events.collect::<Result<Vec<_>, _>>().unwrap().concat();
    let events = events.into_iter().map(Result::unwrap);
    events
        .map(|event| {
            // Nobody needs the size of what is gone.
            let size = event.size.filter(|_| event.change == Change::Written);
            (event.change, event.location.to_string(), size)
        })
        .collect()
}

fn written(place: &str, size: Option<u64>) -> (Change, String, Option<u64>) {
    (Change::Written, place.to_owned(), size)
}

fn removed(place: &str) -> (Change, String, Option<u64>) {
    (Change::Removed, place.to_owned(), None)
}

/// A record of S3 as MinIO writes it, in its envelope.
fn minio(name: &str) -> Value {
    json!({
        "EventName": format!("s3:{name}"),
        "Key": "images/a/b c+d.jpg",
        "Records": [{
            "eventVersion": "2.0", "eventSource": "minio:s3", "eventName": format!("s3:{name}"),
            "s3": {
                "bucket": {"name": "images"},
                "object": {"key": "a%2Fb+c%2Bd.jpg", "size": 10, "eTag": "0123"},
            },
        }],
    })
}

/// An event of SeaweedFS, as one was captured.
fn seaweed(kind: &str, key: &str, message: Value) -> Value {
    json!({"event_type": kind, "key": key, "message": message})
}

fn entry(name: &str) -> Value {
    json!({"name": name, "attributes": {"file_size": 10, "mime": "image/jpeg", "md5": "x"}})
}

fn pub_sub(kind: &str) -> Value {
    json!({
        "subscription": "projects/p/subscriptions/s",
        "message": {
            "attributes": {"eventType": kind, "bucketId": "images", "objectId": "a/b c+d.jpg"},
            "data": "e30=", "messageId": "1",
        },
    })
}

fn cloud_event(kind: &str, data: Value) -> Value {
    json!({"specversion": "1.0", "type": kind, "source": "//x", "id": "1", "data": data})
}

#[test]
fn every_sender_says_which_object_changed() {
    let place = "images/a/b c+d.jpg";
    let path = "/buckets/images/a/b c+d.jpg";
    let folder = "/buckets/images/a";
    let gcs = json!({"bucket": "images", "name": "a/b c+d.jpg", "size": "10"});
    let eventarc = "google.cloud.storage.object.v1";
    let wrapped =
        json!({"Type": "Notification", "Message": minio("ObjectCreated:Put").to_string()});
    let cases = [
        (minio("ObjectCreated:Put"), vec![written(place, Some(10))]),
        (minio("ObjectRemoved:Delete"), vec![removed(place)]),
        (minio("ObjectAccessed:Get"), vec![]),
        (wrapped, vec![written(place, Some(10))]),
        (
            seaweed(
                "create",
                path,
                json!({"new_entry": entry("b c+d.jpg"), "new_parent_path": folder}),
            ),
            vec![written(place, Some(10))],
        ),
        (
            seaweed(
                "update",
                path,
                json!({"old_entry": entry("b c+d.jpg"), "new_entry": entry("b c+d.jpg"),
                       "new_parent_path": folder}),
            ),
            vec![written(place, Some(10))],
        ),
        (
            seaweed(
                "rename",
                "/buckets/images/old.jpg",
                json!({"old_entry": entry("old.jpg"), "new_entry": entry("b c+d.jpg"),
                       "new_parent_path": folder}),
            ),
            vec![written(place, Some(10)), removed("images/old.jpg")],
        ),
        (
            seaweed(
                "delete",
                path,
                json!({"old_entry": entry("b c+d.jpg"), "delete_chunks": true}),
            ),
            vec![removed(place)],
        ),
        (
            seaweed(
                "create",
                folder,
                json!({"new_entry": {"name": "a", "is_directory": true},
                       "new_parent_path": "/buckets/images"}),
            ),
            vec![],
        ),
        (
            seaweed(
                "create",
                "/buckets/images/.uploads/1/0001.part",
                json!({"new_entry": entry("0001.part"),
                       "new_parent_path": "/buckets/images/.uploads/1"}),
            ),
            vec![],
        ),
        (
            seaweed(
                "create",
                "/etc/passwd",
                json!({"new_entry": entry("passwd"), "new_parent_path": "/etc"}),
            ),
            vec![],
        ),
        (pub_sub("OBJECT_FINALIZE"), vec![written(place, None)]),
        (pub_sub("OBJECT_DELETE"), vec![removed(place)]),
        (pub_sub("OBJECT_METADATA_UPDATE"), vec![]),
        (
            cloud_event(&format!("{eventarc}.finalized"), gcs.clone()),
            vec![written(place, Some(10))],
        ),
        (
            cloud_event(&format!("{eventarc}.deleted"), gcs.clone()),
            vec![removed(place)],
        ),
        (
            cloud_event(&format!("{eventarc}.metadataUpdated"), gcs),
            vec![],
        ),
        (
            cloud_event("com.example.s3", minio("ObjectCreated:Put")),
            vec![written(place, Some(10))],
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(changes(&body), expected, "{body}");
    }
}

#[test]
fn what_takes_the_place_of_another_version_removes_nothing() {
    let mut body = pub_sub("OBJECT_DELETE");
    body["message"]["attributes"]["overwrittenByGeneration"] = "2".into();
    assert_eq!(changes(&body), []);
}

#[test]
fn what_is_no_event_is_refused_with_a_reason() {
    let cases = [
        ("", "it is not JSON"),
        ("[]", "it has neither records"),
        ("{}", "it has neither records"),
        (
            "{\"Records\": [{\"s3\": {}}]}",
            "not an event of a known kind",
        ),
        (
            "{\"subscription\": \"s\", \"message\": {}}",
            "no attribute eventType",
        ),
        (
            "{\"subscription\": \"s\", \"message\": {\"attributes\": {\"eventType\": \"OBJECT_FINALIZE\"}}}",
            "no bucketId",
        ),
        ("{\"specversion\": \"1.0\", \"type\": \"x\"}", "has no data"),
        (
            "{\"specversion\": \"1.0\", \"type\": \"x\", \"data\": 7}",
            "not an event of a known kind",
        ),
        (
            "{\"event_type\": \"create\", \"key\": 7}",
            "its key is no text",
        ),
    ];
    for (body, reason) in cases {
        let refusal = messages(body.as_bytes()).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{body}: {refusal}");
    }
    assert!(
        messages(b"\xff\xfe")
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
    let deep = "[".repeat(100_000);
    assert!(messages(deep.as_bytes()).is_err());
}

#[test]
fn no_address_that_a_stranger_names_is_opened() {
    let body =
        json!({"Type": "SubscriptionConfirmation", "SubscribeURL": "http://169.254.169.254/\u{7}"});
    let refusal = messages(body.to_string().as_bytes()).unwrap_err();
    assert!(matches!(&refusal, Refusal::Subscription(url) if !url.contains('\u{7}')));
}

#[test]
fn a_write_waits_once_and_a_removal_stands_in_nobodys_way() {
    let token = |body: Value| {
        messages(body.to_string().as_bytes()).unwrap()[0]
            .token
            .clone()
    };
    assert!(token(minio("ObjectCreated:Put")).is_some());
    assert_eq!(
        token(minio("ObjectCreated:Put")),
        token(pub_sub("OBJECT_FINALIZE"))
    );
    assert_eq!(token(minio("ObjectRemoved:Delete")), None);
    assert_eq!(token(pub_sub("OBJECT_DELETE")), None);
}

/// Requests of senders as they come, headers and bodies, and what they are about.
#[test]
fn requests_of_tests_events_http_say_what_they_should() {
    let mut lines = String::new();
    for (name, text) in crate::testing::events::requests() {
        let request: Value = serde_json::from_str(&text).unwrap();
        let body = request["body"].to_string();
        let kind = request.pointer("/headers/ce-type").and_then(Value::as_str);
        let found = match meaning(body.as_bytes(), kind) {
            Ok(Meaning::Handshake { code }) => vec![format!("handshake {code}")],
            Ok(Meaning::Messages(messages)) => messages.iter().map(line).collect(),
            Err(refusal) => vec![refusal.to_string()],
        };
        lines.push_str(&format!("{name}\n"));
        for line in found {
            lines.push_str(&format!("  {line}\n"));
        }
    }
    crate::testing::events::blessed("http/meanings.txt", &lines);
}

fn line(message: &Outgoing) -> String {
    let event = event::parse(&message.body).unwrap().remove(0).unwrap();
    let size = event.size.map(|size| format!(", {size} bytes"));
    let size = size.unwrap_or_default();
    format!("{:?} {}{size}", event.change, event.location)
}
