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

use crate::error::{Disposition, Error};
use crate::event::{self, ObjectEvent};
use crate::letter;
use crate::object::Location;
use crate::pipeline::Pipeline;
use crate::ports::{Message, Outgoing, Queue};
use crate::report::{BatchReport, MessageReport, ObjectReport, Outcome};
use crate::telemetry;

mod keyed_lock;
mod progress;

use keyed_lock::KeyedLock;
use progress::Progress;

/// Part of the time of a batch that is kept for its end: sending dead letters,
/// writing the log, answering.
pub const CLOSING: Duration = Duration::from_secs(1);

/// Fate of a message that trying again cannot help.
#[derive(Clone, Debug)]
pub enum PermanentFailures {
    /// It is tried again all the same, until the queue's own redrive policy
    /// takes it away. Needs no permission to send, and gives no reason.
    Retry,
    /// It is sent to the dead-letter queue, with its reason.
    DeadLetter {
        /// The dead-letter queue.
        queue: Arc<dyn Queue>,
        /// True if it is sent the first time. If not it is tried as often as any
        /// other, and sent the last time.
        at_once: bool,
        /// Number of times that the source queue hands a message out. A message
        /// that still fails the last time is sent to the dead-letter queue as
        /// well, because the queue's own redrive policy could not say why.
        max_receive_count: Option<u32>,
    },
}

/// Occasions on which a host sends a message to the dead-letter queue itself,
/// because the queue's own redrive policy could not say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadLetterPolicy {
    /// See [`PermanentFailures::DeadLetter`].
    pub at_once: bool,
    /// See [`PermanentFailures::DeadLetter`].
    pub max_receive_count: Option<u32>,
}

impl DeadLetterPolicy {
    /// This policy, with `queue` for the letters.
    pub fn with_queue(self, queue: Arc<dyn Queue>) -> PermanentFailures {
        let Self {
            at_once,
            max_receive_count,
        } = self;
        PermanentFailures::DeadLetter {
            queue,
            at_once,
            max_receive_count,
        }
    }
}

/// Works on messages.
#[derive(Debug)]
pub struct Batch {
    pipeline: Arc<Pipeline>,
    permanent: PermanentFailures,
    permits: Arc<Semaphore>,
    in_work: Arc<KeyedLock>,
    progress: Progress,
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
        }
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
        let span = telemetry::span(message);
        self.work_on(message, deadline).instrument(span).await
    }

    async fn work_on(&self, message: &Message, deadline: Option<Instant>) -> MessageReport {
        let begun = Instant::now();
        let deadline = deadline.map(|deadline| deadline.checked_sub(CLOSING).unwrap_or(begun));
        let objects = match event::parse(&message.body) {
            Ok(events) => {
                let done = self.progress.of(&message.id);
                self.objects(event::merged(events), &done, deadline).await
            }
            Err(error) => vec![ObjectReport::failed(None, error)],
        };
        let mut report = MessageReport::new(message, objects);
        self.dead_letter(message, &mut report).await;
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
                    let work = self.object(event, deadline);
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
        deadline: Option<Instant>,
    ) -> impl Future<Output = ObjectReport> + Send + 'static {
        let pipeline = self.pipeline.clone();
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
            telemetry::object(&report);
            report
        }
    }

    /// Send what is lost for now to the dead-letter queue. Only when that has
    /// succeeded may the message leave its own queue; until then it is retried.
    async fn dead_letter(&self, message: &Message, report: &mut MessageReport) {
        let PermanentFailures::DeadLetter {
            queue,
            at_once,
            max_receive_count,
        } = &self.permanent
        else {
            return;
        };
        let last = max_receive_count.is_some_and(|most| message.receive_count >= most);
        let lost = match report.disposition {
            Disposition::Skip | Disposition::Done => false,
            Disposition::Reject => *at_once || last,
            Disposition::Retry => last,
        };
        let Some(error) = report.worst().filter(|_| lost) else {
            return;
        };
        let letter = Outgoing {
            body: message.body.clone(),
            attributes: letter::rejected(message, error),
            token: Some(letter::origin(message).to_owned()),
        };
        match queue.send(vec![letter]).await.pop() {
            Some(Ok(_)) => report.dead_lettered = true,
            Some(Err(error)) => report.dead_letter_failed = Some(error.into()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
