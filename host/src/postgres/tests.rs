//! The conformance suite, and what only a database can do wrong, over the server that
//! `THIMBLE_TEST_POSTGRES` names; without it these tests say so and pass: see `scripts/postgres.sh`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;

use super::*;
use crate::testing::environment::tested_over;
use crate::testing::queue::{self, Subject, all, redriven};

/// The address of the server, with `more` in its query; `None` says that there is none.
fn url(more: &str) -> Option<String> {
    let url = tested_over("Postgres", "THIMBLE_TEST_POSTGRES")?;
    let mark = if url.contains('?') { '&' } else { '?' };
    Some(format!("{url}{mark}{more}"))
}

/// A name that no other test and no other run has.
fn unique(name: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    format!("{name}-{}", now.as_nanos())
}

async fn open(url: &str) -> Postgres {
    let address = Address::new(url, "queue", None).unwrap();
    Postgres::open(address).await.unwrap()
}

/// A queue of its own with a redrive policy of three receptions, and its dead letters.
async fn queues(name: &str) -> Option<(Postgres, Postgres)> {
    let name = unique(name);
    let queue = open(&url(&format!("queue={name}&receives=3"))?).await;
    let letters = open(&url(&format!("queue={name}-dead-letters"))?).await;
    Some((queue, letters))
}

/// The address of a schema of its own, without a table.
async fn empty_schema(name: &str) -> Option<String> {
    let schema = unique(name).replace('-', "_");
    let queue = open(&url("queue=schemas")?).await;
    let make = format!("CREATE SCHEMA {schema}");
    queue.query(&make, &[]).await.unwrap();
    url(&format!("queue=queue&options=-c%20search_path%3D{schema}"))
}

#[tokio::test]
async fn postgres_keeps_the_contract_of_a_queue() {
    let Some((queue, dead_letters)) = queues("suite").await else {
        return;
    };
    queue::suite(&Subject {
        queue: &queue,
        dead_letters: &dead_letters,
        max_receive_count: 3,
        moment: Duration::from_millis(300),
    })
    .await;
}

#[tokio::test]
async fn a_dead_letter_says_why_and_goes_back() {
    let Some((queue, letters)) = queues("letters").await else {
        return;
    };
    let (queue, letters) = (Arc::new(queue), Arc::new(letters));
    let sent = queue
        .send(vec![Outgoing::new("{}")])
        .await
        .remove(0)
        .unwrap();
    let now = ReceiveOptions {
        max: 10,
        visibility: Some(Duration::ZERO),
        wait: Duration::ZERO,
    };
    for _ in 0..3 {
        assert_eq!(queue.receive(&now).await.unwrap().len(), 1);
    }
    assert_eq!(queue.receive(&now).await.unwrap(), []);
    // No looking makes a letter go anywhere.
    for _ in 0..6 {
        let found = letters.receive(&now).await.unwrap().remove(0);
        assert_eq!(found.attributes[letter::KIND], letter::EXHAUSTED);
        assert_eq!(found.attributes[letter::ORIGIN], sent);
        assert!(found.attributes[letter::REASON].starts_with("received 3 times"));
    }
    let report = redriven(letters.clone(), queue.clone()).await;
    assert_eq!(report.moved, 1);
    let again = all(&*queue).await.remove(0);
    assert_eq!((again.body.as_str(), again.receive_count), ("{}", 1));
    assert_eq!(letters.depth().await.unwrap().total(), 0);
}

