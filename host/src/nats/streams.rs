//! Streams and consumers: made as queues need them, or checked.

use std::fmt;
use std::time::Duration;

use async_nats::jetstream::consumer::{self, AckPolicy, Consumer, FromConsumer, pull};
use async_nats::jetstream::stream::{
    Config, DiscardPolicy, Info, PersistenceMode, RetentionPolicy, StorageType,
};
use serde_json::json;

use super::connection::Connection;
use crate::ports::{QueueError, QueueProblem};

/// Name of the consumer that all workers share.
pub(super) const CONSUMER: &str = "thimble";

/// Time for which the server knows the ids of messages.
const COPIES: Duration = Duration::from_secs(120);

/// A stream as a queue, and the subject of its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamName {
    /// The stream.
    pub stream: String,
    /// The subject; `None` for the only one of the stream.
    pub subject: Option<String>,
}

impl fmt::Display for StreamName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stream)?;
        self.subject
            .as_ref()
            .map_or(Ok(()), |subject| write!(f, "/{subject}"))
    }
}

/// Reason why a stream or a consumer cannot be that of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The mistake.
    pub what: String,
    /// A way to mend it.
    pub mend: String,
}

impl Misfit {
    fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        let (what, mend) = (what.into(), mend.into());
        Self { what, mend }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what, self.mend)
    }
}

/// A stream that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) info: Info,
    /// The subject to send to and to receive.
    pub(super) subject: String,
}

/// The stream `stream`, as it is now.
pub(super) async fn info(
    connection: &Connection,
    queue: &impl fmt::Display,
    stream: &str,
) -> Result<Info, QueueError> {
    let subject = format!("STREAM.INFO.{stream}");
    connection.ask(queue, subject, &json!({})).await
}

/// The stream called `name`.
pub(super) async fn find(
    connection: &Connection,
    queue: &impl fmt::Display,
    name: &StreamName,
) -> Result<Found, QueueError> {
    let info = info(connection, queue, &name.stream).await?;
    let wanted = name.subject.as_deref();
    let subject = subject_of(&info.config.subjects, wanted).map_err(|why| unusable(queue, why))?;
    Ok(Found { info, subject })
}

/// True if there is a stream called `name`, which keeps its messages: who puts events or letters
/// into it never asks for its consumer.
pub(super) async fn check(
    connection: &Connection,
    queue: &impl fmt::Display,
    name: &StreamName,
) -> Result<bool, QueueError> {
    match find(connection, queue, name).await {
        Ok(found) => {
            let fits = stream_fits(&found.info.config);
            fits.map(|()| true).map_err(|why| unusable(queue, why))
        }
        Err(error) if error.problem == QueueProblem::Missing => Ok(false),
        Err(error) => Err(error),
    }
}

/// Make the stream called `name`, unless there is one that keeps its messages.
pub(super) async fn make(
    connection: &Connection,
    queue: &impl fmt::Display,
    name: &StreamName,
) -> Result<(), QueueError> {
    if check(connection, queue, name).await? {
        return Ok(());
    }
    let config = Config {
        name: name.stream.clone(),
        subjects: vec![name.subject.clone().unwrap_or_else(|| name.stream.clone())],
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        duplicate_window: COPIES,
        num_replicas: 1,
        ..Config::default()
    };
    let subject = format!("STREAM.CREATE.{}", name.stream);
    // If another made one meanwhile, that one answers as if it had been made here.
    let _: Info = connection.ask(queue, subject, &config).await?;
    tracing::info!(queue.name = %queue, "a stream was made");
    Ok(())
}

/// The consumer of a stream, made if there is none.
pub(super) async fn consumer(
    connection: &Connection,
    queue: &impl fmt::Display,
    found: &Found,
    ack_wait: Duration,
) -> Result<Consumer<pull::Config>, QueueError> {
    let config = &found.info.config;
    stream_fits(config).map_err(|why| unusable(queue, why))?;
    let filter = filter_of(config, &found.subject);
    let name = &config.name;
    let asked = consumer_info(connection, queue, name).await;
    let info = match asked {
        Err(error) if error.problem == QueueProblem::Missing => {
            create(connection, queue, name, &filter, ack_wait).await?
        }
        other => other?,
    };
    consumer_fits(&info.config, &filter).map_err(|why| unusable(queue, why))?;
    let config = pull::Config::try_from_consumer_config(info.config.clone());
    let config = config.map_err(|error| unusable(queue, error))?;
    Ok(Consumer::new(config, info, connection.context.clone()))
}

