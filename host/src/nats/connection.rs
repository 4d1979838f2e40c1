//! A connection to servers, which comes back by itself.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::Context;
use async_nats::jetstream::response::Response;
use async_nats::{ConnectOptions, Event, ServerAddr, ServerError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::access::Access;
use super::problem;
use crate::ports::{QueueError, QueueProblem};
use crate::text::printable;
use crate::tls::Trouble;

/// Time in which a server answers.
const ANSWER: Duration = Duration::from_secs(10);

/// Time for a request to be sent and answered. While there is no connection it waits to be
/// sent, and where many wait there is no room for one more.
const REQUEST: Duration = Duration::from_secs(20);

/// Time between two signs of life of a server; without two of them the connection is lost.
const PING: Duration = Duration::from_secs(10);

/// Pause before it is asked again whether something was not allowed.
const POLL: Duration = Duration::from_millis(50);

/// The longest pause between two attempts to come back.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Servers of one cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Servers {
    /// Each as HOST:PORT or HOST.
    pub addresses: Vec<String>,
    /// True if nothing is said without TLS.
    pub tls: bool,
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "tls" } else { "nats" };
        write!(f, "{scheme}://{}", self.addresses.join(","))
    }
}

impl Servers {
    fn parse(&self) -> Option<Vec<ServerAddr>> {
        let scheme = if self.tls { "tls" } else { "nats" };
        let parse = |address| ServerAddr::from_str(&format!("{scheme}://{address}")).ok();
        self.addresses.iter().map(parse).collect()
    }
}

/// A connection, to share.
#[derive(Clone)]
pub struct Connection {
    pub(super) context: Context,
    servers: Servers,
    weather: Arc<Weather>,
}

/// News of a connection.
#[derive(Debug, Default)]
struct Weather {
    is_down: AtomicBool,
    /// Last word of a server that something is not allowed. A request that is not allowed
    /// has no answer.
    denial: Mutex<Option<String>>,
}

/// Text of a server, for people.
#[derive(Debug, thiserror::Error)]
#[error("{}", printable(.0))]
struct Said(String);

impl Connection {
    /// Connect to one of `servers`. A connection that is lost later is made again for as
    /// long as the process lives, in pauses of some seconds, and meanwhile each request
    /// fails after a bounded time.
    ///
    /// # Errors
    /// If no server can be reached, or none takes these credentials.
    pub async fn open(servers: &Servers, access: &Access) -> Result<Self, QueueError> {
        let failed = |problem| QueueError::new(problem, servers);
        let addresses = servers.parse();
        let addresses = addresses.ok_or_else(|| failed(problem::of_address()))?;
        let weather = Arc::new(Weather::default());
        let (heard, name) = (weather.clone(), servers.to_string());
        let options = ConnectOptions::new()
            .name("thimble")
            .require_tls(servers.tls)
            .request_timeout(Some(ANSWER))
            .ping_interval(PING)
            .reconnect_delay_callback(|attempts| {
                let doublings = u32::try_from(attempts).unwrap_or(u32::MAX).min(16);
                Duration::from_millis(1 << doublings).min(LONGEST_PAUSE)
            })
            .event_callback(move |event| {
                heard.hear(&event, &name);
                async {}
            });
        let options = access.apply(options).await.map_err(failed)?;
        let connected = options.connect(addresses).await;
        let client = connected.map_err(|error| {
            let failed = failed(problem::of_connection(&error));
            // What TLS lacks is in the problem.
            match Trouble::of(&error) {
                Some(_) => failed,
                None => failed.because(error),
            }
        })?;
        let mut context = async_nats::jetstream::new(client);
        context.set_timeout(ANSWER);
        Ok(Self {
            context,
            servers: servers.clone(),
            weather,
        })
    }

    /// The servers.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// Fails while there is no connection: a request would only wait for one.
    pub(super) fn check(&self, queue: &impl fmt::Display) -> Result<(), QueueError> {
        match self.context.client().connection_state() {
            State::Connected => Ok(()),
            State::Pending | State::Disconnected => {
                Err(self.error(queue, QueueProblem::Unavailable))
            }
        }
    }

