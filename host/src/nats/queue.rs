//! A stream of JetStream as a queue.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{Consumer, pull};
use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{AckKind, Message as Received};
use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::future::join_all;
use tokio::time::Instant;

use super::connection::Connection;
use super::delivery::Delivery;
use super::hidden::Hidden;
use super::streams::{self, CONSUMER, Found, StreamName};
use super::{problem, wire};
use crate::letter;
use crate::ports::{
    Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};
use crate::text::with_causes;

/// Requests that are on their way at one time.
const AT_ONCE: usize = 256;

/// Pause before messages are asked for again, if the server let a request go early.
const PAUSE: Duration = Duration::from_millis(100);

/// Time until another attempt to make a dead letter of a message that the queue of the dead
/// letters does not take.
const LATER: Duration = Duration::from_secs(3_600);

/// Redrive policy: the dead-letter queue, and the receive count that leads there.
#[derive(Clone, Debug)]
pub struct RedrivePolicy {
    /// Number of times that a message is handed out.
    pub max_receive_count: u32,
    /// The queue it goes to instead of being handed out once more.
    pub dead_letters: Arc<dyn Queue>,
}

/// Manner in which messages are received.
#[derive(Clone, Debug)]
pub struct Reception {
    /// The ack wait of a consumer that is made: the visibility timeout of a message unless
    /// its receiver sets another.
    pub visibility: Duration,
    /// Fate of a message that is received too often; without one it is handed out again.
    pub redrive: Option<RedrivePolicy>,
}

/// A stream as a queue.
#[derive(Debug)]
pub struct NatsQueue {
    connection: Connection,
    name: String,
    stream: String,
    subject: String,
    /// `None` for a queue to send to.
    taking: Option<Taking>,
}

/// Reception of messages.
#[derive(Debug)]
struct Taking {
    consumer: Consumer<pull::Config>,
    hidden: Hidden,
    redrive: Option<RedrivePolicy>,
}

impl NatsQueue {
    /// Make the stream called `name` and nothing else, unless there is one.
    ///
    /// # Errors
    /// If it cannot be made, is not of that subject, or would lose messages.
    pub async fn make(connection: &Connection, name: &StreamName) -> Result<(), QueueError> {
        streams::make(connection, &shown(connection, name), name).await
    }

    /// Check that the stream called `name` can be made, or would lose no messages.
    ///
    /// # Errors
    /// If it cannot be asked for, is not of that subject, or would lose messages.
    pub async fn check(connection: &Connection, name: &StreamName) -> Result<(), QueueError> {
        let checked = streams::check(connection, &shown(connection, name), name).await;
        checked.map(drop)
    }

    /// The queue called `name`, to send to.
    ///
    /// # Errors
    /// If it is not there, or is not of that subject.
    pub async fn sender(connection: &Connection, name: &StreamName) -> Result<Self, QueueError> {
        let shown = shown(connection, name);
        let found = streams::find(connection, &shown, name).await?;
        Ok(Self::new(connection, shown, found, None))
    }

    /// The queue called `name`, to receive from and to send to. Its consumer is made if
    /// there is none.
    ///
    /// # Errors
    /// If the stream is not there, or stream or consumer would lose messages.
    pub async fn receiver(
        connection: &Connection,
        name: &StreamName,
        reception: Reception,
    ) -> Result<Self, QueueError> {
        let shown = shown(connection, name);
        let found = streams::find(connection, &shown, name).await?;
        let consumer = streams::consumer(connection, &shown, &found, reception.visibility).await?;
        let taking = Taking {
            consumer,
            hidden: Hidden::default(),
            redrive: reception.redrive,
        };
        Ok(Self::new(connection, shown, found, Some(taking)))
    }

    fn new(connection: &Connection, name: String, found: Found, taking: Option<Taking>) -> Self {
        let Found { info, subject } = found;
        Self {
            connection: connection.clone(),
            name,
            stream: info.config.name,
            subject,
            taking,
        }
    }

    fn error(&self, problem: QueueProblem) -> QueueError {
        self.connection.error(&self.name, problem)
    }

    fn taking(&self) -> Result<&Taking, QueueError> {
        let why = || "it was opened to send to, not to receive from".to_owned();
        let taking = self.taking.as_ref();
        taking.ok_or_else(|| self.error(QueueProblem::Unusable(why())))
    }

