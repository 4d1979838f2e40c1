//! Messages as long as the server takes, which leaves no room for what is said of a letter.

use super::*;

/// Put `body` into a queue as others do, without a header.
async fn publish(queue: &NatsQueue, body: Vec<u8>) {
    let client = connection().await.unwrap().context.client();
    let subject = queue.to_string();
    let subject = subject.rsplit('/').next().unwrap().to_owned();
    client.publish(subject, body.into()).await.unwrap();
    client.flush().await.unwrap();
}

/// Receive the only message as often as it is handed out.
async fn fail(queue: &NatsQueue) {
    for _ in 0..3 {
        let message = one(queue, None).await;
        let back = queue.set_visibility(&message.receipt, Duration::ZERO);
        back.await.unwrap();
    }
    assert_eq!(soon(queue).await, []);
}

/// A message, if one comes soon.
async fn soon(queue: &NatsQueue) -> Vec<Message> {
    let options = ReceiveOptions {
        max: 1,
        visibility: None,
        wait: Duration::from_millis(300),
    };
    queue.receive(&options).await.unwrap()
}

#[tokio::test]
async fn the_longest_message_becomes_a_letter_and_goes_back() {
    let Some((queue, letters)) = queues("longest").await else {
        return;
    };
    let queue = Arc::new(queue);
    let most = connection().await.unwrap().context.client().max_payload();
    // A body alone; with its kind and origin; with a short reason, which is all that it has.
    for (room, has_kind, has_reason) in [(0, false, false), (300, true, false), (2_000, true, true)]
    {
        let body = vec![b'x'; most - room];
        publish(&queue, body.clone()).await;
        fail(&queue).await;
        let letter = one(&letters, Some(Duration::from_secs(60))).await;
        assert!(letter.body.as_bytes() == body, "{room}");
        let has = |name: &str| letter.attributes.contains_key(name);
        assert_eq!(
            (has(letter::KIND), has(letter::REASON)),
            (has_kind, has_reason),
            "{room}: {:?}",
            letter.attributes
        );
        let shown = letters.set_visibility(&letter.receipt, Duration::ZERO);
        shown.await.unwrap();

        let report = queue::redriven(letters.clone(), queue.clone()).await;
        assert_eq!((report.moved, report.left), (1, 0), "{room}: {report:?}");
        let again = one(&queue, None).await;
        assert!(again.body.as_bytes() == body, "{room}");
        let deleted = queue.delete(&[again.receipt]).await;
        assert!(deleted[0].is_ok(), "{deleted:?}");
    }
}

#[tokio::test]
async fn a_message_that_no_letter_can_have_stays_and_is_in_nobodys_way() {
    let Some((queue, letters)) = queues("too-long").await else {
        return;
    };
    let most = connection().await.unwrap().context.client().max_payload();
    // What is no text is longer once it is.
    publish(&queue, vec![0xff; most]).await;
    fail(&queue).await;
    assert_eq!(letters.depth().await.unwrap().total(), 0);
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.visible, depth.in_flight), (0, 1), "it is not lost");
    let stranded = queue.stranded();
    assert_eq!(stranded.len(), 1);
    send(&queue, Outgoing::new("another")).await;
    assert_eq!(one(&queue, None).await.body, "another");
    // Once it is given back it is tried again.
    let back = queue.set_visibility(&stranded[0], Duration::ZERO);
    back.await.unwrap();
    assert_eq!(queue.stranded(), []);
    assert_eq!(soon(&queue).await, []);
    assert_eq!(queue.stranded().len(), 1);
}

#[tokio::test]
async fn a_letter_of_nothing_but_its_body_is_known_again() {
    let Some((_, letters)) = queues("identity").await else {
        return;
    };
    let most = connection().await.unwrap().context.client().max_payload();
    // Room for an id, and for no attribute. Without any, nobody can tell a copy.
    for (number, (room, first)) in [(110, 1), (200, 1), (0, 2)].into_iter().enumerate() {
        for (origin, expected) in [("one", first), ("other", 2 * first)] {
            for _ in 0..2 {
                let outgoing = Outgoing {
                    attributes: [(
                        letter::ORIGIN.to_owned(),
                        format!("{number} {origin} {}", "x".repeat(300)),
                    )]
                    .into(),
                    ..Outgoing::new("x".repeat(most - room))
                };
                letter::send(&*letters, outgoing).await.unwrap();
            }
            let depth = letters.depth().await.unwrap().total();
            assert_eq!(depth, expected, "{room} {origin}");
        }
        while let Some(letter) = soon(&letters).await.pop() {
            assert!(letter.attributes.is_empty(), "{:?}", letter.attributes);
            letters.delete(&[letter.receipt]).await.remove(0).unwrap();
        }
    }
}
