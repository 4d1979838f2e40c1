//! Room in memory for source images.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What room is counted in, so that a 32-bit count of permits goes far enough.
const UNIT: u64 = 1_024;

/// Room for a number of bytes, shared by all that read sources.
#[derive(Debug)]
pub struct Room {
    units: Arc<Semaphore>,
    all: u32,
}

/// A part of a room; given back when dropped.
#[derive(Debug)]
pub(super) struct Reserved {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Room {
    /// Room for `bytes`.
    pub fn new(bytes: u64) -> Self {
        let all = u32::try_from(bytes.div_ceil(UNIT).max(1)).unwrap_or(u32::MAX);
        let permits = usize::try_from(all)
            .unwrap_or(usize::MAX)
            .min(Semaphore::MAX_PERMITS);
        Self {
            units: Arc::new(Semaphore::new(permits)),
            all,
        }
    }

    /// Wait until there is room for `bytes`. What is larger than the whole room
    /// gets all of it, and is alone.
    pub(super) async fn reserve(&self, bytes: u64) -> Reserved {
        let units = u32::try_from(bytes.div_ceil(UNIT))
            .unwrap_or(u32::MAX)
            .clamp(1, self.all);
        // The semaphore is never closed: without a permit there is no bound, but
        // there is no other way to get here either.
        Reserved {
            _permit: Arc::clone(&self.units).acquire_many_owned(units).await.ok(),
        }
    }
}
