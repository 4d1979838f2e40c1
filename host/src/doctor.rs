//! A host's surroundings, tried before it works in them.
//!
//! A mistake of a deployment shows late: as messages that come twice, as dead letters
//! that nobody asked for, as a queue that stays empty. Each check here asks for one thing
//! that a host needs, and says what is wrong with it and how to mend it. The checks look
//! at answers and ask for nothing themselves, except through a port or an [`Account`].
//!
//! One object is written and removed again to learn whether a store can be written to; it
//! has a key of its own, and may be forbidden.

use std::future::Future;
use std::time::Duration;

use serde::Serialize;

mod account;
mod bucket;
mod clock;
#[cfg(feature = "brokers")]
mod database;
mod engine;
mod folder;
#[cfg(all(test, any(feature = "aws", feature = "brokers", feature = "clouds")))]
pub(crate) mod planted;
mod probe;
mod queue;
mod store;
#[cfg(feature = "brokers")]
mod stream;
mod tour;
#[cfg(feature = "brokers")]
mod trouble;

pub use account::{
    Account, Encryption, Notifications, QueueAttributes, ToQueue, Trouble, TroubleKind,
};
pub use bucket::{Source, notification, source};
pub use clock::clock;
#[cfg(feature = "brokers")]
pub use database::database;
pub use engine::{channel, keys, presets};
pub use folder::{disk, queue_folder, rights};
pub use probe::{Probe, probe};
pub use queue::{QueueSettings, WorkerSettings, queue};
pub use store::{Kind, sources};
#[cfg(feature = "brokers")]
pub use stream::{Streams, streams};
pub use tour::of_cloud;

/// Time of one check.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Result of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the check.
    pub check: &'static str,
    /// Its result.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// Verdict about one thing that a host needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "result", rename_all = "kebab-case")]
pub enum Verdict {
    /// It is as it should be.
    Ok {
        /// The facts.
        what: String,
    },
    /// It is as it should be, and not as a rule of others wants it.
    Note {
        /// The fact, the rule, and the reason why it need not be kept here.
        what: String,
    },
    /// It was not looked at.
    NotTried {
        /// The reason.
        what: String,
    },
    /// A host works with it, and somebody should know of it.
    Warning {
        /// The fact.
        what: String,
        /// A way to do without it.
        mend: String,
    },
    /// It keeps a host from its work, now or one day.
    Wrong {
        /// The mistake.
        what: String,
        /// A way to mend it.
        mend: String,
    },
}

impl Finding {
    /// A thing that is as it should be.
    pub fn ok(check: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        let verdict = Verdict::Ok { what };
        Self { check, verdict }
    }

    /// A thing that is as it should be, though a rule of others wants another.
    pub fn note(check: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        let verdict = Verdict::Note { what };
        Self { check, verdict }
    }

    /// A thing that was not looked at, and the reason.
    pub fn not_tried(check: &'static str, what: impl Into<String>) -> Self {
        let what = what.into();
        let verdict = Verdict::NotTried { what };
        Self { check, verdict }
    }

    /// A thing to know of, and a way to do without it.
    pub fn warning(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        let verdict = Verdict::Warning { what, mend };
        Self { check, verdict }
    }

    /// A mistake, and a way to mend it.
    pub fn wrong(check: &'static str, what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        let verdict = Verdict::Wrong { what, mend };
        Self { check, verdict }
    }

    /// A mistake in words that may have a way to mend it behind a semicolon; `mend` is one
    /// for those that have none.
    pub fn told(check: &'static str, words: &str, mend: &str) -> Self {
        let (what, mend) = words.split_once("; ").unwrap_or((words, mend));
        Self::wrong(check, what, mend)
    }

    /// True if a host would fail by it.
    pub fn is_wrong(&self) -> bool {
        matches!(self.verdict, Verdict::Wrong { .. })
    }
}

/// The findings of a check, or one that says that it took too long.
pub async fn bounded(
    check: &'static str,
    time: Duration,
    work: impl Future<Output = Vec<Finding>>,
) -> Vec<Finding> {
    match tokio::time::timeout(time, work).await {
        Ok(findings) => findings,
        Err(_) => vec![Finding::wrong(
            check,
            format!("no answer came within {} s", time.as_secs()),
            "look at the network between this host and the service: its route, its proxy, and the \
             endpoint that is configured, as in AWS_ENDPOINT_URL",
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_check_that_gets_no_answer_ends_and_says_so() {
        let found = bounded("bucket", PATIENCE, std::future::pending()).await;
        assert!(found[0].is_wrong());
        assert_eq!(
            serde_json::to_value(&found[0]).unwrap()["what"],
            "no answer came within 20 s"
        );
    }
}
