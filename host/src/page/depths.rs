//! Depths of the queues, asked for by those who look and no more often than they change.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::Inner;
use crate::error::with_causes;
use crate::ports::{Depth, QueueError};

/// Time that a queue has to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Numbers of messages, as they were last told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Depths {
    /// Those to work on; `None` if the queue did not say.
    pub(super) work: Option<Depth>,
    /// Dead letters, of a host that has a queue for them.
    pub(super) letters: Option<Depth>,
}

/// The depths, and the time at which they were told.
#[derive(Debug, Default)]
pub(super) struct Known {
    depths: Depths,
    at: Option<Instant>,
}

impl Inner {
    /// The depths now: asked for again if they are older than they may be.
    pub(super) async fn depths(&self) -> Depths {
        let mut known = self.depths.lock().await;
        let age = known.at.map(|at| at.elapsed());
        if age.is_some_and(|age| age < self.parts.freshness) {
            return known.depths;
        }
        let letters = async {
            let letters = self.parts.letters.as_ref()?;
            told(letters.depth()).await
        };
        let (work, letters) = tokio::join!(told(self.parts.work.depth()), letters);
        let now = Depths { work, letters };
        let before = std::mem::replace(&mut known.depths, now);
        known.at = Some(Instant::now());
        if before != now {
            self.tell(before.letters != now.letters);
        }
        now
    }
}

async fn told(depth: impl Future<Output = Result<Depth, QueueError>>) -> Option<Depth> {
    match timeout(PATIENCE, depth).await {
        Ok(Ok(depth)) => Some(depth),
        Ok(Err(error)) => {
            tracing::debug!(error.message = with_causes(&error), "a queue has no depth");
            None
        }
        Err(_) => None,
    }
}
