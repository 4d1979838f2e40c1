//! The conformance suite, over the server that `THIMBLE_TEST_NATS` names as
//! nats://HOST:PORT; without it these tests say so and pass.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::letter;
use crate::ports::{Message, Outgoing, Queue, QueueProblem, Receipt, ReceiveOptions};
use crate::testing::environment::tested_over;
use crate::testing::queue;

mod longest;
mod security;

/// A connection to the server; `None` says that there is none.
async fn connection() -> Option<Connection> {
    let url = tested_over("NATS", "THIMBLE_TEST_NATS")?;
    let servers = Servers {
        addresses: vec![url.trim_start_matches("nats://").to_owned()],
        tls: false,
    };
    Some(
        Connection::open(&servers, &Access::default())
            .await
            .unwrap(),
    )
}

/// A name that no other run has.
fn unique(name: &str) -> StreamName {
    StreamName {
        stream: format!("thimble-{name}-{:016x}", fastrand::u64(..)),
        subject: None,
    }
}

fn reception(redrive: Option<RedrivePolicy>) -> Reception {
    Reception {
        visibility: Duration::from_secs(120),
        redrive,
    }
}

/// A queue and its dead-letter queue.
async fn queues(name: &str) -> Option<(NatsQueue, Arc<NatsQueue>)> {
    let connection = &connection().await?;
    let name = unique(name);
    let letters = unique("letters");
    for stream in [&name, &letters] {
        NatsQueue::make(connection, stream).await.unwrap();
    }
    let dead_letters = NatsQueue::receiver(connection, &letters, reception(None)).await;
    let dead_letters = Arc::new(dead_letters.unwrap());
    let policy = RedrivePolicy {
        max_receive_count: 3,
        dead_letters: dead_letters.clone(),
    };
    let queue = NatsQueue::receiver(connection, &name, reception(Some(policy))).await;
    Some((queue.unwrap(), dead_letters))
}

async fn send(queue: &NatsQueue, message: Outgoing) {
    queue.send(vec![message]).await.pop().unwrap().unwrap();
}

