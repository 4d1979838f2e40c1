//! A stack that publishes its results to a topic, which a queue is subscribed to.

use std::env;

use thimble::manifest::State;

use crate::photos::sample;
use crate::stack::stack;

#[tokio::test]
async fn whoever_subscribes_to_the_topic_gets_the_manifests() {
    let stack = stack!("topic");
    if env::var_os("THIMBLE_RESULTS_TOPIC").is_none() {
        println!("skipped: THIMBLE_RESULTS_TOPIC names no topic that the stack publishes to");
        return;
    }
    let (good, broken) = (stack.key("logo.png"), stack.key("broken.png"));
    stack.put(&good, &sample("logo.png")).await;
    stack.put(&broken, b"no picture").await;
    let told = stack.until_results(&[&good, &broken]).await;
    assert_eq!(told[&good].state, State::Done);
    assert_eq!(told[&good], stack.until_told(&good).await);
    assert_eq!(told[&broken].state, State::Rejected);
    stack.until_letter(&broken).await;
}
