//! The conformance suites, over the S3 and the SQS that `THIMBLE_TEST_ENDPOINT`
//! names; without it these tests say so and pass. Credentials and region are
//! those of the environment.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_sqs::types::QueueAttributeName;

use super::*;
use crate::engines::{
    Author, Channel, ChannelFetch, ChannelName, Draft, EngineStore, EngineStoreError, Reference,
};
use crate::ports::{Outgoing, Queue, ReceiveOptions};
use crate::testing::environment::tested_over;
use crate::testing::{queue, store};
use crate::trust::SecretKey;

mod cloud;
mod doctor;
mod faults;
mod results;
mod stores;

/// The endpoint to test against; `None` says that there is none.
async fn endpoint() -> Option<Connection> {
    let endpoint = tested_over("S3 and SQS", "THIMBLE_TEST_ENDPOINT")?;
    let mut connection = Connection::from_environment().await;
    let config = connection.config.into_builder();
    connection.config = config.endpoint_url(endpoint).build();
    Some(connection)
}

/// A name that no other run has.
fn unique(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("thimble-{name}-{}", now.as_nanos())
}

/// A store and a new bucket in it, if there is an endpoint.
async fn bucket(name: &str) -> Option<(S3, String)> {
    let store = S3::new(&endpoint().await?);
    let name = unique(name);
    let making = store.client().create_bucket().bucket(&name);
    making.send().await.unwrap();
    Some((store, name))
}

#[tokio::test]
async fn s3_keeps_the_contract_of_a_store() {
    let Some((store, bucket)) = bucket("store").await else {
        return;
    };
    store::suite(&store, &bucket).await;
    store
        .client()
        .delete_bucket()
        .bucket(&bucket)
        .send()
        .await
        .unwrap();
}

/// A queue and its dead-letter queue.
async fn queues(connection: &Connection, name: &str) -> (Sqs, Sqs) {
    let create = async |name: &str, policy: Option<String>| {
        let request = Sqs::new(connection, "none").client().create_queue();
        let policy = policy.map(|policy| (QueueAttributeName::RedrivePolicy, policy));
        let attributes = policy.into_iter().collect();
        let made = request
            .queue_name(name)
            .set_attributes(Some(attributes))
            .send();
        Sqs::new(connection, made.await.unwrap().queue_url().unwrap())
    };
    let dead_letters = create(&unique(&format!("{name}-dead")), None).await;
    let arn = QueueAttributeName::QueueArn;
    let request = dead_letters.client().get_queue_attributes();
    let request = request
        .queue_url(dead_letters.to_string())
        .attribute_names(arn.clone());
    let answer = request.send().await.unwrap();
    let arn = &answer.attributes().unwrap()[&arn];
    let policy = format!("{{\"deadLetterTargetArn\": \"{arn}\", \"maxReceiveCount\": 3}}");
    (create(&unique(name), Some(policy)).await, dead_letters)
}

#[tokio::test]
async fn sqs_keeps_the_contract_of_a_queue() {
    let Some(connection) = endpoint().await else {
        return;
    };
    let (queue, dead_letters) = queues(&connection, "queue").await;
    queue::suite(&queue::Subject {
        queue: &queue,
        dead_letters: &dead_letters,
        max_receive_count: 3,
        moment: Duration::from_secs(1),
    })
    .await;
}

