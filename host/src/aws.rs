//! The ports over AWS, or over whatever answers like it.
//!
//! Region, credentials and endpoint come from the environment, as every tool of
//! AWS takes them: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_ENDPOINT_URL` and
//! their relatives. No type of an SDK leaves this folder.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;

/// How to reach AWS: region, credentials, endpoint, connections.
#[derive(Clone, Debug)]
pub struct Connection(SdkConfig);

impl Connection {
    /// Read the environment. Nothing is asked of AWS yet.
    pub async fn from_environment() -> Self {
        let http = Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .load()
            .await;
        Self(config)
    }

    /// The region that requests go to, if there is one.
    pub fn region(&self) -> Option<&str> {
        self.0.region().map(AsRef::as_ref)
    }
}
