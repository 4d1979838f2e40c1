//! The status of a server and its streams, asked for without a change, for whoever examines a deployment.
//!
//! Rights are tried by requests that the server refuses for what they say, if it lets them be
//! made at all: a stream under another name than its own, a message for another stream.

use std::net::IpAddr;
use std::time::Duration;

use async_nats::Request;
use async_nats::client::RequestErrorKind;
use async_nats::header::{HeaderMap, NATS_EXPECTED_STREAM};
use async_nats::jetstream::stream::{Config, Info};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::json;

use super::connection::Connection;
use super::problem;
use super::queue::shown;
use super::streams::{self, CONSUMER, Misfit, StreamName};
use crate::ports::{QueueError, QueueProblem};
use crate::text::with_causes;

/// Time for a word of the server to come through to us.
const HEARD: Duration = Duration::from_millis(200);

/// A name that no stream of ours has.
const NOBODY: &str = "thimble-doctor-asks-for-nothing";

/// A server, as it described itself.
#[derive(Clone, Debug)]
pub struct ServerStatus {
    /// Its version.
    pub version: String,
    /// The longest message that it takes, in bytes.
    pub max_payload: u64,
    /// True if it says that we come from the same machine; `None` if it does not say.
    pub is_local: Option<bool>,
    /// True if what is said to it is encrypted.
    pub tls: bool,
    /// Bytes that its streams have, and those that they may have, where that is limited.
    pub room: Option<(u64, u64)>,
}

/// A stream, as far as it matters to a queue.
#[derive(Clone, Debug)]
pub struct StreamStatus {
    /// Number of its messages.
    pub messages: u64,
    /// Number of its replicas.
    pub replicas: usize,
    /// The longest message that it takes, in bytes, if it has a limit of its own.
    pub max_message: Option<u64>,
    /// The part of its room that is taken, in percent, if it has a limit of its own.
    pub full: Option<u64>,
    /// True if it takes nothing any more.
    pub sealed: bool,
    /// The subject of the messages, or the reason why the stream cannot be a queue.
    pub subject: Result<String, Misfit>,
    /// The filter of the consumer.
    filter: String,
}

/// The consumer that all workers share, as far as it matters to a queue.
#[derive(Clone, Debug)]
pub struct ConsumerStatus {
    /// Time until a message that is not confirmed comes again.
    pub ack_wait: Duration,
    /// The most messages that are handed out at one time, to all workers together.
    pub max_ack_pending: Option<u64>,
    /// Reason why it cannot be that of a queue.
    pub misfit: Option<Misfit>,
}

/// Something that a worker does at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Make the stream.
    MakeStream,
    /// Make its consumer.
    MakeConsumer,
    /// Ask for messages.
    Receive,
    /// Confirm one.
    Confirm,
    /// Send one. Whoever else listens to the subject gets an empty one.
    Send,
}

/// The rights of a user at one stream.
#[derive(Debug)]
pub struct Rights<'a> {
    connection: &'a Connection,
    name: &'a StreamName,
}

impl Connection {
    /// The server that answers. One that does not tell its room has none to tell.
    ///
    /// # Errors
    /// If its answers may not be heard.
    pub async fn status(&self) -> Result<ServerStatus, QueueError> {
        let room = match self.room().await {
            Ok(room) => room,
            Err(error) if with_causes(&error).contains("for Subscription") => return Err(error),
            // Who may not ask for it, or has no JetStream, is told so by other questions.
            Err(_) => None,
        };
        let info = self.context.client().server_info();
        let address = info.client_ip.parse::<IpAddr>().ok();
        Ok(ServerStatus {
            version: info.version,
            max_payload: info.max_payload as u64,
            is_local: address.map(|address| address.to_canonical().is_loopback()),
            tls: self.servers().tls || info.tls_required,
            room,
        })
    }

    /// Bytes that the account has, and those that it may have.
    async fn room(&self) -> Result<Option<(u64, u64)>, QueueError> {
        /// The part of the account that is of interest.
        #[derive(Deserialize)]
        struct Account {
            storage: u64,
            limits: Limits,
        }
        #[derive(Deserialize)]
        struct Limits {
            max_storage: i64,
        }
        let nothing = json!({});
        let asked = self.ask(self.servers(), "INFO".to_owned(), &nothing);
        let account: Account = self.unless_denied(self.servers(), asked).await?;
        let most = u64::try_from(account.limits.max_storage).ok();
        Ok(most.map(|most| (account.storage, most)))
    }

    /// The stream called `name`.
    ///
    /// # Errors
    /// If it is not there, or may not be looked at.
    pub async fn stream(&self, name: &StreamName) -> Result<StreamStatus, QueueError> {
        let queue = shown(self, name);
        let asked = streams::info(self, &queue, &name.stream);
        let Info { config, state, .. } = self.unless_denied(&queue, asked).await?;
        let part = |has: u64, most: i64| Some(has.saturating_mul(100) / u64::try_from(most).ok()?);
        let parts = [
            part(state.messages, config.max_messages.max(-1)).filter(|_| config.max_messages > 0),
            part(state.bytes, config.max_bytes.max(-1)).filter(|_| config.max_bytes > 0),
        ];
        Ok(StreamStatus {
            messages: state.messages,
            replicas: config.num_replicas,
            max_message: u64::try_from(config.max_message_size)
                .ok()
                .filter(|most| *most > 0),
            full: parts.into_iter().flatten().max(),
            sealed: config.sealed,
            subject: fitting(&config, name),
            filter: match streams::subject_of(&config.subjects, name.subject.as_deref()) {
                Ok(subject) => streams::filter_of(&config, &subject),
                Err(_) => String::new(),
            },
        })
    }

