//! Failures of NATS, and who must act then.

use std::error::Error as _;

use async_nats::client::RequestErrorKind as Asked;
use async_nats::jetstream::context::{PublishError, PublishErrorKind, RequestErrorKind};
use async_nats::jetstream::{Error as Refusal, ErrorCode};
use async_nats::{ConnectError, ConnectErrorKind};

use crate::ports::QueueProblem;
use crate::text::printable;
use crate::tls::Trouble;

/// A server without JetStream.
const NO_JETSTREAM: &str = "JetStream is off; start the server with `-js`, or switch JetStream on \
                            for the account";

/// Problem of a connection that could not be made.
pub(super) fn of_connection(error: &ConnectError) -> QueueProblem {
    match error.kind() {
        ConnectErrorKind::Authentication => QueueProblem::Unusable(
            "the key in NATS_CREDS or NATS_NKEY is none; name a file that `nsc` or `nk` made"
                .to_owned(),
        ),
        ConnectErrorKind::AuthorizationViolation => QueueProblem::Denied,
        ConnectErrorKind::Tls => of_tls(Trouble::Unloaded(
            "certificates cannot be loaded".to_owned(),
        )),
        ConnectErrorKind::ServerParse => of_address(),
        ConnectErrorKind::TimedOut => QueueProblem::Timeout,
        ConnectErrorKind::Dns | ConnectErrorKind::Io | ConnectErrorKind::MaxReconnects => {
            Trouble::of(error).map_or(QueueProblem::Unavailable, of_tls)
        }
    }
}

/// Problem of an address that is none.
pub(super) fn of_address() -> QueueProblem {
    QueueProblem::Unusable("name its server as nats://HOST:PORT/STREAM".to_owned())
}

fn of_tls(trouble: Trouble) -> QueueProblem {
    let mend = match trouble {
        Trouble::Untrusted(_) => "name the file of its authority in NATS_CA",
        Trouble::OtherName => "name the server as its certificate does",
        Trouble::NoTls => "write nats:// to do without, or switch TLS on there",
        Trouble::Disagreed(_) => "let it speak TLS 1.2 or 1.3",
        Trouble::Refused => {
            "let it speak TLS 1.2 or 1.3, and if it asks for a certificate, name the files of one and of \
             its key in NATS_CERT and NATS_KEY"
        }
        Trouble::NoCertificate => "name the files of one and of its key in NATS_CERT and NATS_KEY",
        Trouble::Unloaded(_) => "look at the files in NATS_CA, NATS_CERT and NATS_KEY",
    };
    QueueProblem::Tls { trouble, mend }
}

/// Problem of a request to JetStream that has no answer.
pub(super) fn of_request(kind: RequestErrorKind) -> QueueProblem {
    match kind {
        // Each server with JetStream answers these.
        RequestErrorKind::NoResponders => QueueProblem::Unusable(NO_JETSTREAM.to_owned()),
        RequestErrorKind::TimedOut => QueueProblem::Timeout,
        RequestErrorKind::InvalidSubject => QueueProblem::Missing,
        RequestErrorKind::Other => QueueProblem::Unavailable,
    }
}

/// Problem of a word about a delivery that has no answer.
pub(super) fn of_word(kind: Asked) -> QueueProblem {
    match kind {
        // The stream is gone, or its consumer.
        Asked::NoResponders => QueueProblem::Missing,
        Asked::TimedOut => QueueProblem::Timeout,
        Asked::InvalidSubject => QueueProblem::StaleReceipt,
        Asked::MaxPayloadExceeded | Asked::Other => QueueProblem::Unavailable,
    }
}

/// Problem of a message that was not taken.
pub(super) fn of_publishing(error: &PublishError) -> QueueProblem {
    match error.kind() {
        PublishErrorKind::StreamNotFound => QueueProblem::Missing,
        PublishErrorKind::TimedOut => QueueProblem::Timeout,
        PublishErrorKind::BrokenPipe => QueueProblem::Unavailable,
        PublishErrorKind::MaxAckPending => QueueProblem::Throttled,
        PublishErrorKind::MaxPayloadExceeded => {
            QueueProblem::InvalidMessage("it is longer than max_payload of the server".to_owned())
        }
        PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::WrongLastSequence
        | PublishErrorKind::Other => {
            let said = error.source().and_then(|cause| cause.downcast_ref());
            said.map_or(QueueProblem::Unknown, of_refusal)
        }
    }
}

