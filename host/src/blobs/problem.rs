//! Failures of the clouds, and what is wrong then.

use std::error::Error;

use object_store::client::{HttpError, HttpErrorKind};

use crate::object::Location;
use crate::ports::{Condition, StoreError, StoreProblem};
use crate::text::{Said, excerpt, with_causes};

/// Hosts that know the identity of a machine. Where none of them gives a token there is none.
const IDENTITIES: [&str; 2] = ["http://metadata.google.internal", "http://169.254.169.254"];

/// The beginning of the words for an answer that refuses.
const ANSWERED: &str = "Server returned";

/// An answer that refuses a request, as the text of an error shows it: the crate tells no more.
struct Refusal {
    status: Option<u16>,
    code: Option<String>,
    message: Option<String>,
    text: String,
}

/// The error of a failed request that writes nothing under a condition.
pub(super) fn of_read(error: &object_store::Error, location: &Location) -> StoreError {
    let refusal = Refusal::of(error);
    StoreError::new(problem(error, &refusal), location).because(refusal.said())
}

/// The error of a failed write.
pub(super) fn of_write(
    error: &object_store::Error,
    location: &Location,
    condition: Option<&Condition>,
) -> StoreError {
    let failed = of_read(error, location);
    let problem = match condition {
        Some(condition) => under(condition, failed.problem.clone()),
        None => failed.problem.clone(),
    };
    StoreError { problem, ..failed }
}

/// The error of a failed listing. One name that the crate cannot hold ends all of it.
pub(super) fn of_listing(error: &object_store::Error, location: &Location) -> StoreError {
    match error {
        object_store::Error::InvalidPath { .. } => {
            let lacking = "a listing with a key that has an empty part, a part `.` or `..`, or a \
                           control character; rename it";
            let said = Said::new(with_causes(error));
            unsupported(lacking, location).because(said)
        }
        _ => of_read(error, location),
    }
}

/// The problem of a write under a condition: what is to be replaced and is not there fails it.
pub(super) fn under(condition: &Condition, problem: StoreProblem) -> StoreProblem {
    match (condition, problem) {
        (Condition::IfMatch(_), StoreProblem::NotFound) => StoreProblem::ConditionFailed,
        (_, problem) => problem,
    }
}

/// The error of what the port asks for and a cloud does not do.
pub(super) fn unsupported(what: impl Into<String>, location: &Location) -> StoreError {
    StoreError::new(StoreProblem::Unsupported(what.into()), location)
}

fn problem(error: &object_store::Error, refusal: &Refusal) -> StoreProblem {
    let of_code = refusal.code.as_deref().and_then(of_code);
    if let Some(problem) = of_code {
        return problem;
    }
    match error {
        object_store::Error::NotFound { .. } => StoreProblem::NotFound,
        object_store::Error::NotModified { .. } => StoreProblem::NotModified,
        object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
            StoreProblem::ConditionFailed
        }
        object_store::Error::PermissionDenied { .. }
        | object_store::Error::Unauthenticated { .. } => StoreProblem::Denied,
        object_store::Error::InvalidPath { .. } => StoreProblem::InvalidKey,
        object_store::Error::NotSupported { .. } | object_store::Error::NotImplemented { .. } => {
            StoreProblem::Unsupported(excerpt(&error.to_string()))
        }
        _ if IDENTITIES.iter().any(|host| refusal.text.contains(host)) => {
            StoreProblem::NoCredentials
        }
        _ => match (refusal.status, http(error)) {
            // Whoever gives out tokens does not know these credentials.
            (Some(400), _) if refusal.text.contains("token request") => StoreProblem::Denied,
            (Some(status), _) => StoreProblem::of_status(status),
            (None, Some(kind)) => of_silence(kind),
            (None, None) => StoreProblem::Unknown,
        },
    }
}

/// The problems of codes that say more than their status.
fn of_code(code: &str) -> Option<StoreProblem> {
    Some(match code {
        "NoSuchBucket"
        | "InvalidBucketName"
        | "ContainerNotFound"
        | "ContainerBeingDeleted"
        | "ContainerDisabled" => StoreProblem::MissingBucket,
        "NoSuchKey" | "BlobNotFound" => StoreProblem::NotFound,
        "BlobArchived" | "BlobBeingRehydrated" => StoreProblem::Archived,
        "KeyTooLong" | "InvalidObjectName" | "InvalidResourceName" | "InvalidUri" => {
            StoreProblem::InvalidKey
        }
        "SlowDown" | "ServerBusy" => StoreProblem::Throttled,
        "OperationTimedOut" => StoreProblem::Timeout,
        "BlobImmutableDueToPolicy" | "LeaseIdMissing" => StoreProblem::Denied,
        "AccountBeingCreated" => StoreProblem::Unavailable,
        _ => return None,
    })
}

fn of_silence(kind: HttpErrorKind) -> StoreProblem {
    match kind {
        HttpErrorKind::Timeout => StoreProblem::Timeout,
        HttpErrorKind::Connect | HttpErrorKind::Request | HttpErrorKind::Interrupted => {
            StoreProblem::Unavailable
        }
        _ => StoreProblem::Unknown,
    }
}

/// An error with all that lies beneath it.
fn causes(error: &object_store::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(Some(error as &(dyn Error + 'static)), |error| {
        (*error).source()
    })
}

/// The kind of a failure below HTTP's answers.
fn http(error: &object_store::Error) -> Option<HttpErrorKind> {
    causes(error).find_map(|error| Some(error.downcast_ref::<HttpError>()?.kind()))
}

impl Refusal {
    /// Only the words of the answer count: those around them have the name of the object.
    fn of(error: &object_store::Error) -> Self {
        let mut words = causes(error).map(|error| error.to_string());
        let answer = words.find(|words| words.starts_with(ANSWERED));
        let text = answer.unwrap_or_default();
        let between = |start: &str, end: &str| {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once(end)?.0.trim().to_owned())
        };
        let status = between("status code: ", " ").and_then(|status| status.parse().ok());
        Self {
            status,
            code: between("<Code>", "</Code>"),
            message: between("<Message>", "<"),
            text: error.to_string(),
        }
    }

    /// Status, code and message if it is an answer, and otherwise all that is known.
    fn said(&self) -> Said {
        let (Some(status), Some(code)) = (self.status, &self.code) else {
            return Said::new(excerpt(&self.text));
        };
        let message = self.message.as_deref().unwrap_or_default();
        let message = message.lines().next().unwrap_or_default();
        let (code, message) = (excerpt(code), excerpt(message));
        Said::new(format!("status {status}, {code}, {message}"))
    }
}
