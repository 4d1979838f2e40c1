//! A dead letter, in words and as JSON.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::letter;
use crate::ports::Message;
use crate::text::{plural, printable};

/// Reason of a letter that the queue itself has moved.
const NO_REASON: &str = "no reason given; search the log for its key";

/// A letter in two lines.
pub(super) fn words(message: &Message) -> String {
    let attribute = |name: &str| message.attributes.get(name).map(printable);
    let key = letter::key_of(message).map_or("(no key)".to_owned(), printable);
    let kind = attribute(letter::KIND).unwrap_or_else(|| "unknown".to_owned());
    let reason = attribute(letter::REASON).unwrap_or_else(|| NO_REASON.to_owned());
    let mut facts = format!("received {}", plural(message.receive_count.into(), "time"));
    if let Some(age) = age(message) {
        facts.push_str(&format!(", sent {} ago", rough(age)));
    }
    if let Some(redrives) = attribute(letter::REDRIVES) {
        facts.push_str(&format!(", redrives: {redrives}"));
    }
    format!(
        "{key}  {kind}  {reason}\n    {facts}, id {}",
        printable(&message.id)
    )
}

/// A letter as a line of JSON.
pub(super) fn line(message: &Message) -> Value {
    json!({
        "id": message.id,
        "key": letter::key_of(message),
        "kind": message.attributes.get(letter::KIND),
        "reason": message.attributes.get(letter::REASON),
        "receiveCount": message.receive_count,
        "sent": message.sent.map(seconds),
        "ageSeconds": age(message).map(|age| age.as_secs()),
        "attributes": message.attributes,
    })
}

/// The same, with the body as it is.
pub(super) fn whole(message: &Message) -> Value {
    let mut value = line(message);
    value["body"] = message.body.as_str().into();
    value
}

/// A letter in full.
pub(super) fn page(message: &Message) -> String {
    let mut text = words(message);
    for (name, value) in &message.attributes {
        text.push_str(&format!("\n    {}: {}", printable(name), printable(value)));
    }
    text.push_str("\n\n");
    // What is no JSON is shown as it is, save for what could move a cursor.
    match serde_json::from_str::<Value>(&message.body) {
        Ok(value) => {
            let lines: Vec<String> = format!("{value:#}").lines().map(printable).collect();
            text.push_str(&lines.join("\n"));
        }
        Err(_) => text.push_str(&printable(&message.body)),
    }
    text
}

fn age(message: &Message) -> Option<Duration> {
    SystemTime::now().duration_since(message.sent?).ok()
}

fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// A time in its largest unit.
fn rough(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7_199 => format!("{} min", seconds / 60),
        seconds @ 7_200..=172_799 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_units_that_are_felt() {
        for (seconds, text) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_200, "2 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(rough(Duration::from_secs(seconds)), text);
        }
    }
}
