//! From the objects that are there to messages that ask for their thumbnails.
//!
//! A bucket sends events about what is written to it from now on, and none about
//! what was there before. A backfill sends those, in the words of the bucket. It
//! costs money for each object, and so it is bounded: first a
//! [`survey`](Backfill::survey) counts the objects and estimates the cost, and
//! then a run sends no more messages than the survey counted, none about objects
//! behind the last key it saw, and none about thumbnails.
//!
//! A run goes through the keys in their order and ends with the last key up to
//! which all is done. A run that begins behind it repeats nothing. If that key is
//! not known, because the run was killed, beginning from the start does no harm:
//! the same work gives the same thumbnails.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::error::Error;
use crate::event::{self, Change};
use crate::object::{ETag, Location};
use crate::pace::Pace;
use crate::pipeline::{Pipeline, Settings};
use crate::ports::{Listed, ObjectStore, Outgoing, Pages, Queue, QueueError, pages};
use crate::report::Skipped;

mod estimate;
mod report;

pub use estimate::{Choices, Estimate, Item};
pub use report::{Ended, Report, Survey};

/// Messages in a request: as many as one of SQS holds.
pub const BATCH: usize = 10;

/// Objects that are checked side by side for thumbnails that are up to date.
const CHECKS: usize = 16;

/// Attempts to send a message that the queue did not take.
const ATTEMPTS: u32 = 4;

/// Pause before a message is sent again; twice as long each time.
const PAUSE: Duration = Duration::from_millis(500);

/// Choice of objects, and the manner of sending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The bucket of the sources.
    pub bucket: String,
    /// Only objects whose keys begin with this.
    pub prefix: String,
    /// Only objects whose keys come behind this one.
    pub after: Option<String>,
    /// Send at most so many messages.
    pub max: Option<u64>,
    /// Send at most so many messages a second.
    pub rate_per_second: Option<f64>,
}

/// Sends messages about objects that are there.
#[derive(Clone, Debug)]
pub struct Backfill {
    /// The store of the objects.
    pub store: Arc<dyn ObjectStore>,
    /// The queue that the messages are sent to; without one it is only counted what would be.
    pub queue: Option<Arc<dyn Queue>>,
    /// Settings of the hosts that will work on the messages: they say which
    /// objects are sources.
    pub settings: Settings,
    /// Leaves out what this pipeline finds up to date, if there is one.
    pub missing: Option<Arc<Pipeline>>,
    /// Choice of objects, and the manner of sending.
    pub options: Options,
}

/// State of a run.
struct Run {
    report: Report,
    /// Messages that are not sent yet, with the keys they are about.
    pending: Vec<(String, Outgoing)>,
    /// The most messages to send.
    most: u64,
    pace: Pace,
}

impl Backfill {
    /// Count the objects, telling `watch` how far it is. If `watch` ends it, the
    /// counts so far are returned.
    ///
    /// # Errors
    /// If the objects cannot be listed.
    pub async fn survey(
        &self,
        mut watch: impl FnMut(&Survey) -> ControlFlow<()> + Send,
    ) -> Result<Survey, Error> {
        let mut survey = Survey::default();
        let mut pages = self.pages();
        while let Some(page) = pages.next().await? {
            survey.pages += 1;
            for listed in &page {
                survey.add(listed, self.is_no_source(listed));
            }
            if watch(&survey).is_break() {
                survey.is_whole = false;
                break;
            }
        }
        Ok(survey)
    }

    /// Send a message about each object that `survey` counted, telling `watch`
    /// after each request how far it is. It can end the run, which is then to be
    /// continued behind [`Report::after`].
    ///
    /// Nothing is an error by itself: how it ended is in the report.
    pub async fn run(
        &self,
        survey: &Survey,
        mut watch: impl FnMut(&Report) -> ControlFlow<()> + Send,
    ) -> Report {
        let mut run = Run {
            report: Report::new(&self.options),
            pending: Vec::new(),
            most: self.options.max.unwrap_or(u64::MAX).min(survey.objects),
            pace: Pace::new(
                self.options
                    .rate_per_second
                    .filter(|_| self.queue.is_some()),
            ),
        };
        let worked = self.work(survey, &mut run, &mut watch).await;
        if let Err(error) = worked {
            run.report.ended = Ended::Failed(error);
        }
        run.report
    }

