//! Answers about queues and buckets of an account, which no port asks for.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Event, ServerSideEncryption};
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::{DateTime, Format};

use super::answer::{Refusal, Said};
use super::{Connection, s3, sqs};
use crate::doctor::{
    Account, Encryption, Notifications, QueueAttributes, ToQueue, Trouble, TroubleKind,
};
use crate::object::Location;

/// The header in which S3 tells the region of a bucket, whoever asks.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// A checksum (CRC32) that the bytes which it is sent with do not have.
const WRONG_CHECKSUM: &str = "AAAAAA==";

/// An account of AWS, or of whatever answers like it.
#[derive(Debug)]
pub struct Asking {
    config: SdkConfig,
    s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    ahead: Arc<Mutex<Option<i64>>>,
}

impl Asking {
    /// The account as `connection` reaches it.
    pub fn new(connection: &Connection) -> Self {
        let ahead = Arc::default();
        let listener = || Clock {
            ahead: Arc::clone(&ahead),
        };
        let s3 = s3::settings(connection).interceptor(listener()).build();
        let sqs = sqs::settings(connection).interceptor(listener()).build();
        Self {
            config: connection.config.clone(),
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::from_conf(sqs),
            ahead,
        }
    }
}

/// Listens to the time that answers tell.
#[derive(Debug)]
struct Clock {
    ahead: Arc<Mutex<Option<i64>>>,
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let told = context.response().headers().get("date");
        let told = told.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        if let Some(told) = told {
            let own = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
            let ahead = told.secs().saturating_sub(i64::try_from(own)?);
            *self.ahead.lock().unwrap_or_else(PoisonError::into_inner) = Some(ahead);
        }
        Ok(())
    }
}

#[async_trait]
impl Account for Asking {
    fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    async fn credentials(&self) -> Result<(), Trouble> {
        let none = |said: String| Trouble {
            kind: TroubleKind::NoCredentials,
            said,
        };
        let Some(provider) = self.config.credentials_provider() else {
            return Err(none("nothing provides any".to_owned()));
        };
        match provider.provide_credentials().await {
            Ok(_) => Ok(()),
            Err(error) => Err(none(error.to_string())),
        }
    }

    async fn queue(&self, url: &str) -> Result<QueueAttributes, Trouble> {
        let answer = self
            .sqs
            .get_queue_attributes()
            .queue_url(url)
            .attribute_names(QueueAttributeName::All)
            .send()
            .await
            .map_err(|error| trouble(&error))?;
        let attributes = answer.attributes.unwrap_or_default().into_iter();
        Ok(attributes
            .map(|(name, value)| (name.as_str().to_owned(), value))
            .collect())
    }

    async fn queue_called(&self, arn: &str) -> Result<QueueAttributes, Trouble> {
        let parts: Vec<&str> = arn.split(':').collect();
        let [_, _, _, _, account, name] = parts.as_slice() else {
            return Err(Trouble {
                kind: TroubleKind::Missing,
                said: "not the ARN of a queue".to_owned(),
            });
        };
        let asked = self.sqs.get_queue_url().queue_name(*name);
        let asked = asked.queue_owner_aws_account_id(*account);
        let answer = asked.send().await.map_err(|error| trouble(&error))?;
        self.queue(answer.queue_url().unwrap_or_default()).await
    }

    async fn bucket(&self, bucket: &str) -> Result<Option<String>, Trouble> {
        let answer = self.s3.head_bucket().bucket(bucket).send().await;
        let answer = answer.map_err(|error| trouble(&error))?;
        Ok(answer.bucket_region().map(str::to_owned))
    }

    async fn notifications(&self, bucket: &str) -> Result<Notifications, Trouble> {
        let asked = self.s3.get_bucket_notification_configuration();
        let answer = asked.bucket(bucket).send().await;
        let answer = answer.map_err(|error| trouble(&error))?;
        let topics = answer.topic_configurations().iter();
        let functions = answer.lambda_function_configurations().iter();
        Ok(Notifications {
            queues: answer
                .queue_configurations()
                .iter()
                .map(|to| ToQueue {
                    arn: to.queue_arn().to_owned(),
                    events: to.events().iter().map(name_of).collect(),
                })
                .collect(),
            topics: topics.map(|to| to.topic_arn().to_owned()).collect(),
            functions: functions
                .map(|to| to.lambda_function_arn().to_owned())
                .collect(),
            event_bridge: answer.event_bridge_configuration().is_some(),
        })
    }

