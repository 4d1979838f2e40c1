//! Kinds of invocations, told apart by the shape of their events.

use std::time::{Duration, UNIX_EPOCH};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde::Deserialize;
use serde_json::Value;

use super::Failure;
use super::operations::Job;
use crate::aws::sqs::GROUP;
use crate::ports::{Attributes, Message, Receipt};
use crate::telemetry::{Sender, X_RAY};

/// Work of an invocation.
#[derive(Debug)]
pub(super) enum Invocation {
    /// A batch of messages; the answer names those that are not done.
    Messages(Vec<Message>),
    /// Tasks of a job of S3 Batch Operations.
    Job(Job),
    /// An event of S3, SNS or EventBridge, in an asynchronous invocation.
    Event(Message),
}

impl Invocation {
    /// Work that `event` asks for; `request` names it, if it has no name itself.
    pub(super) fn of(event: Value, request: &str) -> Result<Self, Failure> {
        if event.get("invocationSchemaVersion").is_some() {
            return Ok(Self::Job(Job::of(event)?));
        }
        let source = event.pointer("/Records/0/eventSource");
        if source.and_then(Value::as_str) == Some("aws:sqs") {
            let wrong = |error| Failure::InvalidEvent(format!("the batch cannot be read: {error}"));
            let batch = SqsEvent::deserialize(event).map_err(wrong)?;
            let messages = batch.records.into_iter().map(message);
            return Ok(Self::Messages(messages.collect::<Result<_, _>>()?));
        }
        Ok(Self::Event(Message::direct(request, event.to_string())))
    }
}

/// The messages, of which those whose sender has no trace, or none that is kept, are in that
/// of the invocation.
///
/// Lambda gives each invocation a trace, and says of most that they are not kept. Such a one
/// decides nothing: whoever has named a collector wants spans.
pub(super) fn within(trace: Option<&str>, mut messages: Vec<Message>) -> Vec<Message> {
    let kept = |trace: &&str| Sender::of_x_ray(trace).is_some_and(|sender| sender.sampled);
    if let Some(trace) = trace.filter(kept) {
        let own = |message: &&mut Message| Sender::of(&message.attributes).is_none();
        for message in messages.iter_mut().filter(own) {
            message
                .attributes
                .insert(X_RAY.to_owned(), trace.to_owned());
        }
    }
    messages
}

fn message(record: SqsMessage) -> Result<Message, Failure> {
    let own = record.message_attributes.into_iter();
    let mut attributes: Attributes = own
        .filter_map(|(name, value)| Some((name, value.string_value?)))
        .collect();
    for name in [X_RAY, GROUP] {
        if let Some(value) = record.attributes.get(name) {
            attributes.insert(name.to_owned(), value.clone());
        }
    }
    let number = |name| -> Option<u64> { record.attributes.get(name)?.parse().ok() };
    let count = number("ApproximateReceiveCount").unwrap_or(1);
    let sent = number("SentTimestamp").map(Duration::from_millis);
    Ok(Message {
        // A message without a name could not be named among those that failed,
        // and would count as done.
        id: record
            .message_id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Failure::InvalidEvent("a message of the batch has no id".to_owned()))?,
        receipt: Receipt(record.receipt_handle.unwrap_or_default()),
        body: record.body.unwrap_or_default(),
        attributes,
        receive_count: u32::try_from(count).unwrap_or(u32::MAX),
        sent: sent.and_then(|sent| UNIX_EPOCH.checked_add(sent)),
    })
}
