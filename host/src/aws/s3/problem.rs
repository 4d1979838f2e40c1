//! Failures of S3, and what is wrong then.

use std::error::Error;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::aws::answer::{Refusal, Said};
use crate::object::Location;
use crate::ports::{Condition, StoreError, StoreProblem};

/// The error of a failed request that writes nothing under a condition.
pub(super) fn of_read<E>(error: &SdkError<E, HttpResponse>, location: &Location) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    StoreError::new(problem(&Refusal::of(error)), location).because(Said::by(error))
}

/// The error of a failed write.
pub(super) fn of_write<E>(
    error: &SdkError<E, HttpResponse>,
    location: &Location,
    condition: Option<&Condition>,
) -> StoreError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let problem = of_written(&Refusal::of(error), condition);
    StoreError::new(problem, location).because(Said::by(error))
}

/// The problem of a write under a condition: an object that is to be replaced
/// and is not there fails the condition, and a store that cannot write under
/// conditions is told from one that failed.
fn of_written(refusal: &Refusal, condition: Option<&Condition>) -> StoreProblem {
    let problem = problem(refusal);
    match (condition, &problem) {
        (Some(Condition::IfMatch(_)), StoreProblem::NotFound) => StoreProblem::ConditionFailed,
        (Some(condition), StoreProblem::Unsupported(_) | StoreProblem::Unknown) => {
            let header = header(condition);
            if refuses_header(refusal, header) {
                let lacking = format!("writes under a condition (the header {header})");
                return StoreProblem::Unsupported(lacking);
            }
            problem
        }
        _ => problem,
    }
}

fn header(condition: &Condition) -> &'static str {
    match condition {
        Condition::IfMatch(_) => "If-Match",
        Condition::IfAbsent => "If-None-Match",
    }
}

/// The check for the answer of a store that does not know `header`: not
/// implemented, or an invalid argument of that name.
fn refuses_header(refusal: &Refusal, header: &str) -> bool {
    let Refusal::Answered {
        status, message, ..
    } = refusal
    else {
        return false;
    };
    let header = header.to_ascii_lowercase();
    let names_it = |message: &String| message.to_ascii_lowercase().contains(&header);
    *status == 501 || message.as_ref().is_some_and(names_it)
}

fn problem(refusal: &Refusal) -> StoreProblem {
    match refusal {
        Refusal::Answered {
            code,
            status,
            message,
        } => {
            let of_code = code.as_deref().and_then(of_code);
            match of_code.unwrap_or_else(|| of_status(*status)) {
                StoreProblem::Denied if is_about_a_key(message.as_deref()) => {
                    StoreProblem::KeyDenied
                }
                problem => problem,
            }
        }
        Refusal::Timeout => StoreProblem::Timeout,
        Refusal::Unreachable => StoreProblem::Unavailable,
        Refusal::NoCredentials => StoreProblem::NoCredentials,
        Refusal::Unknown => StoreProblem::Unknown,
    }
}

/// The check for a message about a key of KMS. Its denial has the code of a denied
/// object, `AccessDenied`; a key of another account is still called a customer
/// master key.
fn is_about_a_key(message: Option<&str>) -> bool {
    message
        .is_some_and(|message| message.contains(" kms:") || message.contains("customer master key"))
}

/// The problems of codes that say more than their status.
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
        | "KMS.ThrottlingException"
        | "RequestThrottled"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "BandwidthLimitExceeded" => StoreProblem::Throttled,
        "RequestTimeout" => StoreProblem::Timeout,
        // An archived object is denied by its status, but no permission helps.
        "InvalidObjectState" => StoreProblem::Archived,
        "OperationAborted" => StoreProblem::Unavailable,
        "NotImplemented" => StoreProblem::of_status(501),
        // The key that objects are encrypted with is switched off, or gone.
        _ if code.starts_with("KMS.") => StoreProblem::KeyDenied,
        "QuotaExceeded" | "XMinioStorageFull" => StoreProblem::Full,
        _ => return None,
    })
}

