//! Places of queues: a URL, or a folder.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::PlaceError;
use super::nats::NatsPlace;
use crate::text::printable;

/// The place of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum QueuePlace {
    /// A queue of SQS, by its URL.
    Sqs(String),
    /// A queue of SQS, by its name in the account and the region at hand.
    SqsNamed(String),
    /// A folder with queues, or one of them.
    Folder(PathBuf),
    /// A stream of NATS JetStream.
    Nats(NatsPlace),
    /// A queue in Postgres; the URL may hold a password.
    Postgres(String),
}

impl QueuePlace {
    /// The kind of queue, as its URL begins.
    pub(in crate::cli) fn scheme(&self) -> &'static str {
        match self {
            Self::Sqs(_) | Self::SqsNamed(_) => "sqs",
            Self::Folder(_) => "file",
            Self::Nats(_) => "nats",
            Self::Postgres(_) => "postgres",
        }
    }

    /// The folder, if it is one.
    pub(in crate::cli) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(path) => Some(path),
            Self::Sqs(_) | Self::SqsNamed(_) | Self::Nats(_) | Self::Postgres(_) => None,
        }
    }

    /// The place as it was named, with a password if there is one.
    pub(in crate::cli) fn name(&self) -> String {
        match self {
            Self::Sqs(url) | Self::Postgres(url) => url.clone(),
            Self::SqsNamed(name) => format!("sqs:{name}"),
            Self::Folder(path) => path.to_string_lossy().into_owned(),
            Self::Nats(place) => place.to_string(),
        }
    }
}

impl FromStr for QueuePlace {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let Some((scheme, rest)) = text.split_once(':') else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        match scheme {
            "arn" => Err(arn(text, rest)),
            "http" | "https" => url(text).map(Self::Sqs),
            "sqs" if rest.starts_with("http") => url(rest).map(Self::Sqs),
            "sqs" => named(rest).map(Self::SqsNamed),
            "file" => folder(text, rest).map(Self::Folder),
            "nats" => NatsPlace::parse(text, rest, false).map(Self::Nats),
            "postgres" | "postgresql" => Ok(Self::Postgres(text.to_owned())),
            "tls" => NatsPlace::parse(text, rest, true).map(Self::Nats),
            _ if rest.starts_with("//") => Err(PlaceError::NotAQueueUrl(printable(text))),
            // The name of a folder may have a colon.
            _ => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for QueuePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqs(url) => f.write_str(&printable(url)),
            Self::SqsNamed(name) => write!(f, "sqs:{name}"),
            Self::Folder(path) => f.write_str(&printable(path.to_string_lossy())),
            Self::Nats(place) => place.fmt(f),
            Self::Postgres(url) => f.write_str(&printable(without_password(url))),
        }
    }
}

/// A URL without the password that stands before its host, or in its query.
pub(in crate::cli) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let named = rest.rsplit_once('@').and_then(|(user, host)| {
        let (user, _) = user.split_once(':')?;
        Some(format!("{user}@{host}"))
    });
    let rest = named.unwrap_or_else(|| rest.to_owned());
    let (place, query) = rest.split_once('?').unwrap_or((rest.as_str(), ""));
    let parts = query.split('&').filter(|part| !part.is_empty());
    let parts: Vec<&str> = parts
        .filter(|part| !part.starts_with("password="))
        .collect();
    match parts.is_empty() {
        true => format!("{scheme}://{place}"),
        false => format!("{scheme}://{place}?{}", parts.join("&")),
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && name.bytes().all(allowed)
}

/// The URL of a queue of SQS.
fn url(text: &str) -> Result<String, PlaceError> {
    let malformed = || PlaceError::Malformed(printable(text));
    let (scheme, rest) = text.split_once("://").ok_or_else(malformed)?;
    let (host, path) = rest.split_once('/').ok_or_else(malformed)?;
    // An account and a name, though some emulators have more than that.
    let is_path = path.contains('/') && path.split('/').all(is_name);
    if !matches!(scheme, "http" | "https") || host.is_empty() || !is_path {
        return Err(malformed());
    }
    Ok(text.to_owned())
}

/// The name of a queue of SQS.
fn named(name: &str) -> Result<String, PlaceError> {
    if is_name(name) {
        return Ok(name.to_owned());
    }
    Err(PlaceError::SqsName(printable(name)))
}

/// The folder in `file:DIR` or `file:///DIR`.
fn folder(text: &str, rest: &str) -> Result<PathBuf, PlaceError> {
    let path = match rest.strip_prefix("//") {
        Some(path) if path.starts_with('/') => path,
        Some(_) => "",
        None => rest,
    };
    if path.is_empty() {
        return Err(PlaceError::FolderUrl(printable(text)));
    }
    Ok(PathBuf::from(path))
}