/// Problem of a request that JetStream refused.
pub(super) fn of_refusal(refusal: &Refusal) -> QueueProblem {
    match refusal.error_code() {
        ErrorCode::STREAM_NOT_FOUND | ErrorCode::CONSUMER_NOT_FOUND => QueueProblem::Missing,
        ErrorCode::STREAM_STORE_FAILED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::ACCOUNT_RESOURCES_EXCEEDED => QueueProblem::Full,
        ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM | ErrorCode::STREAM_HEADER_EXCEEDS_MAXIMUM => {
            QueueProblem::InvalidMessage("it is longer than the stream takes".to_owned())
        }
        ErrorCode::JETSTREAM_NOT_ENABLED | ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT => {
            QueueProblem::Unusable(NO_JETSTREAM.to_owned())
        }
        ErrorCode::STREAM_SUBJECT_OVERLAP | ErrorCode::STREAM_NOT_MATCH => QueueProblem::Unusable(
            "another stream takes its subject; name that stream, or another subject as \
             nats://HOST:PORT/STREAM/SUBJECT"
                .to_owned(),
        ),
        ErrorCode::CONSUMER_WQ_MULTIPLE_UNFILTERED | ErrorCode::CONSUMER_WQ_CONSUMER_NOT_UNIQUE => {
            QueueProblem::Unusable(
                "another consumer takes its messages; delete that one with `nats consumer rm`, or \
                 name another stream"
                    .to_owned(),
            )
        }
        ErrorCode::STREAM_SEALED => {
            QueueProblem::Unusable("the stream is sealed; name another stream".to_owned())
        }
        ErrorCode::CLUSTER_NOT_AVAILABLE
        | ErrorCode::CLUSTER_NOT_LEADER
        | ErrorCode::CLUSTER_NO_PEERS
        | ErrorCode::CLUSTER_INCOMPLETE
        | ErrorCode::STREAM_OFFLINE
        | ErrorCode::CONSUMER_OFFLINE => QueueProblem::Unavailable,
        _ => of_status(refusal),
    }
}

/// JetStream has statuses like HTTP besides its codes.
fn of_status(refusal: &Refusal) -> QueueProblem {
    match refusal.code() {
        404 => QueueProblem::Missing,
        408 | 504 => QueueProblem::Timeout,
        429 => QueueProblem::Throttled,
        500.. => QueueProblem::Unavailable,
        400..500 => QueueProblem::Unusable(printable(refusal)),
        _ => QueueProblem::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: usize, code: u64) -> Refusal {
        let json = format!(r#"{{"code": {status}, "err_code": {code}, "description": "why"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn a_handshake_that_is_refused_may_want_a_certificate() {
        let said = of_tls(Trouble::Refused).to_string();
        for word in ["TLS 1.2 or 1.3", "NATS_CERT", "NATS_KEY"] {
            assert!(said.contains(word), "{said}");
        }
    }

    #[test]
    fn what_the_server_says_has_the_one_who_must_act() {
        for (status, code, expected) in [
            (404, 10_059, QueueProblem::Missing),
            (503, 10_077, QueueProblem::Full),
            (503, 10_008, QueueProblem::Unavailable),
            (503, 99_999, QueueProblem::Unavailable),
            (429, 99_999, QueueProblem::Throttled),
        ] {
            assert_eq!(of_refusal(&refusal(status, code)), expected, "{code}");
        }
        for (status, code, word) in [
            (400, 10_065, "another stream takes its subject"),
            (400, 10_099, "another consumer"),
            (503, 10_076, "start the server with `-js`"),
            (400, 10_109, "sealed"),
            (400, 99_999, "why"),
        ] {
            let problem = of_refusal(&refusal(status, code));
            assert!(
                matches!(&problem, QueueProblem::Unusable(why) if why.contains(word)),
                "{problem:?}"
            );
        }
    }
}
