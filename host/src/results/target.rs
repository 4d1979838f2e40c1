//! Receivers of results, as a configuration names them.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use super::TopicArn;
use crate::text::printable;

/// Receiver of results.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A queue, by its URL, or by its folder.
    Queue(String),
    /// A topic of SNS.
    Topic(TopicArn),
    /// An HTTP server of somebody else.
    Webhook {
        /// Its address.
        url: WebhookUrl,
        /// The secret that signatures are made with.
        secret: Secret,
    },
}

/// Address of a webhook: `https`, or `http` on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(String);

/// Secret that both sides of a webhook know.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Mistake in the address or the secret of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// The scheme is another one.
    #[error("it begins with https://, or with http:// and the name of this machine")]
    Scheme,
    /// The host is missing, or has a name and a password before it.
    #[error("it names a host, and no user; the secret signs each result")]
    Host,
    /// Nobody outside a machine or its cloud answers there.
    #[error("it leads to the network of the machine itself, which holds its credentials")]
    LinkLocal,
    /// It could be guessed.
    #[error("a secret has 24 bytes at least, as `openssl rand -base64 32` makes it")]
    Short,
}

/// Fewest bytes of a secret, as the standard for webhooks has it.
const LEAST_SECRET: usize = 24;

impl WebhookUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

impl FromStr for WebhookUrl {
    type Err = WebhookError;

    fn from_str(text: &str) -> Result<Self, WebhookError> {
        let (scheme, rest) = text.split_once("://").ok_or(WebhookError::Scheme)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_graphic();
        if authority.is_empty() || authority.contains('@') || !text.bytes().all(is_plain) {
            return Err(WebhookError::Host);
        }
        let host = host_of(authority).ok_or(WebhookError::Host)?;
        let address = host.parse::<IpAddr>().ok();
        if address.is_some_and(is_forbidden) {
            return Err(WebhookError::LinkLocal);
        }
        let is_here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        match scheme {
            "https" => {}
            "http" if is_here => {}
            _ => return Err(WebhookError::Scheme),
        }
        Ok(Self(text.to_owned()))
    }
}

/// The host in `authority`, without its port and without brackets.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => authority
            .split_once(':')
            .map_or((authority, ""), |(host, port)| (host, port)),
    };
    let port = port.trim_start_matches(':');
    let is_port = port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0);
    (is_port && !host.is_empty()).then_some(host)
}

/// True for an address that no webhook can have: of the link, where clouds answer with
/// credentials, of no machine, or of many.
pub fn is_forbidden(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            address.is_link_local()
                || address.is_unspecified()
                || address.is_multicast()
                || address.is_broadcast()
        }
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_forbidden(address.into()),
            None => {
                address.is_unicast_link_local()
                    || address.is_unspecified()
                    || address.is_multicast()
                    // Where AWS answers on IPv6 what it answers on 169.254.169.254.
                    || address.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254]
            }
        },
    }
}

impl Secret {
    /// The bytes to sign with.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = WebhookError;

    /// Reads a secret of the standard for webhooks, `whsec_` and base64; any other text is
    /// taken as it stands.
    fn from_str(text: &str) -> Result<Self, WebhookError> {
        use base64::Engine as _;
        let coded = text.strip_prefix("whsec_");
        let decoded =
            coded.and_then(|coded| base64::engine::general_purpose::STANDARD.decode(coded).ok());
        let bytes = decoded.unwrap_or_else(|| text.as_bytes().to_owned());
        if bytes.len() < LEAST_SECRET {
            return Err(WebhookError::Short);
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(queue) => f.debug_tuple("Queue").field(queue).finish(),
            Self::Topic(topic) => f.debug_tuple("Topic").field(topic).finish(),
            Self::Webhook { url, .. } => f.debug_tuple("Webhook").field(url).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_leads_to_a_machine_that_may_be_asked() {
        use WebhookError::{Host, LinkLocal, Scheme};
        let rows: [(_, &[&str]); 4] = [
            (
                Ok(()),
                &[
                    "https://example.com/thumbnails?a=b",
                    "https://10.1.2.3:8443/",
                    "https://[2001:db8::1]/x",
                    "http://localhost:8080/x",
                    "http://127.0.0.1/x",
                    "http://[::1]:80/x",
                ],
            ),
            (
                Err(Scheme),
                &[
                    "http://example.com/x",
                    "ftp://example.com/x",
                    "example.com/x",
                ],
            ),
            (
                Err(Host),
                &[
                    "https://",
                    "https://user:password@example.com/",
                    "https://example.com:0/",
                    "https://example.com:99999/",
                    "https://exa mple.com/",
                ],
            ),
            (
                Err(LinkLocal),
                &[
                    "https://169.254.169.254/latest",
                    "https://[fe80::1]/",
                    "https://[fd00:ec2::254]/",
                    "https://[::ffff:169.254.169.254]/",
                    "https://0.0.0.0/",
                ],
            ),
        ];
        for (expected, texts) in rows {
            for text in texts {
                let read = text.parse::<WebhookUrl>().map(|_| ());
                assert_eq!(read, expected, "{text}");
            }
        }
    }

    #[test]
    fn a_secret_is_long_and_told_to_nobody() {
        let coded: Secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3".parse().unwrap();
        let plain: Secret = "0123456789abcdef01234567".parse().unwrap();
        assert_eq!(coded, plain);
        assert_eq!("0123456789".parse::<Secret>(), Err(WebhookError::Short));
        let url: WebhookUrl = "https://example.com/".parse().unwrap();
        let shown = format!("{:?}", Target::Webhook { url, secret: plain });
        assert!(!shown.contains("0123"), "{shown}");
    }
}
