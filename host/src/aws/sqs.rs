//! Messages in SQS.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, DeleteMessageBatchRequestEntry, Message as Received,
    MessageSystemAttributeName as System, QueueAttributeName,
};

use super::Connection;
use super::answer::Said;
use crate::ports::{
    Attributes, Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};
use crate::telemetry::X_RAY;
#[cfg(feature = "lambda")]
pub(super) use moving::Moving;
use problem::Asked;
pub(super) use sending::unique;

#[cfg(feature = "lambda")]
mod moving;
mod problem;
mod sending;

/// The attribute of a message that carries its group in a FIFO queue, so that a
/// dead letter and its redrive stay in the order that the sender gave them.
pub(super) const GROUP: &str = "MessageGroupId";

/// Time in which SQS begins its answer: longer than the longest wait for
/// messages.
const READ: Duration = Duration::from_secs(30);

/// The messages that a request holds.
const BATCH: usize = 10;

/// The longest wait for messages.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The longest visibility timeout.
const LONGEST_VISIBILITY: Duration = Duration::from_secs(12 * 60 * 60);

/// A queue of SQS.
///
/// Trace (X-Ray) and group (FIFO) of a message are carried among its attributes,
/// though SQS keeps them apart. A queue is FIFO if its name ends with `.fifo`.
/// Attributes of numbers come out as text, and those of bytes are left out,
/// because no message about objects has any. Times are rounded up to whole
/// seconds.
#[derive(Clone)]
pub struct Sqs {
    client: Client,
    url: String,
}

impl Sqs {
    /// The queue at `url`, as `connection` reaches it.
    pub fn new(connection: &Connection, url: impl Into<String>) -> Self {
        Self {
            client: Client::from_conf(settings(connection).build()),
            url: url.into(),
        }
    }

    /// The queue called `name`, in the account and the region of `connection`.
    ///
    /// # Errors
    /// If there is none, or it may not be asked for.
    pub async fn named(connection: &Connection, name: &str) -> Result<Self, QueueError> {
        let asking = Self::new(connection, name);
        let answer = asking.client.get_queue_url().queue_name(name).send().await;
        let answer = answer.map_err(|error| problem::of(&error, name, Asked::Queue))?;
        let missing = || QueueError::new(QueueProblem::Missing, name);
        Ok(Self::new(connection, answer.queue_url.ok_or_else(missing)?))
    }

    fn is_fifo(&self) -> bool {
        self.url.ends_with(".fifo")
    }

    fn error(&self, problem: QueueProblem) -> QueueError {
        QueueError::new(problem, &self.url)
    }

    /// The error of one entry of a request.
    fn refused(&self, entry: &BatchResultErrorEntry, asked: Asked) -> QueueError {
        let message = entry.message().unwrap_or_default();
        let said = Said::new(format!("{}, {message}", entry.code()));
        self.error(problem::of_entry(entry, asked)).because(said)
    }

    /// Delete up to [`BATCH`] messages.
    async fn delete_some(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let entries = receipts.iter().enumerate().map(|(index, receipt)| {
            DeleteMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(&receipt.0)
                .build()
        });
        let request = self.client.delete_message_batch().queue_url(&self.url);
        let send = |entries| request.set_entries(Some(entries)).send();
        match self.answer(entries, Asked::Receipt, send).await {
            Err(error) => vec![Err(error); receipts.len()],
            Ok(answer) => {
                let done = answer.successful().iter().map(|entry| (entry.id(), Ok(())));
                let failed = self.refusals(answer.failed(), Asked::Receipt);
                self.in_order(receipts.len(), done.chain(failed))
            }
        }
    }

    /// The answer to a request of several entries, or the error of all of them.
    async fn answer<Entry, Answer, Failure>(
        &self,
        entries: impl Iterator<Item = Result<Entry, BuildError>>,
        asked: Asked,
        send: impl AsyncFnOnce(Vec<Entry>) -> Result<Answer, SdkError<Failure, HttpResponse>>,
    ) -> Result<Answer, QueueError>
    where
        Failure: ProvideErrorMetadata + Error + 'static,
    {
        // Only if an entry lacks what each is given.
        let unbuilt = |_| self.error(QueueProblem::Unknown);
        let entries = entries.collect::<Result<_, _>>().map_err(unbuilt)?;
        let answer = send(entries).await;
        answer.map_err(|error| problem::of(&error, &self.url, asked))
    }

