//! `generate-thumbnails`: events in, thumbnails out.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::invocation::Invocation;
use super::{Cold, Context, Failure};
use crate::aws::{Connection, S3, Sqs};
use crate::batch::{Batch, PermanentFailures};
use crate::config::Config;
use crate::engines::{EngineStore, Registry};
use crate::error::with_causes;
use crate::object::Location;
use crate::pipeline::Pipeline;
use crate::ports::{Engine, ObjectStore};
use crate::report::BatchReport;
use crate::telemetry::Measures;
use crate::wasm::{self, LoadError, Runtime};

/// The name of this function in its metrics.
const NAME: &str = "generate-thumbnails";

/// Makes thumbnails of the objects that events speak of.
#[derive(Debug)]
pub struct Generate {
    /// For messages, and events that nobody keeps.
    events: Batch,
    /// For jobs, whose report says what failed: they have no dead letters.
    jobs: Batch,
    engine: Arc<dyn Engine>,
    cold: Cold,
}

impl Generate {
    /// The function that `config` describes, over AWS.
    ///
    /// # Errors
    /// If there is no engine to work with.
    pub async fn start(config: &Config, connection: &Connection) -> Result<Self, Failure> {
        let engine = engine(config, connection).await?;
        let permanent = match &config.dead_letter_queue {
            Some(url) if config.tells_dead_letters_why() => PermanentFailures::DeadLetter {
                queue: Arc::new(Sqs::new(connection, url)),
                at_once: config.dead_letter_at_once,
                max_receive_count: config.max_receive_count,
            },
            _ => PermanentFailures::Retry,
        };
        Ok(Self::new(
            Arc::new(S3::new(connection)),
            engine,
            permanent,
            config,
        ))
    }

    /// The function over any store and engine.
    pub fn new(
        store: Arc<dyn ObjectStore>,
        engine: Arc<dyn Engine>,
        permanent: PermanentFailures,
        config: &Config,
    ) -> Self {
        let pipeline = Pipeline::new(store, engine.clone(), config.settings.clone());
        let pipeline = Arc::new(pipeline);
        let concurrency = config.concurrency;
        Self {
            events: Batch::new(pipeline.clone(), permanent, concurrency),
            jobs: Batch::new(pipeline, PermanentFailures::Retry, concurrency),
            engine,
            cold: Cold::new(),
        }
    }

    /// Do what `event` asks for, and answer in the way that whoever sent it
    /// understands.
    ///
    /// # Errors
    /// If the event makes no sense, or if it is one that nobody keeps and its
    /// work is not done: Lambda invokes the function with it again.
    pub async fn handle(&self, event: Value, context: Context) -> Result<Value, Failure> {
        let deadline = Some(Instant::now() + context.left);
        match Invocation::of(event, &context.request)? {
            Invocation::Messages(messages) => {
                let report = self.events.work(messages, deadline).await;
                self.measure(&report);
                Ok(json!(report.response()))
            }
            Invocation::Job(job) => {
                let report = self.jobs.work(job.messages(), deadline).await;
                self.measure(&report);
                Ok(json!(job.answer(&report.messages)))
            }
            Invocation::Event(event) => {
                let report = self.events.work(vec![event], deadline).await;
                self.measure(&report);
                answer(&report)
            }
        }
    }

    fn measure(&self, report: &BatchReport) {
        let mut measures = Measures::new(NAME);
        report
            .messages
            .iter()
            .for_each(|message| measures.add(message));
        if self.cold.take() {
            measures.count("ColdStart", 1);
        }
        for line in measures.take(&*self.engine, SystemTime::now()) {
            println!("{line}");
        }
    }
}

/// What became of an event that nobody keeps.
fn answer(report: &BatchReport) -> Result<Value, Failure> {
    let undone = report
        .messages
        .iter()
        .filter(|message| !message.may_leave());
    let mut reasons = undone.map(|message| match message.worst() {
        Some(error) => with_causes(error),
        None => "the work was not done".to_owned(),
    });
    if let Some(reason) = reasons.next() {
        return Err(Failure::Undone(reason));
    }
    let objects = report.messages.iter().flat_map(|message| &message.objects);
    let objects: Vec<Value> = objects
        .map(|object| {
            let outcome = object.result.as_ref().ok();
            json!({
                "object": object.location.as_ref().map(Location::to_string),
                "disposition": object.disposition().as_str(),
                "thumbnails": outcome.map(|outcome| &outcome.written),
            })
        })
        .collect();
    Ok(json!({ "objects": objects }))
}

/// The engine that this function works with: the one that is live in the engine
/// store, if one is configured, and otherwise that of the package.
async fn engine(config: &Config, connection: &Connection) -> Result<Arc<dyn Engine>, Failure> {
    let setup = |error: &dyn std::fmt::Display| Failure::Setup(format!("no engine: {error}"));
    let file = config.engine.clone();
    let options = config.follow();
    let budget = options.budget;
    let runtime = Runtime::new().map_err(|error| setup(&error))?;
    let shared = runtime.clone();
    let package =
        move || -> Result<_, LoadError> { wasm::packaged(&shared, file.as_deref(), budget) };
    if let Some(Location { bucket, key }) = &config.engines.store {
        let store = EngineStore::new(Arc::new(S3::new(connection)), bucket, key);
        let registry = Registry::start(store, runtime, options, Some(Box::new(package))).await;
        return Ok(Arc::new(registry.map_err(|error| setup(&error))?));
    }
    let loaded = tokio::task::spawn_blocking(package).await;
    let engine = loaded.map_err(|error| setup(&error))?;
    Ok(Arc::new(engine.map_err(|error| setup(&error))?))
}
