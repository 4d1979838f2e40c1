//! Streams of NATS: the server and its room, the streams of the work and of the dead letters,
//! the consumer of the work, and the rights at all of them.

use std::time::Duration;

use super::queue::{TIMES, WorkerSettings};
use super::trouble::{Words, unanswered};
use super::{Finding, PATIENCE, bounded};
use crate::nats::{
    Access, Connection, ConsumerStatus, Misfit, Right, ServerStatus, Servers, StreamName,
    StreamStatus,
};
use crate::ports::{QueueError, QueueProblem};
use crate::text::{plural, printable};

/// The longest message that a worker meets, in bytes: an event as `thimble listen` takes it,
/// and the attributes of a letter.
const LONGEST: u64 = (256 << 10) + (16 << 10);

/// Part of its room, in percent, from which a stream is about to refuse messages.
const NEARLY_FULL: u64 = 90;

/// A worker's streams.
#[derive(Clone, Copy, Debug)]
pub struct Streams<'a> {
    /// The servers.
    pub servers: &'a Servers,
    /// The stream of the work.
    pub work: &'a StreamName,
    /// The stream of the dead letters, if it is at these servers.
    pub letters: Option<&'a StreamName>,
}

const WORDS: Words = Words {
    credentials: "set NATS_CREDS, or NATS_USER and NATS_PASSWORD, or NATS_TOKEN, to those of a user of \
                  this server",
    denied: "let the user publish to $JS.API.STREAM.INFO.*, $JS.API.CONSUMER.*.> and $JS.ACK.>, and \
             subscribe to _INBOX.>",
    missing: "check the name of the stream",
    network: "start the server, or name the right one; look at the network in between, and whether its \
              port is open",
};

/// The findings about the streams of a worker.
pub async fn streams(
    access: &Access,
    streams: Streams<'_>,
    settings: &WorkerSettings,
) -> Vec<Finding> {
    let mut made = None;
    let connected = async {
        match Connection::open(streams.servers, access).await {
            Ok(connection) => match connection.status().await {
                Ok(status) => {
                    made = Some(connection);
                    server(streams.servers, &status)
                }
                Err(error) => vec![unanswered("rights", &error, &WORDS)],
            },
            Err(error) => vec![unconnected(&error)],
        }
    };
    let mut findings = bounded("server", PATIENCE, connected).await;
    let Some(connection) = made else {
        return findings;
    };
    let looked = work(&connection, streams.work, settings);
    findings.extend(bounded("queue", PATIENCE, looked).await);
    let Some(letters) = streams.letters else {
        return findings;
    };
    let beside = Beside {
        connection: &connection,
        work: streams.work,
        letters,
        sends: settings.sends,
    };
    findings.extend(bounded("dead-letters", PATIENCE, beside.examine()).await);
    findings
}

/// A finding about a connection that does not come about.
fn unconnected(error: &QueueError) -> Finding {
    match &error.problem {
        QueueProblem::Unusable(why) => Finding::told("credentials", why, WORDS.credentials),
        _ => unanswered("server", error, &WORDS),
    }
}

fn server(servers: &Servers, status: &ServerStatus) -> Vec<Finding> {
    let shown = printable(servers);
    let version = printable(&status.version);
    let mut findings = vec![
        Finding::ok("server", format!("{shown} answers, NATS {version}")),
        Finding::ok("credentials", "the server takes them"),
    ];
    if status.is_local == Some(false) && !status.tls {
        findings.push(Finding::warning(
            "tls",
            format!("{shown} is on another machine, and nothing that is said to it is encrypted"),
            "switch TLS on there, and name it as tls://",
        ));
    }
    findings.push(match status.max_payload {
        most if most < LONGEST => Finding::wrong(
            "max-payload",
            format!(
                "the server takes messages of {most} bytes at most, and an event may have {LONGEST}"
            ),
            "set max_payload of the server to 1MB",
        ),
        most => Finding::ok("max-payload", format!("{most} bytes")),
    });
    if let Some((has, most)) = status.room {
        findings.push(room(has, most));
    }
    findings
}

