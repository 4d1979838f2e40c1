//! Credentials for the servers, from the variables that NATS' own tools read.

use std::fmt;
use std::path::PathBuf;

use async_nats::ConnectOptions;

use crate::ports::QueueProblem;
use crate::text::printable;

/// Names of the variables.
pub const VARIABLES: [&str; 5] = [CREDS, USER, PASSWORD, TOKEN, CA];

const CREDS: &str = "NATS_CREDS";
const USER: &str = "NATS_USER";
const PASSWORD: &str = "NATS_PASSWORD";
const TOKEN: &str = "NATS_TOKEN";
const CA: &str = "NATS_CA";

/// Credentials, and the authorities that certificates of servers may come from.
#[derive(Clone, Default)]
pub struct Access {
    identity: Option<Identity>,
    /// The file of authorities that takes the place of those of the system.
    authorities: Option<PathBuf>,
}

#[derive(Clone)]
enum Identity {
    /// A file with a token and the seed of a key.
    File(PathBuf),
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
    #[error("{given} is set and {missing} is not; set both, or NATS_CREDS alone")]
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
        let user = match (known(USER), known(PASSWORD)) {
            (Some(name), Some(password)) => Some(Identity::User { name, password }),
            (None, None) => None,
            (Some(_), None) => return Err(half(USER, PASSWORD)),
            (None, Some(_)) => return Err(half(PASSWORD, USER)),
        };
        let file = known(CREDS).map(|path| Identity::File(path.into()));
        let token = known(TOKEN).map(Identity::Token);
        let mut given = [(CREDS, file), (USER, user), (TOKEN, token)]
            .into_iter()
            .filter_map(|(name, identity)| Some((name, identity?)));
        let (first, second) = (given.next(), given.next());
        if let (Some((first, _)), Some((second, _))) = (&first, &second) {
            return Err(AccessError::Several(first, second));
        }
        Ok(Self {
            identity: first.map(|(_, identity)| identity),
            authorities: known(CA).map(PathBuf::from),
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
                read.map_err(|error| {
                    let path = printable(path.display());
                    QueueProblem::Unusable(format!(
                        "the file in {CREDS} cannot be used, name one that `nsc` made: {path}: {error}"
                    ))
                })?
            }
        };
        Ok(match &self.authorities {
            Some(file) => options.add_root_certificates(file.clone()),
            None => options,
        })
    }
}

fn half(given: &'static str, missing: &'static str) -> AccessError {
    AccessError::Half { given, missing }
}

/// Secrets are shown to nobody.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let identity = self.identity.as_ref().map(|identity| match identity {
            Identity::File(_) => "a file",
            Identity::User { .. } => "a user",
            Identity::Token(_) => "a token",
        });
        f.debug_struct("Access")
            .field("identity", &identity)
            .field("authorities", &self.authorities)
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
    fn credentials_are_one_of_three_and_whole() {
        for good in [
            &[][..],
            &[(CREDS, "file")],
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
        let both = [(CREDS, "file"), (TOKEN, "secret")];
        assert_eq!(read(&both).unwrap_err(), AccessError::Several(CREDS, TOKEN));
    }

    #[test]
    fn a_secret_is_not_shown() {
        let access = read(&[(USER, "name"), (PASSWORD, "sesame")]).unwrap();
        assert!(!format!("{access:?}").contains("sesame"));
    }
}