/// Error for an ARN, with the URL to use instead if it is that of a queue.
fn arn(text: &str, arn: &str) -> PlaceError {
    match arn.split(':').collect::<Vec<_>>().as_slice() {
        [_, "sqs", region, account, name] => PlaceError::QueueArn {
            url: format!("https://sqs.{region}.amazonaws.com/{account}/{name}"),
        },
        _ => PlaceError::Malformed(printable(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(text: &str) -> Result<QueuePlace, PlaceError> {
        text.parse()
    }

    #[test]
    fn a_queue_is_a_url_or_a_folder() {
        for url in [
            "https://sqs.eu-west-1.amazonaws.com/123456789012/thumbnails.fifo",
            "http://127.0.0.1:4566/000000000000/queue-1_a",
            "http://127.0.0.1:4566/queue/eu-west-1/000000000000/queue",
        ] {
            assert_eq!(queue(url), Ok(QueuePlace::Sqs(url.to_owned())));
            assert_eq!(queue(&format!("sqs:{url}")), queue(url));
        }
        let named = QueuePlace::SqsNamed("thumbnails.fifo".to_owned());
        assert_eq!(queue("sqs:thumbnails.fifo"), Ok(named));
        for (text, path) in [
            ("pictures/.thimble/queue", "pictures/.thimble/queue"),
            ("file:work", "work"),
            ("file:/srv/work", "/srv/work"),
            ("file:///srv/my work", "/srv/my work"),
            ("odd:name", "odd:name"),
        ] {
            assert_eq!(queue(text), Ok(QueuePlace::Folder(path.into())), "{text}");
        }
    }

    #[test]
    fn a_place_is_written_as_it_is_read() {
        for (text, scheme) in [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/q", "sqs"),
            ("sqs:q", "sqs"),
            ("pictures", "file"),
            ("nats://127.0.0.1:4222/IMAGES", "nats"),
            ("tls://a,b:4223/IMAGES/images.new", "nats"),
        ] {
            let place = queue(text).unwrap();
            assert_eq!((place.to_string().as_str(), place.scheme()), (text, scheme));
        }
    }

    #[test]
    fn a_queue_in_postgres_is_shown_without_its_password() {
        for (url, shown) in [
            (
                "postgres://u:p%40@h/db?queue=a",
                "postgres://u@h/db?queue=a",
            ),
            ("postgresql://u@h/db", "postgresql://u@h/db"),
            ("postgres://u:p@ss@h/db", "postgres://u@h/db"),
            (
                "postgres://u@h/db?password=p&queue=a",
                "postgres://u@h/db?queue=a",
            ),
            ("postgres://h/db?queue=a:b", "postgres://h/db?queue=a:b"),
            (
                "postgres://h/db?user=u&password=p&queue=a",
                "postgres://h/db?user=u&queue=a",
            ),
            ("postgres://u:p@h/db?password=q", "postgres://u@h/db"),
        ] {
            let place = queue(url).unwrap();
            assert_eq!(place, QueuePlace::Postgres(url.to_owned()));
            assert_eq!(
                (place.to_string().as_str(), place.name().as_str()),
                (shown, url)
            );
        }
    }

    #[test]
    fn what_is_no_url_of_a_queue_is_refused() {
        for text in [
            "https://",
            "https://sqs.eu-west-1.amazonaws.com",
            "https://sqs.eu-west-1.amazonaws.com/name",
            "https://sqs.eu-west-1.amazonaws.com/123/",
            "https://sqs.eu-west-1.amazonaws.com/123/na me",
            "arn:aws:sns:eu-west-1:123456789012:topic",
        ] {
            assert!(
                matches!(queue(text), Err(PlaceError::Malformed(_))),
                "{text}"
            );
        }
        for text in ["ftp://host/123/name", "s3://bucket/queue/name"] {
            assert!(
                matches!(queue(text), Err(PlaceError::NotAQueueUrl(_))),
                "{text}"
            );
        }
        for text in ["sqs:", "sqs:a b", "sqs://q"] {
            assert!(matches!(queue(text), Err(PlaceError::SqsName(_))), "{text}");
        }
        for text in ["file:", "file://host/work", "file://"] {
            assert!(
                matches!(queue(text), Err(PlaceError::FolderUrl(_))),
                "{text}"
            );
        }
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/name".to_owned();
        let arn = "arn:aws:sqs:eu-west-1:123456789012:name";
        assert_eq!(queue(arn), Err(PlaceError::QueueArn { url }));
    }
}
