//! Health and metrics of a command that works, for those who ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Failure;
use crate::health;
use crate::worker::Pulse;

mod tally;

pub(super) use tally::Tally;

/// Silence of a queue after which a command counts as unwell, besides the time that it waits for
/// messages.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

/// Words about `--health`.
pub(super) const HEALTH: &str = if cfg!(feature = "monitors") {
    "Answer GET /healthz here: 200 while it works, 503 while it stops or the queue is silent; \
     and GET /metrics, for Prometheus"
} else {
    "Answer GET /healthz here: 200 while it works, 503 while it stops or the queue is silent; \
     this program was built without the feature `monitors` and has no /metrics"
};

/// Show `pulse`, and what `tally` has counted, at `address`. Returns the address, whose port the
/// system may have chosen, and the task that answers.
pub(super) async fn serve(
    address: SocketAddr,
    pulse: Arc<Pulse>,
    tally: &Arc<Tally>,
) -> Result<(SocketAddr, JoinHandle<()>), Failure> {
    let server = health::Server::bind(address).await.map_err(|error| {
        Failure::Usage(format!(
            "--health cannot listen at {address}; choose another address or port: {error}"
        ))
    })?;
    let address = server.address()?;
    let metrics = tally.is_scraped().then(|| page(&pulse, tally));
    let server = server.showing(metrics);
    let task = tokio::spawn(server.run(move || pulse.check()));
    Ok((address, task))
}

/// The page of metrics.
fn page(pulse: &Arc<Pulse>, tally: &Arc<Tally>) -> health::Page {
    let (pulse, tally) = (pulse.clone(), tally.clone());
    Arc::new(move |form| {
        let (is_well, tally) = (pulse.check().is_ok(), tally.clone());
        Box::pin(async move { tally.page(is_well, form).await })
    })
}
