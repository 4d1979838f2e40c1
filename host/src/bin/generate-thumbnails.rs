//! The function that makes thumbnails: parse, wire, run.

use std::process::ExitCode;
use std::sync::Arc;

use thimble::aws::lambda::{Generate, engines, serve, traces};
use thimble::aws::{Connection, S3};
use thimble::config::Config;
use thimble::ports::ObjectStore;
use thimble::telemetry::{self, Format};
use thimble::{heap, wasm};

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<ExitCode, Failure> {
    if let Some(ended) = wasm::compile_if_asked() {
        return Ok(ended);
    }
    heap::return_large_blocks();
    run()?;
    Ok(ExitCode::SUCCESS)
}

#[tokio::main]
async fn run() -> Result<(), Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    let connection = Connection::from_environment().await;
    let objects: Arc<dyn ObjectStore> = Arc::new(S3::new(&connection));
    let engines = engines(variable, &objects)?;
    let config = Config::load(variable, Some(&objects), engines.as_ref()).await?;
    telemetry::start(Format::Json, &config.log_filter);
    let spans = traces(variable)?;
    let function = Arc::new(Generate::start(config, engines, &connection, spans).await?);
    serve(move |event, context| {
        let function = function.clone();
        async move { function.handle(event, context).await }
    })
    .await
}
