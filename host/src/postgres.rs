//! Messages in a table of Postgres.
//!
//! ```text
//! queue                      rows of the table `thimble_queue` with its name
//! receive                    one UPDATE of rows that nobody else has locked (SKIP LOCKED)
//! visibility timeout         the time before which a row is not received
//! delete                     DELETE, if the row was not received again meanwhile
//! wake                       NOTIFY on the channel `thimble_queue`, with the name of the queue
//! dead-letter queue          another name in the same table: a letter moves by one UPDATE
//! ```
//!
//! Every change is one statement, so that it has happened or not, whenever a process or a
//! server ends. One connection serves a queue, and a new one follows a broken one at the next
//! request. Nothing is prepared, so that poolers between the two do no harm.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use tokio::time::Instant;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use crate::letter;
use crate::ports::{
    Attributes, Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};

mod address;
mod link;
mod problem;
mod statements;
mod status;

pub use address::{Address, AddressError, RedrivePolicy};
pub use status::{ConnectionStatus, DatabaseStatus, TableStatus};

use link::Link;

/// Visibility timeout of a message unless the receiver sets one.
const VISIBILITY: Duration = Duration::from_secs(60);

/// The longest visibility timeout, which every date can be moved by.
const LONGEST_VISIBILITY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The longest pause between two looks of a waiting receiver, in case a word was lost.
const POLL: Duration = Duration::from_secs(5);

/// The shortest, while somebody else has the rows locked.
const BREATH: Duration = Duration::from_millis(50);

/// The longest body and the longest attributes, in bytes: more than any event has.
const LONGEST: usize = 1 << 20;

/// The most messages that one request carries.
const BATCH: usize = 500;

/// A queue in a database.
#[derive(Debug)]
pub struct Postgres {
    address: Address,
    link: Link,
}

impl Postgres {
    /// The queue at `address`: connects, and makes its table if there is none.
    ///
    /// # Errors
    /// If the database cannot be reached or used, or if a newer version wrote the table.
    pub async fn open(address: Address) -> Result<Self, QueueError> {
        let link = Link::new(&address);
        let queue = Self { address, link };
        queue.link.prepare(&queue.address).await?;
        Ok(queue)
    }

    /// Check that the database has a table for the queue at `address`, or none yet.
    ///
    /// # Errors
    /// If the database cannot be reached, or the table not be used.
    pub async fn probe(address: Address) -> Result<(), QueueError> {
        match Link::new(&address).check(&address).await {
            Err(error) if error.problem == QueueProblem::Missing => Ok(()),
            checked => checked,
        }
    }

    fn error(&self, problem: QueueProblem) -> QueueError {
        QueueError::new(problem, &self.address)
    }

    async fn query(
        &self,
        statement: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, QueueError> {
        self.link.query(&self.address, statement, values).await
    }

    /// Put up to [`BATCH`] messages into the table.
    async fn send_some(&self, messages: &[Outgoing]) -> Vec<Result<String, QueueError>> {
        let checked: Vec<Result<(), QueueError>> =
            messages.iter().map(|message| self.check(message)).collect();
        let good: Vec<&Outgoing> = messages
            .iter()
            .zip(&checked)
            .filter_map(|(message, checked)| checked.is_ok().then_some(message))
            .collect();
        let bodies: Vec<&str> = good.iter().map(|message| message.body.as_str()).collect();
        let attributes: Vec<String> = good.iter().map(|one| text_of(&one.attributes)).collect();
        let queue = &self.address.queue;
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (queue, Type::TEXT),
            (&bodies, Type::TEXT_ARRAY),
            (&attributes, Type::TEXT_ARRAY),
        ];
        let sent = match good.is_empty() {
            true => Ok(Vec::new()),
            false => self.query(statements::SEND, &values).await,
        };
        let ids: Result<Vec<(i64, SystemTime)>, QueueError> =
            sent.map(|rows| rows.iter().map(|row| (row.get(0), row.get(1))).collect());
        let mut ids = match ids {
            Ok(mut ids) => {
                // They were given out in the order of the messages.
                ids.sort_unstable();
                ids.into_iter()
            }
            Err(error) => {
                let failed = |checked: Result<(), QueueError>| checked.and(Err(error.clone()));
                return checked.into_iter().map(failed).collect();
            }
        };
        let mut id = || ids.next().map(|(row, sent)| id_of(row, sent));
        let results = checked.into_iter().map(|checked| {
            checked.and_then(|()| id().ok_or_else(|| QueueError::unanswered(&self.address)))
        });
        results.collect()
    }

