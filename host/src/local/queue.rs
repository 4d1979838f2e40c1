//! A queue that is a folder: a file for each message, and no daemon.
//!
//! The content of a message never changes and is written once. Its state, which
//! changes with every reception, stands in the name of its file, so that each
//! change is one rename: it has happened, or not.
//!
//! ```text
//! format                                      "thimble-queue 1"
//! owner                                       locked by who receives
//! new/                                        messages that are being written
//! messages/0001cf3a-7b1-4.a1b2c3.2.0.ready    id, token, received, interrupted, state
//! ```
//!
//! One process at a time owns a queue and receives from it. Others send to it and
//! look at it meanwhile: a message appears whole, under a name of its own.
//!
//! The messages that its owner had in hand when it ended were interrupted: they
//! are handed out again at once, and the interruption does not count as a
//! reception. The death of a process says nothing about the messages it had.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::time::Instant;

use super::disk::Disk;
use super::files;
use super::files::Written;
use crate::ports::{Depth, Message, Outgoing, Queue, QueueError, Receipt, ReceiveOptions};

mod inner;
mod message;
mod open;
mod send;
mod state;

pub(super) use inner::Listed;
use inner::{Failure, Inner};
use open::{check_format, error_of, lock};
use send::Begun;

/// The number of the format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// Visibility timeout of a message unless the receiver sets one.
const VISIBILITY: Duration = Duration::from_secs(60);

/// Pause between two looks of a waiting receiver.
const POLL: Duration = Duration::from_millis(50);

/// Redrive policy: the dead-letter queue, and the receive count that leads there.
#[derive(Clone, Debug)]
pub struct RedrivePolicy {
    /// Number of times that a message is handed out.
    pub max_receive_count: u32,
    /// The queue it goes to instead of being handed out once more.
    pub dead_letters: Arc<DirectoryQueue>,
}

/// A durable queue in a folder.
#[derive(Debug, Clone)]
pub struct DirectoryQueue {
    inner: Arc<Inner>,
}

impl DirectoryQueue {
    /// The queue in `folder`, to receive from.
    ///
    /// # Errors
    /// If another process receives from it, if a newer version wrote it, or if
    /// it cannot be read or written.
    pub fn own(folder: &Path, redrive: Option<RedrivePolicy>) -> Result<Self, QueueError> {
        Self::open(folder, redrive, true)
    }

    /// The queue in `folder`, to send to and to look at.
    ///
    /// # Errors
    /// If a newer version wrote it, or if it cannot be read or written.
    pub fn share(folder: &Path) -> Result<Self, QueueError> {
        Self::open(folder, None, false)
    }

    /// The queue in `folder`, to look at and nothing else: that takes no right to
    /// write. `None` if there is no queue yet.
    ///
    /// # Errors
    /// If a newer version wrote it, or if it cannot be read.
    pub fn open_read_only(folder: &Path) -> Result<Option<Self>, QueueError> {
        if !folder.join("messages").is_dir() {
            return Ok(None);
        }
        check_format(folder)?;
        Self::begin(folder, None, None).map(Some)
    }

    fn open(folder: &Path, redrive: Option<RedrivePolicy>, own: bool) -> Result<Self, QueueError> {
        let failed = |error| error_of(folder, error);
        files::make_folders(folder).map_err(failed)?;
        check_format(folder)?;
        files::make_folders(&folder.join("messages")).map_err(failed)?;
        files::make_folders(&folder.join("new")).map_err(failed)?;
        let owner = if own { Some(lock(folder)?) } else { None };
        Self::begin(folder, redrive, owner)
    }

    fn begin(
        folder: &Path,
        redrive: Option<RedrivePolicy>,
        owner: Option<File>,
    ) -> Result<Self, QueueError> {
        let (messages, new) = (folder.join("messages"), folder.join("new"));
        let folder = folder.to_owned();
        let inner = Inner {
            disk: Disk::of(&messages),
            folder,
            messages,
            new,
            redrive,
            owner,
            state: Mutex::default(),
        };
        inner
            .begin()
            .map_err(|error| error_of(&inner.folder, error))?;
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Up to `most` messages in the order they are handed out, without taking
    /// them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn peek(&self, most: usize) -> Result<Vec<Message>, QueueError> {
        self.peek_behind(0, most).await
    }

