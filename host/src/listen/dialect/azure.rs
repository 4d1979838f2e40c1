//! Events of Azure Blob Storage, as Event Grid passes them on: in its own schema or as
//! CloudEvents, whose type, subject and data are the same.

use serde_json::Value;

use crate::event::Change;
use crate::object::Location;

/// Start of the types of events about blobs.
const ABOUT_BLOBS: &str = "Microsoft.Storage.";

/// The type of the event that asks whether an address wants events.
pub(super) const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

/// Calls that begin a file, to which bytes are added later; another event says when they are.
const BEGINNINGS: [&str; 2] = ["CreateFile", "SftpCreate"];

/// A blob that changed, and the size of what was written.
pub(super) type Changed = (Change, Location, Option<u64>);

/// True for the type of an event of Azure's storage.
pub(super) fn is_about_blobs(kind: &str) -> bool {
    kind.starts_with(ABOUT_BLOBS)
}

/// The blobs that an event is about; `None` if it does not name what it should.
pub(super) fn changes(kind: &str, subject: &str, data: &Value) -> Option<Vec<Changed>> {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let size = data.get("contentLength").and_then(Value::as_u64);
    Some(match kind.strip_prefix(ABOUT_BLOBS)? {
        "BlobCreated" if text("api").is_some_and(|api| BEGINNINGS.contains(&api)) => Vec::new(),
        "BlobCreated" => vec![(Change::Written, of_event(subject, text("url"))?, size)],
        "BlobDeleted" => vec![(Change::Removed, of_event(subject, text("url"))?, None)],
        "BlobRenamed" => vec![
            (
                Change::Written,
                of_event(subject, text("destinationUrl"))?,
                None,
            ),
            (Change::Removed, of_url(text("sourceUrl")?)?, None),
        ],
        _ => Vec::new(),
    })
}

/// The blob of an event. Its subject has the plain name, in which Event Grid replaces what is
/// beyond the basic plane of Unicode; its URL has it encoded.
fn of_event(subject: &str, url: Option<&str>) -> Option<Location> {
    let rest = subject.strip_prefix("/blobServices/default/containers/")?;
    let (container, name) = rest.split_once("/blobs/")?;
    let is_whole = !name.contains(char::REPLACEMENT_CHARACTER);
    match url.filter(|_| !is_whole).and_then(of_url) {
        Some(location) => Some(location),
        None => (!name.is_empty()).then(|| Location::new(container, name)),
    }
}

/// The blob at a URL: behind the host stand the container and the name.
fn of_url(url: &str) -> Option<Location> {
    let (_, rest) = url.split_once("://")?;
    let (_, path) = rest.split_once('/')?;
    let (container, name) = path.split(['?', '#']).next()?.split_once('/')?;
    // A plus is itself in a path.
    let name = crate::event::key::decode(&name.replace('+', "%2B")).ok()?;
    (!name.is_empty()).then(|| Location::new(container, name))
}
