//! From the body of a message to what happened to which objects.
//!
//! A notification of S3 comes bare, wrapped by SNS, wrapped by another queue,
//! or as an event of EventBridge, and in several of these layers at once. Only
//! the bare notification encodes keys; they are decoded here, once.
//!
//! ```
//! use thimble::event::{self, Change};
//! use thimble::object::Location;
//!
//! let cat = Location::new("images", "my cat+dog.jpg");
//! let body = event::notification(Change::Written, &cat, Some(1024), None);
//! let objects = event::parse(&body)?;
//! assert_eq!(objects[0].as_ref().unwrap().location, cat);
//! # Ok::<(), thimble::error::Error>(())
//! ```

use serde_json::{Value, json};

use crate::error::Error;
use crate::object::{ETag, Location, Sequencer};

pub(crate) mod key;
mod record;

/// How many layers of wrapping are taken off before a body is refused: more
/// than any service adds.
const LAYERS: u32 = 5;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was written: put, posted, copied, completed in parts or restored.
    Written,
    /// It was removed, by a person or by a rule of its bucket.
    Removed,
}

/// One thing that happened to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// What happened.
    pub change: Change,
    /// The object it happened to.
    pub location: Location,
    /// The size of what was written, if the event says.
    pub size: Option<u64>,
    /// What was written, if the event says.
    pub etag: Option<ETag>,
    /// The version, in a bucket that keeps several.
    pub version: Option<String>,
    /// Orders the events of one object.
    pub sequencer: Option<Sequencer>,
}

impl ObjectEvent {
    /// That `location` was written, and nothing more.
    pub fn written(location: Location) -> Self {
        Self {
            change: Change::Written,
            location,
            size: None,
            etag: None,
            version: None,
            sequencer: None,
        }
    }
}

/// What happened to objects, as the body of a message tells it.
///
/// Events that are none of ours, such as `s3:TestEvent` or changed tags, leave
/// nothing behind: a body of only these gives an empty list. A record that
/// cannot be understood takes its own place and does not disturb the others.
///
/// # Errors
/// [`Error::UnknownEvent`] if the body as a whole is no event.
pub fn parse(body: &str) -> Result<Vec<Result<ObjectEvent, Error>>, Error> {
    let value = serde_json::from_str(body)
        .map_err(|error| Error::UnknownEvent(format!("it is not JSON: {error}")))?;
    parse_value(&value)
}

/// As [`parse`], of a body that is parsed already.
///
/// # Errors
/// [`Error::UnknownEvent`] if the body as a whole is no event.
pub fn parse_value(body: &Value) -> Result<Vec<Result<ObjectEvent, Error>>, Error> {
    let mut found = Vec::new();
    record::unwrap(body, LAYERS, &mut found)?;
    Ok(found)
}

/// The body that S3 would send to say that `location` changed.
///
/// A watcher of a folder and a backfill speak through this, so that all that
/// reaches a queue is of one kind.
pub fn notification(
    change: Change,
    location: &Location,
    size: Option<u64>,
    etag: Option<&ETag>,
) -> String {
    let name = match change {
        Change::Written => "ObjectCreated:Put",
        Change::Removed => "ObjectRemoved:Delete",
    };
    let mut object = json!({ "key": key::encode(&location.key) });
    if let Some(size) = size {
        object["size"] = size.into();
    }
    if let Some(etag) = etag {
        object["eTag"] = etag.as_str().into();
    }
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": { "s3SchemaVersion": "1.0", "bucket": { "name": location.bucket }, "object": object },
    });
    json!({ "Records": [record] }).to_string()
}

#[cfg(test)]
mod tests;