#[tokio::test]
async fn many_receivers_never_have_the_same_message() {
    let Some(url) = url(&format!("queue={}", unique("many"))) else {
        return;
    };
    let bodies: BTreeSet<String> = (0..300).map(|number| number.to_string()).collect();
    let sender = open(&url).await;
    let receivers = join_all((0..6).map(|_| open(&url))).await;
    let received = join_all(receivers.iter().map(|queue| async move {
        let options = ReceiveOptions {
            max: 7,
            visibility: Some(Duration::from_secs(60)),
            wait: Duration::from_secs(2),
        };
        let mut bodies = Vec::new();
        loop {
            let messages = queue.receive(&options).await.unwrap();
            if messages.is_empty() {
                return bodies;
            }
            let receipts: Vec<_> = messages.iter().map(|one| one.receipt.clone()).collect();
            assert!(queue.delete(&receipts).await.iter().all(Result::is_ok));
            bodies.extend(messages.into_iter().map(|message| message.body));
        }
    }));
    let sending = sender.send(bodies.iter().map(Outgoing::new).collect());
    let (sent, received) = tokio::join!(sending, received);
    assert!(sent.iter().all(Result::is_ok));
    let received: Vec<String> = received.into_iter().flatten().collect();
    assert_eq!(received.len(), bodies.len(), "each is received once");
    assert_eq!(received.into_iter().collect::<BTreeSet<_>>(), bodies);
}

#[tokio::test]
async fn a_broken_connection_is_made_again() {
    let Some(url) = url(&format!("queue={}", unique("broken"))) else {
        return;
    };
    let (queue, other) = (open(&url).await, open(&url).await);
    queue
        .send(vec![Outgoing::new("kept")])
        .await
        .remove(0)
        .unwrap();
    let rows = queue.query("SELECT pg_backend_pid()", &[]).await.unwrap();
    let backend: i32 = rows[0].get(0);
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&backend, Type::INT4)];
    let end = "SELECT pg_terminate_backend($1, 10000)";
    other.query(end, &values).await.unwrap();
    let depth = match queue.depth().await {
        Err(error) => {
            assert!(error.may_pass(), "{error}");
            queue.depth().await.unwrap()
        }
        Ok(depth) => depth,
    };
    assert_eq!(depth.visible, 1);
}

#[tokio::test]
async fn all_who_come_first_find_one_table() {
    let Some(url) = empty_schema("first").await else {
        return;
    };
    let all = join_all((0..8).map(|_| open(&url))).await;
    let sent = join_all(
        all.iter()
            .map(|queue| queue.send(vec![Outgoing::new("{}")])),
    );
    assert!(sent.await.iter().flatten().all(Result::is_ok));
    assert_eq!(all[0].depth().await.unwrap().visible, 8);
}

#[tokio::test]
async fn a_table_of_another_version_or_one_that_a_crash_empties_is_refused() {
    for (name, statement, words) in [
        (
            "version",
            "UPDATE thimble_queue_format SET version = 2",
            "another version",
        ),
        (
            "unlogged",
            "ALTER TABLE thimble_queue SET UNLOGGED",
            "SET LOGGED",
        ),
    ] {
        let Some(url) = empty_schema(name).await else {
            return;
        };
        open(&url).await.query(statement, &[]).await.unwrap();
        let address = Address::new(&url, "queue", None).unwrap();
        let error = Postgres::open(address).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert!(!error.may_pass());
    }
}

#[tokio::test]
async fn what_is_answered_is_on_the_disk_whatever_the_server_is_set_to() {
    for (set, expected) in [("off", "on"), ("remote_apply", "remote_apply")] {
        let options = format!("queue=commits&options=-c%20synchronous_commit%3D{set}");
        let Some(url) = url(&options) else {
            return;
        };
        let rows = open(&url).await;
        let rows = rows.query("SHOW synchronous_commit", &[]).await.unwrap();
        assert_eq!(rows[0].get::<_, &str>(0), expected);
    }
}