async fn one(queue: &NatsQueue, visibility: Option<Duration>) -> Message {
    let options = ReceiveOptions {
        max: 1,
        visibility,
        wait: Duration::from_secs(10),
    };
    queue.receive(&options).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn jetstream_keeps_the_contract_of_a_queue() {
    let Some((queue, dead_letters)) = queues("suite").await else {
        return;
    };
    queue::suite(&queue::Subject {
        queue: &queue,
        dead_letters: &*dead_letters,
        max_receive_count: 3,
        moment: Duration::from_millis(300),
    })
    .await;
}

#[tokio::test]
async fn a_letter_says_why_in_its_headers_and_goes_back_once() {
    let Some((queue, letters)) = queues("letters").await else {
        return;
    };
    send(&queue, Outgoing::new("event")).await;
    for _ in 0..3 {
        let message = one(&queue, None).await;
        let back = queue.set_visibility(&message.receipt, Duration::ZERO);
        back.await.unwrap();
    }
    let again = ReceiveOptions {
        max: 1,
        visibility: None,
        wait: Duration::from_millis(200),
    };
    assert_eq!(queue.receive(&again).await.unwrap(), []);
    let letter = one(&letters, Some(Duration::from_secs(60))).await;
    assert_eq!(letter.attributes[letter::KIND], letter::EXHAUSTED);
    assert!(letter.attributes[letter::REASON].contains("received 3 times"));
    letters
        .set_visibility(&letter.receipt, Duration::ZERO)
        .await
        .unwrap();

    // A run that was killed before it deleted the letter is followed by another.
    let sent = Outgoing {
        body: letter.body.clone(),
        attributes: letter::redriven(&letter),
        ..Outgoing::default()
    };
    letter::send(&queue, sent).await.unwrap();
    let queue = Arc::new(queue);
    let report = queue::redriven(letters.clone(), queue.clone()).await;
    assert_eq!((report.moved, report.left), (1, 0), "{report:?}");
    assert_eq!(queue.depth().await.unwrap().total(), 1);
    let message = one(&queue, None).await;
    assert_eq!(message.attributes[letter::REDRIVES], "1");
}

#[tokio::test]
async fn looking_at_letters_leaves_them_to_be_seen() {
    let Some((_, letters)) = queues("looks").await else {
        return;
    };
    let bodies = (0..25).map(|number| Outgoing::new(number.to_string()));
    letters.send(bodies.collect()).await;
    let dead = crate::dead_letters::DeadLetters::new(letters.clone());
    for _ in 0..2 {
        let seen = dead.peek(100, &letter::Choice::default()).await.unwrap();
        assert_eq!((seen.letters.len(), seen.found), (25, 25));
    }
}

#[tokio::test]
async fn messages_of_others_are_received_and_told_apart() {
    let Some(connection) = connection().await else {
        return;
    };
    let (queue, _) = queues("others").await.unwrap();
    let subject = queue.to_string();
    let subject = subject.rsplit('/').next().unwrap().to_owned();
    let client = connection.context.client();
    for body in ["first", "second"] {
        client.publish(subject.clone(), body.into()).await.unwrap();
    }
    client.flush().await.unwrap();
    let (first, second) = (one(&queue, None).await, one(&queue, None).await);
    assert_ne!(first.id, second.id);
    assert_eq!(
        (first.body.as_str(), second.body.as_str()),
        ("first", "second")
    );
}

#[tokio::test]
async fn a_receipt_of_another_queue_is_refused() {
    let Some((queue, letters)) = queues("receipts").await else {
        return;
    };
    send(&queue, Outgoing::new("event")).await;
    let message = one(&queue, None).await;
    for receipt in [message.receipt, Receipt("nonsense".to_owned())] {
        let error = letters.delete(&[receipt]).await.pop().unwrap().unwrap_err();
        assert_eq!(error.problem, QueueProblem::StaleReceipt);
    }
}

#[tokio::test]
async fn what_is_not_there_has_a_name_and_what_does_not_fit_a_reason() {
    let Some(connection) = connection().await else {
        return;
    };
    let name = unique("nowhere");
    let error = NatsQueue::receiver(&connection, &name, reception(None)).await;
    let error = error.unwrap_err();
    assert_eq!(error.problem, QueueProblem::Missing, "{error:?}");
    assert!(error.to_string().ends_with(&name.stream), "{error}");

    let limits = async_nats::jetstream::stream::Config {
        name: name.stream.clone(),
        subjects: vec![name.stream.clone()],
        ..Default::default()
    };
    connection.context.create_stream(limits).await.unwrap();
    let error = NatsQueue::receiver(&connection, &name, reception(None)).await;
    let problem = error.unwrap_err().problem;
    assert!(
        matches!(&problem, QueueProblem::Unusable(why) if why.contains("work queue")),
        "{problem:?}"
    );
    let error = NatsQueue::make(&connection, &name).await.unwrap_err();
    assert!(
        matches!(error.problem, QueueProblem::Unusable(_)),
        "{error}"
    );
    // So is a queue of which the server takes messages that nobody has seen.
    let fading = unique("fading");
    let limits = async_nats::jetstream::stream::Config {
        name: fading.stream.clone(),
        subjects: vec![fading.stream.clone()],
        retention: async_nats::jetstream::stream::RetentionPolicy::WorkQueue,
        max_age: Duration::from_secs(86_400),
        ..Default::default()
    };
    connection.context.create_stream(limits).await.unwrap();
    for opened in [
        NatsQueue::make(&connection, &fading).await,
        NatsQueue::receiver(&connection, &fading, reception(None))
            .await
            .map(drop),
    ] {
        let error = opened.unwrap_err();
        assert!(error.to_string().contains("--max-age=0s"), "{error}");
        assert!(!error.may_pass());
    }
    // To send to it is another's matter.
    let sender = NatsQueue::sender(&connection, &name).await.unwrap();
    send(&sender, Outgoing::new("result")).await;
    assert_eq!(sender.depth().await.unwrap().visible, 1);
    let other = StreamName {
        subject: Some("another".to_owned()),
        ..name
    };
    assert!(NatsQueue::sender(&connection, &other).await.is_err());
}

#[tokio::test]
async fn a_message_that_is_too_long_keeps_no_other_out() {
    let Some((queue, _)) = queues("long").await else {
        return;
    };
    let long = Outgoing::new("x".repeat(2 << 20));
    let sent = queue.send(vec![long, Outgoing::new("short")]).await;
    assert!(
        matches!(&sent[0], Err(error) if matches!(error.problem, QueueProblem::InvalidMessage(_))),
        "{sent:?}"
    );
    assert!(sent[1].is_ok(), "{sent:?}");
    assert_eq!(one(&queue, None).await.body, "short");
}
