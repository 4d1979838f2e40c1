//! From the body of a message to what happened to which objects.
//!
//! A notification of S3 comes bare, wrapped by SNS, wrapped by another queue,
//! or as an event of EventBridge, and in several of these layers at once. Only
//! the bare notification encodes keys; they are decoded here, once. Programs
//! that imitate S3 forget to encode them, so the text as it stood is kept as a
//! second [`Reading`] where it is another key.
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

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::error::Error;
use crate::object::{ETag, Location, Sequencer};

pub(crate) mod key;
mod record;

/// Layers of wrapping that are taken off before a body is refused: more than any
/// service adds.
const LAYERS: u32 = 5;

/// Change of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was written: put, posted, copied, completed in parts or restored.
    Written,
    /// It was removed, by a person or by a rule of its bucket.
    Removed,
}

/// Meaning of the text of a key, besides the key that it spells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Nothing else.
    #[default]
    Plain,
    /// The key as it stood, if its sender did not encode it.
    Verbatim(String),
    /// Nothing, unless its sender did not encode it: it does not decode, for
    /// this reason, and was taken as it stood.
    Undecodable(String),
}

/// One thing that happened to one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectEvent {
    /// The change.
    pub change: Change,
    /// The object it happened to.
    pub location: Location,
    /// The other way to read its key.
    pub reading: Reading,
    /// The size of what was written, if the event says.
    pub size: Option<u64>,
    /// ETag of what was written, if the event says.
    pub etag: Option<ETag>,
    /// Orders the events of one object.
    pub sequencer: Option<Sequencer>,
    /// True if its message was handed out before: what was done for it may not have been
    /// told to its end.
    pub again: bool,
}

impl ObjectEvent {
    /// The event that `location` was written, and nothing more.
    #[cfg(any(test, feature = "testing"))]
    pub fn written(location: Location) -> Self {
        Self {
            change: Change::Written,
            location,
            reading: Reading::Plain,
            size: None,
            etag: None,
            sequencer: None,
            again: false,
        }
    }

    /// True for the one of two events of an object that says more: this one, which
    /// came later in its message, or `known`.
    fn counts_before(&self, known: &Self) -> bool {
        let is_older = || match (&self.sequencer, &known.sequencer) {
            (Some(own), Some(other)) => own < other,
            _ => false,
        };
        match (self.change, known.change) {
            (Change::Written, Change::Removed) => true,
            (Change::Removed, Change::Written) => false,
            _ => !is_older(),
        }
    }

    /// The same, of the object called `key` in that bucket, and of no other.
    pub(crate) fn called(&self, key: &str) -> Self {
        Self {
            location: Location::new(&self.location.bucket, key),
            reading: Reading::Plain,
            ..self.clone()
        }
    }
}

/// Events of objects in the body of a message.
///
/// Events that are none of ours, such as `s3:TestEvent` or changed tags, leave
/// nothing behind: a body of only these gives an empty list. A record that
/// cannot be understood takes its own place and does not disturb the others.
///
/// # Errors
/// [`Error::UnknownEvent`] if the body as a whole is no event.
pub fn parse(body: &str) -> Result<Vec<Result<ObjectEvent, Error>>, Error> {
    let value: Value = serde_json::from_str(body)
        .map_err(|error| Error::UnknownEvent(format!("it is not JSON: {error}")))?;
    let mut found = Vec::new();
    record::unwrap(&value, LAYERS, &mut found)?;
    Ok(found)
}

/// `events` with one event for each object, where it first appears: an event is
/// an occasion to look, and one look is enough for all of a message.
///
/// Of several the latest counts; of a write and a removal the write, because who
/// looks at what is there finds a removal as well.
pub fn merged(events: Vec<Result<ObjectEvent, Error>>) -> Vec<Result<ObjectEvent, Error>> {
    let mut merged: Vec<Result<ObjectEvent, Error>> = Vec::new();
    let mut places: HashMap<(Location, Reading), usize> = HashMap::new();
    for event in events {
        let Ok(event) = event else {
            merged.push(event);
            continue;
        };
        let object = (event.location.clone(), event.reading.clone());
        match places.get(&object).and_then(|place| merged.get_mut(*place)) {
            Some(Ok(known)) if event.counts_before(known) => *known = event,
            Some(_) => {}
            None => {
                places.insert(object, merged.len());
                merged.push(Ok(event));
            }
        }
    }
    merged
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
    body(name, &location.bucket, object)
}

/// The body that S3 would send to say that the object was written whose key is
/// spelled `text`.
#[cfg(feature = "lambda")]
pub(crate) fn notification_as_spelled(bucket: &str, text: &str) -> String {
    body("ObjectCreated:Put", bucket, json!({ "key": text }))
}

fn body(name: &str, bucket: &str, object: Value) -> String {
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": name,
        "s3": { "s3SchemaVersion": "1.0", "bucket": { "name": bucket }, "object": object },
    });
    json!({ "Records": [record] }).to_string()
}

#[cfg(test)]
mod tests;
