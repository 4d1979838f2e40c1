//! Addresses of queues in a database.

use std::fmt;
use std::path::PathBuf;

use tokio_postgres::Config;

use crate::event::key;
use crate::text::{printable, with_causes};

/// Receptions of a message unless its address says how many: as in a folder.
const MAX_RECEIVE_COUNT: u32 = 5;

/// The longest name of a queue, in bytes: a word on a channel has fewer than 8,000.
const LONGEST_NAME: usize = 200;

/// Parts of an address that are read here, and not by the client.
const OWN: [&str; 4] = ["queue", "receives", "dead-letters", "sslrootcert"];

/// Redrive policy: the dead-letter queue, and the receive count that leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedrivePolicy {
    /// Number of times that a message is handed out.
    pub max_receive_count: u32,
    /// Name of the queue it goes to instead of being handed out once more.
    pub dead_letters: String,
}

/// The address of a queue: a database, and a name in it.
#[derive(Clone, Debug)]
pub struct Address {
    pub(super) config: Config,
    /// The file of the authorities that a certificate may come from, in the place of those that
    /// this machine trusts.
    pub(super) authorities: Option<PathBuf>,
    pub(super) queue: String,
    pub(super) redrive: Option<RedrivePolicy>,
}

/// Mistake in an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The part about the database is none.
    #[error(
        "a queue in Postgres is named as postgres://USER@HOST/DATABASE?queue=NAME, with the password in \
         PGPASSWORD: {0}"
    )]
    Malformed(String),
    /// The name of a queue cannot be one.
    #[error("not the name of a queue; use letters, digits, -, _ and ., 200 at most: {0}")]
    Name(String),
    /// The number of receptions is none.
    #[error("receives= in the address is a number from 1 to 1000, not: {0}")]
    Receives(String),
}

impl Address {
    /// The address that `url` spells. A queue that it does not name is called `name`.
    /// `password` is that of the environment, for an address that has none.
    ///
    /// # Errors
    /// If it is no address of a queue.
    pub fn new(url: &str, name: &str, password: Option<String>) -> Result<Self, AddressError> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let parts = query.split('&').filter(|part| !part.is_empty());
        let pairs = parts.map(|part| part.split_once('=').unwrap_or((part, "")));
        let (own, others): (Vec<_>, Vec<_>) = pairs.partition(|(key, _)| OWN.contains(key));
        let others: Vec<String> = others
            .iter()
            .map(|(key, value)| format!("{key}={}", known(key, value)))
            .collect();
        let malformed = |why: &dyn fmt::Display| AddressError::Malformed(printable(why));
        let database = match others.is_empty() {
            true => base.to_owned(),
            false => format!("{base}?{}", others.join("&")),
        };
        let config: Result<Config, tokio_postgres::Error> = database.parse();
        let mut config = config.map_err(|error| malformed(&with_causes(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(malformed(&"the host is missing"));
        }
        if let (None, Some(password)) = (config.get_password(), password) {
            config.password(password);
        }
        let value = |wanted: &str| {
            let (_, text) = own.iter().find(|(key, _)| *key == wanted)?;
            Some(key::decode(text).unwrap_or_else(|_| (*text).to_owned()))
        };
        let named = value("queue");
        let letters = value("dead-letters").unwrap_or_else(|| match &named {
            Some(queue) => format!("{queue}-dead-letters"),
            None => "dead-letters".to_owned(),
        });
        let receives = value("receives").unwrap_or_else(|| MAX_RECEIVE_COUNT.to_string());
        let count = receives
            .parse()
            .ok()
            .filter(|count| (1..=1_000).contains(count));
        let queue = checked(named.unwrap_or_else(|| name.to_owned()))?;
        let redrive = RedrivePolicy {
            max_receive_count: count.ok_or_else(|| AddressError::Receives(printable(&receives)))?,
            dead_letters: checked(letters)?,
        };
        // Letters stay where they are, however often somebody looks at them.
        let is_letters = queue.ends_with("dead-letters") || queue == redrive.dead_letters;
        Ok(Self {
            config,
            authorities: value("sslrootcert").map(PathBuf::from),
            redrive: (!is_letters).then_some(redrive),
            queue,
        })
    }

    /// Number of times that a message is handed out, and the address of the dead letters;
    /// `None` for a queue of letters.
    pub fn dead_letters(&self) -> Option<(u32, Self)> {
        let policy = self.redrive.as_ref()?;
        let letters = Self {
            config: self.config.clone(),
            authorities: self.authorities.clone(),
            queue: policy.dead_letters.clone(),
            redrive: None,
        };
        Some((policy.max_receive_count, letters))
    }

    /// The same queue without a redrive policy, to look at what is in it.
    #[must_use]
    pub fn without_redrive(self) -> Self {
        Self {
            redrive: None,
            ..self
        }
    }
}

/// The value of a part as the client knows it: wherever it checks a certificate it checks all of
/// it, so that the names for that are one.
fn known<'a>(key: &str, value: &'a str) -> &'a str {
    match (key, value) {
        ("sslmode", "verify-ca" | "verify-full") => "require",
        _ => value,
    }
}