    /// The consumer of the stream called `name`; `None` if there is none.
    ///
    /// # Errors
    /// If it may not be looked at.
    pub async fn consumer(
        &self,
        name: &StreamName,
        stream: &StreamStatus,
    ) -> Result<Option<ConsumerStatus>, QueueError> {
        let queue = shown(self, name);
        let asked = streams::consumer_info(self, &queue, &name.stream);
        let config = match self.unless_denied(&queue, asked).await {
            Ok(info) => info.config,
            Err(error) if error.problem == QueueProblem::Missing => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(Some(ConsumerStatus {
            ack_wait: config.ack_wait,
            max_ack_pending: u64::try_from(config.max_ack_pending)
                .ok()
                .filter(|most| *most > 0),
            misfit: streams::consumer_fits(&config, &stream.filter).err(),
        }))
    }

    /// The rights at the stream called `name`.
    pub fn rights<'a>(&'a self, name: &'a StreamName) -> Rights<'a> {
        Rights {
            connection: self,
            name,
        }
    }
}

/// The subject of a stream that can be a queue.
fn fitting(config: &Config, name: &StreamName) -> Result<String, Misfit> {
    let subject = streams::subject_of(&config.subjects, name.subject.as_deref())?;
    streams::stream_fits(config)?;
    Ok(subject)
}

impl Right {
    /// Subjects to be allowed to publish to for it.
    pub fn subjects(self, name: &StreamName) -> String {
        match self {
            Self::MakeStream => "$JS.API.STREAM.CREATE.*".to_owned(),
            Self::MakeConsumer | Self::Receive => "$JS.API.CONSUMER.*.>".to_owned(),
            Self::Confirm => "$JS.ACK.>".to_owned(),
            Self::Send => name.subject.as_ref().unwrap_or(&name.stream).clone(),
        }
    }

    /// A request for it that is refused, or heard in vain.
    fn request(self, name: &StreamName) -> (String, Bytes, HeaderMap) {
        let stream = &name.stream;
        let mut headers = HeaderMap::new();
        let (subject, body) = match self {
            Self::MakeStream => (
                format!("$JS.API.STREAM.CREATE.{stream}"),
                json!({"name": NOBODY}).to_string(),
            ),
            Self::MakeConsumer => (
                format!("$JS.API.CONSUMER.CREATE.{stream}.{CONSUMER}"),
                json!({"stream_name": NOBODY, "config": {"name": CONSUMER}}).to_string(),
            ),
            // No JSON, and so no request for messages.
            Self::Receive => (
                format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{CONSUMER}"),
                "{".to_owned(),
            ),
            // The message of the number 0 is in progress: there is none.
            Self::Confirm => (
                format!("$JS.ACK.{stream}.{CONSUMER}.1.0.0.0.0"),
                "+WPI".to_owned(),
            ),
            Self::Send => {
                headers.insert(NATS_EXPECTED_STREAM, NOBODY);
                (self.subjects(name), String::new())
            }
        };
        (subject, body.into(), headers)
    }
}

impl Rights<'_> {
    /// Try whether the user has a right.
    ///
    /// # Errors
    /// If the server says that it does not, or no answer comes.
    pub async fn has(&self, right: Right) -> Result<(), QueueError> {
        let queue = shown(self.connection, self.name);
        let tried = async {
            match right {
                Right::Confirm => self.confirm(&queue).await,
                _ => self.ask(&queue, right).await,
            }
        };
        self.connection.unless_denied(&queue, tried).await
    }

    async fn ask(&self, queue: &str, right: Right) -> Result<(), QueueError> {
        let (subject, body, headers) = right.request(self.name);
        let request = Request::new().payload(body).headers(headers);
        let client = self.connection.context.client();
        let answered = client.send_request(subject, request);
        match self.connection.bounded(&queue, answered).await? {
            // Whatever it says, it was allowed to be asked.
            Ok(_) => Ok(()),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => Ok(()),
            Err(error) => Err(self
                .connection
                .error(&queue, problem::of_word(error.kind()))),
        }
    }

    /// A word about no message has no answer. What is asked next has one, which comes behind the
    /// word that this was not allowed.
    async fn confirm(&self, queue: &str) -> Result<(), QueueError> {
        let (subject, body, _) = Right::Confirm.request(self.name);
        let client = self.connection.context.client();
        let said = client.publish(subject, body).await;
        said.map_err(|_| self.connection.error(&queue, QueueProblem::Unavailable))?;
        self.connection.stream(self.name).await?;
        tokio::time::sleep(HEARD).await;
        Ok(())
    }
}
