//! From the dead-letter queue back to the source queue.
//!
//! Each letter is sent first and deleted after, so that none is lost. A run
//! looks at no more letters than there were when it began, so that it never
//! chases those that fail again while it runs.
//!
//! If a letter is sent but cannot be deleted, it exists twice for a while. That
//! cannot grow without bound: a letter carries the id of the message that first
//! asked for its work ([`letter::ORIGIN`]), every copy inherits it, and of all
//! letters of one origin that a run meets it sends one and deletes the rest.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::letter::{self, Choice};
use crate::ports::{Message, Outgoing, Queue, QueueError, ReceiveOptions};

mod report;

pub use report::{Entry, Fate, Report};

/// How many letters are taken at one time: as many as a request of SQS holds.
const BATCH: usize = 10;

/// How long letters that a run has taken stay hidden, if it has no deadline:
/// longer than runs are, so that they meet none of them twice.
const VISIBILITY: Duration = Duration::from_secs(1_800);

/// How much longer than until its deadline letters stay hidden from a run.
const MARGIN: Duration = Duration::from_secs(30);

/// How long to wait for letters before believing that there are none: a short
/// look asks only some of the machines that hold a queue of SQS.
const WAIT: Duration = Duration::from_secs(2);

/// What is kept of the time of a run for its end.
const CLOSING: Duration = Duration::from_secs(2);

/// What to move, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// The most letters to move.
    pub max: Option<u64>,
    /// Say what would be moved, and move nothing.
    pub dry_run: bool,
    /// Move only letters about objects whose keys begin with this.
    pub key_prefix: Option<String>,
    /// Move only letters with this kind of failure.
    pub error_kind: Option<String>,
    /// Move at most so many letters a second.
    pub rate_per_second: Option<f64>,
}

/// Moves letters from one queue to another.
#[derive(Clone, Debug)]
pub struct Redrive {
    /// Where the letters are.
    pub from: Arc<dyn Queue>,
    /// Where they go.
    pub to: Arc<dyn Queue>,
    /// What to move, and how.
    pub options: Options,
}

/// What a run remembers.
struct Run {
    report: Report,
    /// The origins that were sent, or would have been. No more than there are
    /// letters.
    origins: HashSet<String>,
    /// When the next letter may be sent.
    next: Instant,
}

impl Redrive {
    /// Move letters until all that were there have been looked at, as many as
    /// were asked for have been moved, or the time is over.
    ///
    /// # Errors
    /// If the queue of the letters cannot be read at all. What goes wrong with
    /// single letters is in the report.
    pub async fn run(&self, deadline: Option<Instant>) -> Result<Report, QueueError> {
        let go_on = |_: &Entry| ControlFlow::Continue(());
        self.run_watched(deadline, go_on).await
    }

