//! Conformance suite of the port [`Queue`].
#![expect(
    clippy::unwrap_used,
    reason = "a suite says what is wrong by panicking"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::letter;
use crate::ports::{Message, Outgoing, Queue, ReceiveOptions};
use crate::redrive::{Options, Redrive, Report};

/// Queues to test, and what they were made with.
pub struct Subject<'a> {
    /// An empty queue, with a redrive policy.
    pub queue: &'a dyn Queue,
    /// Its dead-letter queue, empty.
    pub dead_letters: &'a dyn Queue,
    /// Receptions of a message before it goes to the other.
    pub max_receive_count: u32,
    /// The shortest visibility timeout that can be told from none: a second
    /// with SQS, less with others.
    pub moment: Duration,
}

/// Check that the queues keep the contract.
///
/// # Panics
/// With the first part of the contract that is not kept.
pub async fn suite(subject: &Subject<'_>) {
    messages_come_out_as_they_went_in(subject).await;
    a_received_message_is_hidden_and_comes_back(subject).await;
    a_message_can_be_given_back_at_once(subject).await;
    more_than_one_request_holds_can_be_sent(subject).await;
    a_message_received_too_often_becomes_a_dead_letter(subject).await;
}

/// The report of a redrive of all letters.
pub async fn redriven(from: Arc<dyn Queue>, to: Arc<dyn Queue>) -> Report {
    let options = Options::default();
    let redrive = Redrive { from, to, options };
    redrive.run(None).await.unwrap()
}

/// Every message that is visible; from then on none is.
pub async fn all(queue: &dyn Queue) -> Vec<Message> {
    let options = ReceiveOptions {
        max: 1_000,
        visibility: None,
        wait: Duration::ZERO,
    };
    queue.receive(&options).await.unwrap()
}

async fn receive(queue: &dyn Queue, max: usize, visibility: Duration) -> Vec<Message> {
    let wait = Duration::from_secs(1);
    let options = ReceiveOptions {
        max,
        visibility: Some(visibility),
        wait,
    };
    queue.receive(&options).await.unwrap()
}

async fn send(queue: &dyn Queue, body: &str) -> String {
    queue
        .send(vec![Outgoing::new(body)])
        .await
        .pop()
        .unwrap()
        .unwrap()
}

async fn delete(queue: &dyn Queue, message: &Message) {
    let results = queue.delete(std::slice::from_ref(&message.receipt)).await;
    assert_eq!(results.len(), 1);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

async fn messages_come_out_as_they_went_in(subject: &Subject<'_>) {
    let queue = subject.queue;
    assert_eq!(receive(queue, 1, subject.moment).await, []);
    let outgoing = Outgoing {
        body: "{\"text\": \"späße\\n\u{1f980} <&>\"}".to_owned(),
        attributes: [("thimble-reason".to_owned(), "why & „how“".to_owned())].into(),
        ..Outgoing::default()
    };
    let id = queue
        .send(vec![outgoing.clone()])
        .await
        .pop()
        .unwrap()
        .unwrap();
    assert_eq!(queue.depth().await.unwrap().total(), 1);
    let message = receive(queue, 10, Duration::from_secs(30))
        .await
        .pop()
        .unwrap();
    assert_eq!(message.id, id);
    assert_eq!(message.body, outgoing.body);
    assert_eq!(message.attributes, outgoing.attributes);
    assert_eq!(message.receive_count, 1);
    delete(queue, &message).await;
    assert_eq!(queue.depth().await.unwrap().total(), 0);
}

async fn a_received_message_is_hidden_and_comes_back(subject: &Subject<'_>) {
    let queue = subject.queue;
    let id = send(queue, "hidden").await;
    let first = receive(queue, 10, subject.moment).await.pop().unwrap();
    assert_eq!(first.id, id);
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.visible, depth.in_flight), (0, 1));
    queue
        .set_visibility(&first.receipt, subject.moment * 2)
        .await
        .unwrap();
    tokio::time::sleep(subject.moment * 3).await;
    let second = receive(queue, 10, Duration::from_secs(30))
        .await
        .pop()
        .unwrap();
    assert_eq!((second.id.as_str(), second.receive_count), (id.as_str(), 2));
    delete(queue, &second).await;
}

async fn a_message_can_be_given_back_at_once(subject: &Subject<'_>) {
    let queue = subject.queue;
    send(queue, "given back").await;
    let first = receive(queue, 10, Duration::from_secs(30))
        .await
        .pop()
        .unwrap();
    queue
        .set_visibility(&first.receipt, Duration::ZERO)
        .await
        .unwrap();
    let second = receive(queue, 10, Duration::from_secs(30))
        .await
        .pop()
        .unwrap();
    assert_eq!(second.body, "given back");
    delete(queue, &second).await;
}

async fn more_than_one_request_holds_can_be_sent(subject: &Subject<'_>) {
    let queue = subject.queue;
    let bodies: BTreeSet<String> = (0..23).map(|number| format!("number {number}")).collect();
    let outgoing = bodies.iter().map(Outgoing::new).collect();
    let sent = queue.send(outgoing).await;
    assert_eq!(sent.len(), 23);
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let mut received = BTreeSet::new();
    while received.len() < 23 {
        let messages = receive(queue, 10, Duration::from_secs(30)).await;
        assert!(!messages.is_empty(), "only {received:?}");
        assert!(messages.len() <= 10);
        let receipts: Vec<_> = messages
            .iter()
            .map(|message| message.receipt.clone())
            .collect();
        assert!(queue.delete(&receipts).await.iter().all(Result::is_ok));
        received.extend(messages.into_iter().map(|message| message.body));
    }
    assert_eq!(received, bodies);
    assert_eq!(queue.depth().await.unwrap().total(), 0);
}

async fn a_message_received_too_often_becomes_a_dead_letter(subject: &Subject<'_>) {
    let queue = subject.queue;
    send(queue, "again and again").await;
    for count in 1..=subject.max_receive_count {
        let message = receive(queue, 10, Duration::from_secs(30))
            .await
            .pop()
            .unwrap();
        assert_eq!(message.receive_count, count);
        queue
            .set_visibility(&message.receipt, Duration::ZERO)
            .await
            .unwrap();
    }
    assert_eq!(receive(queue, 10, subject.moment).await, []);
    assert_eq!(queue.depth().await.unwrap().total(), 0);
    let letter = receive(subject.dead_letters, 10, Duration::from_secs(30))
        .await
        .pop()
        .unwrap();
    assert_eq!(letter.body, "again and again");
    // Queues of ours say why; SQS does not.
    let kind = letter.attributes.get(letter::KIND);
    assert!(kind.is_none_or(|kind| kind == letter::EXHAUSTED));
    delete(subject.dead_letters, &letter).await;
}
