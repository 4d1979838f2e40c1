//! Failures of SQS, and what is wrong then.

use std::error::Error;

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::BatchResultErrorEntry;

use crate::aws::answer::{Refusal, Said};
use crate::ports::{QueueError, QueueProblem};

/// The subject of a request: a value that SQS finds invalid is its.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The queue itself.
    Queue,
    /// A message on its way into the queue.
    Message,
    /// A receipt.
    Receipt,
}

/// The error of a request that failed as a whole.
pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, queue: &str, asked: Asked) -> QueueError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    QueueError::new(problem(&Refusal::of(error), asked), queue).because(Said::by(error))
}

/// The problem of one entry of a request.
pub(super) fn of_entry(entry: &BatchResultErrorEntry, asked: Asked) -> QueueProblem {
    of_code(entry.code(), asked).unwrap_or(if entry.sender_fault() {
        QueueProblem::Unknown
    } else {
        QueueProblem::Unavailable
    })
}

fn problem(refusal: &Refusal, asked: Asked) -> QueueProblem {
    match refusal {
        Refusal::Answered { code, status, .. } => code
            .as_deref()
            .and_then(|code| of_code(code, asked))
            .unwrap_or_else(|| of_status(*status)),
        Refusal::Timeout => QueueProblem::Timeout,
        Refusal::Unreachable => QueueProblem::Unavailable,
        Refusal::NoCredentials => QueueProblem::NoCredentials,
        Refusal::Unknown => QueueProblem::Unknown,
    }
}

/// The problem of a code. Codes come in the words of two protocols, the older with
/// a prefix.
fn of_code(code: &str, asked: Asked) -> Option<QueueProblem> {
    let code = code.strip_prefix("AWS.SimpleQueueService.").unwrap_or(code);
    Some(match code {
        "QueueDoesNotExist" | "NonExistentQueue" | "InvalidAddress" | "QueueDeletedRecently" => {
            QueueProblem::Missing
        }
        "AccessDenied"
        | "AccessDeniedException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSecurity"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException"
        | "KmsAccessDenied"
        | "KmsDisabled"
        | "KmsInvalidKeyUsage"
        | "KmsInvalidState"
        | "KmsNotFound"
        | "KmsOptInRequired" => QueueProblem::Denied,
        "ReceiptHandleIsInvalid" | "MessageNotInflight" => QueueProblem::StaleReceipt,
        "InvalidMessageContents" | "MessageTooLong" | "BatchRequestTooLong" => {
            QueueProblem::InvalidMessage(code.to_owned())
        }
        "InvalidParameterValue"
        | "InvalidParameterValueException"
        | "InvalidParameterCombination" => match asked {
            Asked::Message => QueueProblem::InvalidMessage(code.to_owned()),
            Asked::Receipt => QueueProblem::StaleReceipt,
            Asked::Queue => QueueProblem::Unknown,
        },
        "OverLimit"
        | "RequestThrottled"
        | "Throttling"
        | "ThrottlingException"
        | "TooManyRequestsException"
        | "KmsThrottled" => QueueProblem::Throttled,
        "InternalError" | "InternalFailure" | "ServiceUnavailable" => QueueProblem::Unavailable,
        _ => return None,
    })
}

fn of_status(status: u16) -> QueueProblem {
    match status {
        401 | 403 => QueueProblem::Denied,
        404 => QueueProblem::Missing,
        408 | 504 => QueueProblem::Timeout,
        429 => QueueProblem::Throttled,
        500.. => QueueProblem::Unavailable,
        _ => QueueProblem::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: &str, status: u16, asked: Asked) -> QueueProblem {
        let code = Some(code.to_owned());
        let message = None;
        problem(
            &Refusal::Answered {
                code,
                status,
                message,
            },
            asked,
        )
    }

    #[test]
    fn what_sqs_says_is_understood_in_both_protocols() {
        use QueueProblem::{Denied, Missing, StaleReceipt, Throttled, Unavailable, Unknown};
        let rows: [(_, &[_]); 6] = [
            (
                Missing,
                &[
                    (400, "QueueDoesNotExist"),
                    (400, "AWS.SimpleQueueService.NonExistentQueue"),
                ],
            ),
            (
                Denied,
                &[
                    (403, "AccessDenied"),
                    (400, "AccessDeniedException"),
                    (403, "NobodyKnowsThis"),
                ],
            ),
            (Throttled, &[(400, "RequestThrottled")]),
            (
                StaleReceipt,
                &[
                    (404, "ReceiptHandleIsInvalid"),
                    (400, "AWS.SimpleQueueService.MessageNotInflight"),
                ],
            ),
            (
                Unavailable,
                &[(500, "InternalFailure"), (503, "NobodyKnowsThis")],
            ),
            (Unknown, &[(400, "NobodyKnowsThis")]),
        ];
        for (expected, answers) in rows {
            for (status, code) in answers {
                assert_eq!(answered(code, *status, Asked::Queue), expected, "{code}");
            }
        }
    }

    #[test]
    fn an_invalid_value_is_of_what_the_request_was_about() {
        let value = |asked| answered("InvalidParameterValue", 400, asked);
        assert_eq!(value(Asked::Receipt), QueueProblem::StaleReceipt);
        assert!(matches!(
            value(Asked::Message),
            QueueProblem::InvalidMessage(_)
        ));
        assert_eq!(value(Asked::Queue), QueueProblem::Unknown);
    }
}
