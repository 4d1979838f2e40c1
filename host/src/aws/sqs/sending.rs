//! Sending messages: as many as fit into each request, and none that would
//! spoil a request for the others.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    SendMessageBatchRequestEntry,
};

use super::problem::Asked;
use super::{BATCH, GROUP, Sqs};
use crate::object::ETag;
use crate::ports::{Outgoing, QueueError, QueueProblem};
use crate::telemetry::X_RAY;

/// The longest message, in bytes. A queue that is set to less refuses it.
const LONGEST: usize = 1 << 20;

/// The most bytes of several messages in one request: the limit of SQS for many
/// years, which holds everywhere.
const REQUEST: usize = 256 << 10;

/// The longest name of a group.
const LONGEST_GROUP: usize = 128;

/// The most attributes of a message.
const ATTRIBUTES: usize = 10;

/// Send `messages`; the result of each is in their order.
pub(super) async fn send(queue: &Sqs, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
    let mut results: Vec<Option<Result<String, QueueError>>> = Vec::new();
    let mut fit = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let wrong = unfit(message).map(|why| Err(queue.error(QueueProblem::InvalidMessage(why))));
        if wrong.is_none() {
            fit.push(index);
        }
        results.push(wrong);
    }
    let size_of = |index: &usize| messages.get(*index).map_or(0, size);
    for request in requests(&fit, size_of) {
        let some: Vec<&Outgoing> = request
            .iter()
            .filter_map(|index| messages.get(*index))
            .collect();
        for (index, result) in request.iter().zip(send_some(queue, &some).await) {
            if let Some(place) = results.get_mut(*index) {
                *place = Some(result);
            }
        }
    }
    let unanswered = || Err(QueueError::unanswered(queue));
    results
        .into_iter()
        .map(|result| result.unwrap_or_else(unanswered))
        .collect()
}

/// `fit` divided into requests.
fn requests(fit: &[usize], size_of: impl Fn(&usize) -> usize) -> Vec<&[usize]> {
    let mut requests = Vec::new();
    let mut rest = fit;
    while !rest.is_empty() {
        let mut bytes = 0;
        let taken = rest
            .iter()
            .take(BATCH)
            .take_while(|index| {
                bytes += size_of(index);
                bytes <= REQUEST
            })
            .count();
        // A message that is larger than that goes alone.
        let (request, behind) = rest.split_at(taken.max(1));
        requests.push(request);
        rest = behind;
    }
    requests
}

async fn send_some(queue: &Sqs, messages: &[&Outgoing]) -> Vec<Result<String, QueueError>> {
    let entries = messages
        .iter()
        .enumerate()
        .map(|(index, message)| entry(index, message, queue.is_fifo()));
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let send = |entries| request.set_entries(Some(entries)).send();
    match queue.answer(entries, Asked::Message, send).await {
        Err(error) => vec![Err(error); messages.len()],
        Ok(answer) => {
            let sent = answer
                .successful()
                .iter()
                .map(|entry| (entry.id(), Ok(entry.message_id().to_owned())));
            let failed = queue.refusals(answer.failed(), Asked::Message);
            queue.in_order(messages.len(), sent.chain(failed))
        }
    }
}

fn entry(
    index: usize,
    message: &Outgoing,
    is_fifo: bool,
) -> Result<SendMessageBatchRequestEntry, BuildError> {
    let mut entry = SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&message.body);
    if is_fifo {
        entry = entry
            .message_group_id(group(message))
            .message_deduplication_id(unique(&message.body));
    }
    for (name, value) in &message.attributes {
        entry = if name == GROUP {
            entry
        } else if name == X_RAY {
            let trace = MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()?;
            entry.message_system_attributes(
                MessageSystemAttributeNameForSends::AwsTraceHeader,
                trace,
            )
        } else {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()?;
            entry.message_attributes(name, value)
        };
    }
    entry.build()
}

/// The group of a message in a FIFO queue: the one it came in, or else one of
/// its own, so that messages that nobody put in order do not wait for each other.
fn group(message: &Outgoing) -> String {
    let allowed = |name: &&String| {
        let graphic = |byte: u8| byte.is_ascii_graphic();
        (1..=LONGEST_GROUP).contains(&name.len()) && name.bytes().all(graphic)
    };
    let own = || ETag::of(message.token.as_ref().unwrap_or(&message.body).as_bytes());
    let came_in = message.attributes.get(GROUP).filter(allowed);
    came_in.cloned().unwrap_or_else(|| own().to_string())
}

/// An id that no other message has. A FIFO queue drops a message whose id it has
/// seen within five minutes, whatever became of the first: a dead letter that is
/// redriven and fails again at once would be lost to an id made of its content.
/// Attempts at one request have one id, so a lost answer sends nothing twice.
pub(in crate::aws) fn unique(body: &str) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_nanos();
    let seed = format!("{now} {} {count} {body}", process::id());
    ETag::of(seed.as_bytes()).to_string()
}

/// The attributes of a message without its trace and its group.
fn own(message: &Outgoing) -> impl Iterator<Item = (&String, &String)> {
    let attributes = message.attributes.iter();
    attributes.filter(|(name, _)| *name != X_RAY && *name != GROUP)
}

