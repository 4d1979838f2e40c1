//! The mistakes, each alone in a deployment that is well.

use super::*;
use crate::doctor::planted::Mistake;

pub(super) const ROWS: [Mistake<Patient>; 31] = [
    (
        |it| it.address = "127.0.0.1:1".to_owned(),
        "server",
        "could not be reached",
        "port is open",
    ),
    (
        |it| (it.user, it.password) = (Some("thimble"), "sesam"),
        "credentials",
        "access denied",
        "NATS_PASSWORD",
    ),
    (
        |it| it.user = Some("plain"),
        "jetstream",
        "JetStream is off",
        "-js",
    ),
    (
        |it| it.user = Some("deaf"),
        "rights",
        "Permissions Violation for Subscription",
        "_INBOX.>",
    ),
    (
        |it| (it.user, it.work) = (Some("looks"), None),
        "queue",
        "may not be made",
        "nats stream add",
    ),
    (
        |it| it.user = Some("looks"),
        "rights",
        "$JS.API.CONSUMER.MSG.NEXT",
        "$JS.API.CONSUMER.*.>",
    ),
    (
        |it| (it.user, it.consumer) = (Some("looks"), Consumer::Missing),
        "rights",
        "$JS.API.CONSUMER.CREATE",
        "$JS.API.CONSUMER.*.>",
    ),
    (
        |it| it.user = Some("takes"),
        "rights",
        "$JS.ACK.",
        "$JS.ACK.>",
    ),
    (
        |it| it.user = Some("takes"),
        "rights",
        "-letters",
        "-letters",
    ),
    (
        |it| it.instead = Some(("\"max_payload\":1048576", "\"max_payload\":65536")),
        "max-payload",
        "65536 bytes at most",
        "max_payload of the server",
    ),
    (
        |it| it.instead = Some(("\"client_ip\":\"127.0.0.1\"", "\"client_ip\":\"192.0.2.1\"")),
        "tls",
        "nothing that is said to it is encrypted",
        "tls://",
    ),
    (
        |it| (it.maker, it.user, it.bytes) = (Some("small"), Some("small"), 62_000),
        "room",
        "bytes of 65536",
        "max_file",
    ),
    (
        |it| it.work().retention = RetentionPolicy::Limits,
        "queue",
        "not that of a work queue",
        "name another stream",
    ),
    (
        |it| it.work().storage = StorageType::Memory,
        "queue",
        "is in memory",
        "--storage file",
    ),
    (
        |it| it.work().no_ack = true,
        "queue",
        "does not say that it has taken",
        "--ack",
    ),
    (
        |it| (it.work().max_messages, it.work().discard) = (100, DiscardPolicy::Old),
        "queue",
        "drops its oldest messages",
        "--discard new",
    ),
    (
        |it| {
            it.work().max_messages_per_subject = 100;
            it.work().discard = DiscardPolicy::Old;
        },
        "queue",
        "keeps 100 messages of a subject",
        "--max-msgs-per-subject=-1",
    ),
    (
        |it| it.work().subjects = vec!["images.>".to_owned()],
        "queue",
        "takes several subjects, images.>",
        "nats://HOST:PORT/STREAM/SUBJECT",
    ),
    (
        |it| it.subject = Some("elsewhere"),
        "queue",
        "does not take the subject elsewhere",
        "name one of these",
    ),
    (
        |it| it.work().max_age = Duration::from_secs(3_600),
        "queue",
        "drops messages after 3600 s",
        "--max-age=0s",
    ),
    (
        |it| it.seal = true,
        "queue",
        "is sealed",
        "name another stream",
    ),
    (
        |it| (it.work().max_messages, it.messages) = (10, 9),
        "room",
        "filled to 90 %",
        "--max-msgs=-1",
    ),
    (
        |it| it.work().max_message_size = 1_024,
        "max-payload",
        "messages of 1024 bytes at most",
        "--max-msg-size=-1",
    ),
    (
        |it| it.consumer = Consumer::Push,
        "consumer",
        "pushes messages",
        "nats consumer rm",
    ),
    (
        |it| it.consumer().max_deliver = 5,
        "consumer",
        "gives a message up after 5 deliveries",
        "--max-deliver=-1",
    ),
    (
        |it| it.consumer().headers_only = true,
        "consumer",
        "leaves out the body",
        "nats consumer rm",
    ),
    (
        |it| it.consumer().ack_wait = Duration::from_secs(10),
        "visibility",
        "handed out again 10 s after",
        "--wait=120s",
    ),
    (
        |it| it.consumer().max_ack_pending = 3,
        "consumer",
        "hands out 3 messages at one time",
        "--max-pending=-1",
    ),
    (
        |it| it.letters_are_work = true,
        "dead-letters",
        "its own dead-letter queue",
        "DEAD_LETTER_QUEUE_URL",
    ),
    (
        |it| it.letters().retention = RetentionPolicy::Interest,
        "dead-letters",
        "not that of a work queue",
        "name another stream",
    ),
    (
        |it| it.letters().max_age = Duration::from_secs(3_600),
        "dead-letters",
        "drops messages after 3600 s",
        "--max-age=0s",
    ),
];