    async fn work(
        &self,
        survey: &Survey,
        run: &mut Run,
        watch: &mut (impl FnMut(&Report) -> ControlFlow<()> + Send),
    ) -> Result<(), Error> {
        let mut pages = self.pages();
        while let Some(page) = pages.next().await? {
            let mut objects = Box::pin(self.judged(page));
            while let Some((listed, reason)) = objects.try_next().await? {
                if survey.last.as_ref().is_none_or(|last| listed.key > *last) {
                    // It came after the survey, and with it an event of its own.
                    return self.send(run).await;
                }
                let waiting = run.pending.len() as u64;
                if reason.is_none() && run.report.sent + waiting >= run.most {
                    self.send(run).await?;
                    run.report.ended = Ended::Enough;
                    return Ok(());
                }
                match reason {
                    Some(reason) => run.report.skip(reason),
                    None => run.pending.push(self.message(&listed)),
                }
                if run.pending.is_empty() {
                    run.report.after = Some(listed.key);
                } else if run.pending.len() >= self.batch() {
                    self.send(run).await?;
                    if watch(&run.report).is_break() {
                        run.report.ended = Ended::Interrupted;
                        return Ok(());
                    }
                }
            }
            if watch(&run.report).is_break() {
                self.send(run).await?;
                run.report.ended = Ended::Interrupted;
                return Ok(());
            }
        }
        self.send(run).await
    }

    /// The objects of a page in their order, each with the reason for leaving it
    /// out if there is one.
    fn judged(
        &self,
        page: Vec<Listed>,
    ) -> impl stream::Stream<Item = Result<(Listed, Option<Skipped>), Error>> + Send {
        let judge = move |listed: Listed| async move {
            let mut reason = self.is_no_source(&listed);
            if reason.is_none()
                && let Some(pipeline) = &self.missing
                && pipeline.is_up_to_date(&self.location(&listed)).await?
            {
                reason = Some(Skipped::UpToDate);
            }
            Ok((listed, reason))
        };
        stream::iter(page).map(judge).buffered(CHECKS)
    }

    fn pages(&self) -> Pages<'_> {
        let Options { bucket, prefix, .. } = &self.options;
        pages(&*self.store, bucket, prefix).after(self.options.after.clone())
    }

    fn location(&self, listed: &Listed) -> Location {
        Location::new(&self.options.bucket, &listed.key)
    }

    /// The reason for sending no message about an object, if there is one: it is
    /// no source, or one that would only become a dead letter.
    fn is_no_source(&self, listed: &Listed) -> Option<Skipped> {
        let unfit = listed.size == 0 || listed.size > self.settings.max_source;
        self.settings
            .is_no_source(&self.location(listed))
            .or(unfit.then_some(Skipped::Unfit))
    }

    /// Messages in a request: few if they are to be sent slowly, so that ending
    /// the run takes about a second at most.
    fn batch(&self) -> usize {
        let rate = self.options.rate_per_second.unwrap_or(f64::INFINITY);
        (1..BATCH)
            .find(|count| *count as f64 >= rate)
            .unwrap_or(BATCH)
    }

    /// The event that the bucket would send if the object were written now.
    fn message(&self, listed: &Listed) -> (String, Outgoing) {
        let location = self.location(listed);
        let body = event::notification(Change::Written, &location, Some(listed.size), None);
        let token = ETag::of(location.key.as_bytes()).to_string();
        let outgoing = Outgoing {
            token: Some(token),
            ..Outgoing::new(body)
        };
        (location.key, outgoing)
    }

    /// Send what is pending, and again what the queue did not take. What cannot
    /// be sent stays pending, and the report says up to where all is done.
    async fn send(&self, run: &mut Run) -> Result<(), Error> {
        let mut pause = PAUSE;
        for attempt in 1.. {
            if run.pending.is_empty() {
                break;
            }
            let Some((error, unsent)) = self.request(run).await else {
                break;
            };
            if attempt == ATTEMPTS || !error.may_pass() {
                run.report.unsent += unsent;
                return Err(error.into());
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Ok(())
    }

    /// Send what is pending in one request; the last error and the number of
    /// messages that it left pending, if there are any.
    async fn request(&self, run: &mut Run) -> Option<(QueueError, u64)> {
        run.pace.wait(run.pending.len()).await;
        let pending = std::mem::take(&mut run.pending);
        let messages: Vec<_> = pending
            .iter()
            .map(|(_, outgoing)| outgoing.clone())
            .collect();
        let results = match &self.queue {
            Some(queue) => {
                let mut results = queue.send(messages).await;
                let unanswered = || Err(QueueError::unanswered(queue));
                results.resize_with(pending.len(), unanswered);
                results
            }
            None => vec![Ok(String::new()); pending.len()],
        };
        let mut last = None;
        for ((key, outgoing), result) in pending.into_iter().zip(results) {
            match result {
                Ok(_) => {
                    run.report.sent += 1;
                    // Everything before the first that is left is done.
                    if run.pending.is_empty() {
                        run.report.after = Some(key);
                    }
                }
                Err(error) => {
                    last = Some(error);
                    run.pending.push((key, outgoing));
                }
            }
        }
        let unsent = run.pending.len() as u64;
        last.map(|error| (error, unsent))
    }
}

#[cfg(test)]
mod tests;
