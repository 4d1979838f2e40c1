//! Bodies of events, as senders write them, and the messages that they become.
//!
//! | sender | body | removals |
//! |---|---|---|
//! | S3, MinIO, Ceph, VersityGW | `Records` of S3, bare or wrapped by SNS or EventBridge | yes |
//! | SeaweedFS | its own: a path in the filer, the old and the new entry | yes |
//! | Cloud Storage through Pub/Sub push | a message with attributes | yes |
//! | Cloud Storage through Eventarc | a CloudEvent, in the body or with its type in a header | yes |
//! | Azure through Event Grid | its own schema, or CloudEvents; several in a list | yes |
//!
//! A body that a worker reads by itself is enqueued as it came. Any other becomes a
//! notification of S3, so that all that a queue holds is of one kind.

use serde_json::Value;

use crate::event::{self, Change};
use crate::object::{ETag, Location};
use crate::ports::Outgoing;
use crate::text::printable;

mod azure;

/// Folder of the buckets in SeaweedFS's filer.
const BUCKETS: &str = "/buckets/";

/// Folder in which SeaweedFS joins the parts of an upload.
const UPLOADS: &str = ".uploads/";

/// Meaning of a body that is understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The messages that it becomes: none if nothing in it is about an image.
    Messages(Vec<Outgoing>),
    /// Event Grid asks whether this address wants its events; to answer with the code says yes.
    Handshake {
        /// The code that the answer has to show.
        code: String,
    },
}

/// Reason why a body is not enqueued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It is nothing that is understood.
    #[error("{0}")]
    Unknown(String),
    /// SNS asks whether this address wants its messages. To open an address that
    /// a stranger names would be a favor to strangers.
    #[error("open this address to confirm the subscription of SNS: {0}")]
    Subscription(String),
}

fn unknown(why: impl Into<String>) -> Refusal {
    let why = why.into();
    Refusal::Unknown(format!("the body is not an event of a known kind: {why}"))
}

/// The meaning of a body. `kind` is the type of a CloudEvent whose body is its data alone.
///
/// # Errors
/// If nothing of the body is understood.
pub fn meaning(body: &[u8], kind: Option<&str>) -> Result<Meaning, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| unknown("it is not UTF-8"))?;
    let value: Value =
        serde_json::from_str(text).map_err(|error| unknown(format!("it is not JSON: {error}")))?;
    if let Some(kind) = kind {
        return of_cloud(kind, "", &value).map(Meaning::Messages);
    }
    if let Some(code) = handshake(&value) {
        return Ok(Meaning::Handshake { code });
    }
    let several = value
        .as_array()
        .filter(|several| several.iter().all(is_of_event_grid));
    let messages = match several {
        Some(several) if !several.is_empty() => several
            .iter()
            .map(event_grid)
            .collect::<Result<Vec<_>, _>>()?
            .concat(),
        _ => messages(text, &value)?,
    };
    Ok(Meaning::Messages(messages))
}

/// The messages of one event of any sender.
fn messages(text: &str, value: &Value) -> Result<Vec<Outgoing>, Refusal> {
    if value.get("Type").and_then(Value::as_str) == Some("SubscriptionConfirmation") {
        let address = string(value, "/SubscribeURL").unwrap_or_default();
        return Err(Refusal::Subscription(printable(address)));
    }
    if value.get("event_type").is_some() && value.get("key").is_some() {
        return seaweed(value);
    }
    if value.get("subscription").is_some() && value.get("message").is_some() {
        return pub_sub(value);
    }
    if is_of_event_grid(value) {
        return event_grid(value);
    }
    of_s3(text)
}

/// The code of Event Grid's question whether an address wants its events.
fn handshake(value: &Value) -> Option<String> {
    let event = value.get(0)?;
    let asks = string(event, "/eventType") == Some(azure::VALIDATION);
    let code = string(event, "/data/validationCode").filter(|_| asks)?;
    Some(code.to_owned())
}

/// True for a CloudEvent, and for an event in the schema of Event Grid.
fn is_of_event_grid(value: &Value) -> bool {
    let has = |name| value.get(name).is_some();
    has("specversion") || (has("eventType") && has("subject"))
}

/// The messages of an event with a type, a subject and data.
fn event_grid(value: &Value) -> Result<Vec<Outgoing>, Refusal> {
    let data = value
        .get("data")
        .ok_or_else(|| unknown("the CloudEvent has no data"))?;
    let kind = string(value, "/type").or_else(|| string(value, "/eventType"));
    let subject = string(value, "/subject").unwrap_or_default();
    of_cloud(kind.unwrap_or_default(), subject, data)
}

/// The messages of an event of a cloud, or of one that wraps an event of S3.
fn of_cloud(kind: &str, subject: &str, data: &Value) -> Result<Vec<Outgoing>, Refusal> {
    if !azure::is_about_blobs(kind) {
        return cloud_event(kind, data);
    }
    let changes = azure::changes(kind, subject, data)
        .ok_or_else(|| unknown("the event names no container and blob"))?;
    let messages = changes.into_iter();
    Ok(messages
        .map(|(change, location, size)| message(change, &location, size))
        .collect())
}