    /// As [`run`](Self::run), telling `watch` of each letter. It can end the run,
    /// which then leaves nothing half done.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn run_watched(
        &self,
        deadline: Option<Instant>,
        mut watch: impl FnMut(&Entry) -> ControlFlow<()> + Send,
    ) -> Result<Report, QueueError> {
        let found = self.from.depth().await?.visible;
        let mut run = Run {
            report: Report {
                found,
                dry_run: self.options.dry_run,
                ..Report::default()
            },
            origins: HashSet::new(),
            next: Instant::now(),
        };
        let mut kept = Vec::new();
        let over = |next: Instant| {
            deadline.is_some_and(|deadline| Instant::now().max(next) + CLOSING >= deadline)
        };
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() && !over(run.next) {
            let batch = self.receive(&run.report, deadline).await?;
            if batch.is_empty() {
                break;
            }
            let mut letters = batch.into_iter();
            for letter in letters.by_ref() {
                if over(run.next) || self.is_full(&run.report) {
                    kept.push(letter);
                    break;
                }
                if let Some(letter) = self.one(letter, &mut run).await {
                    kept.push(letter);
                }
                flow = run.report.entries.last().map_or(flow, &mut watch);
                if flow.is_break() {
                    break;
                }
            }
            kept.extend(letters);
        }
        self.give_back(&kept).await;
        run.report.left = self.left(&run.report).await;
        Ok(run.report)
    }

    fn is_full(&self, report: &Report) -> bool {
        self.options.max.is_some_and(|max| report.moved >= max)
    }

    /// The next letters, as long as there are some that were there from the
    /// beginning and some that may be moved.
    async fn receive(
        &self,
        report: &Report,
        deadline: Option<Instant>,
    ) -> Result<Vec<Message>, QueueError> {
        let seen = report.entries.len() as u64;
        let unseen = report.found.saturating_sub(seen);
        let wanted = match self.options.max {
            Some(max) => unseen.min(max.saturating_sub(report.moved)),
            None => unseen,
        };
        let max = usize::try_from(wanted).unwrap_or(BATCH).min(BATCH);
        if max == 0 {
            return Ok(Vec::new());
        }
        let visibility = match deadline {
            Some(deadline) => (deadline - Instant::now() + MARGIN).min(VISIBILITY),
            None => VISIBILITY,
        };
        self.from
            .receive(&ReceiveOptions {
                max,
                visibility: Some(visibility),
                wait: WAIT,
            })
            .await
    }

    /// Decide about one letter and do it; give it back if it stays.
    async fn one(&self, letter: Message, run: &mut Run) -> Option<Message> {
        let origin = letter::origin(&letter).to_owned();
        let key = letter::key_of(&letter);
        let fate = if !self.choice().takes(&letter) {
            Fate::Skipped
        } else if run.origins.contains(&origin) {
            self.drop_copy(&letter).await
        } else if self.options.dry_run {
            Fate::WouldMove
        } else {
            self.wait_for_turn(run).await;
            self.move_one(&letter).await
        };
        if matches!(fate, Fate::Moved | Fate::WouldMove | Fate::Undeleted { .. }) {
            run.origins.insert(origin);
        }
        let stays = self.options.dry_run || fate.stays();
        run.report.add(Entry::new(&letter, key, fate));
        stays.then_some(letter)
    }

    fn choice(&self) -> Choice {
        Choice {
            key_prefix: self.options.key_prefix.clone(),
            error_kind: self.options.error_kind.clone(),
        }
    }

    async fn wait_for_turn(&self, run: &mut Run) {
        let Some(rate) = self.options.rate_per_second.filter(|rate| *rate > 0.0) else {
            return;
        };
        tokio::time::sleep_until(run.next).await;
        // Slower than one in a day is as good as never, and would overflow.
        let pause = Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::from_secs(86_400));
        run.next = Instant::now() + pause.min(Duration::from_secs(86_400));
    }

    /// Send first, delete after.
    async fn move_one(&self, letter: &Message) -> Fate {
        let outgoing = Outgoing {
            body: letter.body.clone(),
            attributes: letter::redriven(letter),
            token: Some(letter::origin(letter).to_owned()),
        };
        match self.to.send(vec![outgoing]).await.pop() {
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                return Fate::Unsent {
                    why: error.to_string(),
                };
            }
            None => {
                return Fate::Unsent {
                    why: "the queue gave no answer".to_owned(),
                };
            }
        }
        match self.delete(letter).await {
            Ok(()) => Fate::Moved,
            Err(error) => Fate::Undeleted {
                why: error.to_string(),
            },
        }
    }

    /// A copy of a letter that this run has sent already.
    async fn drop_copy(&self, letter: &Message) -> Fate {
        if self.options.dry_run {
            return Fate::Copy;
        }
        match self.delete(letter).await {
            Ok(()) => Fate::Copy,
            Err(error) => Fate::Undeleted {
                why: error.to_string(),
            },
        }
    }

    async fn delete(&self, letter: &Message) -> Result<(), QueueError> {
        let results = self
            .from
            .delete(std::slice::from_ref(&letter.receipt))
            .await;
        results
            .into_iter()
            .collect::<Result<Vec<()>, _>>()
            .map(drop)
    }

    /// What stays is to be seen again at once, not when its time is over.
    async fn give_back(&self, kept: &[Message]) {
        for letter in kept {
            if let Err(error) = self
                .from
                .set_visibility(&letter.receipt, Duration::ZERO)
                .await
            {
                tracing::warn!(message.id = letter.id, error = %error, "a letter stays hidden");
            }
        }
    }

    /// How many letters are left; as many as were not moved, if the queue does
    /// not say.
    async fn left(&self, report: &Report) -> u64 {
        let counted = report.found.saturating_sub(report.moved + report.copies);
        self.from
            .depth()
            .await
            .map_or(counted, |depth| depth.total())
    }
}

#[cfg(test)]
mod tests;
