//! Mistakes that are planted in a database of the server which `THIMBLE_TEST_POSTGRES` names,
//! each alone, and found; without it these tests say so and pass.

use tokio_postgres::{Client, NoTls};

use super::*;
use crate::doctor::planted::{Mistake, assert_each_is_named, assert_named, assert_well};
use crate::postgres::Postgres;
use crate::testing::environment::tested_over;
use crate::tls::Trouble;

/// A database of its own as it should be, for a mistake to be planted in.
struct Patient {
    /// The server, as somebody reaches it who may do all.
    server: String,
    /// The database, which is also the name of the user.
    name: String,
    password: String,
    /// Statements of somebody who may do all, in the database.
    planted: Vec<String>,
    /// True if the first worker was there.
    is_made: bool,
    /// A part of the address.
    more: String,
    /// Another address.
    elsewhere: Option<&'static str>,
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

impl Patient {
    /// `None` says that there is no server.
    fn well() -> Option<Self> {
        Some(Self {
            server: tested_over("Postgres", "THIMBLE_TEST_POSTGRES")?,
            name: format!("doctor_{:016x}", fastrand::u64(..)),
            password: "sesame".to_owned(),
            planted: Vec::new(),
            is_made: true,
            more: "queue=images".to_owned(),
            elsewhere: None,
        })
    }

    fn plant(&mut self, statement: &str) {
        self.planted.push(statement.replace("NAME", &self.name));
    }

    /// The address of the database `name`, for `user`.
    fn url(&self, user: &str, name: &str, more: &str) -> String {
        let (scheme, rest) = self.server.split_once("://").unwrap();
        let (_, rest) = rest.split_once('@').unwrap();
        let (host, rest) = rest.split_once('/').unwrap();
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        format!("{scheme}://{user}@{host}/{name}?{query}&{more}")
    }

