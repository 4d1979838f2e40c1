//! What the failures of S3 mean.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::aws::answer::{Refusal, Said};
use crate::object::Location;
use crate::ports::{Condition, StoreError, StoreProblem};

/// What the failure of a request that writes nothing under a condition means.
pub(super) fn of_read<E>(error: &SdkError<E, HttpResponse>, location: &Location) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    StoreError::new(problem(&Refusal::of(error)), location).because(Said::by(error))
}

/// What the failure of a write means.
pub(super) fn of_write<E>(
    error: &SdkError<E, HttpResponse>,
    location: &Location,
    condition: Option<&Condition>,
) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let problem = of_written(problem(&Refusal::of(error)), condition);
    StoreError::new(problem, location).because(Said::by(error))
}

/// An object that is to be replaced and is not there fails the condition.
fn of_written(problem: StoreProblem, condition: Option<&Condition>) -> StoreProblem {
    match (problem, condition) {
        (StoreProblem::NotFound, Some(Condition::IfMatch(_))) => StoreProblem::ConditionFailed,
        (problem, _) => problem,
    }
}

fn problem(refusal: &Refusal) -> StoreProblem {
    match refusal {
        Refusal::Answered { code, status } => code
            .as_deref()
            .and_then(of_code)
            .unwrap_or_else(|| of_status(*status)),
        Refusal::Timeout => StoreProblem::Timeout,
        Refusal::Unreachable => StoreProblem::Unavailable,
        Refusal::NoCredentials => StoreProblem::NoCredentials,
        Refusal::Unknown => StoreProblem::Unknown,
    }
}

/// The codes that say more than their status.
fn of_code(code: &str) -> Option<StoreProblem> {
    Some(match code {
        "NoSuchKey" | "NoSuchVersion" | "NotFound" => StoreProblem::NotFound,
        "NoSuchBucket"
        | "InvalidBucketName"
        | "PermanentRedirect"
        | "IncorrectEndpoint"
        | "AuthorizationHeaderMalformed"
        | "IllegalLocationConstraintException" => StoreProblem::MissingBucket,
        "NotModified" => StoreProblem::NotModified,
        "PreconditionFailed" | "ConditionalRequestConflict" => StoreProblem::ConditionFailed,
        "KeyTooLongError" | "InvalidObjectName" | "XMinioInvalidObjectName" => {
            StoreProblem::InvalidKey
        }
        "ExpiredToken"
        | "InvalidToken"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "RequestTimeTooSkewed" => StoreProblem::Denied,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "RequestThrottled"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "BandwidthLimitExceeded" => StoreProblem::Throttled,
        "RequestTimeout" => StoreProblem::Timeout,
        // An archived object is denied by its status, but no permission helps.
        "InvalidObjectState" | "OperationAborted" => StoreProblem::Unavailable,
        // The key that objects are encrypted with is switched off, or gone.
        _ if code.starts_with("KMS.") => StoreProblem::Denied,
        "QuotaExceeded" | "XMinioStorageFull" => StoreProblem::Full,
        _ => return None,
    })
}

fn of_status(status: u16) -> StoreProblem {
    match status {
        301 | 307 => StoreProblem::MissingBucket,
        304 => StoreProblem::NotModified,
        401 | 403 => StoreProblem::Denied,
        404 => StoreProblem::NotFound,
        408 | 504 => StoreProblem::Timeout,
        409 | 412 => StoreProblem::ConditionFailed,
        429 => StoreProblem::Throttled,
        507 => StoreProblem::Full,
        500.. => StoreProblem::Unavailable,
        _ => StoreProblem::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ETag;

    fn answered(code: Option<&str>, status: u16) -> StoreProblem {
        problem(&Refusal::Answered {
            code: code.map(str::to_owned),
            status,
        })
    }

    #[test]
    fn what_s3_says_is_understood() {
        for (code, status, expected) in [
            (Some("NoSuchKey"), 404, StoreProblem::NotFound),
            (Some("NoSuchBucket"), 404, StoreProblem::MissingBucket),
            (Some("AccessDenied"), 403, StoreProblem::Denied),
            (Some("KMS.DisabledException"), 400, StoreProblem::Denied),
            (Some("ExpiredToken"), 400, StoreProblem::Denied),
            (Some("InvalidObjectState"), 403, StoreProblem::Unavailable),
            (Some("PermanentRedirect"), 301, StoreProblem::MissingBucket),
            (Some("SlowDown"), 503, StoreProblem::Throttled),
            (Some("InternalError"), 500, StoreProblem::Unavailable),
            (Some("RequestTimeout"), 400, StoreProblem::Timeout),
            (Some("KeyTooLongError"), 400, StoreProblem::InvalidKey),
            (
                Some("PreconditionFailed"),
                412,
                StoreProblem::ConditionFailed,
            ),
            (
                Some("ConditionalRequestConflict"),
                409,
                StoreProblem::ConditionFailed,
            ),
            (Some("NobodyKnowsThis"), 400, StoreProblem::Unknown),
            (Some("NobodyKnowsThis"), 503, StoreProblem::Unavailable),
        ] {
            assert_eq!(answered(code, status), expected, "{code:?} {status}");
        }
    }

    #[test]
    fn an_answer_without_a_body_is_understood_by_its_status() {
        for (status, expected) in [
            (304, StoreProblem::NotModified),
            (403, StoreProblem::Denied),
            (404, StoreProblem::NotFound),
            (412, StoreProblem::ConditionFailed),
            (429, StoreProblem::Throttled),
            (500, StoreProblem::Unavailable),
            (503, StoreProblem::Unavailable),
            (504, StoreProblem::Timeout),
            (400, StoreProblem::Unknown),
        ] {
            assert_eq!(answered(None, status), expected, "{status}");
        }
    }

    #[test]
    fn nothing_to_replace_is_a_condition_that_does_not_hold() {
        let if_match = Condition::IfMatch(ETag::new("abc"));
        let written = |condition| of_written(StoreProblem::NotFound, condition);
        assert_eq!(written(Some(&if_match)), StoreProblem::ConditionFailed);
        assert_eq!(written(None), StoreProblem::NotFound);
        let missing = of_written(StoreProblem::MissingBucket, Some(&if_match));
        assert_eq!(missing, StoreProblem::MissingBucket);
    }

    #[test]
    fn silence_and_missing_credentials_are_told_apart() {
        for (refusal, expected) in [
            (Refusal::Timeout, StoreProblem::Timeout),
            (Refusal::Unreachable, StoreProblem::Unavailable),
            (Refusal::NoCredentials, StoreProblem::NoCredentials),
            (Refusal::Unknown, StoreProblem::Unknown),
        ] {
            assert_eq!(problem(&refusal), expected);
        }
    }
}
