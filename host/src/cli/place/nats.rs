//! Names of streams of NATS: `nats://HOST:PORT/STREAM`, and `tls://` with TLS.

use std::fmt;

use super::PlaceError;
use crate::text::printable;

/// End of the names of streams for dead letters.
const DEAD: &str = "-dead-letters";

/// A stream, and the servers that have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct NatsPlace {
    /// Servers of one cluster, each as HOST or HOST:PORT.
    pub(in crate::cli) servers: Vec<String>,
    /// True for `tls://`.
    pub(in crate::cli) tls: bool,
    pub(in crate::cli) stream: String,
    /// The subject of the messages; `None` for the only one of the stream.
    pub(in crate::cli) subject: Option<String>,
}

impl NatsPlace {
    /// The place in `text`, which is `rest` behind its scheme.
    pub(super) fn parse(text: &str, rest: &str, tls: bool) -> Result<Self, PlaceError> {
        let malformed = || PlaceError::Nats(shown(text));
        let (servers, path) = rest
            .strip_prefix("//")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(malformed)?;
        if servers.contains('@') {
            return Err(PlaceError::NatsCredentials(shown(text)));
        }
        let servers: Vec<String> = servers.split(',').map(str::to_owned).collect();
        let (stream, subject) = match path.split_once('/') {
            Some((stream, subject)) => (stream, Some(subject)),
            None => (path, None),
        };
        let is_whole = servers.iter().all(|server| is_server(server))
            && is_stream(stream)
            && subject.is_none_or(is_subject);
        if !is_whole {
            return Err(malformed());
        }
        Ok(Self {
            servers,
            tls,
            stream: stream.to_owned(),
            subject: subject.map(str::to_owned),
        })
    }

    /// True if both are at the same servers.
    pub(in crate::cli) fn is_beside(&self, other: &Self) -> bool {
        self.servers == other.servers && self.tls == other.tls
    }

    /// The stream for the dead letters of this one, unless another is named.
    pub(in crate::cli) fn dead_letters(&self) -> Self {
        Self {
            stream: format!("{}{DEAD}", self.stream),
            subject: None,
            ..self.clone()
        }
    }
}

/// `text` without what may be a password.
fn shown(text: &str) -> String {
    let hidden = text.split_once("//").and_then(|(scheme, rest)| {
        let (_, host) = rest.rsplit_once('@')?;
        Some(format!("{scheme}//...@{host}"))
    });
    printable(hidden.as_deref().unwrap_or(text))
}

fn is_server(server: &str) -> bool {
    let (host, port) = match server.rsplit_once(':') {
        // The colons of an address of IPv6 are between brackets.
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (server, "4222"),
    };
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.[]:".contains(&byte);
    !host.is_empty() && host.bytes().all(is_host) && port.parse::<u16>().is_ok()
}

fn is_stream(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_graphic() && !b".*>/\\".contains(&byte);
    !name.is_empty() && name.bytes().all(is_letter)
}

/// True for a subject that messages can be sent to.
fn is_subject(name: &str) -> bool {
    name.split('.').all(is_stream)
}

impl fmt::Display for NatsPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "tls" } else { "nats" };
        let servers = self.servers.join(",");
        write!(f, "{scheme}://{servers}/{}", self.stream)?;
        match &self.subject {
            Some(subject) => write!(f, "/{subject}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<NatsPlace, PlaceError> {
        let (scheme, rest) = text.split_once(':').unwrap();
        NatsPlace::parse(text, rest, scheme == "tls")
    }

    #[test]
    fn a_stream_has_servers_a_name_and_perhaps_a_subject() {
        let place = parse("nats://a:4222,[::1]:4223,b/IMAGES/images.new").unwrap();
        assert_eq!(place.servers, ["a:4222", "[::1]:4223", "b"]);
        assert_eq!(place.subject.as_deref(), Some("images.new"));
        assert!(parse("tls://a/IMAGES").unwrap().tls);
        for text in [
            "nats:",
            "nats://",
            "nats://host",
            "nats://host/",
            "nats:///IMAGES",
            "nats://host:port/IMAGES",
            "nats://host/a.b",
            "nats://host/IMAGES/",
            "nats://host/IMAGES/images.>",
            "nats://host/IMAGES/a..b",
            "nats://a,/IMAGES",
        ] {
            assert!(matches!(parse(text), Err(PlaceError::Nats(_))), "{text}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_refused_and_not_shown() {
        let error = parse("nats://user:sesame@host/IMAGES").unwrap_err();
        let words = error.to_string();
        assert!(
            words.contains("NATS_PASSWORD") && !words.contains("sesame"),
            "{words}"
        );
        let error = parse("nats://user:sesame@host").unwrap_err();
        assert!(!error.to_string().contains("sesame"));
    }
}