    async fn examine(self) -> Vec<Finding> {
        let server = connect(&self.server).await;
        let name = &self.name;
        for statement in [
            format!("CREATE ROLE {name} LOGIN PASSWORD 'sesame'"),
            format!("CREATE DATABASE {name}"),
        ] {
            server.batch_execute(&statement).await.unwrap();
        }
        let all = self.server.split_once("://").unwrap().1;
        let (user, _) = all.split_once('@').unwrap();
        let all = connect(self.url(user, name, "").trim_end_matches('&')).await;
        let grant = format!("GRANT CREATE ON SCHEMA public TO {name}");
        all.batch_execute(&grant).await.unwrap();
        let of_all = self.url(user, name, "queue=images");
        if self.is_made {
            let address = Address::new(&of_all, "queue", None).unwrap();
            drop(Postgres::open(address).await.unwrap());
            let grant = format!(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON thimble_queue, thimble_queue_format TO {name}"
            );
            all.batch_execute(&grant).await.unwrap();
        }
        for statement in &self.planted {
            all.batch_execute(statement).await.unwrap();
        }
        let url = self.url(&format!("{name}:{}", self.password), name, &self.more);
        let url = self.elsewhere.unwrap_or(&url);
        let findings = database(&Address::new(url, "queue", None).unwrap()).await;
        drop(all);
        for statement in [
            format!("DROP DATABASE {name} WITH (FORCE)"),
            format!("DROP ROLE {name}"),
        ] {
            server.batch_execute(&statement).await.unwrap();
        }
        findings
    }
}

/// A schema with a function of its own in the place of one of the server.
const INSTEAD: &str = "queue=images&options=-c%20search_path%3Dplanted,public,pg_catalog";

const ROWS: [Mistake<Patient>; 23] = [
    (
        |it| it.elsewhere = Some("postgres://u:p@127.0.0.1:1/nowhere?sslmode=disable"),
        "server",
        "could not be reached",
        "listen_addresses",
    ),
    (
        |it| it.password = "sesam".to_owned(),
        "credentials",
        "password authentication failed",
        "PGPASSWORD",
    ),
    (
        |it| it.plant("REVOKE CONNECT ON DATABASE NAME FROM PUBLIC"),
        "rights",
        "permission denied for database",
        "GRANT CONNECT",
    ),
    (
        |it| it.more = "queue=images&dbname=nowhere".to_owned(),
        "database",
        "\"nowhere\" does not exist",
        "createdb",
    ),
    (
        |it| it.more = "queue=images&sslmode=require".to_owned(),
        "tls",
        "certificate",
        "sslrootcert=",
    ),
    (
        |it| {
            it.is_made = false;
            it.plant("REVOKE CREATE ON SCHEMA public FROM NAME, PUBLIC");
        },
        "tables",
        "may not be made in the schema public",
        "GRANT CREATE",
    ),
    (
        |it| it.plant("REVOKE USAGE ON SCHEMA public FROM NAME, PUBLIC"),
        "tables",
        "no schema of the search path",
        "search_path",
    ),
    (
        |it| it.plant("DROP TABLE thimble_queue; REVOKE CREATE ON SCHEMA public FROM NAME, PUBLIC"),
        "tables",
        "the table thimble_queue is not there",
        "GRANT CREATE",
    ),
    (
        |it| it.plant("UPDATE thimble_queue_format SET version = 2"),
        "tables",
        "another version of thimble made the tables (2, and this one reads 1)",
        "run the version",
    ),
    (
        |it| it.plant("DELETE FROM thimble_queue_format"),
        "tables",
        "have no version",
        "restore thimble_queue_format",
    ),
    (
        |it| it.plant("REVOKE SELECT ON thimble_queue FROM NAME"),
        "rights",
        "lacks SELECT ON thimble_queue",
        "GRANT SELECT ON thimble_queue to",
    ),
    (
        |it| it.plant("REVOKE UPDATE, DELETE ON thimble_queue FROM NAME"),
        "rights",
        "lacks UPDATE ON thimble_queue, DELETE ON thimble_queue",
        "GRANT DELETE ON thimble_queue",
    ),
    (
        |it| it.plant("REVOKE SELECT ON thimble_queue_format FROM NAME"),
        "rights",
        "SELECT ON thimble_queue_format",
        "GRANT SELECT",
    ),
    (
        |it| it.plant("REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC"),
        "rights",
        "EXECUTE ON FUNCTION pg_notify",
        "GRANT EXECUTE",
    ),
    (
        |it| it.plant("ALTER TABLE thimble_queue ENABLE ROW LEVEL SECURITY"),
        "rights",
        "row security",
        "DISABLE ROW LEVEL SECURITY",
    ),
    (
        |it| it.plant("ALTER TABLE thimble_queue SET UNLOGGED"),
        "durability",
        "unlogged",
        "SET LOGGED",
    ),
    (
        |it| {
            it.more = INSTEAD.to_owned();
            it.plant(
                "CREATE SCHEMA planted; GRANT USAGE ON SCHEMA planted TO NAME; \
                 CREATE VIEW planted.pg_settings AS SELECT 'fsync' AS name, 'off' AS setting; \
                 GRANT SELECT ON planted.pg_settings TO NAME",
            );
        },
        "durability",
        "fsync off",
        "postgresql.conf",
    ),
    (
        |it| it.plant("DROP INDEX thimble_queue_next"),
        "index",
        "reads the whole table",
        "CREATE INDEX CONCURRENTLY",
    ),
    (
        |it| it.plant("ALTER ROLE NAME SET default_transaction_read_only = on"),
        "primary",
        "read only",
        "default_transaction_read_only = off",
    ),
    (
        |it| {
            instead(
                it,
                "clock_timestamp() RETURNS timestamptz",
                "pg_catalog.now() + interval '1 hour'",
            );
        },
        "clock",
        "s behind the server",
        "NTP",
    ),
    (
        |it| instead(it, "inet_client_addr() RETURNS inet", "inet '192.0.2.1'"),
        "tls",
        "nothing that is said to it is encrypted",
        "sslmode=require",
    ),
    (
        |it| instead(it, "pg_notify(text, text) RETURNS void", ""),
        "listen",
        "does not come",
        "PgBouncer",
    ),
    (
        |it| it.more = "queue=images-dead-letters".to_owned(),
        "redrive-policy",
        "queue of dead letters",
        "name the queue of the work",
    ),
];

/// Let a function of the server give this.
fn instead(patient: &mut Patient, function: &str, value: &str) {
    patient.more = INSTEAD.to_owned();
    let value = if value.is_empty() {
        ""
    } else {
        &format!("SELECT {value}")
    };
    patient.plant(&format!(
        "CREATE SCHEMA planted; GRANT USAGE ON SCHEMA planted TO NAME; \
         CREATE FUNCTION planted.{function} LANGUAGE sql AS $$ {value} $$"
    ));
}

#[tokio::test]
async fn a_database_as_it_should_be_has_nothing_wrong() {
    for is_made in [true, false] {
        let Some(mut patient) = Patient::well() else {
            return;
        };
        patient.is_made = is_made;
        let checks = [
            "server",
            "credentials",
            "tls",
            "clock",
            "tables",
            "rights",
            "durability",
            "listen",
            "redrive-policy",
        ];
        assert_well(&patient.examine().await, &checks);
    }
}

#[tokio::test]
async fn every_mistake_of_a_database_is_named_with_a_way_to_mend_it() {
    assert_each_is_named(&ROWS, Patient::well, Patient::examine).await;
}

#[test]
fn a_mistake_of_tls_is_told_with_its_own_advice() {
    for (trouble, what, mend) in [
        (Trouble::OtherName, "another name", "name the host so"),
        (
            Trouble::NoCertificate,
            "asks for a certificate",
            "no password",
        ),
    ] {
        let problem = QueueProblem::Tls { trouble, mend };
        let found = unreached(&QueueError::new(problem, "postgres://db/app"));
        assert_named(&[found], "tls", what, mend);
    }
}

#[test]
fn a_standby_is_told_so() {
    let standby = QueueError::new(QueueProblem::Unavailable, "postgres://standby/app").because(
        crate::text::Said::new("db error: ERROR: cannot execute LISTEN during recovery"),
    );
    let found = serde_json::to_value(unreached(&standby)).unwrap();
    assert_eq!(
        (&found["check"], &found["result"]),
        (&"primary".into(), &"wrong".into())
    );
    assert!(
        found["mend"]
            .as_str()
            .unwrap()
            .contains("target_session_attrs")
    );
}