fn of_status(status: u16) -> StoreProblem {
    match status {
        301 | 307 => StoreProblem::MissingBucket,
        304 => StoreProblem::NotModified,
        409 | 412 => StoreProblem::ConditionFailed,
        507 => StoreProblem::Full,
        _ => StoreProblem::of_status(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::ETag;

    fn not_implemented() -> StoreProblem {
        StoreProblem::Unsupported("a request that it calls not implemented".to_owned())
    }

    fn answered(code: Option<&str>, status: u16) -> StoreProblem {
        problem(&Refusal::Answered {
            code: code.map(str::to_owned),
            status,
            message: None,
        })
    }

    fn said(code: &str, status: u16, message: &str) -> Refusal {
        Refusal::Answered {
            code: Some(code.to_owned()),
            status,
            message: Some(message.to_owned()),
        }
    }

    #[test]
    fn what_s3_says_is_understood() {
        for (code, status, expected) in [
            (Some("NoSuchKey"), 404, StoreProblem::NotFound),
            (Some("NoSuchBucket"), 404, StoreProblem::MissingBucket),
            (Some("AccessDenied"), 403, StoreProblem::Denied),
            (Some("KMS.DisabledException"), 400, StoreProblem::KeyDenied),
            (Some("ExpiredToken"), 400, StoreProblem::Denied),
            (Some("InvalidObjectState"), 403, StoreProblem::Archived),
            (Some("NotImplemented"), 501, not_implemented()),
            (Some("XNotImplemented"), 501, not_implemented()),
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
        let missing = said("NoSuchKey", 404, "");
        let written = |condition| of_written(&missing, condition);
        assert_eq!(written(Some(&if_match)), StoreProblem::ConditionFailed);
        assert_eq!(written(None), StoreProblem::NotFound);
        let missing = of_written(&said("NoSuchBucket", 404, ""), Some(&if_match));
        assert_eq!(missing, StoreProblem::MissingBucket);
    }

    #[test]
    fn a_store_without_conditional_writes_is_told_by_the_header_it_lacks() {
        let if_match = Condition::IfMatch(ETag::new("abc"));
        let implies = "A header you provided implies functionality that is not implemented";
        for (refusal, condition, named) in [
            (
                said("NotImplemented", 501, implies),
                &if_match,
                "(the header If-Match)",
            ),
            (
                said("NotImplemented", 501, ""),
                &Condition::IfAbsent,
                "(the header If-None-Match)",
            ),
            (
                said(
                    "InvalidArgument",
                    400,
                    "Unsupported header 'if-none-match' received",
                ),
                &Condition::IfAbsent,
                "(the header If-None-Match)",
            ),
        ] {
            let problem = of_written(&refusal, Some(condition)).to_string();
            assert!(problem.ends_with(named), "{problem}");
        }
        let other = said("InvalidArgument", 400, "something else");
        assert_eq!(of_written(&other, Some(&if_match)), StoreProblem::Unknown);
        assert_eq!(
            of_written(&said("NotImplemented", 501, ""), None),
            not_implemented()
        );
    }

    #[test]
    fn a_key_that_may_not_be_used_is_told_from_an_object_that_may_not_be_read() {
        let user = "User: arn:aws:sts::123456789012:assumed-role/role/function is not authorized to perform:";
        for (code, message, expected) in [
            (
                "AccessDenied",
                format!("{user} kms:Decrypt on the resource"),
                StoreProblem::KeyDenied,
            ),
            (
                "AccessDenied",
                format!("{user} kms:GenerateDataKey on it"),
                StoreProblem::KeyDenied,
            ),
            (
                "AccessDenied",
                "The ciphertext refers to a customer master key that does not exist".to_owned(),
                StoreProblem::KeyDenied,
            ),
            (
                "AccessDenied",
                format!("{user} s3:GetObject on \"akms:b\""),
                StoreProblem::Denied,
            ),
            (
                "AccessDenied",
                "Access Denied".to_owned(),
                StoreProblem::Denied,
            ),
            ("NoSuchKey", " kms:".to_owned(), StoreProblem::NotFound),
        ] {
            assert_eq!(problem(&said(code, 403, &message)), expected, "{message}");
        }
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
