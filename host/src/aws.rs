//! The ports over AWS, or over whatever answers like it.
//!
//! Region, credentials and endpoint come from the environment, as every tool of
//! AWS takes them: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and
//! their relatives. `AWS_REQUEST_PAYER=requester` pays for requests where a
//! bucket does not. No type of an SDK leaves this folder.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::{TimeoutConfig, TimeoutConfigBuilder};
use aws_config::{BehaviorVersion, ConfigLoader, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

#[cfg(feature = "cli")]
mod account;
mod answer;
mod endpoint;
#[cfg(feature = "lambda")]
pub mod lambda;
mod s3;
mod sns;
mod sqs;
mod webhook;

#[cfg(feature = "cli")]
pub use account::Asking;
pub use s3::S3;
pub use sns::Topic;
pub use sqs::Sqs;
pub use webhook::Webhook;

/// Time for a connection to come about: within a region it takes a few
/// milliseconds, and one that is lost is better tried again soon.
const CONNECT: Duration = Duration::from_secs(3);

/// Attempts at a request in all, with growing pauses: enough for a moment of
/// throttling. What lasts longer is the queue's to try again.
const ATTEMPTS: u32 = 4;

/// The variable that says who pays for requests, as other tools read it.
const PAYER: &str = "AWS_REQUEST_PAYER";

/// The way to AWS: region, credentials, endpoint, connections.
#[derive(Clone, Debug)]
pub struct Connection {
    config: SdkConfig,
    /// The longest time until any answer begins. Each service has a time of its
    /// own, which is shorter except in tests.
    patience: Duration,
    /// This account pays for requests to buckets of others.
    pays: bool,
}

impl Connection {
    /// The connection that the environment describes. Nothing is asked of AWS yet.
    pub async fn from_environment() -> Self {
        Self {
            config: loader().load().await,
            patience: Duration::MAX,
            pays: std::env::var(PAYER).is_ok_and(|payer| payer.trim() == "requester"),
        }
    }

    /// The region of requests, if one is configured.
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    /// The [`timeouts`] of a service that answers within `read`.
    fn timeouts(&self, read: Duration) -> TimeoutConfig {
        timeouts(read.min(self.patience))
    }
}

/// The reader of the environment, with the HTTP client and the attempts of all
/// requests.
fn loader() -> ConfigLoader {
    let http = Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
}

/// The timeouts of a service: an answer begins within `read`, and all attempts
/// together end within a few times of that. The body of an object is not counted:
/// the SDK gives up a download that stands still.
fn timeouts(read: Duration) -> TimeoutConfig {
    TimeoutConfigBuilder::new()
        .connect_timeout(CONNECT)
        .read_timeout(read)
        .operation_attempt_timeout(read + CONNECT)
        .operation_timeout((read + CONNECT) * 3)
        .build()
}

#[cfg(test)]
mod tests;
