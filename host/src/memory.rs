//! A store and a queue in memory: small, real, and gone with the process.
//!
//! They keep the contracts of `ports.rs` save for surviving the process, and
//! tests of the use cases run on them.

mod queue;
mod store;

pub use queue::MemoryQueue;
pub use store::MemoryStore;

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::testing::{queue, store};

    #[tokio::test]
    async fn the_store_keeps_its_contract() {
        store::suite(&MemoryStore::new(["bucket"]), "bucket").await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_keeps_its_contract() {
        let dead_letters = Arc::new(MemoryQueue::new("dead-letters"));
        queue::suite(&queue::Subject {
            queue: &MemoryQueue::with_dead_letters("source", 3, dead_letters.clone()),
            dead_letters: &*dead_letters,
            max_receive_count: 3,
            moment: Duration::from_millis(50),
        })
        .await;
    }
}
