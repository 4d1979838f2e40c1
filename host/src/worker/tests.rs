use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::batch::PermanentFailures;
use crate::memory::MemoryQueue;
use crate::ports::{Outgoing, QueueProblem, Receipt};
use crate::testing::queue::all;
use crate::testing::world::{World, written};
use crate::testing::{Fault, MeddledQueue, Verb, deciding};

const LIMIT: Duration = Duration::from_secs(60);

fn options() -> Options {
    Options {
        concurrency: 4,
        visibility: Duration::from_secs(30),
        wait: Duration::from_secs(20),
        budget: Duration::from_secs(60),
        backoff: Duration::from_secs(1),
        patience: Duration::from_secs(300),
    }
}

/// A worker on `queue`, its pulse, and the messages it has ended.
fn worker(world: &World, queue: Arc<dyn Queue>) -> (Worker, Arc<Pulse>, Arc<AtomicU64>) {
    let batch = Batch::new(Arc::new(world.pipeline()), PermanentFailures::Retry, 4);
    let (ended, pulse) = (
        Arc::<AtomicU64>::default(),
        Arc::new(Pulse::new(LIMIT, LIMIT)),
    );
    let counted = ended.clone();
    let observer = Arc::new(move |_: &MessageReport| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let worker = Worker::new(queue, Arc::new(batch), options(), observer);
    (worker.with_pulse(pulse.clone()), pulse, ended)
}

/// A world with so many sources, and a queue of messages about them.
async fn filled(count: u32) -> (World, Arc<MemoryQueue>) {
    let world = World::new();
    let queue = Arc::new(MemoryQueue::new("source"));
    for number in 0..count {
        let key = format!("{number}");
        world.write(&key, "png cat").await;
        queue.send(vec![Outgoing::new(written(&key))]).await;
    }
    (world, queue)
}

fn broken(queue: Arc<MemoryQueue>, verb: Verb, from: u64, fault: Fault) -> Arc<dyn Queue> {
    let calls = AtomicU64::new(0);
    let meddler = deciding(move |call| {
        fault.when(call.verb == verb && calls.fetch_add(1, Ordering::Relaxed) >= from)
    });
    Arc::new(MeddledQueue::new(queue, meddler))
}

/// `queue`, whose messages are hidden because nothing can become of them, and the number of
/// times that it was asked to give one back, which is hit by `fault`.
async fn stranded(queue: &Arc<MemoryQueue>, fault: Fault) -> (Arc<dyn Queue>, Arc<AtomicU64>) {
    // What is gone meanwhile keeps nobody from giving back the rest.
    let mut receipts = vec![Receipt("gone".to_owned())];
    for message in all(&**queue).await {
        let hour = Duration::from_secs(3_600);
        queue.set_visibility(&message.receipt, hour).await.unwrap();
        receipts.push(message.receipt);
    }
    let calls = Arc::<AtomicU64>::default();
    let counted = calls.clone();
    let meddler = deciding(move |call| {
        let is_hit = call.verb == Verb::SetVisibility;
        counted.fetch_add(u64::from(is_hit), Ordering::Relaxed);
        fault.when(is_hit)
    });
    let queue = MeddledQueue::new(queue.clone(), meddler).stranding(receipts);
    (Arc::new(queue), calls)
}

#[tokio::test(start_paused = true)]
async fn what_nothing_can_become_of_ends_it_and_is_given_back() {
    let (world, queue) = filled(3).await;
    let (stranding, _) = stranded(&queue, Fault::None).await;
    let (worker, ..) = worker(&world, stranding);
    let (_wishes, wish) = watch::channel(Wish::Finish);
    let error = worker.run(wish).await.unwrap_err();
    assert_eq!(error.problem, QueueProblem::Stranded(3));
    let depth = queue.depth().await.unwrap();
    assert_eq!((depth.visible, depth.in_flight), (3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_away_is_asked_to_take_one_back_and_no_more() {
    for fault in [Fault::Refused, Fault::Never] {
        let (world, queue) = filled(20).await;
        let (stranding, calls) = stranded(&queue, fault).await;
        let (worker, ..) = worker(&world, stranding);
        let (_wishes, wish) = watch::channel(Wish::Finish);
        let ended = tokio::time::timeout(2 * LIMIT, worker.run(wish)).await;
        let error = ended.unwrap().unwrap_err();
        assert_eq!(error.problem, QueueProblem::Stranded(20));
        assert_eq!(calls.load(Ordering::Relaxed), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_keeps_is_waited_for() {
    let (world, queue) = filled(1).await;
    assert_eq!(all(&*queue).await.len(), 1);
    let (worker, _, ended) = worker(&world, queue.clone());
    let (_wishes, wish) = watch::channel(Wish::Finish);
    worker.run(wish).await.unwrap();
    assert_eq!(ended.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn it_empties_its_queue_and_ends_when_told_to_finish() {
    let (world, queue) = filled(50).await;
    let (worker, pulse, ended) = worker(&world, queue.clone());
    let (_wishes, wish) = watch::channel(Wish::Finish);
    worker.run(wish).await.unwrap();
    assert_eq!(ended.load(Ordering::Relaxed), 50);
    assert_eq!(queue.depth().await.unwrap().total(), 0);
    assert_eq!(world.thumbnails().await, world.expected().await);
    assert_eq!(pulse.check(), Err(Ailment::Stopping));
}

#[tokio::test(start_paused = true)]
async fn what_is_in_hand_when_told_to_stop_is_finished() {
    let (world, queue) = filled(50).await;
    let (worker, _, ended) = worker(&world, queue.clone());
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let running = tokio::spawn(async move { worker.run(wish).await });
    while ended.load(Ordering::Relaxed) < 10 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    wishes.send_replace(Wish::Stop);
    running.await.unwrap().unwrap();
    // Nothing is half done: what was taken has been ended and deleted.
    let left = queue.depth().await.unwrap();
    assert_eq!(ended.load(Ordering::Relaxed) + left.total(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_makes_it_unwell_and_an_answer_makes_it_well() {
    let (world, queue) = filled(0).await;
    let silent = broken(queue.clone(), Verb::Receive, 2, Fault::Never);
    let (worker, pulse, _) = worker(&world, silent);
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let running = tokio::spawn(async move { worker.run(wish).await });
    // Empty answers after 20 and after 40 seconds, and then none.
    tokio::time::sleep(Duration::from_secs(95)).await;
    assert_eq!(pulse.check(), Ok(()));
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(matches!(pulse.check(), Err(Ailment::QueueSilent(time)) if time > LIMIT));
    wishes.send_replace(Wish::Stop);
    running.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn it_is_patient_with_a_queue_that_fails_and_gives_up_in_the_end() {
    let (world, queue) = filled(0).await;
    let (worker, pulse, _) = worker(&world, broken(queue, Verb::Receive, 0, Fault::Refused));
    let (_wishes, wish) = watch::channel(Wish::GoOn);
    let begun = Instant::now();
    let error = worker.run(wish).await.unwrap_err();
    assert_eq!(error.problem, QueueProblem::Unavailable);
    assert!(begun.elapsed() > options().patience);
    assert!(pulse.check().is_err());
}

#[tokio::test]
async fn a_queue_that_cannot_be_used_at_all_ends_it_at_once() {
    let world = World::new();
    let folder = tempfile::tempdir().unwrap();
    // Shared, which is not enough to receive.
    let queue = crate::local::DirectoryQueue::share(folder.path()).unwrap();
    let (worker, ..) = worker(&world, Arc::new(queue));
    let (_wishes, wish) = watch::channel(Wish::GoOn);
    let error = worker.run(wish).await.unwrap_err();
    assert!(matches!(error.problem, QueueProblem::Unusable(_)));
}