fn room(has: u64, most: u64) -> Finding {
    let check = "room";
    let what = format!("the streams of the account have {has} bytes of {most}");
    if u128::from(has) * 100 >= u128::from(most) * u128::from(NEARLY_FULL) {
        let mend = "raise max_file of the account, or remove streams that are not needed";
        return Finding::wrong(check, what, mend);
    }
    Finding::ok(check, what)
}

async fn work(
    connection: &Connection,
    name: &StreamName,
    settings: &WorkerSettings,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(stream) = stream(connection, "queue", name, &mut findings).await else {
        return findings;
    };
    let consumer = match connection.consumer(name, &stream).await {
        Ok(consumer) => consumer,
        Err(error) => {
            findings.push(unanswered("consumer", &error, &WORDS));
            return findings;
        }
    };
    let rights: &[Right] = match &consumer {
        Some(_) => &[Right::Receive, Right::Confirm],
        None => &[Right::MakeConsumer, Right::Receive, Right::Confirm],
    };
    findings.extend(of_consumer(name, consumer.as_ref(), settings));
    findings.extend(rights_at(connection, name, rights).await);
    findings
}

/// The stream called `name`, if it is there and can be a queue, and the findings about it. Of
/// another nothing else is asked: it is not the one that a worker will use.
async fn stream(
    connection: &Connection,
    check: &'static str,
    name: &StreamName,
    findings: &mut Vec<Finding>,
) -> Option<StreamStatus> {
    let shown = printable(name);
    match connection.stream(name).await {
        Ok(status) => {
            let is_sound = of_stream(check, &shown, &status, findings);
            is_sound.then_some(status)
        }
        Err(error) if error.problem == QueueProblem::Missing => {
            let made = connection.rights(name).has(Right::MakeStream).await;
            findings.push(match made {
                Ok(()) => Finding::ok(
                    check,
                    format!("the stream {shown} is made at the first start, with one replica"),
                ),
                Err(error) => Finding::wrong(
                    check,
                    format!("the stream {shown} is not there, and may not be made: {error}"),
                    format!(
                        "make it with `nats stream add {shown} --subjects {shown} --retention work \
                         --storage file --discard new`, or let the user publish to {}",
                        Right::MakeStream.subjects(name)
                    ),
                ),
            });
            None
        }
        Err(error) => {
            findings.push(match &error.problem {
                QueueProblem::Unusable(why) => {
                    let is_off = why.starts_with("JetStream");
                    let check = if is_off { "jetstream" } else { check };
                    Finding::told(check, why, WORDS.missing)
                }
                QueueProblem::Denied => {
                    let found = unanswered(check, &error, &WORDS);
                    Finding {
                        check: "rights",
                        ..found
                    }
                }
                _ => unanswered(check, &error, &WORDS),
            });
            None
        }
    }
}

/// True if a stream can be a queue.
fn of_stream(
    check: &'static str,
    shown: &str,
    status: &StreamStatus,
    findings: &mut Vec<Finding>,
) -> bool {
    if status.sealed {
        findings.push(Finding::wrong(
            check,
            format!("the stream {shown} is sealed, and takes nothing any more"),
            "name another stream",
        ));
        return false;
    }
    if let Err(misfit) = &status.subject {
        findings.push(misfitting(check, misfit));
        return false;
    }
    findings.push(Finding::ok(
        check,
        format!(
            "the stream {shown} is there, {}, {}",
            plural(status.messages, "message"),
            plural(status.replicas as u64, "replica")
        ),
    ));
    if let Some(full) = status.full.filter(|full| *full >= NEARLY_FULL) {
        findings.push(Finding::wrong(
            "room",
            format!(
                "the stream {shown} is filled to {full} %, and refuses messages when it is full"
            ),
            format!(
                "work them off, or raise its limits: `nats stream edit {shown} --max-msgs=-1 \
                 --max-bytes=-1`"
            ),
        ));
    }
    if let Some(most) = status.max_message.filter(|most| *most < LONGEST) {
        findings.push(Finding::wrong(
            "max-payload",
            format!(
                "the stream {shown} takes messages of {most} bytes at most, and an event may have \
                 {LONGEST}"
            ),
            format!("lift that limit: `nats stream edit {shown} --max-msg-size=-1`"),
        ));
    }
    true
}