    /// The same, behind the first `skipped` ones.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn peek_behind(
        &self,
        skipped: usize,
        most: usize,
    ) -> Result<Vec<Message>, QueueError> {
        self.blocking(move |inner| inner.peek(skipped, most)).await
    }

    /// Up to `most` messages: those that come first by what `order` says of them, without
    /// taking them. No more than these are held at a time.
    ///
    /// # Errors
    /// If they cannot be read.
    #[cfg(feature = "cli")]
    pub(crate) async fn peek_first<K: Ord>(
        &self,
        most: usize,
        order: impl Fn(&Message) -> K + Send + 'static,
    ) -> Result<Vec<Message>, QueueError> {
        self.blocking(move |inner| inner.peek_first(most, order))
            .await
    }

    /// The messages whose ids are not `known`, and the ids of all, without taking them.
    ///
    /// # Errors
    /// If there is no looking at them.
    pub(super) async fn unknown(&self, known: HashSet<String>) -> Result<Listed, QueueError> {
        self.blocking(move |inner| inner.unknown(&known)).await
    }

    /// Remove the messages called `ids`, whoever owns the queue: to whoever has one in hand
    /// it is a message that was deleted. Returns the ids of those that were, and whether all
    /// are gone by now.
    pub(super) async fn withdraw(
        &self,
        ids: HashSet<String>,
    ) -> (HashSet<String>, Result<bool, QueueError>) {
        match self.blocking(move |inner| Ok(inner.withdraw(&ids))).await {
            Ok((removed, are_gone)) => {
                (removed, are_gone.map_err(|failure| self.error_of(failure)))
            }
            Err(error) => (HashSet::new(), Err(error)),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, QueueError> {
        let inner = self.inner.clone();
        match files::blocking(move || Ok(work(&inner))).await {
            Ok(done) => done.map_err(|failure| self.error_of(failure)),
            Err(error) => Err(self.error_of(Failure::Io(error))),
        }
    }

    fn error_of(&self, failure: Failure) -> QueueError {
        match failure {
            Failure::Problem(problem) => QueueError::new(problem, self.inner.folder.display()),
            Failure::Io(error) => error_of(&self.inner.folder, error),
        }
    }

    /// Send messages: first their contents reach the disk, then their names.
    async fn send_all(
        &self,
        messages: Vec<Outgoing>,
    ) -> Result<Vec<Result<String, Failure>>, QueueError> {
        let begin = move |inner: &Inner| Ok(inner.begin_to_send(messages));
        let mut begun = self.blocking(begin).await?;
        let contents = begun.iter_mut().flatten();
        let contents = contents.filter_map(Begun::written).collect();
        self.reach_disk(contents).await?;
        let send = move |inner: &Inner| Ok(inner.send_begun(begun));
        let sent = self.blocking(send).await?;
        let names = Written::Names(self.inner.messages.clone());
        self.reach_disk(vec![names]).await?;
        Ok(sent)
    }

    async fn reach_disk(&self, written: Vec<Written>) -> Result<(), QueueError> {
        let reached = self.inner.disk.reached_by(written).await;
        reached.map_err(|error| error_of(&self.inner.folder, error))
    }
}

impl fmt::Display for DirectoryQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.folder.display())
    }
}

#[async_trait]
impl Queue for DirectoryQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let count = messages.len();
        match self.send_all(messages).await {
            Ok(results) => results
                .into_iter()
                .map(|result| result.map_err(|failure| self.error_of(failure)))
                .collect(),
            Err(error) => vec![Err(error); count],
        }
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        let until = Instant::now() + options.wait;
        let (max, visibility) = (options.max, options.visibility.unwrap_or(VISIBILITY));
        loop {
            let taken = self
                .blocking(move |inner| inner.take(max, visibility))
                .await?;
            if !taken.is_empty() || Instant::now() >= until {
                return Ok(taken);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::with_capacity(receipts.len());
        for receipt in receipts {
            let receipt = receipt.clone();
            results.push(self.blocking(move |inner| inner.delete(&receipt)).await);
        }
        results
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        let receipt = receipt.clone();
        self.blocking(move |inner| inner.set_visibility(&receipt, timeout))
            .await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        self.blocking(Inner::depth).await
    }

    async fn oldest(&self) -> Result<Option<SystemTime>, QueueError> {
        self.blocking(Inner::oldest).await
    }
}
