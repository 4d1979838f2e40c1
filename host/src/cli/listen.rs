//! `thimble listen`: a door for events that come by HTTP.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use tokio::sync::oneshot;

use super::place::QueuePlace;
use super::queues::{self, Links};
use super::signals::Stop;
use super::voice::Voice;
use super::{Failure, Outcome, block_on, secret};
use crate::http::{Secret, Server};
use crate::listen::{BOUNDS, Intake};
use crate::telemetry;

/// Take events by HTTP and put them into a queue
///
/// A store that is not of AWS sends its events here: MinIO, Ceph, SeaweedFS, VersityGW,
/// Cloud Storage through Pub/Sub or Eventarc, Azure Blob Storage through Event Grid. An
/// event is in the queue before it is answered with 200; until then its sender has to
/// keep it. `thimble worker` works on the queue, which may be a folder, a stream of
/// NATS or a table in Postgres:
///
///   mkdir work
///   THIMBLE_LISTEN_SECRET=... thimble listen --queue work --address 0.0.0.0:9009
///   thimble worker --queue work --store s3:// --thumbnails BUCKET
///
/// GET /healthz answers 200, and GET /metrics with metrics for Prometheus, to those who know
/// the secret. On SIGTERM or Ctrl-C it answers those who have asked, and
/// ends with 0.
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(super) struct Listen {
    /// The queue to put events into: a URL or a folder; `thimble help queues` lists the kinds
    #[arg(long, value_name = "QUEUE", env = "SOURCE_QUEUE_URL")]
    queue: QueuePlace,

    /// The address to listen at
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:9009")]
    address: SocketAddr,

    /// The file with the secret that senders know; otherwise THIMBLE_LISTEN_SECRET has it
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// Listen to everybody at an address that others can reach
    #[arg(long)]
    open: bool,

    /// Log only failures
    #[arg(long, short)]
    quiet: bool,

    /// Log words instead of JSON
    #[arg(long)]
    text: bool,
}

impl Listen {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let secret = self.secret()?;
        if secret.is_none() && !self.open && !self.address.ip().is_loopback() {
            return Err(Failure::Usage(format!(
                "others can reach {}; set THIMBLE_LISTEN_SECRET or --secret-file, or say --open",
                self.address
            )));
        }
        telemetry::start(
            voice.log_format(self.text),
            if self.quiet { "warn" } else { "info" },
        );
        block_on(self.listen(secret))
    }

    async fn listen(&self, secret: Option<Secret>) -> Result<Outcome, Failure> {
        let queue = queues::intake(&self.queue, &mut Links::default()).await?;
        let server = Server::bind(self.address, BOUNDS).await.map_err(|error| {
            Failure::Usage(format!(
                "cannot listen at {}; choose another --address: {error}",
                self.address
            ))
        })?;
        tracing::info!(
            listen.address = server.address()?.to_string(),
            queue.name = queue.to_string(),
            "events are taken"
        );
        let intake = Intake::new(queue, secret);
        let respond = move |request| intake.clone().respond(request);
        let (tell, told) = oneshot::channel::<()>();
        let _stop = Stop::watch_and(move || drop(tell));
        server.run(respond, told).await;
        tracing::info!("told to stop; all who asked are answered");
        Ok(Outcome::Done)
    }

    fn secret(&self) -> Result<Option<Secret>, Failure> {
        let word = secret::word(self.secret_file.as_deref(), "THIMBLE_LISTEN_SECRET")?;
        Ok(word.as_deref().map(Secret::new))
    }
}