    /// Begin to send a message.
    async fn publish(&self, outgoing: Outgoing) -> Result<(String, PublishAckFuture), QueueError> {
        let has_attributes = !outgoing.attributes.is_empty();
        let wire::Prepared { id, headers, body } =
            wire::prepare(outgoing).map_err(|why| self.error(QueueProblem::InvalidMessage(why)))?;
        let bare = || PublishMessage::build().payload(body.clone());
        // Of two streams that share a subject, another might take it.
        let whole = bare().headers(headers).expected_stream(&self.stream);
        let mut sending = self.begin(whole).await?;
        // A body alone may be as long as the one that was received, with its id if that has room.
        let shorter = [bare().message_id(&id), bare()];
        for message in shorter.into_iter().filter(|_| !has_attributes) {
            let kind = sending.as_ref().err().map(PublishError::kind);
            if kind != Some(PublishErrorKind::MaxPayloadExceeded) {
                break;
            }
            sending = self.begin(message).await?;
        }
        let sending =
            sending.map_err(|error| self.error(problem::of_publishing(&error)).because(error))?;
        Ok((id, sending))
    }

    async fn begin(
        &self,
        message: PublishMessage,
    ) -> Result<Result<PublishAckFuture, PublishError>, QueueError> {
        let subject = self.subject.clone();
        let sending = self.connection.context.send_publish(subject, message);
        self.connection.bounded(&self.name, sending).await
    }

