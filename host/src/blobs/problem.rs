//! Failures of the clouds, and what is wrong then.

use std::error::Error;
use std::fmt;

use object_store::client::{HttpError, HttpErrorKind};

use crate::object::Location;
use crate::ports::{Condition, StoreError, StoreProblem};
use crate::text::excerpt;

/// Hosts that know the identity of a machine. Where none answers there is none.
const IDENTITIES: [&str; 2] = ["metadata.google.internal", "169.254.169.254"];

/// The text of a cloud's answer, for people.
#[derive(Debug)]
pub(super) struct Said(String);

/// An answer that refuses a request, as the text of an error shows it: the crate tells no more.
struct Refusal {
    status: Option<u16>,
    code: Option<String>,
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
            let said = Said::new(crate::text::with_causes(error));
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
        _ => match (refusal.status, http(error)) {
            // Whoever gives out tokens does not know these credentials.
            (Some(400), _) if refusal.text.contains("token request") => StoreProblem::Denied,
            (Some(status), _) => of_status(status),
            (None, Some(kind)) => of_silence(kind, refusal),
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

fn of_status(status: u16) -> StoreProblem {
    match status {
        401 | 403 => StoreProblem::Denied,
        404 => StoreProblem::NotFound,
        408 | 504 => StoreProblem::Timeout,
        429 => StoreProblem::Throttled,
        501 => StoreProblem::Unsupported("a request that it calls not implemented".to_owned()),
        500.. => StoreProblem::Unavailable,
        _ => StoreProblem::Unknown,
    }
}

fn of_silence(kind: HttpErrorKind, refusal: &Refusal) -> StoreProblem {
    if IDENTITIES.iter().any(|host| refusal.text.contains(host)) {
        return StoreProblem::NoCredentials;
    }
    match kind {
        HttpErrorKind::Timeout => StoreProblem::Timeout,
        HttpErrorKind::Connect | HttpErrorKind::Request | HttpErrorKind::Interrupted => {
            StoreProblem::Unavailable
        }
        _ => StoreProblem::Unknown,
    }
}

/// The kind of a failure below HTTP's answers.
fn http(error: &object_store::Error) -> Option<HttpErrorKind> {
    let mut causes = std::iter::successors(Some(error as &(dyn Error + 'static)), |error| {
        (*error).source()
    });
    causes.find_map(|error| Some(error.downcast_ref::<HttpError>()?.kind()))
}

impl Refusal {
    fn of(error: &object_store::Error) -> Self {
        let text = error.to_string();
        let between = |start: &str, end: &str| {
            let (_, rest) = text.split_once(start)?;
            Some(rest.split_once(end)?.0.trim().to_owned())
        };
        Self {
            status: between("status code: ", " ").and_then(|status| status.parse().ok()),
            code: between("<Code>", "</Code>"),
            text,
        }
    }

    /// Status, code and message if it is an answer, and otherwise all that is known.
    fn said(&self) -> Said {
        let message = self.text.split_once("<Message>");
        let message = message.map(|(_, rest)| rest.split(['<', '\n']).next().unwrap_or_default());
        match (self.status, &self.code) {
            (Some(status), Some(code)) => Said(format!(
                "status {status}, {}, {}",
                excerpt(code),
                excerpt(message.unwrap_or_default())
            )),
            _ => Said(excerpt(&self.text)),
        }
    }
}

impl Said {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Said {}