    /// The ids of entries that were refused, and their errors.
    fn refusals<'a, T>(
        &self,
        failed: &'a [BatchResultErrorEntry],
        asked: Asked,
    ) -> impl Iterator<Item = (&'a str, Result<T, QueueError>)> {
        let failed = failed.iter();
        failed.map(move |entry| (entry.id(), Err(self.refused(entry, asked))))
    }

    /// The results of a request's entries, whose ids are their numbers. An entry
    /// without an answer has failed.
    fn in_order<'a, T>(
        &self,
        entries: usize,
        results: impl Iterator<Item = (&'a str, Result<T, QueueError>)>,
    ) -> Vec<Result<T, QueueError>> {
        let mut results: BTreeMap<&str, _> = results.collect();
        (0..entries)
            .map(|index| {
                results
                    .remove(index.to_string().as_str())
                    .unwrap_or_else(|| {
                        let said = Said::new("the answer leaves this message out");
                        Err(self.error(QueueProblem::Unknown).because(said))
                    })
            })
            .collect()
    }
}

/// Settings of a client, as every request to SQS has them.
pub(super) fn settings(connection: &Connection) -> Builder {
    Builder::from(&connection.config).timeout_config(connection.timeouts(READ))
}

#[cfg(test)]
impl Sqs {
    /// The client, for operations that tests need and no port has.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

crate::text::shown_by!(Sqs, url, ..);

#[async_trait]
impl Queue for Sqs {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        sending::send(self, messages).await
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        let max = i32::try_from(options.max.clamp(1, BATCH)).unwrap_or(1);
        let visibility = options
            .visibility
            .map(|timeout| seconds(timeout, LONGEST_VISIBILITY));
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(max)
            .set_visibility_timeout(visibility)
            .wait_time_seconds(seconds(options.wait, LONGEST_WAIT))
            .message_system_attribute_names(System::All)
            .message_attribute_names("All")
            .send()
            .await
            .map_err(|error| problem::of(&error, &self.url, Asked::Queue))?;
        let received = answer.messages.unwrap_or_default();
        Ok(received.into_iter().filter_map(message).collect())
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::with_capacity(receipts.len());
        for some in receipts.chunks(BATCH) {
            results.extend(self.delete_some(some).await);
        }
        results
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .receipt_handle(&receipt.0)
            .visibility_timeout(seconds(timeout, LONGEST_VISIBILITY))
            .send()
            .await
            .map(drop)
            .map_err(|error| problem::of(&error, &self.url, Asked::Receipt))
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        use QueueAttributeName::{
            ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesDelayed as Delayed,
            ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .set_attribute_names(Some(vec![Visible, Hidden, Delayed]))
            .send()
            .await
            .map_err(|error| problem::of(&error, &self.url, Asked::Queue))?;
        let count = |name| -> u64 {
            answer
                .attributes()
                .and_then(|attributes| attributes.get(&name)?.parse().ok())
                .unwrap_or_default()
        };
        Ok(Depth {
            visible: count(Visible),
            in_flight: count(Hidden) + count(Delayed),
        })
    }
}

/// `duration` in whole seconds, and no more than `most`.
fn seconds(duration: Duration, most: Duration) -> i32 {
    let whole = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(whole.min(most.as_secs())).unwrap_or(i32::MAX)
}

/// The message that was received, if it has an id and a receipt, as all have.
fn message(received: Received) -> Option<Message> {
    let system = received.attributes.unwrap_or_default();
    let own = received.message_attributes.unwrap_or_default();
    let mut attributes: Attributes = own
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.string_value?)))
        .collect();
    for (name, carried) in [
        (System::AwsTraceHeader, X_RAY),
        (System::MessageGroupId, GROUP),
    ] {
        if let Some(value) = system.get(&name) {
            attributes.insert(carried.to_owned(), value.clone());
        }
    }
    let number = |name| system.get(&name).and_then(|text| text.parse::<u64>().ok());
    let sent = number(System::SentTimestamp)
        .and_then(|at| UNIX_EPOCH.checked_add(Duration::from_millis(at)));
    let count = number(System::ApproximateReceiveCount).unwrap_or(1);
    Some(Message {
        id: received.message_id?,
        receipt: Receipt(received.receipt_handle?),
        body: received.body.unwrap_or_default(),
        attributes,
        receive_count: u32::try_from(count).unwrap_or(u32::MAX),
        sent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up_to_what_sqs_takes() {
        for (milliseconds, expected) in [(0, 0), (1, 1), (1_000, 1), (1_001, 2), (90_000, 20)] {
            let wait = Duration::from_millis(milliseconds);
            assert_eq!(seconds(wait, LONGEST_WAIT), expected);
        }
    }
}
