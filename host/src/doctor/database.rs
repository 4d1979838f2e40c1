//! A queue in Postgres: the database, its tables and the rights at them, and what a server may
//! lose of what it has taken.

use super::clock::judged;
use super::trouble::{Words, unanswered};
use super::{Finding, PATIENCE, bounded};
use crate::ports::{QueueError, QueueProblem};
use crate::postgres::{Address, ConnectionStatus, DatabaseStatus, TableStatus};
use crate::text::{printable, with_causes};

const WORDS: Words = Words {
    credentials: "name the user in the address, and set PGPASSWORD to its password",
    denied: "let the user connect to the database: GRANT CONNECT ON DATABASE, and a line of pg_hba.conf \
             for this host",
    missing: "check the name of the database, or create it with `createdb`",
    network: "start the server, or name the right one; look at the network in between, at its \
              listen_addresses and its max_connections",
};

/// The findings about the queue at `address`.
pub async fn database(address: &Address) -> Vec<Finding> {
    let looked = async {
        match DatabaseStatus::at(address).await {
            Ok(status) => found(address, &status),
            Err(error) => vec![unreached(&error)],
        }
    };
    bounded("server", PATIENCE, looked).await
}

/// A finding about a database that no look came to.
fn unreached(error: &QueueError) -> Finding {
    let words = with_causes(error);
    let is_standby = words.contains("recovery") || words.contains("read-only");
    match &error.problem {
        QueueProblem::Unavailable if is_standby => Finding::wrong(
            "primary",
            format!("the server is a standby, which takes no messages: {words}"),
            "name the primary, or all of them with target_session_attrs=read-write",
        ),
        QueueProblem::Denied if words.contains("permission denied") || words.contains("pg_hba") => {
            Finding::wrong("rights", words, WORDS.denied)
        }
        QueueProblem::Unusable(why) if why.contains("password") => {
            Finding::wrong("credentials", printable(why), WORDS.credentials)
        }
        QueueProblem::Missing => unanswered("database", error, &WORDS),
        _ => unanswered("server", error, &WORDS),
    }
}

fn found(address: &Address, status: &DatabaseStatus) -> Vec<Finding> {
    let shown = address.to_string();
    let server = printable(&status.server);
    let mut findings = vec![
        Finding::ok("server", format!("{shown} answers, Postgres {server}")),
        Finding::ok("credentials", "the server takes them"),
        tls(&shown, &status.connection),
        judged(
            status.ahead,
            "the server, and ages of messages are wrong by as much",
        ),
    ];
    if status.is_read_only {
        findings.push(Finding::wrong(
            "primary",
            "transactions of this user are read only, and take no messages",
            "name the primary, or ALTER ROLE ... SET default_transaction_read_only = off",
        ));
    }
    findings.push(tables(status));
    findings.push(rights(status));
    findings.extend(status.table.iter().flat_map(shape));
    findings.push(durability(status));
    findings.push(word(status));
    findings.push(redrive(status));
    findings
}

fn tls(shown: &str, connection: &ConnectionStatus) -> Finding {
    let check = "tls";
    match (connection.tls, connection.is_local) {
        (true, is_local) if connection.insists_on_tls || is_local => {
            Finding::ok(check, "the connection is encrypted")
        }
        (true, _) => Finding::warning(
            check,
            format!("{shown} is encrypted, and would be spoken to without as well"),
            "write sslmode=require into the address",
        ),
        (false, true) => Finding::ok(check, "the server is on this machine"),
        (false, false) => Finding::warning(
            check,
            format!("{shown} is on another machine, and nothing that is said to it is encrypted"),
            "switch ssl on in the server, and write sslmode=require into the address",
        ),
    }
}

