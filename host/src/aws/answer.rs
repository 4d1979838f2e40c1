//! Refusals of a service of AWS, without the types of any SDK.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::RequestId;

use crate::error::with_causes;
pub(super) use crate::text::Said;

/// The reason why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// An answer of the service. The answer to a HEAD has no body, and so neither
    /// code nor message.
    Answered {
        /// The code, such as `NoSuchKey`.
        code: Option<String>,
        /// The status of HTTP.
        status: u16,
        /// The message for people.
        message: Option<String>,
    },
    /// No answer in time.
    Timeout,
    /// No connection, or one that ended in the middle.
    Unreachable,
    /// No credentials to sign the request with.
    NoCredentials,
    /// A request that could not be made, or a failure that this version does not
    /// know.
    Unknown,
}

impl Refusal {
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(answered) => Self::Answered {
                code: answered.err().code().map(bare).map(str::to_owned),
                status: answered.raw().status().as_u16(),
                message: answered.err().message().map(str::to_owned),
            },
            SdkError::TimeoutError(_) => Self::Timeout,
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Timeout,
            _ if lacks_credentials(error) => Self::NoCredentials,
            SdkError::DispatchFailure(failure) if failure.is_user() => Self::Unknown,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Self::Unreachable,
            _ => Self::Unknown,
        }
    }
}

/// The code as the documentation has it: some answers put a name space before it
/// (`com.amazonaws.sqs#`), some a blame behind it (`;Sender`).
fn bare(code: &str) -> &str {
    let code = code.rsplit_once('#').map_or(code, |(_, code)| code);
    code.split_once([';', ':']).map_or(code, |(code, _)| code)
}

fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| (*error).source())
        .any(|error| error.is::<CredentialsError>())
}

impl Said {
    /// The text of a service's answer, for people.
    pub(super) fn by<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let SdkError::ServiceError(answered) = error else {
            return Self::new(with_causes(error));
        };
        let meta = answered.err().meta();
        let mut said = format!("status {}", answered.raw().status().as_u16());
        for part in [meta.code(), meta.message()].into_iter().flatten() {
            said.push_str(", ");
            said.push_str(part);
        }
        if let Some(request) = meta.request_id() {
            said.push_str(", request ");
            said.push_str(request);
        }
        Self::new(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_known_in_whatever_dress_it_comes() {
        for code in [
            "QueueDoesNotExist",
            "com.amazonaws.sqs#QueueDoesNotExist",
            "QueueDoesNotExist;Sender",
            "QueueDoesNotExist:http://internal.amazon.com/coral/",
        ] {
            assert_eq!(bare(code), "QueueDoesNotExist", "{code}");
        }
    }
}
