//! Memory budget for source images.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes for each permit, so that a 32-bit count of permits goes far enough.
const UNIT: u64 = 1_024;

/// Number of bytes that all readers of sources share, and of sources.
#[derive(Debug)]
pub struct MemoryBudget {
    /// Permits for memory, each of [`UNIT`] bytes.
    memory: Arc<Semaphore>,
    /// All permits for memory.
    all: u32,
    /// Permits for sources, one for each.
    sources: Arc<Semaphore>,
}

/// Part of a budget; given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    _source: Option<OwnedSemaphorePermit>,
    _memory: Option<OwnedSemaphorePermit>,
}

impl MemoryBudget {
    /// A budget of `bytes`, for at most so many `sources`.
    pub fn new(bytes: u64, sources: usize) -> Self {
        let all = u32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX);
        let permits = usize::try_from(all)
            .unwrap_or(usize::MAX)
            .min(Semaphore::MAX_PERMITS);
        Self {
            memory: Arc::new(Semaphore::new(permits)),
            all,
            sources: Arc::new(Semaphore::new(sources.clamp(1, Semaphore::MAX_PERMITS))),
        }
    }

    /// Wait until `bytes` are left in the budget. A source that is larger than the
    /// whole budget gets all of it, and is alone.
    pub(super) async fn reserve(&self, bytes: u64) -> Reservation {
        let count = u32::try_from(bytes.div_ceil(UNIT))
            .unwrap_or(u32::MAX)
            .clamp(1, self.all);
        // The semaphores are never closed: without a permit there is no bound, but
        // there is no other way to get here either. Whoever has bytes waits for
        // nothing else here.
        let source = Arc::clone(&self.sources).acquire_owned().await;
        let memory = Arc::clone(&self.memory).acquire_many_owned(count).await;
        Reservation {
            _source: source.ok(),
            _memory: memory.ok(),
        }
    }
}
