//! Results as messages of a topic of SNS, which hands each to all of its subscribers.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::config::{Builder, Region};
use aws_sdk_sns::error::SdkError;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;

use super::Connection;
use super::answer::{Refusal, Said};
use super::sqs::unique;
use crate::object::ETag;
use crate::results::{Outcome, ResultError, Results, TopicArn};

/// Time in which SNS begins its answer: all attempts together end within a minute.
const READ: Duration = Duration::from_secs(10);

/// A topic of SNS.
///
/// Requests go to the region of the topic. In a FIFO topic the results of one source are in
/// order.
#[derive(Clone)]
pub struct Topic {
    client: Client,
    arn: TopicArn,
}

impl Topic {
    /// The topic `arn`, as `connection` reaches it.
    pub fn new(connection: &Connection, arn: TopicArn) -> Self {
        let config = Builder::from(&connection.config)
            .region(Region::new(arn.region().to_owned()))
            .timeout_config(connection.timeouts(READ))
            .build();
        Self {
            client: Client::from_conf(config),
            arn,
        }
    }

    fn error(&self, error: SdkError<PublishError>) -> ResultError {
        let (arn, said) = (&self.arn, Said::by(&error));
        match remedy(&Refusal::of(&error)) {
            Some(remedy) => ResultError::Refused(format!("{remedy}: {arn} ({said})")),
            None => ResultError::Unavailable {
                why: format!("the topic failed or could not be reached: {arn}"),
                cause: Some(std::sync::Arc::new(said)),
            },
        }
    }
}

/// The remedy, if a person has to act before a message can be published.
fn remedy(refusal: &Refusal) -> Option<&'static str> {
    let (code, status) = match refusal {
        Refusal::Answered { code, status, .. } => (code.as_deref().unwrap_or_default(), *status),
        Refusal::NoCredentials => return Some("there are no credentials to publish with"),
        Refusal::Timeout | Refusal::Unreachable | Refusal::Unknown => return None,
    };
    match code {
        "Throttled" | "Throttling" | "ThrottlingException" | "KMSThrottling" => None,
        "NotFound" => Some("there is no such topic; check its name and region"),
        "InvalidParameter" | "InvalidParameterValue" | "ParameterValueInvalid" => {
            Some("the topic does not take this message; see its greatest size")
        }
        _ if code.starts_with("KMS") => Some(
            "the key of the topic cannot be used; allow this host kms:GenerateDataKey and \
             kms:Decrypt of it",
        ),
        _ if matches!(status, 401 | 403) => {
            Some("access denied; allow this host sns:Publish of the topic")
        }
        _ if status == 404 => Some("there is no such topic; check its name and region"),
        _ => None,
    }
}

crate::text::shown_by!(Topic, arn, ..);

#[async_trait]
impl Results for Topic {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        let mut request = self.client.publish().topic_arn(self.arn.as_str());
        request = request.message(result.message());
        for (name, value) in result.attributes() {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()
                .map_err(|error| ResultError::Refused(error.to_string()))?;
            request = request.message_attributes(name, value);
        }
        if self.arn.is_fifo() {
            request = request
                .message_group_id(ETag::of(result.key.as_bytes()).to_string())
                .message_deduplication_id(unique(&result.body));
        }
        let published = request.send().await;
        published.map(drop).map_err(|error| self.error(error))
    }
}