    async fn encryption(&self, bucket: &str) -> Result<Encryption, Trouble> {
        let answer = match self.s3.get_bucket_encryption().bucket(bucket).send().await {
            Ok(answer) => answer,
            Err(error)
                if error.code() == Some("ServerSideEncryptionConfigurationNotFoundError") =>
            {
                return Ok(Encryption::OfTheStore);
            }
            Err(error) => return Err(trouble(&error)),
        };
        let rules = answer.server_side_encryption_configuration();
        let rules = rules.map(|found| found.rules()).unwrap_or_default();
        let kms = rules.iter().find(|rule| {
            rule.apply_server_side_encryption_by_default()
                .is_some_and(|by| *by.sse_algorithm() == ServerSideEncryption::AwsKms)
        });
        Ok(match kms {
            None => Encryption::OfTheStore,
            Some(rule) => Encryption::Kms {
                bucket_key: rule.bucket_key_enabled() == Some(true),
            },
        })
    }

    async fn refuses_wrong_checksum(&self, at: &Location) -> Result<bool, Trouble> {
        let sent = self
            .s3
            .put_object()
            .bucket(&at.bucket)
            .key(&at.key)
            .checksum_crc32(WRONG_CHECKSUM)
            .body(ByteStream::from_static(b"not these bytes"))
            .send()
            .await;
        match sent {
            Ok(_) => Ok(false),
            Err(error) => match Refusal::of(&error) {
                Refusal::Answered { status: 400, .. } => Ok(true),
                _ => Err(trouble(&error)),
            },
        }
    }

    fn ahead(&self) -> Option<i64> {
        *self.ahead.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name_of(event: &Event) -> String {
    event.as_str().to_owned()
}

fn trouble<E>(error: &SdkError<E, HttpResponse>) -> Trouble
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let region = error
        .raw_response()
        .and_then(|answer| answer.headers().get(BUCKET_REGION))
        .map(str::to_owned);
    Trouble {
        kind: kind(&Refusal::of(error), region),
        said: Said::by(error).to_string(),
    }
}

/// Kind of a refusal; `region` is that which the answer names.
fn kind(refusal: &Refusal, region: Option<String>) -> TroubleKind {
    let (code, status, message) = match refusal {
        Refusal::NoCredentials => return TroubleKind::NoCredentials,
        Refusal::Timeout | Refusal::Unreachable => return TroubleKind::Silent,
        Refusal::Unknown => return TroubleKind::Unknown,
        Refusal::Answered {
            code,
            status,
            message,
        } => (code.as_deref(), *status, message.as_deref()),
    };
    match (code.unwrap_or_default(), status) {
        ("RequestTimeTooSkewed" | "RequestExpired", _) => TroubleKind::Skewed,
        ("SignatureDoesNotMatch" | "InvalidSignatureException", _)
            if message.is_some_and(|said| {
                said.contains("Signature expired") || said.contains("not yet current")
            }) =>
        {
            TroubleKind::Skewed
        }
        (
            "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSecurity"
            | "InvalidSignatureException"
            | "InvalidToken"
            | "MissingAuthenticationToken"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException",
            _,
        ) => TroubleKind::BadCredentials,
        ("NotImplemented" | "MethodNotAllowed", _) | (_, 405 | 501) => TroubleKind::Unsupported,
        ("PermanentRedirect" | "AuthorizationHeaderMalformed", _) | (_, 301) => {
            TroubleKind::Elsewhere(region)
        }
        (_, 401 | 403) | ("AccessDenied" | "AccessDeniedException", _) => TroubleKind::Denied,
        (_, 404)
        | (
            "QueueDoesNotExist" | "NonExistentQueue" | "AWS.SimpleQueueService.NonExistentQueue",
            _,
        ) => TroubleKind::Missing,
        (_, 503 | 504) => TroubleKind::Silent,
        _ => TroubleKind::Unknown,
    }
}
