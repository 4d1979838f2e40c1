//! Results by HTTP, with the client of the SDK.
//!
//! A request carries the headers of <https://www.standardwebhooks.com>: the id of the
//! result, the time, and a signature of both and of the body, HMAC with SHA-256. So a
//! receiver can check it with a library of its own language, and refuse an old one.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

use crate::ports::Cause;
use crate::results::{Outcome, ResultError, Results, Secret, WebhookUrl, is_forbidden};

/// Time for one answer. Whoever has more to do with a result takes it first.
const ANSWER: Duration = Duration::from_secs(10);

/// Pauses between tries, of which there is one more. What lasts longer is the queue's to
/// try again.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// An HTTP server of somebody else, which gets each result by POST.
#[derive(Debug)]
pub struct Webhook {
    connector: Connector,
    url: WebhookUrl,
    key: hmac::Key,
}

/// Resolver of names that leads to no address where a cloud answers with credentials.
#[derive(Clone, Debug)]
struct Guarded;

impl Webhook {
    /// The webhook at `url`.
    pub fn new(url: WebhookUrl, secret: &Secret) -> Self {
        Self {
            connector: Connector::builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_with_resolver(Guarded),
            url,
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()),
        }
    }

    /// The headers and the body for `result`, sent `seconds` after 1970.
    fn request(&self, result: &Outcome, seconds: u64) -> Result<HttpRequest, ResultError> {
        let id = result.id.to_string();
        let signed = hmac::sign(
            &self.key,
            format!("{id}.{seconds}.{}", result.body).as_bytes(),
        );
        let mut request = HttpRequest::new(SdkBody::from(result.body.as_str()));
        let refused = |error: &dyn fmt::Display| ResultError::Refused(error.to_string());
        request
            .set_method("POST")
            .map_err(|error| refused(&error))?;
        request
            .set_uri(self.url.as_str())
            .map_err(|error| refused(&error))?;
        let headers = request.headers_mut();
        headers.insert("content-type", "application/json");
        headers.insert("content-length", result.body.len().to_string());
        headers.insert("user-agent", concat!("thimble/", env!("CARGO_PKG_VERSION")));
        headers.insert("webhook-id", id);
        headers.insert("webhook-timestamp", seconds.to_string());
        headers.insert(
            "webhook-signature",
            format!("v1,{}", STANDARD.encode(signed)),
        );
        Ok(request)
    }

    /// One try.
    async fn post(&self, result: &Outcome) -> Result<(), ResultError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let request = self.request(result, now.unwrap_or_default().as_secs())?;
        let answer = tokio::time::timeout(ANSWER, self.connector.call(request)).await;
        let answer = answer
            .map_err(|_| self.unavailable("does not answer in time", None))?
            .map_err(|error| self.unreachable(error))?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status @ (408 | 425 | 429 | 500..=599) => {
                Err(self.unavailable(&format!("answers {status}"), None))
            }
            status @ 300..=399 => Err(ResultError::Refused(format!(
                "the webhook redirects ({status}), which is not followed; name the address that \
                 it leads to: {}",
                self.url
            ))),
            status => Err(ResultError::Refused(format!(
                "the webhook refuses it ({status}); compare the secrets, and look at its log: {}",
                self.url
            ))),
        }
    }

    fn unreachable(&self, error: ConnectorError) -> ResultError {
        self.unavailable("cannot be reached", Some(std::sync::Arc::new(error)))
    }

    fn unavailable(&self, what: &str, cause: Option<Cause>) -> ResultError {
        ResultError::Unavailable {
            why: format!("the webhook {what}: {}", self.url),
            cause,
        }
    }
}

crate::text::shown_by!(Webhook, url);

#[async_trait]
impl Results for Webhook {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        for pause in PAUSES {
            match self.post(result).await {
                Err(error) if error.may_pass() => tokio::time::sleep(pause).await,
                told => return told,
            }
        }
        self.post(result).await
    }
}

impl ResolveDns for Guarded {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0))
                .await
                .map_err(ResolveDnsError::new)?;
            let found = found.map(|address| address.ip());
            let allowed: Vec<_> = found.filter(|address| !is_forbidden(*address)).collect();
            if allowed.is_empty() {
                let why = format!("{name} leads to no address that a webhook may have");
                return Err(ResolveDnsError::new(why));
            }
            Ok(allowed)
        })
    }
}

#[cfg(test)]
mod tests;
