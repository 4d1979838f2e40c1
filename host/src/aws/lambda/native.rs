//! Redrive by SQS itself: faster, and without a choice of letters.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Failure, unreadable};
use crate::aws::Sqs;
use crate::aws::sqs::Moving;
use crate::ports::Queue;

/// Pause between two questions to SQS about its progress.
const POLL: Duration = Duration::from_secs(2);

/// Let SQS move all letters `from` one queue `to` another, and wait for it until
/// `deadline`. `None` says that it cannot, as some that speak its language, or
/// does not allow it.
///
/// The rest is moved later: SQS goes on by itself.
pub(super) async fn run(
    from: &Sqs,
    to: &Sqs,
    rate: Option<f64>,
    deadline: Instant,
) -> Result<Option<Value>, Failure> {
    let found = from.depth().await.map_err(unreadable)?.total();
    if !from.move_all(to, rate).await.map_err(unreadable)? {
        return Ok(None);
    }
    loop {
        let moving = from.moving().await.map_err(unreadable)?;
        if !moving.is_running() || Instant::now() + POLL >= deadline {
            let left = from.depth().await.map_err(unreadable)?.total();
            return Ok(Some(answer(found, &moving, left)));
        }
        sleep(POLL).await;
    }
}

fn answer(found: u64, moving: &Moving, left: u64) -> Value {
    json!({
        "native": true,
        "found": found,
        "moved": moving.moved,
        "skipped": 0,
        "failed": u64::from(moving.failure.is_some()),
        "left": left,
        "status": moving.status,
        "failure": moving.failure,
    })
}
