//! A stack that tells its results to a receiver that is down at first.

use std::env;
use std::sync::{Arc, Mutex};

use testkit::http::{Answer, Request, serve_at};
use thimble::manifest::{Manifest, State};

use crate::photos::sample;
use crate::stack::{stack, wait};

/// Requests that a receiver got.
type Seen = Arc<Mutex<Vec<Request>>>;

/// Starts the receiver.
fn start(port: u16) -> Seen {
    let seen = Seen::default();
    let log = seen.clone();
    serve_at(port, move |request| {
        log.lock().unwrap().push(request.clone());
        Answer {
            status: 204,
            ..Answer::with(Vec::new(), "")
        }
    });
    seen
}

/// The result of the source under `key`, if it was told.
fn result(seen: &Seen, key: &str) -> Option<(Request, Manifest)> {
    let seen = seen.lock().unwrap();
    let read = |request: &Request| Some((request.clone(), Manifest::read(&request.body)?));
    let mut results = seen.iter().filter_map(read);
    results.find(|(_, manifest)| manifest.source.key == key)
}

#[tokio::test]
async fn a_receiver_that_is_down_keeps_no_thumbnail_waiting_and_misses_nothing() {
    let stack = stack!("webhook");
    let Ok(port) = env::var("THIMBLE_WEBHOOK_PORT") else {
        println!("skipped: THIMBLE_WEBHOOK_PORT names no port that the stack tells results to");
        return;
    };
    let (good, broken) = (stack.key("logo.png"), stack.key("broken.png"));
    stack.put(&good, &sample("logo.png")).await;
    stack.put(&broken, b"no picture").await;
    // Thumbnails and their manifest are there all the same.
    stack.until_made(&good).await;
    stack.until_told(&good).await;
    // Nobody listens for as long as the queue tries.
    for key in [&good, &broken] {
        let letter = stack.until_letter(key).await;
        let said = letter.message_attributes.unwrap_or_default();
        let kind = said["thimble-kind"].string_value.clone();
        assert_eq!(kind.as_deref(), Some("result-untold"), "{key}");
    }
    let seen = start(port.parse().unwrap());
    stack.redrive("{}");
    for (key, state) in [(&good, State::Done), (&broken, State::Rejected)] {
        let told = async || result(&seen, key);
        let (request, manifest) = wait(&format!("the result of {key}"), told).await;
        assert_eq!(manifest.state, state);
        assert_eq!(request.target, "/told");
        assert!(request.headers["webhook-signature"].starts_with("v1,"));
        assert_eq!(request.headers["webhook-id"].len(), 64);
    }
    // Whose picture is none is a dead letter for that, once this is told.
    let kind = wait("a letter of its own reason", async || {
        let letter = stack.letter(&broken).await?;
        let said = letter.message_attributes?;
        let kind = said.get("thimble-kind")?.string_value.clone()?;
        (kind != "result-untold").then_some(kind)
    });
    assert_eq!(kind.await, "unsupported-format");
    stack.until_empty().await;
    assert!(stack.letter(&good).await.is_none());
}
