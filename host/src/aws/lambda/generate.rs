//! `generate-thumbnails`: events in, thumbnails out.

use std::sync::Arc;
use std::time::SystemTime;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::invocation::{Invocation, within};
use super::traces::flush;
use super::{Cold, Context, Failure};
use crate::aws::{Connection, S3, Sqs, Topic, Webhook};
use crate::batch::{Batch, PermanentFailures};
use crate::config::Config;
use crate::engines::{EnginePlace, EngineStore};
use crate::error::with_causes;
use crate::metric::Metric;
use crate::object::{Buckets, Location};
use crate::ports::{Message, ObjectStore};
use crate::report::BatchReport;
use crate::results::{QueuedResults, Results, Target};
use crate::service::{AtHand, Plan, Service};
use crate::telemetry::{Measures, Spans};
use crate::wasm;

/// The name of this function in its metrics.
const NAME: &str = "generate-thumbnails";

/// The engine store that the variables that `lookup` knows name, in `objects`.
///
/// # Errors
/// If it is of a kind that is not built into a function.
pub fn engines(
    lookup: impl Fn(&str) -> Option<String>,
    objects: &Arc<dyn ObjectStore>,
) -> Result<Option<EngineStore>, Failure> {
    match Config::engine_store(lookup) {
        None => Ok(None),
        Some(EnginePlace::Bucket(Buckets::S3, Location { bucket, key })) => {
            Ok(Some(EngineStore::new(objects.clone(), &bucket, &key)))
        }
        Some(other) => Err(Failure::InvalidConfiguration(format!(
            "a function reads engines from S3 alone; set ENGINE_STORE to s3://BUCKET/PREFIX, or let \
             `thimble worker` do its work, not: {other}"
        ))),
    }
}

/// The function, ready to be invoked.
#[derive(Debug)]
pub struct Generate {
    /// For messages, and for asynchronous invocations.
    service: Service,
    /// For jobs, whose report says what failed: they have no dead letters.
    jobs: Batch,
    cold: Cold,
}

impl Generate {
    /// The function that `config` describes, over AWS. It follows a channel of `engines`, if
    /// there is such a store, and makes `spans` if there are traces.
    ///
    /// # Errors
    /// If there is no engine to work with, or none that can make every preset.
    pub async fn start(
        mut config: Config,
        engines: Option<EngineStore>,
        connection: &Connection,
        spans: Option<Arc<dyn Spans>>,
    ) -> Result<Self, Failure> {
        let permanent = match config.dead_letters() {
            Some((url, policy)) => policy.with_queue(Arc::new(Sqs::new(connection, url))),
            None => PermanentFailures::Retry,
        };
        let (file, budget) = (config.engine.clone(), config.follow().budget);
        let package: AtHand = Box::new(move |runtime, compiler| {
            wasm::packaged(runtime, file.as_deref(), budget, compiler)
        });
        let objects = Arc::new(S3::new(connection));
        let results = config
            .results
            .take()
            .map(|target| results(target, connection));
        let plan = Plan {
            results,
            engines,
            spans,
            ..Plan::configured(config, objects, Some(package), permanent)
        };
        let service = Service::start(plan).await;
        let failed = |error| Failure::InvalidConfiguration(with_causes(&error));
        Ok(Self::new(service.map_err(failed)?))
    }

    /// The function around a host that is ready.
    pub fn new(service: Service) -> Self {
        Self {
            jobs: service.batch_without_dead_letters(),
            service,
            cold: Cold::new(),
        }
    }

    /// Does the work that `event` asks for, and answers in the form that its sender
    /// understands.
    ///
    /// # Errors
    /// If the event makes no sense, or if the invocation is asynchronous and its
    /// work is not done: Lambda invokes the function with it again.
    pub async fn handle(&self, event: Value, context: Context) -> Result<Value, Failure> {
        match Invocation::of(event, &context.request)? {
            Invocation::Messages(messages) => {
                let report = self.work(&self.service.batch, messages, &context).await;
                Ok(json!(report.response()))
            }
            Invocation::Job(job) => {
                let report = self.work(&self.jobs, job.messages(), &context).await;
                Ok(json!(job.answer(&report.messages)))
            }
            Invocation::Event(event) => {
                answer(&self.work(&self.service.batch, vec![event], &context).await)
            }
        }
    }

    async fn work(&self, batch: &Batch, messages: Vec<Message>, context: &Context) -> BatchReport {
        let deadline = Instant::now() + context.left;
        // Without spans nobody asks for it, and dead letters would keep it.
        let trace = context.trace.as_deref();
        let messages = within(trace.filter(|_| self.service.spans.is_some()), messages);
        let report = batch.work(messages, Some(deadline)).await;
        self.measure(&report);
        if let Some(spans) = &self.service.spans {
            flush(spans, deadline).await;
        }
        report
    }

    fn measure(&self, report: &BatchReport) {
        let mut measures = Measures::new(NAME);
        report
            .messages
            .iter()
            .for_each(|message| measures.add(message));
        if self.cold.take() {
            measures.count(Metric::ColdStart, 1);
        }
        for (metric, count) in self.service.counts() {
            measures.count(metric, count);
        }
        let engine = self.service.engine.identity("");
        for line in measures.take(&engine, SystemTime::now()) {
            println!("{line}");
        }
    }
}

/// The receiver of results that `target` names.
fn results(target: Target, connection: &Connection) -> Arc<dyn Results> {
    match target {
        Target::Queue(url) => Arc::new(QueuedResults::new(Arc::new(Sqs::new(connection, url)))),
        Target::Topic(arn) => Arc::new(Topic::new(connection, arn)),
        Target::Webhook { url, secret } => Arc::new(Webhook::new(url, &secret)),
    }
}

/// Answer to an asynchronous invocation.
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
        return Err(Failure::WorkNotDone(reason));
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
