//! The status of a database and its tables, asked for without a change, for whoever examines a deployment.

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio_postgres::Row;
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql, Type};

use super::address::Address;
use super::link::Link;
use super::statements;
use crate::ports::QueueError;

/// Time in which a word to ourselves comes.
const WORD: Duration = Duration::from_secs(2);

/// A database and the tables of its queues.
#[derive(Clone, Debug)]
pub struct DatabaseStatus {
    /// Version of the server.
    pub server: String,
    /// Name of the schema that tables are looked for in, or made in.
    pub schema: Option<String>,
    /// True if tables may be made there.
    pub may_make: bool,
    /// The table of the messages, if it is there.
    pub table: Option<TableStatus>,
    /// Rights at the tables that are missing, as words of `GRANT`.
    pub lacks: Vec<String>,
    /// Settings by which a message is lost although the server has taken it.
    pub careless: Vec<String>,
    /// True if transactions of this user are read only.
    pub is_read_only: bool,
    /// True if word of new messages comes; `None` if none may be given.
    pub is_heard: Option<bool>,
    /// Seconds that the clock of the server is ahead.
    pub ahead: i64,
    /// The connection to it.
    pub connection: ConnectionStatus,
    /// Name of the dead-letter queue; `None` for a queue that is one.
    pub dead_letters: Option<String>,
}

/// The connection to a server.
#[derive(Clone, Debug)]
pub struct ConnectionStatus {
    /// True if the server sees us come from the same machine.
    pub is_local: bool,
    /// True if it is encrypted.
    pub tls: bool,
    /// True if the address insists on that.
    pub insists_on_tls: bool,
}

/// The table of the messages.
#[derive(Clone, Debug)]
pub struct TableStatus {
    /// Its version, if it has one that may be read.
    pub version: Option<i32>,
    /// True if its index is there.
    pub has_index: bool,
    /// True if it is empty after a crash of the server.
    pub is_unlogged: bool,
    /// True if a policy hides rows of it from this user.
    pub hides_rows: bool,
}

impl DatabaseStatus {
    /// The version of the tables that this program reads and writes.
    pub const VERSION: i32 = statements::FORMAT;

    /// The database at `address`.
    ///
    /// # Errors
    /// If it cannot be reached.
    pub async fn at(address: &Address) -> Result<Self, QueueError> {
        let link = Link::new(address);
        // The way to the server is known before time is measured.
        link.query(address, "SELECT 1", &[]).await?;
        let begun = SystemTime::now();
        let rows = link.query(address, statements::STATUS, &[]).await?;
        let rows = rows
            .first()
            .ok_or_else(|| QueueError::unanswered(address))?;
        let mut status = Self::read(rows, between(begun, SystemTime::now()));
        status.connection.insists_on_tls = address.config.get_ssl_mode() == SslMode::Require;
        status.dead_letters = address.redrive.as_ref().map(|to| to.dead_letters.clone());
        // The version is read with a look at the table.
        if let Some(table) = &mut status.table
            && rows.get("reads_version")
        {
            let version = link.query(address, statements::VERSION, &[]).await?;
            table.version = version.first().map(|row| row.get(0));
        }
        if !status
            .lacks
            .iter()
            .any(|right| right.ends_with("pg_notify"))
        {
            status.is_heard = Some(is_heard(&link, address).await?);
        }
        Ok(status)
    }

    fn read(row: &Row, here: f64) -> Self {
        let texts = |name: &str| row.get::<_, Option<Vec<String>>>(name).unwrap_or_default();
        let address: Option<String> = row.get("client");
        let address = address.and_then(|text| text.parse::<IpAddr>().ok());
        let there: f64 = row.get("clock");
        Self {
            server: row.get("server"),
            schema: row.get("schema"),
            may_make: row.get("may_make"),
            table: row.get::<_, bool>("has_table").then(|| TableStatus {
                version: None,
                has_index: row.get("has_index"),
                is_unlogged: row.get("is_unlogged"),
                hides_rows: row.get("hides_rows"),
            }),
            lacks: texts("lacks"),
            careless: texts("careless"),
            is_read_only: row.get("is_read_only"),
            is_heard: None,
            ahead: (there - here).round() as i64,
            connection: ConnectionStatus {
                // Whoever comes by a socket has no address.
                is_local: address.is_none_or(|address| address.to_canonical().is_loopback()),
                tls: row.get("tls"),
                insists_on_tls: false,
            },
            dead_letters: None,
        }
    }
}

/// The middle of two times, in seconds since 1970.
fn between(begun: SystemTime, ended: SystemTime) -> f64 {
    let seconds = |at: SystemTime| at.duration_since(UNIX_EPOCH).unwrap_or_default();
    f64::midpoint(seconds(begun).as_secs_f64(), seconds(ended).as_secs_f64())
}

/// True if word that goes out comes back: others who wait look once more, and find nothing.
async fn is_heard(link: &Link, address: &Address) -> Result<bool, QueueError> {
    let mut word = link.word(address).await?;
    let values: [(&(dyn ToSql + Sync), Type); 1] = [(&address.queue, Type::TEXT)];
    link.query(address, statements::TELL, &values).await?;
    Ok(tokio::time::timeout(WORD, word.come()).await.is_ok())
}