#[tokio::test]
async fn what_no_row_can_hold_is_refused_and_the_rest_is_sent() {
    let Some(url) = url(&format!("queue={}", unique("refused"))) else {
        return;
    };
    let queue = open(&url).await;
    let outgoing = [
        Outgoing::new("first"),
        Outgoing::new("a\0b"),
        Outgoing::new("x".repeat(LONGEST + 1)),
        Outgoing::new("last"),
    ];
    let sent = queue.send(outgoing.to_vec()).await;
    let is_refused = |sent: &Result<_, QueueError>| {
        let problem = sent.as_ref().err().map(|error| error.problem.clone());
        matches!(problem, Some(QueueProblem::InvalidMessage(_)))
    };
    assert_eq!(
        sent.iter().map(is_refused).collect::<Vec<_>>(),
        [false, true, true, false]
    );
    let mut there = all(&queue).await;
    there.sort_by(|one, other| one.body.cmp(&other.body));
    let ids: Vec<&String> = sent.iter().flatten().collect();
    assert_eq!((&there[0].body[..], &there[0].id), ("first", ids[0]));
    assert_eq!((&there[1].body[..], &there[1].id), ("last", ids[1]));
}

#[tokio::test]
async fn who_may_not_come_in_is_told_so() {
    let Some(url) = url("queue=refused") else {
        return;
    };
    let nobody = url.replacen("postgres://thimble:", "postgres://nobody:", 1);
    let address = Address::new(&nobody, "queue", None).unwrap();
    let error = Postgres::open(address).await.unwrap_err();
    assert_eq!(error.problem, QueueProblem::Denied);
    let nowhere = "postgres://u:p@127.0.0.1:1/nowhere?sslmode=disable";
    let address = Address::new(nowhere, "queue", None).unwrap();
    let error = Postgres::open(address).await.unwrap_err();
    assert_eq!(error.problem, QueueProblem::Unavailable);
}

/// The address with TLS to `host`, and the authority of that name; `None` says that there are
/// no certificates.
fn secure(host: &str, mode: &str, authority: &str) -> Option<Address> {
    let folder = tested_over("Postgres", "THIMBLE_TEST_POSTGRES_CERTIFICATES")?;
    let url = url(&format!("sslrootcert={folder}/{authority}"))?;
    let url = url.replace("sslmode=disable", &format!("sslmode={mode}"));
    let url = url.replace("127.0.0.1", host);
    Some(Address::new(&url, "secure", None).unwrap())
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_and_by_nothing_less() {
    for mode in ["prefer", "require", "verify-full"] {
        let Some(address) = secure("127.0.0.1", mode, "ca.pem") else {
            return;
        };
        let queue = Postgres::open(address).await.unwrap();
        let hidden = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
        let rows = queue.query(hidden, &[]).await.unwrap();
        assert!(rows[0].get::<_, bool>(0), "{mode}");
    }
    for (host, authority, words) in [
        ("127.0.0.1", "other.pem", ["not trusted", "sslrootcert="]),
        ("localhost", "ca.pem", ["another name", "name the host"]),
        (
            "127.0.0.1",
            "nowhere.pem",
            ["has no certificates", "nowhere.pem"],
        ),
        (
            "127.0.0.1",
            "server.key",
            ["has no certificates", "sslrootcert="],
        ),
    ] {
        let address = secure(host, "verify-full", authority).unwrap();
        assert_no_tls(address, &words).await;
    }
    let url = url("queue=machine").unwrap();
    let machine = url.replace("sslmode=disable", "sslmode=require");
    let machine = Address::new(&machine, "secure", None).unwrap();
    assert_no_tls(machine, &["sslrootcert="]).await;
}

async fn assert_no_tls(address: Address, words: &[&str]) {
    let problem = Postgres::open(address).await.unwrap_err().problem;
    assert!(matches!(problem, QueueProblem::Tls { .. }), "{problem:?}");
    let said = problem.to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_where_that_is_asked_for() {
    // Such a server answers the first question with an N.
    let plain = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = plain.local_addr().unwrap().port();
    let answer = async {
        let (mut client, _) = plain.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut client, b"N")
            .await
            .unwrap();
        client
    };
    let url = format!("postgres://u:p@127.0.0.1:{port}/app?sslmode=require");
    let address = Address::new(&url, "secure", None).unwrap();
    let (_client, ()) = tokio::join!(
        answer,
        assert_no_tls(address, &["no TLS", "sslmode=disable"])
    );
}
