//! Credentials for registries, from the file that `docker login` writes and Kubernetes mounts.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::error::RegistryError;
use crate::text::printable;

/// The most of the file that is read.
const MOST: u64 = 1 << 20;

/// Name of Docker's own registry, and the one that its credentials are kept under.
const DOCKER: (&str, &str) = ("docker.io", "index.docker.io");

/// Credentials for one registry.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// A name and a password.
    Basic {
        /// The name.
        user: String,
        /// The password.
        password: String,
    },
    /// A token for the registry itself.
    Token(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials")
    }
}

#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "lowercase")]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    registrytoken: Option<String>,
}

/// Credentials of this user for the registry at `host`, if there are any.
pub(super) fn of_this_user(host: &str) -> Result<Option<Credentials>, RegistryError> {
    let folder = env::var_os("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".docker")));
    match folder {
        Some(folder) => of_file(&folder.join("config.json"), host),
        None => Ok(None),
    }
}

/// Credentials for the registry at `host` in a file, if it is there.
pub(super) fn of_file(path: &Path, host: &str) -> Result<Option<Credentials>, RegistryError> {
    let failed = |reason: String| RegistryError::Credentials {
        path: printable(path.display()),
        reason,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
    };
    let mut text = String::new();
    let read = file.take(MOST).read_to_string(&mut text);
    read.map_err(|error| failed(error.to_string()))?;
    // What serde says of a mistake holds no part of the text but names of fields.
    let config: Config = serde_json::from_str(&text)
        .map_err(|error| failed(format!("line {}, column {}", error.line(), error.column())))?;
    let entry = config.auths.into_iter().find(|(name, _)| is_of(name, host));
    entry.map_or(Ok(None), |(_, entry)| {
        entry
            .credentials()
            .map_err(|reason| failed(reason.to_owned()))
    })
}

/// True if an entry of the file, an address or a host, is that of a registry.
fn is_of(name: &str, host: &str) -> bool {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let name = name.split('/').next().unwrap_or_default();
    name == host || (host == DOCKER.0 && name == DOCKER.1)
}

impl Entry {
    fn credentials(self) -> Result<Option<Credentials>, &'static str> {
        if let Some(token) = self.registrytoken {
            return Ok(Some(Credentials::Token(token)));
        }
        if let (Some(user), Some(password)) = (self.username, self.password) {
            return Ok(Some(Credentials::Basic { user, password }));
        }
        let Some(auth) = self.auth.filter(|auth| !auth.is_empty()) else {
            return Ok(None);
        };
        let wrong = "`auth` is not user:password in base64";
        let bytes = STANDARD.decode(auth).map_err(|_| wrong)?;
        let text = String::from_utf8(bytes).map_err(|_| wrong)?;
        let (user, password) = text.split_once(':').ok_or(wrong)?;
        Ok(Some(Credentials::Basic {
            user: user.to_owned(),
            // Docker ends it with a zero, at times.
            password: password.trim_end_matches('\0').to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_those_of_their_registry() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("config.json");
        let basic = |user: &str, password: &str| {
            Some(Credentials::Basic {
                user: user.to_owned(),
                password: password.to_owned(),
            })
        };
        assert_eq!(of_file(&path, "ghcr.io"), Ok(None));
        std::fs::write(
            &path,
            r#"{"auths": {"ghcr.io": {"auth": "YW5uOnNlY3JldA=="}, "https://index.docker.io/v1/":
            {"username": "bob", "password": "p"}, "127.0.0.1:5000": {"registrytoken": "t"},
            "kept.elsewhere": {}, "bad.example": {"auth": "???"}}, "credsStore": "pass"}"#,
        )
        .unwrap();
        for (host, expected) in [
            ("ghcr.io", basic("ann", "secret")),
            ("docker.io", basic("bob", "p")),
            ("127.0.0.1:5000", Some(Credentials::Token("t".to_owned()))),
            ("127.0.0.1", None),
            ("kept.elsewhere", None),
        ] {
            assert_eq!(of_file(&path, host), Ok(expected), "{host}");
        }
        assert!(of_file(&path, "bad.example").is_err());
        std::fs::write(&path, "{\"auths\": [\"secret\"]}").unwrap();
        let error = of_file(&path, "ghcr.io").unwrap_err().to_string();
        assert!(
            error.contains("docker login") && !error.contains("secret"),
            "{error}"
        );
    }
}
