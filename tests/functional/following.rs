//! A stack whose thumbnails follow their sources, and that leaves alone what is
//! up to date: `propagateDeletes=yes` and `skipExisting=yes`. It tells results, by
//! `queueResults=yes`.

use thimble::manifest::State;

use crate::photos::{expect, sample};
use crate::stack::{Stack, stack, wait};

/// Puts a picture among the sources: its key and bytes.
async fn put_logo(stack: &Stack) -> (String, Vec<u8>) {
    let photo = sample("logo.png");
    let key = stack.key("logo.png");
    stack.put(&key, &photo).await;
    (key, photo)
}

#[tokio::test]
async fn thumbnails_go_with_their_source_and_come_back_with_it() {
    let stack = stack!("follow");
    let (key, photo) = put_logo(&stack).await;
    expect(&stack, &key, &photo).await;

    let delete = stack.s3.delete_object().bucket(&stack.sources).key(&key);
    delete.send().await.unwrap();
    wait("no thumbnails", async || {
        stack.thumbnails_of(&key).await.is_empty().then_some(())
    })
    .await;
    stack.until_empty().await;

    stack.put(&key, &photo).await;
    expect(&stack, &key, &photo).await;
    stack.until_empty().await;
    assert_eq!(stack.letters().await, 0);
}

#[tokio::test]
async fn what_is_up_to_date_is_left_alone() {
    let stack = stack!("skip");
    let (key, photo) = put_logo(&stack).await;
    let made = stack.until_made(&key).await;
    stack.until_empty().await;
    let written = async || {
        let mut times = Vec::new();
        for thumbnail in made.values() {
            times.push(stack.thumbnail(thumbnail).await.0.last_modified.unwrap());
        }
        times
    };
    let before = written().await;
    // A time of the emulator is as fine as a second.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    stack.put(&key, &photo).await;
    wait("the second event", async || {
        (stack.log_lines(&key) == 2).then_some(())
    })
    .await;
    assert_eq!(written().await, before);
    assert_eq!(stack.letters().await, 0);
}

#[tokio::test]
async fn an_overwritten_source_ends_with_thumbnails_of_the_newest() {
    let stack = stack!("follow-overwritten");
    let key = stack.key("image");
    for name in ["mountains.jpg", "logo.png", "mountains.jpg", "logo.png"] {
        stack.put(&key, &sample(name)).await;
    }
    stack.until_empty().await;
    expect(&stack, &key, &sample("logo.png")).await;
    assert_eq!(
        stack.thumbnails_of(&key).await.len(),
        crate::stack::PRESETS.len()
    );
    assert_eq!(stack.letters().await, 0);
}

#[tokio::test]
async fn the_end_of_each_source_is_told_in_a_queue() {
    let stack = stack!("results");
    let (good, _) = put_logo(&stack).await;
    let broken = stack.key("broken.png");
    stack.put(&broken, b"no picture").await;
    let told = stack.until_results(&[&good, &broken]).await;
    assert_eq!(told[&good].state, State::Done);
    assert_eq!(told[&broken].state, State::Rejected);
    stack.until_letter(&broken).await;
}
