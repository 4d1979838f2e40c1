//! The function that moves dead letters back: parse, wire, run.

use std::sync::Arc;

use thimble::aws::Connection;
use thimble::aws::lambda::{RedriveFunction, serve};
use thimble::config::Queues;
use thimble::telemetry::{self, Format};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let queues = Queues::from_environment()?;
    telemetry::start(Format::Json, &queues.log_filter);
    let connection = Connection::from_environment().await;
    let function = RedriveFunction::new(&connection, &queues.dead_letters, &queues.source);
    let function = Arc::new(function);
    serve(move |event, context| {
        let function = function.clone();
        async move { function.handle(event, context).await }
    })
    .await
}
