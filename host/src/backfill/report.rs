//! Counts of a backfill: what there is to send, and what was sent.

use super::Options;
use crate::error::Error;
use crate::ports::Listed;
use crate::report::Skipped;

/// Result of a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Survey {
    /// Objects that are sources.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that are thumbnails.
    pub thumbnails: u64,
    /// Objects that the configuration leaves out.
    pub excluded: u64,
    /// Objects that are empty, or larger than what is read.
    pub unfit: u64,
    /// Requests that it took to list them.
    pub pages: u64,
    /// The last key there was.
    pub last: Option<String>,
    /// True if it came to the end.
    pub is_whole: bool,
}

impl Default for Survey {
    fn default() -> Self {
        Self {
            objects: 0,
            bytes: 0,
            thumbnails: 0,
            excluded: 0,
            unfit: 0,
            pages: 0,
            last: None,
            is_whole: true,
        }
    }
}

impl Survey {
    pub(super) fn add(&mut self, listed: &Listed, reason: Option<Skipped>) {
        match reason {
            None => {
                self.objects += 1;
                self.bytes = self.bytes.saturating_add(listed.size);
            }
            Some(Skipped::OwnOutput) => self.thumbnails += 1,
            Some(Skipped::Unfit) => self.unfit += 1,
            Some(_) => self.excluded += 1,
        }
        self.last = Some(listed.key.clone());
    }
}

/// Result of a run.
#[derive(Clone, Debug)]
pub struct Report {
    /// Messages that were sent, or would have been.
    pub sent: u64,
    /// Objects whose thumbnails are up to date.
    pub up_to_date: u64,
    /// Objects that are no sources.
    pub skipped: u64,
    /// Messages that the queue did not take.
    pub unsent: u64,
    /// The last key up to which all is done.
    pub after: Option<String>,
    /// The way it ended.
    pub ended: Ended,
}

/// The way a run ended.
#[derive(Clone, Debug)]
pub enum Ended {
    /// Everything that the survey counted is done.
    Done,
    /// As many messages as were asked for, or as were counted, are sent, and
    /// there is more.
    Enough,
    /// It was interrupted.
    Interrupted,
    /// Something stood in the way.
    Failed(Error),
}

impl Ended {
    /// The word for reports.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Enough => "enough",
            Self::Interrupted => "interrupted",
            Self::Failed(_) => "failed",
        }
    }
}

impl Report {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            sent: 0,
            up_to_date: 0,
            skipped: 0,
            unsent: 0,
            after: options.after.clone(),
            ended: Ended::Done,
        }
    }

    pub(super) fn skip(&mut self, reason: Skipped) {
        match reason {
            Skipped::UpToDate => self.up_to_date += 1,
            _ => self.skipped += 1,
        }
    }
}
