//! A redrive that was asked for on the page: one at a time, beside the work.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::task::JoinHandle;

use super::{Inner, lock};
use crate::error::with_causes;
use crate::letter::{self, Choice};
use crate::ports::QueueError;
use crate::redrive::{Entry, Fate, Options, Redrive, Report};
use crate::trust::Digest;

/// The redrive that was asked for last.
#[derive(Debug, Default)]
pub(super) struct Redriving {
    pub(super) state: State,
    task: Option<JoinHandle<()>>,
}

/// State of a redrive.
#[derive(Clone, Debug, Default)]
pub(super) enum State {
    /// There was none.
    #[default]
    Never,
    /// It goes on.
    Running {
        /// Letters that were looked at, and moved, so far.
        seen: u64,
        moved: u64,
    },
    /// It is over.
    Ended {
        at: SystemTime,
        result: Result<Moved, String>,
    },
}

/// Result of a redrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub(super) moved: u64,
    pub(super) failed: u64,
    pub(super) left: u64,
}

/// Begin to redrive the letters of `choice`. False if another redrive goes on.
pub(super) fn begin(inner: &Arc<Inner>, choice: Choice) -> bool {
    let mut redriving = lock(&inner.redriving);
    let goes_on = matches!(redriving.state, State::Running { .. });
    if goes_on || *inner.closing.borrow() {
        return false;
    }
    redriving.state = State::Running { seen: 0, moved: 0 };
    let run = run(inner.clone(), choice);
    redriving.task = Some(tokio::spawn(run));
    drop(redriving);
    inner.tell(true);
    true
}

/// Wait for the end of a redrive, which has been told to stop.
pub(super) async fn end(inner: &Inner) {
    let task = lock(&inner.redriving).task.take();
    if let Some(task) = task {
        // One that panicked has ended as well.
        let _ = task.await;
    }
}

async fn run(inner: Arc<Inner>, choice: Choice) {
    let result = moved(&inner, choice).await;
    let result = match result {
        Ok(report) => {
            forget(&inner, &report);
            tracing::info!(
                redrive.moved = report.moved,
                redrive.failed = report.failed,
                redrive.left = report.left,
                "letters were redriven from the status page"
            );
            Ok(Moved {
                moved: report.moved,
                failed: report.failed,
                left: report.left,
            })
        }
        Err(error) => {
            let reason = with_causes(&error);
            tracing::warn!(error.message = reason, "letters could not be redriven");
            Err(reason)
        }
    };
    let at = SystemTime::now();
    lock(&inner.redriving).state = State::Ended { at, result };
    inner.tell(true);
}

async fn moved(inner: &Arc<Inner>, choice: Choice) -> Result<Report, QueueError> {
    let Some(letters) = &inner.parts.letters else {
        return Ok(Report::default());
    };
    let redrive = Redrive {
        from: letters.own()?,
        to: inner.parts.work.clone(),
        options: Options {
            choice,
            ..Options::default()
        },
    };
    let watch = |entry: &Entry| {
        if let State::Running { seen, moved } = &mut lock(&inner.redriving).state {
            *seen += 1;
            *moved += u64::from(entry.fate == Fate::Moved);
        }
        inner.tell(true);
        if *inner.closing.borrow() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    redrive.run_watched(None, watch).await
}

/// Forget the letters that this process has sent and that are on their way back.
fn forget(inner: &Inner, report: &Report) {
    let back = |entry: &&Entry| matches!(entry.fate, Fate::Moved | Fate::Copy);
    let works = report.entries.iter().filter(back);
    let works: HashSet<Digest> = works.map(|entry| letter::work(&entry.origin)).collect();
    let mut recent = lock(&inner.recent);
    recent.letters.retain(|sent| !works.contains(&sent.work));
}
