//! Names of repositories in OCI registries.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::text::printable;

/// Longest name of a repository, by the specification.
const LONGEST: usize = 255;

/// A repository in a registry, where engines are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// True if requests go over HTTP without TLS: to this machine, or where it is asked for.
    pub plain: bool,
    /// The machine of the registry, with a port if it has one.
    pub host: String,
    /// The name in the registry.
    pub name: String,
}

/// A repository, and one thing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// The repository.
    pub repository: Repository,
    /// A tag or the digest of a manifest, `sha256:` and all.
    pub reference: String,
}

/// A text names no repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARepository {
    /// It has another form.
    #[error(
        "a repository looks like oci://registry.example/team/engines, in small letters, not like this: {0}"
    )]
    Malformed(String),
    /// It names a tag or a digest where a whole repository is meant.
    #[error("an engine store is a repository, without a tag or a digest: {0}")]
    Reference(String),
    /// It names no tag and no digest where one thing is meant.
    #[error("name one engine, by oci://REGISTRY/NAME@sha256:DIGEST or by a tag: {0}")]
    NoReference(String),
}

impl Repository {
    /// True for a text that means to be a repository.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("oci://") || text.starts_with("oci+http://")
    }

    /// True if the registry is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(host_of(&self.host))
    }
}

/// True for a name or an address of this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// The host of an authority, without its port.
fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

impl FromStr for Repository {
    type Err = NotARepository;

    fn from_str(text: &str) -> Result<Self, NotARepository> {
        let (repository, reference) = parse(text)?;
        match reference {
            None => Ok(repository),
            Some(_) => Err(NotARepository::Reference(printable(text))),
        }
    }
}

impl FromStr for Pointer {
    type Err = NotARepository;

    fn from_str(text: &str) -> Result<Self, NotARepository> {
        let (repository, reference) = parse(text)?;
        let reference = reference.ok_or_else(|| NotARepository::NoReference(printable(text)))?;
        Ok(Self {
            repository,
            reference,
        })
    }
}

fn parse(text: &str) -> Result<(Repository, Option<String>), NotARepository> {
    let malformed = || NotARepository::Malformed(printable(text));
    let (plain, rest) = match text.split_once("://") {
        Some(("oci", rest)) => (false, rest),
        Some(("oci+http", rest)) => (true, rest),
        _ => return Err(malformed()),
    };
    let (host, path) = rest.split_once('/').ok_or_else(malformed)?;
    let (name, reference) = match path.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => match path.split_once(':') {
            Some((name, tag)) => (name, Some(tag)),
            None => (path, None),
        },
    };
    let name = name.trim_end_matches('/');
    let is_sound =
        is_host(host) && is_name(name) && reference.is_none_or(|text| is_reference(path, text));
    if !is_sound {
        return Err(malformed());
    }
    let repository = Repository {
        plain: plain || is_loopback(host_of(host)),
        host: host.to_owned(),
        name: name.to_owned(),
    };
    Ok((repository, reference.map(str::to_owned)))
}

fn is_host(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    !host.is_empty() && host.bytes().all(allowed)
}

/// The check for components of small letters and digits, divided by single marks.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let component = |part: &str| {
        let ends = [part.bytes().next(), part.bytes().next_back()];
        ends.into_iter().all(|end| end.is_some_and(is_plain))
            && part
                .bytes()
                .all(|byte| is_plain(byte) || b"._-".contains(&byte))
    };
    name.len() <= LONGEST && name.split('/').all(component)
}

fn is_reference(path: &str, text: &str) -> bool {
    if path.contains('@') {
        let digits = text.strip_prefix("sha256:").unwrap_or_default();
        return digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text.len() <= 128 && text.bytes().all(allowed)
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", printable(&self.host), printable(&self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_a_host_and_a_name() {
        for (text, plain, host, name) in [
            (
                "oci://ghcr.io/team/engines",
                false,
                "ghcr.io",
                "team/engines",
            ),
            (
                "oci://registry.example:5000/a/b-c_d/",
                false,
                "registry.example:5000",
                "a/b-c_d",
            ),
            (
                "oci://127.0.0.1:5000/engines",
                true,
                "127.0.0.1:5000",
                "engines",
            ),
            ("oci://[::1]:5000/engines", true, "[::1]:5000", "engines"),
            ("oci://localhost/engines", true, "localhost", "engines"),
            (
                "oci+http://registry.example/e",
                true,
                "registry.example",
                "e",
            ),
        ] {
            let repository: Repository = text.parse().unwrap();
            assert_eq!(
                (repository.plain, &*repository.host, &*repository.name),
                (plain, host, name),
                "{text}"
            );
        }
        for text in [
            "oci://",
            "oci://ghcr.io",
            "oci://ghcr.io/",
            "oci:///engines",
            "oci://ghcr.io/Team/x",
            "oci://ghcr.io/a//b",
            "oci://ghcr.io/a/../b",
            "oci://user@ghcr.io/engines?x",
            "s3://bucket/prefix",
            "oci://ghcr.io/-a",
            "oci://gh cr/a",
        ] {
            let error = text.parse::<Repository>().unwrap_err();
            assert!(
                matches!(error, NotARepository::Malformed(_)),
                "{text}: {error}"
            );
        }
        let error = "oci://ghcr.io/a:tag".parse::<Repository>().unwrap_err();
        assert!(matches!(error, NotARepository::Reference(_)), "{error}");
    }

    #[test]
    fn a_pointer_is_a_repository_with_a_tag_or_a_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let pointer: Pointer = format!("oci://ghcr.io/a@{digest}").parse().unwrap();
        assert_eq!(pointer.reference, digest);
        let pointer: Pointer = "oci://ghcr.io/a:v1.0".parse().unwrap();
        assert_eq!(
            (&*pointer.repository.name, &*pointer.reference),
            ("a", "v1.0")
        );
        for text in [
            "oci://ghcr.io/a",
            "oci://ghcr.io/a@sha256:12",
            "oci://ghcr.io/a@latest",
        ] {
            assert!(text.parse::<Pointer>().is_err(), "{text}");
        }
    }
}
