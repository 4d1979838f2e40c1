//! The layers around a notification, and the records within.

use serde::Deserialize;
use serde_json::Value;

use super::{Change, ObjectEvent, Reading, key};
use crate::error::Error;
use crate::object::{ETag, Location, Sequencer, is_bucket};
use crate::text::printable;

type Found = Vec<Result<ObjectEvent, Error>>;

fn unknown(why: impl Into<String>) -> Error {
    Error::UnknownEvent(why.into())
}

/// Take one layer off `body`, and what it holds into `found`.
pub(super) fn unwrap(body: &Value, layers: u32, found: &mut Found) -> Result<(), Error> {
    let Some(layers) = layers.checked_sub(1) else {
        return Err(unknown("it is wrapped too often"));
    };
    if let Some(records) = body.get("Records").and_then(Value::as_array) {
        for record in records {
            if let Err(error) = of_record(record, layers, found) {
                found.push(Err(error));
            }
        }
        return Ok(());
    }
    if body.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        return Ok(());
    }
    if let Some(message) = body.get("Message").and_then(Value::as_str) {
        return unwrap_text(message, layers, found);
    }
    if body.get("detail-type").is_some() {
        found.extend(of_event_bridge(body).transpose());
        return Ok(());
    }
    Err(unknown(
        "it has neither records, nor a message, nor a detail type",
    ))
}

fn unwrap_text(text: &str, layers: u32, found: &mut Found) -> Result<(), Error> {
    let body = serde_json::from_str(text)
        .map_err(|error| unknown(format!("what it wraps is not JSON: {error}")))?;
    unwrap(&body, layers, found)
}

/// A record is of S3, or wraps a body itself: SNS calls its source `Sns`, a
/// queue puts it under `body`.
fn of_record(record: &Value, layers: u32, found: &mut Found) -> Result<(), Error> {
    if record.get("s3").is_some() {
        found.extend(of_s3(record).transpose());
        return Ok(());
    }
    let wrapped = record
        .pointer("/Sns/Message")
        .or_else(|| record.get("body"));
    match wrapped.and_then(Value::as_str) {
        Some(text) => unwrap_text(text, layers, found),
        None => Err(unknown("a record is of no known source")),
    }
}

/// A record of S3. Fields that S3 may add are none of our business.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Record {
    event_version: String,
    event_name: String,
    s3: S3Entity,
}

#[derive(Deserialize)]
struct S3Entity {
    bucket: Bucket,
    object: S3Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Object {
    key: String,
    size: Option<u64>,
    e_tag: Option<String>,
    sequencer: Option<String>,
}

fn of_s3(record: &Value) -> Result<Option<ObjectEvent>, Error> {
    let record = S3Record::deserialize(record)
        .map_err(|error| unknown(format!("a record of S3 lacks something: {error}")))?;
    if record.event_version.split('.').next() != Some("2") {
        let version = record.event_version;
        return Err(unknown(format!(
            "version 2 of a record is read, not version {version}"
        )));
    }
    let name = record
        .event_name
        .strip_prefix("s3:")
        .unwrap_or(&record.event_name);
    let Some(change) = change_of(name) else {
        return Ok(None);
    };
    let object = record.s3.object;
    let (key, reading) = read(object.key);
    Ok(Some(ObjectEvent {
        change,
        location: locate(record.s3.bucket, key)?,
        reading,
        size: object.size,
        etag: object.e_tag.as_deref().map(ETag::new),
        sequencer: object.sequencer.as_deref().map(Sequencer::new),
        again: false,
    }))
}

/// The key that a record spells, and what it may mean besides.
fn read(text: String) -> (String, Reading) {
    match key::decode(&text) {
        Ok(key) if key == text => (key, Reading::Plain),
        Ok(key) => (key, Reading::Verbatim(text)),
        Err(wrong) => (text, Reading::Undecodable(wrong)),
    }
}

/// The location of an object, if a bucket can have that name. A text that no
/// bucket can be called would reach a store as a path.
fn locate(bucket: Bucket, key: String) -> Result<Location, Error> {
    if is_bucket(&bucket.name) {
        Ok(Location::new(bucket.name, key))
    } else {
        Err(Error::InvalidBucket(printable(&bucket.name)))
    }
}

/// The change that a name of S3's long and growing list stands for; none, mostly.
fn change_of(name: &str) -> Option<Change> {
    match name.split(':').next() {
        Some("ObjectCreated") => Some(Change::Written),
        Some("ObjectRemoved" | "LifecycleExpiration") => Some(Change::Removed),
        Some("ObjectRestore") if name == "ObjectRestore:Completed" => Some(Change::Written),
        _ => None,
    }
}

/// An event of EventBridge, which leaves keys as they are.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct EventBridge {
    detail_type: String,
    source: String,
    detail: Value,
}

#[derive(Deserialize)]
struct Detail {
    bucket: Bucket,
    object: DetailObject,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DetailObject {
    key: String,
    size: Option<u64>,
    etag: Option<String>,
    sequencer: Option<String>,
}

fn of_event_bridge(body: &Value) -> Result<Option<ObjectEvent>, Error> {
    let lacking = |error| unknown(format!("an event of EventBridge lacks something: {error}"));
    let event = EventBridge::deserialize(body).map_err(lacking)?;
    if event.source != "aws.s3" {
        return Err(unknown("an event of EventBridge is not of S3"));
    }
    let change = match event.detail_type.as_str() {
        "Object Created" | "Object Restore Completed" => Change::Written,
        "Object Deleted" => Change::Removed,
        _ => return Ok(None),
    };
    let Detail { bucket, object } = Detail::deserialize(event.detail).map_err(lacking)?;
    Ok(Some(ObjectEvent {
        change,
        location: locate(bucket, object.key)?,
        reading: Reading::Plain,
        size: object.size,
        etag: object.etag.as_deref().map(ETag::new),
        sequencer: object.sequencer.as_deref().map(Sequencer::new),
        again: false,
    }))
}
