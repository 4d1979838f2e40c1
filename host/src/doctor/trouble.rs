//! Troubles with a queue that does not answer a question, with a way to mend each.

use super::Finding;
use crate::ports::{QueueError, QueueProblem};
use crate::text::{printable, with_causes};

/// Words of one kind of queue about what mends a trouble with it.
pub(super) struct Words {
    /// The variables that have credentials.
    pub(super) credentials: &'static str,
    /// The rights that a worker needs.
    pub(super) denied: &'static str,
    /// The name of what is missing.
    pub(super) missing: &'static str,
    /// The way to the server.
    pub(super) network: &'static str,
}

/// A finding about a queue that failed with `error`.
pub(super) fn unanswered(check: &'static str, error: &QueueError, words: &Words) -> Finding {
    let what = with_causes(error);
    match &error.problem {
        QueueProblem::NoCredentials => Finding::wrong("credentials", what, words.credentials),
        // Nothing was asked yet: these are not the credentials of anybody.
        QueueProblem::Denied if check == "server" => {
            Finding::wrong("credentials", what, words.credentials)
        }
        QueueProblem::Denied => Finding::wrong(check, what, words.denied),
        QueueProblem::Missing => Finding::wrong(check, what, words.missing),
        QueueProblem::Unusable(why) => Finding::told(
            check,
            why,
            "run the version that made it, or name another queue",
        ),
        QueueProblem::Tls { trouble, mend } => Finding::wrong("tls", printable(trouble), *mend),
        QueueProblem::Full => Finding::wrong("room", what, "make room on the disk of the server"),
        QueueProblem::Timeout | QueueProblem::Unavailable | QueueProblem::Throttled => {
            Finding::wrong(check, what, words.network)
        }
        QueueProblem::StaleReceipt
        | QueueProblem::InvalidMessage(_)
        | QueueProblem::Stranded(_)
        | QueueProblem::Unknown => Finding::wrong(check, what, "look up what the server said"),
    }
}
