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

use tokio::time::Instant;

use crate::letter::{self, Choice};
use crate::pace::Pace;
use crate::ports::{Message, Outgoing, Queue, QueueError, Walk};

mod report;

pub use report::{Entry, Fate, Report};

/// Time for which letters that a run has taken stay hidden, if it has no
/// deadline: longer than runs are, so that they meet none of them twice.
const VISIBILITY: Duration = Duration::from_secs(1_800);

/// Time beyond its deadline for which letters stay hidden from a run.
const MARGIN: Duration = Duration::from_secs(30);

/// Part of the time of a run that is kept for its end.
const CLOSING: Duration = Duration::from_secs(2);

/// Choice of letters, and the manner of moving them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// The letters to move.
    pub choice: Choice,
    /// The most letters to move.
    pub max: Option<u64>,
    /// Say what would be moved, and move nothing.
    pub dry_run: bool,
    /// Move at most so many letters a second.
    pub rate_per_second: Option<f64>,
}

/// Moves letters from one queue to another.
#[derive(Clone, Debug)]
pub struct Redrive {
    /// The dead-letter queue.
    pub from: Arc<dyn Queue>,
    /// The source queue.
    pub to: Arc<dyn Queue>,
    /// Choice of letters, and the manner of moving them.
    pub options: Options,
}

/// State of a run.
struct Run {
    report: Report,
    /// The origins that were sent, or would have been. No more than there are
    /// letters.
    origins: HashSet<String>,
    pace: Pace,
    deadline: Option<Instant>,
}

impl Run {
    fn is_over(&self) -> bool {
        let next = Instant::now().max(self.pace.next());
        self.deadline
            .is_some_and(|deadline| next + CLOSING >= deadline)
    }

    /// Time for which letters that are taken now stay hidden.
    fn hidden(&self) -> Duration {
        match self.deadline {
            Some(deadline) => (deadline - Instant::now() + MARGIN).min(VISIBILITY),
            None => VISIBILITY,
        }
    }
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
        let mut walk = Walk::begin(&*self.from).await?;
        let mut run = Run {
            report: Report {
                found: walk.found(),
                dry_run: self.options.dry_run,
                ..Report::default()
            },
            origins: HashSet::new(),
            pace: Pace::new(self.options.rate_per_second),
            deadline,
        };
        let moved = self.move_all(&mut walk, &mut run, &mut watch).await;
        walk.end().await;
        moved?;
        run.report.left = self.left(&run.report).await;
        Ok(run.report)
    }

    async fn move_all(
        &self,
        walk: &mut Walk<'_>,
        run: &mut Run,
        watch: &mut (impl FnMut(&Entry) -> ControlFlow<()> + Send),
    ) -> Result<(), QueueError> {
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() && !run.is_over() {
            let most = self.most(&run.report);
            let mut letters = walk.next(most, run.hidden()).await?.into_iter();
            if letters.len() == 0 {
                break;
            }
            while flow.is_continue()
                && !run.is_over()
                && self.most(&run.report) > 0
                && let Some(letter) = letters.next()
            {
                if self.one(&letter, run).await {
                    walk.leave(letter.receipt);
                }
                flow = run.report.entries.last().map_or(flow, &mut *watch);
            }
            letters.for_each(|letter| walk.leave(letter.receipt));
        }
        Ok(())
    }

    /// The most letters that may still be moved.
    fn most(&self, report: &Report) -> u64 {
        self.options
            .max
            .map_or(u64::MAX, |max| max.saturating_sub(report.moved))
    }

    /// Decide about one letter and do it. Returns whether it stays.
    async fn one(&self, letter: &Message, run: &mut Run) -> bool {
        let origin = letter::origin(letter).to_owned();
        let key = letter::key_of(letter);
        let fate = if !self.options.choice.takes(letter) {
            Fate::Skipped
        } else if run.origins.contains(&origin) {
            self.drop_copy(letter).await
        } else if self.options.dry_run {
            Fate::WouldMove
        } else {
            run.pace.wait(1).await;
            self.move_one(letter).await
        };
        if matches!(fate, Fate::Moved | Fate::WouldMove | Fate::Undeleted { .. }) {
            run.origins.insert(origin);
        }
        let stays = self.options.dry_run || fate.stays();
        run.report.add(Entry::new(letter, key, fate));
        stays
    }

    /// Send first, delete after.
    async fn move_one(&self, letter: &Message) -> Fate {
        let outgoing = Outgoing {
            body: letter.body.clone(),
            attributes: letter::redriven(letter),
            token: Some(letter::origin(letter).to_owned()),
            ..Outgoing::default()
        };
        if let Err(error) = letter::send(&*self.to, outgoing).await {
            return Fate::Unsent {
                why: error.to_string(),
            };
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

    /// Number of letters that are left; that of those not moved, if the queue
    /// does not say.
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
