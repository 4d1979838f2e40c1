//! A batch of messages: worked on side by side, and answered one by one.
//!
//! No message disturbs another. Each is done, rejected or to be tried again by
//! itself; a panic is contained in its task; and what cannot be finished in
//! time is handed back instead of being cut off.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::error::Error;
use crate::event::{self, ObjectEvent};
use crate::letter;
use crate::object::Location;
use crate::pipeline::Pipeline;
use crate::ports::Message;
use crate::report::{BatchReport, MessageReport, ObjectReport, Outcome};
use crate::telemetry::{self, Origin, Spans};

mod dead_letter;
mod keyed_lock;
mod progress;

pub use dead_letter::{DeadLetterPolicy, PermanentFailures};
use keyed_lock::KeyedLock;
use progress::Progress;

/// Part of the time of a batch that is kept for its end: sending dead letters,
/// writing the log, answering.
pub const CLOSING: Duration = Duration::from_secs(1);

/// Works on messages.
#[derive(Debug)]
pub struct Batch {
    pipeline: Arc<Pipeline>,
    permanent: PermanentFailures,
    permits: Arc<Semaphore>,
    in_work: Arc<KeyedLock>,
    progress: Progress,
    spans: Option<Arc<dyn Spans>>,
}

impl Batch {
    /// Works on at most `concurrency` objects at one time, over all batches, and
    /// on no object twice at one time.
    pub fn new(pipeline: Arc<Pipeline>, permanent: PermanentFailures, concurrency: usize) -> Self {
        let permits = Arc::new(Semaphore::new(concurrency.clamp(1, Semaphore::MAX_PERMITS)));
        Self {
            pipeline,
            permanent,
            permits,
            in_work: Arc::default(),
            progress: Progress::default(),
            spans: None,
        }
    }

    /// The same, with a span for each object.
    #[must_use]
    pub fn traced(self, spans: Option<Arc<dyn Spans>>) -> Self {
        Self { spans, ..self }
    }

    /// Work on all of `messages` side by side and report on each, in order.
    ///
    /// Returns before `deadline`.
    pub async fn work(&self, messages: Vec<Message>, deadline: Option<Instant>) -> BatchReport {
        let begun = Instant::now();
        let works = messages.iter().map(|message| self.one(message, deadline));
        let messages = futures_util::future::join_all(works).await;
        let report = BatchReport {
            messages,
            took: begun.elapsed(),
        };
        telemetry::batch(&report);
        report
    }

    /// Work on one message.
    pub async fn one(&self, message: &Message, deadline: Option<Instant>) -> MessageReport {
        let origin = Origin::of(message);
        let span = telemetry::span(&origin);
        let work = self.work_on(message, Arc::new(origin), deadline);
        work.instrument(span).await
    }

    async fn work_on(
        &self,
        message: &Message,
        origin: Arc<Origin>,
        deadline: Option<Instant>,
    ) -> MessageReport {
        let begun = Instant::now();
        let deadline = deadline.map(|deadline| deadline.checked_sub(CLOSING).unwrap_or(begun));
        let objects = match event::parse(&message.body) {
            Ok(events) => {
                let done = self.progress.of(&message.id);
                let mut events = event::merged(events);
                let again = message.receive_count > 1 || letter::is_redriven(message);
                events
                    .iter_mut()
                    .flatten()
                    .for_each(|event| event.again = again);
                self.objects(events, &done, &origin, deadline).await
            }
            Err(error) => vec![ObjectReport::failed(None, error)],
        };
        let mut report = MessageReport::new(message, objects);
        self.permanent.dead_letter(message, &mut report).await;
        self.progress.note(&report);
        report.took = begun.elapsed();
        telemetry::message(&report);
        report
    }

    /// Work on every object of a message, each in a task of its own, but for
    /// those that were `done` when the message was handed out before.
    async fn objects(
        &self,
        events: Vec<Result<ObjectEvent, Error>>,
        done: &HashSet<Location>,
        origin: &Arc<Origin>,
        deadline: Option<Instant>,
    ) -> Vec<ObjectReport> {
        let mut reports: Vec<Option<ObjectReport>> = Vec::new();
        let mut tasks = JoinSet::new();
        let mut running = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            match event {
                Err(error) => reports.push(Some(ObjectReport::failed(None, error))),
                Ok(event) if done.contains(&event.location) => {
                    reports.push(Some(ObjectReport::done_before(event.location)));
                }
                Ok(event) => {
                    reports.push(None);
                    let location = event.location.clone();
                    let work = self.object(event, origin.clone(), deadline);
                    let task = tasks.spawn(work.in_current_span());
                    running.push((task.id(), index, location));
                }
            }
        }
        while let Some(ended) = tasks.join_next_with_id().await {
            let (id, result) = match ended {
                Ok((id, report)) => (id, Ok(report)),
                Err(error) => (error.id(), Err(error)),
            };
            let Some((_, index, location)) = running.iter().find(|(of, _, _)| *of == id) else {
                continue;
            };
            let report = result.unwrap_or_else(|error| {
                let error = Error::Panicked(error.to_string());
                ObjectReport::failed(Some(location.clone()), error)
            });
            if let Some(place) = reports.get_mut(*index) {
                *place = Some(report);
            }
        }
        reports.into_iter().flatten().collect()
    }

    /// Work on one object once its lock and a permit are free, and stop when time
    /// is over.
    fn object(
        &self,
        event: ObjectEvent,
        origin: Arc<Origin>,
        deadline: Option<Instant>,
    ) -> impl Future<Output = ObjectReport> + Send + 'static {
        let (pipeline, spans) = (self.pipeline.clone(), self.spans.clone());
        let (in_work, permits) = (self.in_work.clone(), self.permits.clone());
        async move {
            let begun = Instant::now();
            let work = async {
                // In this order: waiting for the lock keeps no other object from a permit.
                let _alone = in_work.lock(&event.location).await;
                let _permit = permits.acquire().await;
                pipeline.process(&event, deadline).await
            };
            let result: Result<Outcome, Error> = match deadline {
                None => work.await,
                Some(deadline) => timeout_at(deadline, work)
                    .await
                    .unwrap_or(Err(Error::OutOfTime)),
            };
            let report = ObjectReport {
                location: Some(event.location),
                result,
                took: begun.elapsed(),
            };
            telemetry::object(&report, &origin, spans.as_deref());
            report
        }
    }
}

#[cfg(test)]
mod tests;
