//! Counts of what became of messages: the one place where that is counted, for the
//! log, the metrics and the summaries.

use std::time::Duration;

use super::{MessageReport, Skipped};
use crate::error::Disposition;

/// Counts by disposition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dispositions {
    /// See [`Disposition::Done`].
    pub done: u64,
    /// See [`Disposition::Skip`].
    pub skipped: u64,
    /// See [`Disposition::Reject`].
    pub rejected: u64,
    /// See [`Disposition::Retry`].
    pub retried: u64,
}

impl Dispositions {
    fn add(&mut self, disposition: Disposition) {
        *match disposition {
            Disposition::Done => &mut self.done,
            Disposition::Skip => &mut self.skipped,
            Disposition::Reject => &mut self.rejected,
            Disposition::Retry => &mut self.retried,
        } += 1;
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.done + self.skipped + self.rejected + self.retried
    }
}

/// Counts of messages, of the objects they speak of, and of the work on these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages, each by the gravest disposition of its objects.
    pub messages: Dispositions,
    /// Objects.
    pub objects: Dispositions,
    /// Messages that are dead letters now.
    pub dead_letters: u64,
    /// Objects that failed and whose messages are dead letters now.
    pub lost: u64,
    /// Objects that thumbnails were written of.
    pub made: u64,
    /// Objects that were skipped because their thumbnails are up to date.
    pub up_to_date: u64,
    /// Thumbnails that were written.
    pub thumbnails: u64,
    /// Thumbnails that were removed.
    pub removed: u64,
    /// Sources that are gone and whose thumbnails were removed.
    pub gone: u64,
    /// Those of the removed thumbnails whose sources are not gone.
    pub outdated: u64,
    /// Bytes of sources.
    pub bytes_read: u64,
    /// Bytes of thumbnails.
    pub bytes_written: u64,
    /// Time of engines.
    pub engine: Duration,
}

impl Counts {
    /// The counts of these messages.
    pub fn of<'a>(reports: impl IntoIterator<Item = &'a MessageReport>) -> Self {
        let mut counts = Self::default();
        reports.into_iter().for_each(|report| counts.add(report));
        counts
    }

    /// Add a message.
    pub fn add(&mut self, report: &MessageReport) {
        self.messages.add(report.disposition);
        self.dead_letters += u64::from(report.dead_lettered);
        for object in &report.objects {
            self.objects.add(object.disposition());
            let Ok(outcome) = &object.result else {
                self.lost += u64::from(report.dead_lettered);
                continue;
            };
            self.made += u64::from(!outcome.written.is_empty());
            self.up_to_date += u64::from(outcome.skipped == Some(Skipped::UpToDate));
            self.thumbnails += outcome.written.len() as u64;
            self.removed += outcome.removed.len() as u64;
            if outcome.written.is_empty() {
                self.gone += u64::from(!outcome.removed.is_empty());
            } else {
                self.outdated += outcome.removed.len() as u64;
            }
            self.bytes_read += outcome.bytes;
            self.bytes_written += outcome.bytes_written;
            self.engine += outcome.took.generate;
        }
    }
}