    /// The error of `queue`. What has no answer may have been forbidden, or asked while
    /// the connection was lost.
    pub(super) fn error(&self, queue: &impl fmt::Display, problem: QueueProblem) -> QueueError {
        if !matches!(problem, QueueProblem::Timeout | QueueProblem::Unavailable) {
            return QueueError::new(problem, queue);
        }
        match self.weather.denial() {
            Some(words) => QueueError::new(QueueProblem::Denied, queue).because(Said(words)),
            None => QueueError::new(problem, queue),
        }
    }

    /// The outcome of a request about `queue`, which ends in time.
    pub(super) async fn bounded<T>(
        &self,
        queue: &impl fmt::Display,
        request: impl Future<Output = T>,
    ) -> Result<T, QueueError> {
        let outcome = timeout(REQUEST, request).await;
        outcome.map_err(|_| self.error(queue, QueueProblem::Timeout))
    }

    /// Ask JetStream about `queue`.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        queue: &impl fmt::Display,
        subject: String,
        question: &impl Serialize,
    ) -> Result<T, QueueError> {
        let asked = self.context.request(subject, question);
        match self.bounded(queue, asked).await? {
            Ok(Response::Ok(answer)) => Ok(answer),
            Ok(Response::Err { error }) => {
                let refused = QueueError::new(problem::of_refusal(&error), queue);
                // One that has words of its own needs no others.
                let has_words = matches!(refused.problem, QueueProblem::Unusable(_));
                Err(if has_words {
                    refused
                } else {
                    refused.because(error)
                })
            }
            Err(error) => Err(self.error(queue, problem::of_request(error.kind()))),
        }
    }
}

impl Connection {
    /// The outcome of a request that nobody else makes beside it: a word of the server that it
    /// is not allowed ends it, as no answer does otherwise.
    pub(super) async fn unless_denied<T>(
        &self,
        queue: &impl fmt::Display,
        request: impl Future<Output = Result<T, QueueError>>,
    ) -> Result<T, QueueError> {
        // One that nobody asked about is that of an earlier request.
        self.weather.denial();
        tokio::select! {
            outcome = request => outcome,
            words = self.weather.denied() => {
                Err(QueueError::new(QueueProblem::Denied, queue).because(Said(words)))
            }
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.servers)
    }
}

impl Weather {
    /// Tell of a loss once, however often it is tried to come back, and of the return.
    fn hear(&self, event: &Event, servers: &str) {
        match event {
            Event::Disconnected if !self.is_down.swap(true, Ordering::Relaxed) => {
                tracing::warn!(
                    queue.servers = servers,
                    "the connection to NATS is lost; it is made again as soon as a server answers"
                );
            }
            Event::Connected if self.is_down.swap(false, Ordering::Relaxed) => {
                tracing::info!(queue.servers = servers, "the connection to NATS is back");
            }
            Event::ServerError(ServerError::AuthorizationViolation) => {
                self.deny("authorization violation");
            }
            Event::ServerError(ServerError::Other(words))
                if words.to_lowercase().contains("permissions violation") =>
            {
                self.deny(words);
            }
            _ => {}
        }
    }

    fn deny(&self, words: &str) {
        *self.denial.lock().unwrap_or_else(PoisonError::into_inner) = Some(words.to_owned());
    }

    /// The next denial.
    async fn denied(&self) -> String {
        loop {
            if let Some(words) = self.denial() {
                return words;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The last denial, once.
    fn denial(&self) -> Option<String> {
        self.denial
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_the_reason_of_the_request_without_an_answer() {
        let weather = Weather::default();
        let error = |words: &str| Event::ServerError(ServerError::Other(words.to_owned()));
        weather.hear(&error("something else"), "nats://host");
        assert_eq!(weather.denial(), None);
        let words = "Permissions Violation for Publish to \"images\"";
        weather.hear(&error(words), "nats://host");
        assert_eq!(weather.denial().as_deref(), Some(words));
        assert_eq!(weather.denial(), None, "it is that of one request");
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told_at_once() {
        let servers = Servers {
            addresses: vec!["127.0.0.1:1".to_owned()],
            tls: false,
        };
        let error = Connection::open(&servers, &Access::default())
            .await
            .unwrap_err();
        assert_eq!(error.problem, QueueProblem::Unavailable);
        assert!(error.to_string().ends_with("nats://127.0.0.1:1"));
    }
}
