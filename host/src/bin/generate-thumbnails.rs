//! The function that makes thumbnails: parse, wire, run.

use std::sync::Arc;

use thimble::aws::Connection;
use thimble::aws::lambda::{Generate, serve};
use thimble::config::Config;
use thimble::heap;
use thimble::telemetry::{self, Format};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    heap::return_large_blocks();
    let config = Config::from_environment()?;
    telemetry::start(Format::Json, &config.log_filter);
    let connection = Connection::from_environment().await;
    let function = Arc::new(Generate::start(config, &connection).await?);
    serve(move |event, context| {
        let function = function.clone();
        async move { function.handle(event, context).await }
    })
    .await
}