/// The size of a message as SQS counts it.
fn size(message: &Outgoing) -> usize {
    let attributes: usize = own(message)
        .map(|(name, value)| name.len() + "String".len() + value.len())
        .sum();
    message.body.len() + attributes
}

/// The reason why SQS would refuse `message`, and with it the request it is in.
fn unfit(message: &Outgoing) -> Option<String> {
    let texts = || std::iter::once(&message.body).chain(message.attributes.values());
    if message.body.is_empty() {
        Some("it is empty".to_owned())
    } else if message.attributes.values().any(String::is_empty) {
        Some("an attribute of it is empty".to_owned())
    } else if size(message) > LONGEST {
        Some(format!("it is longer than {LONGEST} bytes"))
    } else if own(message).count() > ATTRIBUTES {
        Some(format!("it has more than {ATTRIBUTES} attributes"))
    } else {
        let mut characters = texts().flat_map(|text| text.chars());
        let lost = characters.find(|character| !is_carried(*character));
        lost.map(|lost| format!("it holds a character that SQS does not carry: {lost:?}"))
    }
}

/// The check for a character of XML, and so of SQS.
fn is_carried(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_holds_ten_messages_and_no_more_bytes_than_it_may() {
        let fit: Vec<usize> = (0..23).collect();
        let lengths = |sizes: &dyn Fn(&usize) -> usize| -> Vec<usize> {
            requests(&fit, sizes)
                .iter()
                .map(|request| request.len())
                .collect()
        };
        assert_eq!(lengths(&|_| 1), [10, 10, 3]);
        assert_eq!(lengths(&|_| REQUEST / 4), [4, 4, 4, 4, 4, 3]);
        let one_is_large = |index: &usize| if *index == 1 { LONGEST } else { 1 };
        assert_eq!(lengths(&one_is_large), [1, 1, 10, 10, 1]);
        assert!(requests(&[], |_| 1).is_empty());
    }

    #[test]
    fn a_message_that_would_spoil_its_request_is_kept_out_of_it() {
        let with = |name: &str, value: &str| Outgoing {
            body: "body".to_owned(),
            attributes: [(name.to_owned(), value.to_owned())].into(),
            ..Outgoing::default()
        };
        let crowded = Outgoing {
            body: "body".to_owned(),
            attributes: (0..11)
                .map(|n| (n.to_string(), "value".to_owned()))
                .collect(),
            ..Outgoing::default()
        };
        for message in [
            Outgoing::new(""),
            Outgoing::new("\u{0}"),
            Outgoing::new("\u{ffff}"),
            Outgoing::new("x".repeat(LONGEST + 1)),
            with("name", ""),
            with("name", "\u{1b}"),
            crowded,
        ] {
            assert!(unfit(&message).is_some(), "{message:?}");
        }
        let good = Outgoing::new("späße\r\n\t\u{1f980}\u{fffd}");
        assert_eq!(unfit(&good), None);
        assert_eq!(unfit(&with(X_RAY, "Root=1-2-3")), None);
    }

    #[test]
    fn a_message_of_a_fifo_queue_keeps_its_group_and_is_never_taken_for_another() {
        let message = |group: &str| Outgoing {
            body: "body".to_owned(),
            attributes: [(GROUP.to_owned(), group.to_owned())].into(),
            token: Some("origin".to_owned()),
            ..Outgoing::default()
        };
        let kept = message("group-1");
        let first = entry(0, &kept, true).unwrap();
        let second = entry(0, &kept, true).unwrap();
        assert_eq!(first.message_group_id(), Some("group-1"));
        assert_ne!(
            first.message_deduplication_id(),
            second.message_deduplication_id()
        );
        assert_eq!(first.message_attributes(), None);
        // A group that SQS would refuse is replaced by one that is always the same.
        let long = "x".repeat(129);
        for odd in ["", "two words", "späße", long.as_str()] {
            let groups = [message(odd), message(odd)]
                .map(|message| entry(0, &message, true).unwrap())
                .map(|entry| entry.message_group_id().unwrap().to_owned());
            assert_eq!(groups[0], groups[1], "{odd}");
            assert_eq!(groups[0].len(), 64);
        }
        let standard = entry(0, &kept, false).unwrap();
        assert_eq!(standard.message_group_id(), None);
        assert_eq!(standard.message_deduplication_id(), None);
        assert_eq!(standard.message_attributes(), None);
    }

    #[test]
    fn a_trace_travels_as_sqs_wants_it() {
        let message = Outgoing {
            body: "body".to_owned(),
            attributes: [
                (X_RAY.to_owned(), "Root=1-2-3".to_owned()),
                ("thimble-origin".to_owned(), "message-1".to_owned()),
            ]
            .into(),
            ..Outgoing::default()
        };
        let entry = entry(0, &message, false).unwrap();
        let system = entry.message_system_attributes().unwrap();
        let trace = &system[&MessageSystemAttributeNameForSends::AwsTraceHeader];
        assert_eq!(trace.string_value(), Some("Root=1-2-3"));
        let own = entry.message_attributes().unwrap();
        assert_eq!(own.len(), 1);
        assert_eq!(own["thimble-origin"].string_value(), Some("message-1"));
    }
}