#[tokio::test]
async fn letters_of_a_fifo_queue_are_sent_redriven_and_never_dropped_as_copies() {
    let Some(connection) = endpoint().await else {
        return;
    };
    let create = async |name: &str| {
        let name = format!("{}.fifo", unique(name));
        let request = Sqs::new(&connection, "none").client().create_queue();
        let request = request.queue_name(name);
        let request = request.attributes(QueueAttributeName::FifoQueue, "true");
        let url = request.send().await.unwrap().queue_url.unwrap();
        Arc::new(Sqs::new(&connection, url))
    };
    let (dead, source) = (create("dead").await, create("source").await);
    let options = ReceiveOptions {
        max: 10,
        visibility: None,
        wait: Duration::from_secs(1),
    };
    // The same letter twice: it was redriven, and failed again at once.
    for round in 0..2 {
        let letter = Outgoing {
            body: "letter".to_owned(),
            attributes: [(sqs::GROUP.to_owned(), "group-1".to_owned())].into(),
            token: Some("origin".to_owned()),
            ..Outgoing::default()
        };
        dead.send(vec![letter]).await.pop().unwrap().unwrap();
        let report = queue::redriven(dead.clone(), source.clone()).await;
        assert_eq!((report.moved, report.failed), (1, 0), "{round} {report:?}");
        let received = source.receive(&options).await.unwrap();
        let group = received[0].attributes.get(sqs::GROUP);
        assert_eq!(group.map(String::as_str), Some("group-1"));
        let receipts = [received[0].receipt.clone()];
        source.delete(&receipts).await.pop().unwrap().unwrap();
    }
}

#[tokio::test]
async fn one_message_that_sqs_refuses_does_not_keep_the_others_out() {
    let Some(connection) = endpoint().await else {
        return;
    };
    let (queue, _) = queues(&connection, "refusing").await;
    let large = || Outgoing::new("x".repeat(200 << 10));
    let small = Outgoing::new("small");
    let sent = queue
        .send(vec![large(), Outgoing::new("\u{0}"), large(), small])
        .await;
    let is_sent: Vec<bool> = sent.iter().map(Result::is_ok).collect();
    assert_eq!(is_sent, [true, false, true, true], "{sent:?}");
    let options = ReceiveOptions {
        max: 10,
        visibility: None,
        wait: Duration::from_secs(1),
    };
    let mut received = Vec::new();
    while received.len() < 3 {
        received.extend(queue.receive(&options).await.unwrap());
    }
    let small = received.iter().find(|message| message.body == "small");
    assert!(small.is_some_and(|message| message.sent.is_some()));
}

#[tokio::test]
async fn of_two_who_promote_over_s3_one_wins_and_the_other_is_told() {
    let Some((objects, bucket)) = bucket("promotes").await else {
        return;
    };
    let store = EngineStore::new(Arc::new(objects.clone()), &bucket, "engines");
    let author = Author::new(Some(SecretKey::generate()), Vec::new());
    let mut engines = Vec::new();
    for version in ["1", "2", "3"] {
        let draft = Draft {
            name: "engine".to_owned(),
            version: version.to_owned(),
            contract: "contract".to_owned(),
            wasm: version.into(),
            compiled: Vec::new(),
        };
        engines.push(store.publish(&draft, &author, 9).await.unwrap());
    }
    let name = ChannelName::default();
    let plan = async |engine: &Reference| {
        let change = |channel: Option<&Channel>| match channel {
            Some(channel) => channel.promote(engine.clone(), 9),
            None => Ok(Channel::begin(ChannelName::default(), engine.clone(), 9)),
        };
        store.plan(&name, &author, change).await.unwrap()
    };
    // The first engine of a channel, and then another.
    for (winner, loser) in [(0, 1), (1, 2)] {
        let (first, second) = (plan(&engines[winner]).await, plan(&engines[loser]).await);
        store.commit(&first, &author).await.unwrap();
        let error = store.commit(&second, &author).await.unwrap_err();
        assert!(matches!(error, EngineStoreError::Changed(_)), "{error:?}");
        let look = store
            .fetch_channel(&name, author.trust(), None)
            .await
            .unwrap();
        let ChannelFetch::Read(read) = look else {
            panic!("{look:?}");
        };
        assert_eq!(read.channel.current, engines[winner]);
    }
    let findings = store.check(author.trust()).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
}

#[tokio::test]
async fn what_is_not_there_has_a_name() {
    let Some(connection) = endpoint().await else {
        return;
    };
    let options = ReceiveOptions {
        max: 1,
        visibility: None,
        wait: Duration::ZERO,
    };
    let (queue, _) = queues(&connection, "there").await;
    let nowhere = Sqs::new(&connection, format!("{queue}-not"));
    let error = nowhere.receive(&options).await.unwrap_err();
    assert_eq!(
        error.problem,
        crate::ports::QueueProblem::Missing,
        "{error:?}"
    );
}