/// The consumer of the stream `stream`, as it is now.
pub(super) async fn consumer_info(
    connection: &Connection,
    queue: &impl fmt::Display,
    stream: &str,
) -> Result<consumer::Info, QueueError> {
    let subject = format!("CONSUMER.INFO.{stream}.{CONSUMER}");
    connection.ask(queue, subject, &json!({})).await
}

async fn create(
    connection: &Connection,
    queue: &impl fmt::Display,
    stream: &str,
    filter: &str,
    ack_wait: Duration,
) -> Result<consumer::Info, QueueError> {
    let config = json!({
        "durable_name": CONSUMER,
        "name": CONSUMER,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": u64::try_from(ack_wait.as_nanos()).unwrap_or(u64::MAX),
        "max_deliver": -1,
        "max_ack_pending": -1,
        "replay_policy": "instant",
        "filter_subject": filter,
    });
    let end = if filter.is_empty() {
        String::new()
    } else {
        format!(".{filter}")
    };
    let subject = format!("CONSUMER.CREATE.{stream}.{CONSUMER}{end}");
    let question = json!({"stream_name": stream, "config": config, "action": "create"});
    connection.ask(queue, subject, &question).await
}

fn unusable(queue: &impl fmt::Display, why: impl fmt::Display) -> QueueError {
    QueueError::new(QueueProblem::Unusable(why.to_string()), queue)
}

/// The subject to use of those of a stream, or the reason why there is none.
pub(super) fn subject_of(subjects: &[String], wanted: Option<&str>) -> Result<String, Misfit> {
    let all = || subjects.join(", ");
    match (wanted, subjects) {
        (Some(wanted), _) if subjects.iter().any(|pattern| takes(pattern, wanted)) => {
            Ok(wanted.to_owned())
        }
        (Some(wanted), _) => Err(Misfit::new(
            format!(
                "the stream does not take the subject {wanted}, but {}",
                all()
            ),
            "name one of these",
        )),
        (None, [only]) if !only.contains(['*', '>']) => Ok(only.clone()),
        (None, _) => Err(Misfit::new(
            format!("the stream takes several subjects, {}", all()),
            "name one as nats://HOST:PORT/STREAM/SUBJECT",
        )),
    }
}

/// The filter of the consumer that gets the messages of `subject`; none if the stream has no
/// others.
pub(super) fn filter_of(config: &Config, subject: &str) -> String {
    match config.subjects.as_slice() {
        [only] if only == subject => String::new(),
        _ => subject.to_owned(),
    }
}

/// True if `pattern` takes `subject`: `*` stands for one part, `>` for all that follow.
fn takes(pattern: &str, subject: &str) -> bool {
    let (mut pattern, mut subject) = (pattern.split('.'), subject.split('.'));
    loop {
        match (pattern.next(), subject.next()) {
            (Some(">"), Some(_)) | (None, None) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            _ => return false,
        }
    }
}

/// Check that a stream keeps its messages until they are deleted, and no longer.
pub(super) fn stream_fits(config: &Config) -> Result<(), Misfit> {
    let name = &config.name;
    let is_bounded = config.max_messages > 0 || config.max_bytes > 0;
    if config.retention != RetentionPolicy::WorkQueue {
        return Err(Misfit::new(
            format!(
                "the retention of the stream {name} is not that of a work queue, and cannot be changed"
            ),
            "name another stream, which is made as it has to be",
        ));
    }
    if config.storage != StorageType::File {
        return Err(Misfit::new(
            format!("the stream {name} is in memory, and lost with its server"),
            "name another stream, or make it anew with `--storage file`",
        ));
    }
    if config.no_ack {
        return Err(Misfit::new(
            format!("the stream {name} does not say that it has taken a message"),
            format!("change that with `nats stream edit {name} --ack`"),
        ));
    }
    if config.persist_mode == Some(PersistenceMode::Async) {
        return Err(Misfit::new(
            format!("the stream {name} says that it has taken a message before it is written"),
            "name another stream, or make it anew without `--persist-mode async`",
        ));
    }
    if !config.max_age.is_zero() {
        return Err(Misfit::new(
            format!(
                "the stream {name} drops messages after {} s, done or not",
                config.max_age.as_secs_f64()
            ),
            format!("change that with `nats stream edit {name} --max-age=0s`"),
        ));
    }
    if config.allow_rollup {
        return Err(Misfit::new(
            format!("the stream {name} lets a sender drop all other messages by a header"),
            format!("change that with `nats stream edit {name} --no-allow-rollup`"),
        ));
    }
    if is_bounded && config.discard != DiscardPolicy::New {
        return Err(Misfit::new(
            format!("the stream {name} drops its oldest messages when it is full"),
            format!("change that with `nats stream edit {name} --discard new`"),
        ));
    }
    if config.max_messages_per_subject > 0 && !config.discard_new_per_subject {
        return Err(Misfit::new(
            format!(
                "the stream {name} keeps {} messages of a subject and drops others",
                config.max_messages_per_subject
            ),
            format!("change that with `nats stream edit {name} --max-msgs-per-subject=-1`"),
        ));
    }
    Ok(())
}

