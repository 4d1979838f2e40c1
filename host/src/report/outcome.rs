//! Outcome of the work on one object.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::error::Disposition;
use crate::ports::EngineIdentity;

/// Outcome of the work on one object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Reason why there was nothing to do, if so.
    pub skipped: Option<Skipped>,
    /// The words for what was found in a source that was skipped after a look at it.
    pub reason: Option<String>,
    /// The keys that were written.
    pub written: Vec<String>,
    /// The keys that were removed.
    pub removed: Vec<String>,
    /// Warnings of the engine, and of the host.
    pub warnings: Vec<String>,
    /// The engine that made the thumbnails.
    pub engine: Option<Arc<EngineIdentity>>,
    /// The size of the source in bytes.
    pub bytes: u64,
    /// The size of all that was written in bytes.
    pub bytes_written: u64,
    /// Number of times that the work was done because the source changed
    /// meanwhile.
    pub rounds: u32,
    /// Time of each stage.
    pub took: Stages,
}

/// Time of each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    /// Reading the source, waiting for memory included.
    pub get: Duration,
    /// Waiting for an engine, and its work.
    pub generate: Duration,
    /// Writing the thumbnails.
    pub put: Duration,
    /// End of the last of them.
    pub ended: Option<Instant>,
}

/// Reason why there was nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The key is under the prefix of our own output.
    OwnOutput,
    /// The configuration leaves this key out.
    Excluded,
    /// It is empty, or larger than what is read.
    Unfit,
    /// It was removed, and thumbnails are to outlive their source.
    Removal,
    /// There is no such object any more.
    Gone,
    /// Its thumbnails are there already.
    UpToDate,
    /// It is no image, and lies beside some.
    NotAnImage,
}

impl Skipped {
    /// The word for logs and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OwnOutput => "own-output",
            Self::Excluded => "excluded",
            Self::Unfit => "unfit",
            Self::Removal => "removal",
            Self::Gone => "gone",
            Self::UpToDate => "up-to-date",
            Self::NotAnImage => "not-an-image",
        }
    }
}

impl Outcome {
    pub(crate) fn skipped(why: Skipped) -> Self {
        Self {
            skipped: Some(why),
            ..Self::default()
        }
    }

    pub(crate) fn with_warning(mut self, warning: String) -> Self {
        self.warnings.push(warning);
        self
    }

    /// Meaning of this object for its message.
    pub fn disposition(&self) -> Disposition {
        if self.skipped.is_some() {
            Disposition::Skip
        } else {
            Disposition::Done
        }
    }
}