fn checked(name: String) -> Result<String, AddressError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_name = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(allowed);
    match is_name {
        true => Ok(name),
        false => Err(AddressError::Name(printable(name))),
    }
}

/// The address without its user and password.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use tokio_postgres::config::Host;
        f.write_str("postgres://")?;
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{}", printable(name))?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{comma}{}", printable(path.display()))?,
            }
        }
        if let [port] = self.config.get_ports() {
            write!(f, ":{port}")?;
        }
        let database = self.config.get_dbname().unwrap_or_default();
        write!(f, "/{}?queue={}", printable(database), self.queue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(url: &str) -> Result<Address, AddressError> {
        Address::new(url, "queue", Some("of the environment".to_owned()))
    }

    #[test]
    fn a_queue_is_a_database_and_a_name() {
        for (url, queue, letters, count, shown) in [
            (
                "postgres://thimble:secret@db.example/app?queue=images&sslmode=require&receives=3",
                "images",
                Some("images-dead-letters"),
                3,
                "postgres://db.example:5432/app?queue=images",
            ),
            (
                "postgresql://thimble@127.0.0.1:5433/app",
                "queue",
                Some("dead-letters"),
                5,
                "postgres://127.0.0.1:5433/app?queue=queue",
            ),
            (
                "postgres://h/app?queue=a&dead-letters=b",
                "a",
                Some("b"),
                5,
                "postgres://h:5432/app?queue=a",
            ),
            (
                "postgres://h/app?queue=a-dead-letters",
                "a-dead-letters",
                None,
                0,
                "postgres://h:5432/app?queue=a-dead-letters",
            ),
        ] {
            let address = address(url).unwrap();
            assert_eq!(address.queue, queue);
            let redrive = address.redrive.as_ref();
            assert_eq!(redrive.map(|policy| policy.dead_letters.as_str()), letters);
            assert_eq!(redrive.map_or(0, |policy| policy.max_receive_count), count);
            assert_eq!(address.to_string(), shown);
            let beside = address.dead_letters();
            assert_eq!(
                beside.as_ref().map(|(count, _)| *count),
                redrive.map(|_| count)
            );
            assert_eq!(beside.map(|(_, one)| one.queue).as_deref(), letters);
            assert!(address.without_redrive().redrive.is_none());
        }
    }

    #[test]
    fn whoever_asks_for_a_certificate_has_all_of_it_checked() {
        use tokio_postgres::config::SslMode::{Disable, Prefer, Require};
        for (mode, expected) in [
            ("disable", Disable),
            ("prefer", Prefer),
            ("require", Require),
            ("verify-ca", Require),
            ("verify-full", Require),
        ] {
            let url = format!("postgres://h/app?sslmode={mode}&sslrootcert=a%20b.pem");
            let address = address(&url).unwrap();
            assert_eq!(address.config.get_ssl_mode(), expected, "{mode}");
            let letters = address.dead_letters().unwrap().1;
            assert_eq!(letters.authorities, Some("a b.pem".into()));
        }
    }

    #[test]
    fn the_password_of_the_environment_is_for_addresses_without_one() {
        let password = |url| {
            let address = address(url).unwrap();
            String::from_utf8(address.config.get_password().unwrap().to_vec()).unwrap()
        };
        assert_eq!(password("postgres://u:own@h/app"), "own");
        assert_eq!(password("postgres://u@h/app"), "of the environment");
    }

    #[test]
    fn mistakes_are_told_and_never_with_a_password() {
        for (url, expected) in [
            (
                "postgres://u:secret@h:port/app",
                "postgres://USER@HOST/DATABASE",
            ),
            ("postgres:///app", "the host is missing"),
            (
                "postgres://u:secret@h/app?sslmode=perhaps",
                "postgres://USER@HOST/DATABASE",
            ),
            (
                "postgres://u:secret@h/app?queue=a%20b",
                "not the name of a queue",
            ),
            (
                "postgres://u:secret@h/app?queue=",
                "not the name of a queue",
            ),
            (
                "postgres://u:secret@h/app?receives=0",
                "from 1 to 1000, not: 0",
            ),
        ] {
            let words = address(url).unwrap_err().to_string();
            assert!(words.contains(expected), "{url}: {words}");
            assert!(!words.contains("secret"), "{words}");
        }
    }
}