    /// Take messages out of sight; in vain if none comes within `wait`. The server keeps
    /// one request for that time, and answers it as soon as it has any.
    async fn take(
        &self,
        taking: &Taking,
        options: &ReceiveOptions,
        wait: Duration,
    ) -> Result<Vec<Message>, QueueError> {
        let fetch = taking.consumer.fetch().max_messages(options.max);
        let batch = fetch.expires(wait).messages().await;
        let mut batch =
            batch.map_err(|error| self.error(QueueProblem::Unavailable).because(error))?;
        let mut taken = Vec::new();
        let mut failed = None;
        while let Some(next) = batch.next().await {
            let accepted = match next {
                Ok(received) => self.accept(taking, options, &received).await,
                Err(error) => Err(self.refused(&*error).await),
            };
            match accepted {
                Ok(message) => taken.extend(message),
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            // Who has something in hand already gets it.
            Some(error) if taken.is_empty() => Err(error),
            _ => Ok(taken),
        }
    }

    /// One message; nothing if it became a dead letter.
    async fn accept(
        &self,
        taking: &Taking,
        options: &ReceiveOptions,
        received: &Received,
    ) -> Result<Option<Message>, QueueError> {
        let Some(message) = wire::message(received) else {
            return Ok(None);
        };
        if let Some(policy) = &taking.redrive
            && message.receive_count > policy.max_receive_count
        {
            self.dead_letter(policy, message).await?;
            return Ok(None);
        }
        let ack_wait = taking.consumer.cached_info().config.ack_wait;
        let visibility = options.visibility.unwrap_or(ack_wait);
        if visibility != ack_wait {
            // Without an answer, because nothing depends on it: if this word is lost the
            // message comes again when the ack wait is over.
            let later = AckKind::Nak(Some(visibility));
            let told = received.ack_with(later).await;
            told.map_err(|_| self.error(QueueProblem::Unavailable))?;
        }
        if let Some(delivery) = Delivery::parse(&message.receipt.0) {
            let until = Instant::now() + visibility;
            taking.hidden.hide(delivery.sequence, until);
        }
        Ok(Some(message))
    }

    /// Send a message that was received too often to the dead letters, and delete it. One
    /// that they do not take stays where it is, and in nobody's way.
    async fn dead_letter(
        &self,
        policy: &RedrivePolicy,
        message: Message,
    ) -> Result<(), QueueError> {
        // Its attempts are over by now.
        let count = message.receive_count.saturating_sub(1);
        let letter = Outgoing {
            attributes: letter::exhausted(message.attributes, &message.id, count),
            body: message.body,
            token: Some(message.id),
            ..Outgoing::default()
        };
        match letter::send(&*policy.dead_letters, letter).await {
            Ok(_) => self.tell(&message.receipt, AckKind::Ack).await,
            Err(error) if error.is_refusal() => self.put_off(&message.receipt, &error).await,
            Err(error) => Err(error),
        }
    }

    /// Let a message wait that cannot become a dead letter, until somebody has acted.
    async fn put_off(&self, receipt: &Receipt, refusal: &QueueError) -> Result<(), QueueError> {
        let sequence = self.sequence(receipt)?;
        tracing::error!(
            queue.name = self.name,
            message.sequence = sequence,
            error.message = with_causes(refusal),
            "a message was received too often and its dead-letter queue does not take it; it stays in its stream, \
             and is tried again every hour: let that queue take longer messages, or delete this one with \
             `nats stream rmm {} {sequence}`",
            self.stream
        );
        self.tell(receipt, AckKind::Nak(Some(LATER))).await?;
        let until = Instant::now() + LATER;
        self.taking()?.hidden.strand(sequence, until, receipt);
        Ok(())
    }

    /// The error of a pull that the server ended: another one if stream or consumer is gone.
    async fn refused(&self, words: &(dyn std::error::Error + Send + Sync)) -> QueueError {
        tracing::debug!(
            queue.name = self.name,
            error.message = with_causes(words),
            "a pull ended early"
        );
        match streams::consumer_info(&self.connection, &self.name, &self.stream).await {
            Err(error) => error,
            Ok(_) => self.error(QueueProblem::Unavailable),
        }
    }

    /// Say a word about a delivery, and wait until the server has heard it.
    async fn tell(&self, receipt: &Receipt, word: AckKind) -> Result<(), QueueError> {
        let sequence = self.sequence(receipt)?;
        let taking = self.taking()?;
        let is_over = matches!(word, AckKind::Ack | AckKind::Nak(None));
        let client = self.connection.context.client();
        let asked = client.request(receipt.0.clone(), word.into());
        let heard = self.connection.bounded(&self.name, asked).await?;
        heard.map_err(|error| self.error(problem::of_word(error.kind())).because(error))?;
        if is_over {
            taking.hidden.show(sequence);
        }
        Ok(())
    }

    /// The number of the message that `receipt` stands for, if it is one of this queue.
    fn sequence(&self, receipt: &Receipt) -> Result<u64, QueueError> {
        let delivery = Delivery::parse(&receipt.0)
            .filter(|delivery| delivery.stream == self.stream && delivery.consumer == CONSUMER);
        let delivery = delivery.ok_or_else(|| self.error(QueueProblem::StaleReceipt))?;
        Ok(delivery.sequence)
    }
}

crate::text::shown_by!(NatsQueue, name);

/// The name of a queue, for people.
pub(super) fn shown(connection: &Connection, name: &StreamName) -> String {
    format!("{}/{name}", connection.servers())
}

#[async_trait]
impl Queue for NatsQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let mut results = Vec::with_capacity(messages.len());
        let mut messages = messages.into_iter().peekable();
        while messages.peek().is_some() {
            let mut begun = Vec::new();
            for outgoing in messages.by_ref().take(AT_ONCE) {
                begun.push(self.publish(outgoing).await);
            }
            for sending in begun {
                results.push(match sending {
                    Ok((id, sending)) => sending
                        .await
                        .map(|_| id)
                        .map_err(|error| self.error(problem::of_publishing(&error)).because(error)),
                    Err(error) => Err(error),
                });
            }
        }
        results
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        let taking = self.taking()?;
        let until = Instant::now() + options.wait;
        loop {
            self.connection.check(&self.name)?;
            let left = until.saturating_duration_since(Instant::now());
            let taken = self.take(taking, options, left).await?;
            if !taken.is_empty() || Instant::now() >= until {
                return Ok(taken);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::with_capacity(receipts.len());
        for some in receipts.chunks(AT_ONCE) {
            let told = some.iter().map(|receipt| self.tell(receipt, AckKind::Ack));
            results.extend(join_all(told).await);
        }
        results
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        let taking = self.taking()?;
        let word = if timeout.is_zero() {
            AckKind::Nak(None)
        } else if timeout == taking.consumer.cached_info().config.ack_wait {
            AckKind::Progress
        } else {
            AckKind::Nak(Some(timeout))
        };
        self.tell(receipt, word).await?;
        if !timeout.is_zero() {
            let until = Instant::now() + timeout;
            taking.hidden.hide(self.sequence(receipt)?, until);
        }
        Ok(())
    }

    fn stranded(&self) -> Vec<Receipt> {
        let taking = self.taking.as_ref();
        taking.map_or_else(Vec::new, |taking| taking.hidden.stranded())
    }

    /// The server does not say which of the messages that were handed out wait again, so
    /// those that other processes have in hand count as visible.
    async fn depth(&self) -> Result<Depth, QueueError> {
        let Some(taking) = &self.taking else {
            let info = streams::info(&self.connection, &self.name, &self.stream).await?;
            return Ok(Depth {
                visible: info.state.messages,
                in_flight: 0,
            });
        };
        let info = streams::consumer_info(&self.connection, &self.name, &self.stream).await?;
        let handed_out = info.num_ack_pending as u64;
        let in_flight = taking.hidden.count().min(handed_out);
        Ok(Depth {
            visible: info.num_pending + handed_out - in_flight,
            in_flight,
        })
    }
}