    /// Refuses what no row can hold.
    fn check(&self, message: &Outgoing) -> Result<(), QueueError> {
        let refuse = |why: &str| Err(self.error(QueueProblem::InvalidMessage(why.to_owned())));
        let mut texts = message
            .attributes
            .iter()
            .flat_map(|(name, value)| [name, value])
            .chain([&message.body]);
        let size: usize = texts.clone().map(String::len).sum();
        if size > LONGEST {
            return refuse("it has more than 1 MiB");
        }
        if texts.any(|text| text.contains('\0')) {
            return refuse("it has a character NUL");
        }
        Ok(())
    }

    /// Take what is visible. What was received too often becomes dead letters instead.
    async fn take(&self, options: &ReceiveOptions) -> Result<Taken, QueueError> {
        let most = i64::try_from(options.max.clamp(1, BATCH)).unwrap_or(1);
        let hidden = seconds(options.visibility.unwrap_or(VISIBILITY));
        let queue = &self.address.queue;
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (queue, Type::TEXT),
            (&most, Type::INT8),
            (&hidden, Type::FLOAT8),
        ];
        let rows = self.query(statements::RECEIVE, &values).await?;
        let mut taken = Taken::default();
        let mut failed = None;
        for row in &rows {
            let message = message(row);
            match &self.address.redrive {
                Some(policy) if message.receive_count > policy.max_receive_count => {
                    match self.bury(policy, &message).await {
                        Ok(()) => taken.buried = true,
                        Err(error) => failed = Some(error),
                    }
                }
                _ => taken.messages.push(message),
            }
        }
        match failed {
            // What is in hand already is not hidden from everybody for a letter.
            Some(error) if taken.messages.is_empty() => Err(error),
            _ => Ok(taken),
        }
    }

    /// Make a dead letter of a message, unless somebody else has it by now.
    async fn bury(&self, policy: &RedrivePolicy, message: &Message) -> Result<(), QueueError> {
        let times = message.receive_count.saturating_sub(1);
        let attributes = letter::exhausted(message.attributes.clone(), &message.id, times);
        let attributes = text_of(&attributes);
        let (id, count) = self.held(&message.receipt)?;
        let values: [(&(dyn ToSql + Sync), Type); 5] = [
            (&self.address.queue, Type::TEXT),
            (&id, Type::INT8),
            (&count, Type::INT4),
            (&policy.dead_letters, Type::TEXT),
            (&attributes, Type::TEXT),
        ];
        self.query(statements::BURY, &values).await.map(drop)
    }

    /// The row that a receipt stands for, and its receive count.
    fn held(&self, receipt: &Receipt) -> Result<(i64, i32), QueueError> {
        let parts = receipt.0.split_once('.');
        let held = parts.and_then(|(id, count)| Some((id.parse().ok()?, count.parse().ok()?)));
        held.ok_or_else(|| self.error(QueueProblem::StaleReceipt))
    }

    /// Pause until something may have become visible, or until `deadline`.
    async fn wait(&self, word: &mut link::Word, deadline: Instant) -> Result<(), QueueError> {
        let values: [(&(dyn ToSql + Sync), Type); 1] = [(&self.address.queue, Type::TEXT)];
        let next = self.query(statements::NEXT, &values).await?;
        let next: Option<f64> = next.first().and_then(|row| row.get(0));
        let next = next.and_then(|next| Duration::try_from_secs_f64(next.max(0.0)).ok());
        let pause = next.unwrap_or(POLL).clamp(BREATH, POLL);
        let until = deadline.min(Instant::now() + pause);
        // The time is over, or there is word: another look either way.
        let _ = tokio::time::timeout_at(until, word.come()).await;
        Ok(())
    }
}

/// Rows that were received.
#[derive(Default)]
struct Taken {
    messages: Vec<Message>,
    /// Some of them are dead letters now.
    buried: bool,
}