fn tables(status: &DatabaseStatus) -> Finding {
    let check = "tables";
    let schema = status.schema.as_deref().map_or_else(
        || "no schema of the search path".to_owned(),
        |schema| format!("the schema {}", printable(schema)),
    );
    let this = DatabaseStatus::VERSION;
    match status.table.as_ref().map(|table| table.version) {
        None if status.may_make => Finding::ok(
            check,
            format!("they are made in {schema} at the first start"),
        ),
        None => Finding::wrong(
            check,
            format!("the table thimble_queue is not there, and may not be made in {schema}"),
            "GRANT CREATE ON SCHEMA to the user for the first start, or name the schema that has it: \
             options=-c%20search_path%3DNAME",
        ),
        Some(Some(version)) if version == this => {
            Finding::ok(check, format!("they are there, of the version {version}"))
        }
        Some(Some(version)) => Finding::wrong(
            check,
            format!(
                "another version of thimble made the tables ({version}, and this one reads {this})"
            ),
            "run the version that made them, or name another schema: options=-c%20search_path%3DNAME",
        ),
        Some(None) if status.lacks.iter().any(|right| right.ends_with("_format")) => {
            Finding::not_tried(check, "their version may not be read")
        }
        Some(None) => Finding::wrong(
            check,
            "the tables have no version: thimble_queue_format is missing or empty",
            "restore thimble_queue_format, or name another schema: options=-c%20search_path%3DNAME",
        ),
    }
}

fn rights(status: &DatabaseStatus) -> Finding {
    let check = "rights";
    if status.lacks.is_empty() {
        return Finding::ok(check, "the user may do what a worker does");
    }
    Finding::wrong(
        check,
        format!("the user lacks {}", status.lacks.join(", ")),
        format!("GRANT {} to the user", status.lacks.join(", GRANT ")),
    )
}

/// Mistakes in the shape of the table.
fn shape(table: &TableStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    if table.hides_rows {
        findings.push(Finding::wrong(
            "rights",
            "row security of thimble_queue hides messages from the user",
            "ALTER TABLE thimble_queue DISABLE ROW LEVEL SECURITY, or make a policy for the user",
        ));
    }
    if !table.has_index {
        findings.push(Finding::wrong(
            "index",
            "the index thimble_queue_next is missing, and each look reads the whole table",
            "CREATE INDEX CONCURRENTLY thimble_queue_next ON thimble_queue (queue, visible, id)",
        ));
    }
    findings
}

fn durability(status: &DatabaseStatus) -> Finding {
    let check = "durability";
    if status.table.as_ref().is_some_and(|table| table.is_unlogged) {
        return Finding::wrong(
            check,
            "the table thimble_queue is unlogged, and empty after a crash of the server",
            "ALTER TABLE thimble_queue SET LOGGED",
        );
    }
    if !status.careless.is_empty() {
        let settings = status.careless.join(", ");
        return Finding::wrong(
            check,
            format!("{settings} off: a message is lost with the server that has taken it"),
            "set each to on in postgresql.conf, and reload it",
        );
    }
    Finding::ok(check, "what the server has taken is on its disk")
}

fn word(status: &DatabaseStatus) -> Finding {
    let check = "listen";
    match status.is_heard {
        Some(true) => Finding::ok(check, "word of new messages comes"),
        Some(false) => Finding::warning(
            check,
            "word of new messages does not come, and a message waits for up to five seconds",
            "connect past a pooler that shares connections by transaction, such as PgBouncer",
        ),
        None => Finding::not_tried(check, "no word of new messages may be given"),
    }
}

fn redrive(status: &DatabaseStatus) -> Finding {
    let check = "redrive-policy";
    match &status.dead_letters {
        Some(letters) => Finding::ok(check, format!("dead letters go to {}", printable(letters))),
        None => Finding::wrong(
            check,
            "this is a queue of dead letters, from which nothing goes anywhere: a message that always \
             fails comes back for ever",
            "name the queue of the work, whose name does not end with dead-letters",
        ),
    }
}

#[cfg(test)]
mod tests;
