//! Failures of a database, and what is wrong then.

use tokio_postgres::error::SqlState;

use super::address::Address;
use crate::ports::{QueueError, QueueProblem};
use crate::text::{Said, excerpt, with_causes};
use crate::tls::Trouble;

/// The error of a failed request.
pub(super) fn of(error: &tokio_postgres::Error, address: &Address) -> QueueError {
    let words = with_causes(error);
    let problem = match error.as_db_error() {
        Some(answer) => of_code(answer.code(), answer.message()),
        // What the address says cannot be: no password where one is asked for.
        None if words.contains("invalid configuration") || words.contains("password missing") => {
            QueueProblem::Unusable(words.clone())
        }
        None if words.contains("does not support TLS") => of_tls(Trouble::NoTls),
        None => Trouble::of(error).map_or(QueueProblem::Unavailable, of_tls),
    };
    match problem {
        QueueProblem::Unusable(_) | QueueProblem::Tls { .. } => QueueError::new(problem, address),
        problem => QueueError::new(problem, address).because(Said::new(excerpt(&words))),
    }
}

/// The problem of a connection without TLS.
pub(super) fn of_tls(trouble: Trouble) -> QueueProblem {
    let mend = match trouble {
        Trouble::Untrusted(_) => {
            "name the file of its authority in sslrootcert=, or write sslmode=disable to do without TLS"
        }
        Trouble::OtherName => "name the host as its certificate does",
        Trouble::NoTls => "switch `ssl` on there, or write sslmode=disable to do without",
        Trouble::Disagreed(_) => {
            "let `ssl_max_protocol_version` of the server be TLSv1.2 or higher"
        }
        Trouble::Refused => {
            "let `ssl_max_protocol_version` of the server be TLSv1.2 or higher, and let it ask for a \
             password: certificates of clients are not shown"
        }
        Trouble::NoCertificate => {
            "certificates of clients are not shown: let it ask for a password"
        }
        Trouble::Unloaded(_) => {
            "name a file of PEM in sslrootcert=, or write sslmode=disable to do without TLS"
        }
    };
    QueueProblem::Tls { trouble, mend }
}

/// The problem that a code names: its first two digits are its class.
fn of_code(code: &SqlState, message: &str) -> QueueProblem {
    match code.code() {
        "3D000" | "42P01" | "3F000" => QueueProblem::Missing,
        "28000" | "28P01" | "42501" => QueueProblem::Denied,
        "53100" => QueueProblem::Full,
        "53300" => QueueProblem::Throttled,
        "57014" => QueueProblem::Timeout,
        "21000" | "22021" | "22P05" => QueueProblem::InvalidMessage(excerpt(message)),
        // The table is another one than it should be.
        "42703" | "42804" | "42883" => QueueProblem::Unusable(format!(
            "{}; its table is that of another program: name another schema in the address",
            excerpt(message)
        )),
        other
            if ["08", "25", "40", "53", "55", "57", "58"]
                .iter()
                .any(|class| other.starts_with(class)) =>
        {
            QueueProblem::Unavailable
        }
        _ => QueueProblem::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handshake_that_is_refused_may_want_a_certificate() {
        let said = of_tls(Trouble::Refused).to_string();
        assert!(
            said.contains("TLSv1.2 or higher, and let it ask for a password"),
            "{said}"
        );
    }

    #[test]
    fn codes_say_who_must_act() {
        let problem = |code: &str| of_code(&SqlState::from_code(code), "as it says");
        for (code, expected) in [
            ("3D000", QueueProblem::Missing),
            ("42501", QueueProblem::Denied),
            ("53100", QueueProblem::Full),
            ("53300", QueueProblem::Throttled),
            ("57014", QueueProblem::Timeout),
            ("57P01", QueueProblem::Unavailable),
            ("40P01", QueueProblem::Unavailable),
            ("25006", QueueProblem::Unavailable),
            ("XX000", QueueProblem::Unknown),
        ] {
            assert_eq!(problem(code), expected, "{code}");
        }
        assert!(matches!(problem("42703"), QueueProblem::Unusable(_)));
    }
}
