use super::*;
use crate::event::{self, Change};
use crate::letter;
use crate::memory::MemoryQueue;
use crate::object::Location;
use crate::ports::Outgoing;
use crate::testing::{Fault, MeddledQueue, Verb, deciding, sending_with};

const GO_ON: fn(&Purged) -> ControlFlow<()> = |_| ControlFlow::Continue(());

/// A queue of `count` letters, every third of them about a trap.
async fn letters(count: usize) -> Arc<MemoryQueue> {
    let queue = Arc::new(MemoryQueue::new("dead"));
    for number in 0..count {
        let location = Location::new("images", format!("{number:03}.png"));
        let kind = if number % 3 == 0 {
            "engine-trap"
        } else {
            "malformed-source"
        };
        let outgoing = Outgoing {
            attributes: [(letter::KIND.to_owned(), kind.to_owned())].into(),
            ..Outgoing::new(event::notification(Change::Written, &location, None, None))
        };
        assert!(queue.send(vec![outgoing]).await.iter().all(Result::is_ok));
    }
    queue
}

fn traps() -> Choice {
    Choice {
        error_kind: Some("engine-trap".to_owned()),
        ..Choice::default()
    }
}

async fn visible(queue: &MemoryQueue) -> u64 {
    let depth = queue.depth().await.unwrap();
    assert_eq!(depth.in_flight, 0, "letters stay hidden");
    depth.visible
}

#[tokio::test(start_paused = true)]
async fn who_looks_sees_as_many_as_asked_for_and_all_can_be_seen_again_at_once() {
    let queue = letters(25).await;
    let dead = DeadLetters::new(queue.clone());
    for (most, choice, expected) in [
        (10, Choice::default(), 10),
        (100, Choice::default(), 25),
        (0, Choice::default(), 0),
        (100, traps(), 9),
    ] {
        let peek = dead.peek(most, &choice).await.unwrap();
        assert_eq!((peek.letters.len(), peek.found), (expected, 25));
        assert_eq!(visible(&queue).await, 25);
    }
    let peek = dead.peek(1, &Choice::default()).await.unwrap();
    assert!(
        peek.letters[0].receive_count > 1,
        "a look counts as a reception"
    );
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_found_by_its_id_wherever_it_lies() {
    let queue = letters(25).await;
    let dead = DeadLetters::new(queue.clone());
    let found = dead.find("dead-25").await.unwrap().unwrap();
    assert_eq!(letter::key_of(&found).as_deref(), Some("024.png"));
    assert_eq!(dead.find("dead-26").await.unwrap(), None);
    assert_eq!(visible(&queue).await, 25);
}

#[tokio::test(start_paused = true)]
async fn only_what_was_chosen_is_forgotten() {
    let queue = letters(25).await;
    let purged = DeadLetters::new(queue.clone())
        .purge(&traps(), GO_ON)
        .await
        .unwrap();
    assert_eq!(
        (purged.forgotten, purged.skipped, purged.failed),
        (9, 16, 0)
    );
    assert_eq!(visible(&queue).await, 16);
}

#[tokio::test(start_paused = true)]
async fn letters_that_come_while_others_are_forgotten_stay() {
    let queue = letters(25).await;
    let busy = MeddledQueue::new(queue.clone(), sending_with(Verb::Delete, queue.clone()));
    let dead = DeadLetters::new(Arc::new(busy));
    let purged = dead.purge(&Choice::default(), GO_ON).await.unwrap();
    assert_eq!((purged.found, purged.forgotten), (25, 25));
    assert_eq!(visible(&queue).await, 25);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_cannot_be_deleted_is_told_and_can_be_seen_again() {
    let queue = letters(5).await;
    let stubborn = MeddledQueue::new(
        queue.clone(),
        deciding(|call| Fault::Refused.when(call.verb == Verb::Delete && call.number == 3)),
    );
    let dead = DeadLetters::new(Arc::new(stubborn));
    let purged = dead.purge(&Choice::default(), GO_ON).await.unwrap();
    assert_eq!((purged.forgotten, purged.failed), (4, 1));
    assert!(purged.reason.is_some());
    assert_eq!(visible(&queue).await, 1);
}

#[tokio::test(start_paused = true)]
async fn who_says_stop_keeps_the_rest() {
    let queue = letters(25).await;
    let dead = DeadLetters::new(queue.clone());
    let purged = dead
        .purge(&Choice::default(), |_| ControlFlow::Break(()))
        .await
        .unwrap();
    assert_eq!(purged.forgotten, 10);
    assert_eq!(visible(&queue).await, 15);
}
