//! Credentials for the servers, from the variables that NATS' own tools read.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use async_nats::ConnectOptions;

use crate::ports::QueueProblem;
use crate::text::printable;

/// Names of the variables.
pub const VARIABLES: [&str; 8] = [CREDS, NKEY, USER, PASSWORD, TOKEN, CA, CERT, KEY];

const CREDS: &str = "NATS_CREDS";
const NKEY: &str = "NATS_NKEY";
const USER: &str = "NATS_USER";
const PASSWORD: &str = "NATS_PASSWORD";
const TOKEN: &str = "NATS_TOKEN";
const CA: &str = "NATS_CA";
const CERT: &str = "NATS_CERT";
const KEY: &str = "NATS_KEY";

/// Credentials, and the certificates of both sides.
#[derive(Clone, Default)]
pub struct Access {
    identity: Option<Identity>,
    /// The file of authorities that takes the place of those of the system.
    authorities: Option<PathBuf>,
    /// The files of a certificate to show, and of its key.
    certificate: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone)]
enum Identity {
    /// A file with a token and the seed of a key.
    File(PathBuf),
    /// A file with the seed of a key alone.
    Seed(PathBuf),
    User {
        name: String,
        password: String,
    },
    Token(String),
}

/// Mistake in the variables of credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Half of two that belong together.
    #[error("{given} is set and {missing} is not; set both or neither")]
    Half {
        /// The one that is set.
        given: &'static str,
        /// The one that is not.
        missing: &'static str,
    },
    /// Several ways to say who one is.
    #[error("{0} and {1} are both set; set the one that the server asks for")]
    Several(&'static str, &'static str),
}

impl Access {
    /// The credentials in the variables that `lookup` knows.
    ///
    /// # Errors
    /// If they contradict each other.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, AccessError> {
        let known = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let both = |one, other| match (known(one), known(other)) {
            (Some(value), Some(with)) => Ok(Some((value, with))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(half(one, other)),
            (None, Some(_)) => Err(half(other, one)),
        };
        let user = both(USER, PASSWORD)?.map(|(name, password)| Identity::User { name, password });
        let certificate = both(CERT, KEY)?.map(|(file, key)| (file.into(), key.into()));
        let file = known(CREDS).map(|path| Identity::File(path.into()));
        let seed = known(NKEY).map(|path| Identity::Seed(path.into()));
        let token = known(TOKEN).map(Identity::Token);
        let mut given = [(CREDS, file), (NKEY, seed), (USER, user), (TOKEN, token)]
            .into_iter()
            .filter_map(|(name, identity)| Some((name, identity?)));
        let (first, second) = (given.next(), given.next());
        if let (Some((first, _)), Some((second, _))) = (&first, &second) {
            return Err(AccessError::Several(first, second));
        }
        Ok(Self {
            identity: first.map(|(_, identity)| identity),
            authorities: known(CA).map(PathBuf::from),
            certificate,
        })
    }

    /// `options` with these credentials.
    pub(super) async fn apply(
        &self,
        options: ConnectOptions,
    ) -> Result<ConnectOptions, QueueProblem> {
        let options = match &self.identity {
            None => options,
            Some(Identity::User { name, password }) => {
                options.user_and_password(name.clone(), password.clone())
            }
            Some(Identity::Token(token)) => options.token(token.clone()),
            Some(Identity::File(path)) => {
                let read = options.credentials_file(path).await;
                read.map_err(|error| unusable(CREDS, path, &error))?
            }
            Some(Identity::Seed(path)) => {
                let read = tokio::fs::read_to_string(path).await;
                let text = read.map_err(|error| unusable(NKEY, path, &error))?;
                options.nkey(text.trim().to_owned())
            }
        };
        let options = match &self.authorities {
            Some(file) => options.add_root_certificates(file.clone()),
            None => options,
        };
        Ok(match &self.certificate {
            Some((file, key)) => options.add_client_certificate(file.clone(), key.clone()),
            None => options,
        })
    }
}

fn unusable(variable: &str, path: &Path, error: &io::Error) -> QueueProblem {
    let path = printable(path.display());
    QueueProblem::Unusable(format!(
        "the file in {variable} cannot be used, name one that `nsc` made: {path}: {error}"
    ))
}

fn half(given: &'static str, missing: &'static str) -> AccessError {
    AccessError::Half { given, missing }
}

/// Secrets are shown to nobody.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.identity.as_ref().map(|identity| match identity {
            Identity::File(_) => "a file",
            Identity::Seed(_) => "a key",
            Identity::User { .. } => "a user",
            Identity::Token(_) => "a token",
        });
        f.debug_struct("Access")
            .field("identity", &identity)
            .field("authorities", &self.authorities)
            .field(
                "certificate",
                &self.certificate.as_ref().map(|(file, _)| file),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::environment::variables;

    fn read(set: &[(&str, &str)]) -> Result<Access, AccessError> {
        Access::read(variables(set))
    }

    #[test]
    fn credentials_are_one_of_four_and_whole() {
        for good in [
            &[][..],
            &[(CREDS, "file")],
            &[(NKEY, "file"), (CERT, "file"), (KEY, "file")],
            &[(USER, "name"), (PASSWORD, "secret"), (CA, "file")],
            &[(TOKEN, "secret"), (CREDS, "")],
        ] {
            assert!(read(good).is_ok(), "{good:?}");
        }
        assert_eq!(read(&[(USER, "name")]).unwrap_err(), half(USER, PASSWORD));
        assert_eq!(
            read(&[(PASSWORD, "secret")]).unwrap_err(),
            half(PASSWORD, USER)
        );
        assert_eq!(read(&[(CERT, "file")]).unwrap_err(), half(CERT, KEY));
        let both = [(CREDS, "file"), (TOKEN, "secret")];
        assert_eq!(read(&both).unwrap_err(), AccessError::Several(CREDS, TOKEN));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let access = read(&[(USER, "name"), (PASSWORD, "sesame")]).unwrap();
        assert!(!format!("{access:?}").contains("sesame"));
    }
}