/// Messages for a body that a worker reads by itself. A record that is not understood becomes a dead
/// letter there, unless there is nothing else in the body.
fn of_s3(text: &str) -> Result<Vec<Outgoing>, Refusal> {
    let refusal = |error: &dyn std::fmt::Display| Refusal::Unknown(printable(error));
    let events = event::parse(text).map_err(|error| refusal(&error))?;
    let mut refused = None;
    let mut is_good = false;
    for event in &events {
        match event {
            Ok(_) => is_good = true,
            Err(error) => refused = Some(error),
        }
    }
    match (is_good, refused, &events[..]) {
        (false, Some(error), _) => Err(refusal(error)),
        (false, None, _) => Ok(Vec::new()),
        (true, None, [Ok(event)]) if event.change == Change::Written => Ok(vec![Outgoing {
            token: Some(token(&event.location)),
            ..Outgoing::new(text)
        }]),
        (true, ..) => Ok(vec![Outgoing::new(text)]),
    }
}

/// The notification of S3 for one change.
fn message(change: Change, location: &Location, size: Option<u64>) -> Outgoing {
    let body = event::notification(change, location, size, None);
    // A removal must not stand in the way of what is written after it.
    let token = (change == Change::Written).then(|| token(location));
    Outgoing {
        token,
        ..Outgoing::new(body)
    }
}

/// Name of the work to look at an object once more.
fn token(location: &Location) -> String {
    let Location { bucket, key } = location;
    ETag::of(format!("{bucket}/{key}").as_bytes()).to_string()
}

fn string<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// A number, or the text of one.
fn number(value: &Value, pointer: &str) -> Option<u64> {
    let found = value.pointer(pointer)?;
    found
        .as_u64()
        .or_else(|| found.as_str().and_then(|text| text.parse().ok()))
}

/// SeaweedFS: `key` is the path before the change, and each entry says how an end of
/// the change looks. A renamed file has two.
fn seaweed(value: &Value) -> Result<Vec<Outgoing>, Refusal> {
    let before = string(value, "/key").ok_or_else(|| unknown("its key is no text"))?;
    let is_file = |pointer: &str| {
        let entry = value.pointer(pointer).filter(|entry| entry.is_object());
        let is_folder = |entry: &Value| entry.get("is_directory") == Some(&Value::Bool(true));
        entry.is_some_and(|entry| !is_folder(entry))
    };
    let after = match (
        string(value, "/message/new_parent_path"),
        string(value, "/message/new_entry/name"),
    ) {
        (Some(folder), Some(name)) => format!("{folder}/{name}"),
        _ => before.to_owned(),
    };
    let mut messages = Vec::new();
    if is_file("/message/new_entry") {
        let size = number(value, "/message/new_entry/attributes/file_size");
        let written = filed(&after).map(|place| message(Change::Written, &place, size));
        messages.extend(written);
    }
    let is_gone = !is_file("/message/new_entry") || after != before;
    if is_file("/message/old_entry") && is_gone {
        messages.extend(filed(before).map(|place| message(Change::Removed, &place, None)));
    }
    Ok(messages)
}

/// The object at a path of the filer, if it is one of a bucket.
fn filed(path: &str) -> Option<Location> {
    let (bucket, key) = path.strip_prefix(BUCKETS)?.split_once('/')?;
    let is_object = !key.is_empty() && !key.starts_with(UPLOADS);
    is_object.then(|| Location::new(bucket, key))
}

/// Pub/Sub push: what happened stands in the attributes.
fn pub_sub(value: &Value) -> Result<Vec<Outgoing>, Refusal> {
    let attribute = |name: &str| string(value, &format!("/message/attributes/{name}"));
    let change = match attribute("eventType") {
        Some("OBJECT_FINALIZE") => Change::Written,
        // What another version takes the place of is not gone.
        Some("OBJECT_DELETE" | "OBJECT_ARCHIVE")
            if attribute("overwrittenByGeneration").is_none() =>
        {
            Change::Removed
        }
        Some(_) => return Ok(Vec::new()),
        None => return Err(unknown("the message has no attribute eventType")),
    };
    let (Some(bucket), Some(key)) = (attribute("bucketId"), attribute("objectId")) else {
        return Err(unknown("the message has no bucketId and objectId"));
    };
    Ok(vec![message(change, &Location::new(bucket, key), None)])
}

/// The data of a CloudEvent of Cloud Storage, or of one that wraps an event of S3.
fn cloud_event(kind: &str, data: &Value) -> Result<Vec<Outgoing>, Refusal> {
    let change = match kind.strip_prefix("google.cloud.storage.object.v1.") {
        Some("finalized") => Change::Written,
        Some("deleted" | "archived") => Change::Removed,
        Some(_) => return Ok(Vec::new()),
        None => return of_s3(&data.to_string()),
    };
    let (Some(bucket), Some(key)) = (string(data, "/bucket"), string(data, "/name")) else {
        return Err(unknown("the CloudEvent has no bucket and name"));
    };
    let size = number(data, "/size");
    Ok(vec![message(change, &Location::new(bucket, key), size)])
}

#[cfg(test)]
mod tests;