fn misfitting(check: &'static str, misfit: &Misfit) -> Finding {
    Finding::wrong(check, printable(&misfit.what), &*misfit.mend)
}

fn of_consumer(
    name: &StreamName,
    consumer: Option<&ConsumerStatus>,
    settings: &WorkerSettings,
) -> Vec<Finding> {
    let shown = printable(&name.stream);
    let Some(consumer) = consumer else {
        return vec![
            Finding::ok("consumer", "it is made at the first start"),
            visibility(&shown, settings.ack_wait, settings.image),
        ];
    };
    if let Some(misfit) = &consumer.misfit {
        return vec![misfitting("consumer", misfit)];
    }
    let mut findings = vec![
        Finding::ok("consumer", "it hands out each message until it is deleted"),
        visibility(&shown, consumer.ack_wait, settings.image),
    ];
    let most = consumer
        .max_ack_pending
        .filter(|most| *most < settings.concurrency as u64);
    if let Some(most) = most {
        findings.push(Finding::wrong(
            "consumer",
            format!(
                "it hands out {} at one time to all workers, and this one alone takes {}",
                plural(most, "message"),
                settings.concurrency
            ),
            format!("lift that limit: `nats consumer edit {shown} thimble --max-pending=-1`"),
        ));
    }
    findings
}

/// A finding about the time until a message comes again, of which no word was heard meanwhile.
fn visibility(stream: &str, ack_wait: Duration, image: Duration) -> Finding {
    let check = "visibility";
    let (ack_wait, image) = (ack_wait.as_secs(), image.as_secs());
    let many = image.saturating_mul(TIMES);
    if ack_wait >= many {
        let what =
            format!("{ack_wait} s, at least {TIMES} times the {image} s that an image may take");
        return Finding::ok(check, what);
    }
    if ack_wait >= image {
        return Finding::note(
            check,
            format!(
                "{ack_wait} s, at least the {image} s that an image may take; {TIMES} times as long \
                 ({many} s) is for receivers that do not extend it, and a worker does"
            ),
        );
    }
    Finding::wrong(
        check,
        format!(
            "a message is handed out again {ack_wait} s after the last word about it, while a worker \
             may still have its image in hand for {image} s"
        ),
        format!(
            "set the ack wait of the consumer to {image} s or more: `nats consumer edit {stream} \
             thimble --wait={image}s`; one that is made gets --visibility"
        ),
    )
}

async fn rights_at(connection: &Connection, name: &StreamName, rights: &[Right]) -> Vec<Finding> {
    let check = "rights";
    let mut wrong = Vec::new();
    for right in rights {
        if let Err(error) = connection.rights(name).has(*right).await {
            wrong.push(match error.problem {
                QueueProblem::Denied => Finding::wrong(
                    check,
                    crate::text::with_causes(&error),
                    format!("let the user publish to {}", right.subjects(name)),
                ),
                _ => unanswered(check, &error, &WORDS),
            });
        }
    }
    if wrong.is_empty() {
        let what = format!("the user may do at {} what a worker does", printable(name));
        wrong.push(Finding::ok(check, what));
    }
    wrong
}

/// The stream of the dead letters, beside that of the work.
struct Beside<'a> {
    connection: &'a Connection,
    work: &'a StreamName,
    letters: &'a StreamName,
    sends: bool,
}

impl Beside<'_> {
    async fn examine(&self) -> Vec<Finding> {
        let check = "dead-letters";
        let name = self.letters;
        if name.stream == self.work.stream && name.subject == self.work.subject {
            return vec![Finding::wrong(
                check,
                format!(
                    "{} is to be its own dead-letter queue: what fails comes back for ever",
                    printable(name)
                ),
                "name another stream in DEAD_LETTER_QUEUE_URL",
            )];
        }
        let mut findings = Vec::new();
        let found = stream(self.connection, check, name, &mut findings).await;
        if found.is_some() && self.sends {
            findings.extend(rights_at(self.connection, name, &[Right::Send]).await);
        }
        findings
    }
}

#[cfg(test)]
mod tests;