#[async_trait]
impl Queue for Postgres {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let mut results = Vec::with_capacity(messages.len());
        for some in messages.chunks(BATCH) {
            results.extend(self.send_some(some).await);
        }
        results
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        let deadline = Instant::now() + options.wait;
        loop {
            // Word that comes between the look and the wait is not missed.
            let mut word = self.link.word(&self.address).await?;
            let taken = self.take(options).await?;
            if !taken.messages.is_empty() || (!taken.buried && Instant::now() >= deadline) {
                return Ok(taken.messages);
            }
            if !taken.buried {
                self.wait(&mut word, deadline).await?;
            }
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let held: Vec<_> = receipts.iter().map(|receipt| self.held(receipt)).collect();
        let (ids, counts): (Vec<i64>, Vec<i32>) = held.iter().flatten().copied().unzip();
        let values: [(&(dyn ToSql + Sync), Type); 3] = [
            (&self.address.queue, Type::TEXT),
            (&ids, Type::INT8_ARRAY),
            (&counts, Type::INT4_ARRAY),
        ];
        let deleted = match self.query(statements::DELETE, &values).await {
            Ok(rows) => rows,
            Err(error) => return vec![Err(error); receipts.len()],
        };
        let deleted: Vec<i64> = deleted.iter().map(|row| row.get(0)).collect();
        let results = held.into_iter().map(|held| match held {
            Ok((id, _)) if deleted.contains(&id) => Ok(()),
            Ok(_) => Err(self.error(QueueProblem::StaleReceipt)),
            Err(error) => Err(error),
        });
        results.collect()
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        let (id, count) = self.held(receipt)?;
        let hidden = seconds(timeout);
        let values: [(&(dyn ToSql + Sync), Type); 4] = [
            (&self.address.queue, Type::TEXT),
            (&id, Type::INT8),
            (&count, Type::INT4),
            (&hidden, Type::FLOAT8),
        ];
        match self.query(statements::HIDE, &values).await?.is_empty() {
            true => Err(self.error(QueueProblem::StaleReceipt)),
            false => Ok(()),
        }
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let values: [(&(dyn ToSql + Sync), Type); 1] = [(&self.address.queue, Type::TEXT)];
        let rows = self.query(statements::DEPTH, &values).await?;
        let count = |column: usize| {
            let counted = rows.first().map(|row| row.get::<_, i64>(column));
            u64::try_from(counted.unwrap_or_default()).unwrap_or_default()
        };
        Ok(Depth {
            visible: count(0),
            in_flight: count(1),
        })
    }

    async fn oldest(&self) -> Result<Option<SystemTime>, QueueError> {
        let values: [(&(dyn ToSql + Sync), Type); 1] = [(&self.address.queue, Type::TEXT)];
        let rows = self.query(statements::OLDEST, &values).await?;
        Ok(rows.first().and_then(|row| row.get(0)))
    }
}

/// A timeout in seconds.
fn seconds(timeout: Duration) -> f64 {
    timeout.min(LONGEST_VISIBILITY).as_secs_f64()
}

/// Attributes as JSON, which has a form for every text.
fn text_of(attributes: &Attributes) -> String {
    serde_json::to_string(attributes).unwrap_or_default()
}

/// The id of a message, by which a redrive knows its copies. Rows are counted anew in each
/// table, and letters of several may lie in one queue.
fn id_of(row: i64, sent: SystemTime) -> String {
    let sent = sent.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("{row}-{:x}", sent.as_micros())
}

fn message(row: &Row) -> Message {
    let (id, count): (i64, i32) = (row.get(0), row.get(3));
    let sent: SystemTime = row.get(4);
    let attributes: &str = row.get(2);
    Message {
        id: id_of(id, sent),
        receipt: Receipt(format!("{id}.{count}")),
        body: row.get(1),
        // Another program that writes into the table may forget that all are text.
        attributes: serde_json::from_str(attributes).unwrap_or_default(),
        receive_count: u32::try_from(count).unwrap_or(u32::MAX),
        sent: Some(sent),
    }
}

crate::text::shown_by!(Postgres, address);

#[cfg(test)]
mod tests;