/// Check that a consumer hands out each message until it is deleted.
pub(super) fn consumer_fits(config: &consumer::Config, filter: &str) -> Result<(), Misfit> {
    let anew = format!("delete the consumer {CONSUMER} with `nats consumer rm`, it is made anew");
    let misfit = |what: &str| Err(Misfit::new(what, anew.clone()));
    if config.deliver_subject.is_some() {
        return misfit("its consumer pushes messages");
    }
    if config.ack_policy != AckPolicy::Explicit {
        return misfit("its consumer confirms messages by others");
    }
    if config.max_deliver > 0 {
        return Err(Misfit::new(
            format!(
                "its consumer gives a message up after {} deliveries, without a reason",
                config.max_deliver
            ),
            format!("change that with `nats consumer edit --max-deliver=-1`, or {anew}"),
        ));
    }
    if config.headers_only {
        return misfit("its consumer leaves out the body of a message");
    }
    if config.filter_subject != filter || !config.filter_subjects.is_empty() {
        return misfit("its consumer takes other subjects than this one");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_only_one_or_one_that_is_named() {
        let subjects = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let of = |all: &[&str], wanted| subject_of(&subjects(all), wanted);
        assert_eq!(of(&["images"], None).as_deref(), Ok("images"));
        assert_eq!(of(&["a.>", "b"], Some("a.b.c")).as_deref(), Ok("a.b.c"));
        for (all, wanted) in [
            (&["a", "b"][..], None),
            (&["a.*"], None),
            (&[], None),
            (&["a.*"], Some("a.b.c")),
            (&["a.>"], Some("a")),
            (&["a"], Some("b")),
        ] {
            assert!(of(all, wanted).is_err(), "{all:?} {wanted:?}");
        }
    }

    #[test]
    fn a_stream_that_loses_messages_is_no_queue() {
        let good = Config {
            retention: RetentionPolicy::WorkQueue,
            ..Config::default()
        };
        assert_eq!(stream_fits(&good), Ok(()));
        let with = |change: &dyn Fn(&mut Config)| {
            let mut config = good.clone();
            change(&mut config);
            stream_fits(&config)
        };
        type Change = fn(&mut Config);
        let odd: [(Change, &str); 8] = [
            (
                |config| config.retention = RetentionPolicy::Limits,
                "another stream",
            ),
            (
                |config| config.storage = StorageType::Memory,
                "--storage file",
            ),
            (|config| config.no_ack = true, "--ack"),
            (
                |config| config.persist_mode = Some(PersistenceMode::Async),
                "--persist-mode",
            ),
            (
                |config| config.max_age = Duration::from_secs(86_400),
                "after 86400 s, done or not; change that with `nats stream edit",
            ),
            (|config| config.allow_rollup = true, "--no-allow-rollup"),
            (|config| config.max_bytes = 1, "--discard new"),
            (
                |config| config.max_messages_per_subject = 1,
                "--max-msgs-per-subject",
            ),
        ];
        for (change, word) in odd {
            let why = with(&change).unwrap_err().to_string();
            assert!(why.contains(word), "{why}");
        }
        let full = |config: &mut Config| {
            config.max_messages = 9;
            config.discard = DiscardPolicy::New;
        };
        assert_eq!(with(&full), Ok(()), "who sends is told that it is full");
    }

    #[test]
    fn a_consumer_that_gives_messages_up_is_none_of_ours() {
        let good = consumer::Config {
            max_deliver: -1,
            ..consumer::Config::default()
        };
        assert_eq!(consumer_fits(&good, ""), Ok(()));
        let odd = [
            consumer::Config {
                deliver_subject: Some("there".to_owned()),
                ..good.clone()
            },
            consumer::Config {
                ack_policy: AckPolicy::All,
                ..good.clone()
            },
            consumer::Config {
                max_deliver: 5,
                ..good.clone()
            },
            consumer::Config {
                headers_only: true,
                ..good.clone()
            },
            consumer::Config {
                filter_subject: "other".to_owned(),
                ..good.clone()
            },
        ];
        for config in odd {
            assert!(consumer_fits(&config, "").is_err(), "{config:?}");
        }
    }
}
