//! A queue that is a folder: a file for each message, and no daemon.
//!
//! What a message says never changes and is written once. What changes with
//! every reception, its counts and whether somebody has it, stands in the name
//! of its file, so that each change is one rename: it has happened, or not.
//!
//! ```text
//! format                                      "thimble-queue 1"
//! owner                                       locked by who receives
//! new/                                        messages that are being written
//! messages/0001cf3a-7b1-4.a1b2c3.2.0.ready    id, token, received, interrupted, state
//! ```
//!
//! One process at a time owns a queue and receives from it. Others send to it
//! and look at it meanwhile: a message appears whole, under a name that nobody
//! else uses.
//!
//! Whatever its owner had in hand when it ended was interrupted: it is handed
//! out again at once, and the interruption does not count as a reception. A
//! process that is killed says nothing about the messages it had.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::time::Instant;

use super::files;
use crate::letter;
use crate::ports::{
    Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};

mod message;
mod state;

use message::{Content, Name, Phase};
use state::State;

/// The number of the format that this version reads and writes.
pub const FORMAT: u32 = 1;

/// How long a received message is hidden unless the receiver says.
const VISIBILITY: Duration = Duration::from_secs(60);

/// How often a waiting receiver looks again.
const POLL: Duration = Duration::from_millis(50);

/// How often a message may be interrupted before it counts as one that kills
/// its process. Many times more than a person interrupts a program, because
/// the engine's sandbox leaves an image few ways to do that.
const INTERRUPTIONS: u32 = 250;

/// When a message goes to which dead-letter queue.
#[derive(Clone, Debug)]
pub struct RedrivePolicy {
    /// How often a message is handed out.
    pub max_receive_count: u32,
    /// Where it goes instead of being handed out once more.
    pub dead_letters: Arc<DirectoryQueue>,
}

/// A durable queue in a folder.
#[derive(Debug, Clone)]
pub struct DirectoryQueue {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    messages: PathBuf,
    new: PathBuf,
    redrive: Option<RedrivePolicy>,
    /// The file whose lock says who receives. `None` if that is not us.
    owner: Option<File>,
    state: Mutex<State>,
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

    fn open(folder: &Path, redrive: Option<RedrivePolicy>, own: bool) -> Result<Self, QueueError> {
        let failed = |error| error_of(folder, error);
        let (messages, new) = (folder.join("messages"), folder.join("new"));
        fs::create_dir_all(folder).map_err(failed)?;
        check_format(folder)?;
        fs::create_dir_all(&messages).map_err(failed)?;
        fs::create_dir_all(&new).map_err(failed)?;
        let owner = if own { Some(lock(folder)?) } else { None };
        let folder = folder.to_owned();
        let inner = Inner {
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
        self.blocking(move |inner| inner.peek(most)).await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, QueueError> {
        let inner = self.inner.clone();
        match files::blocking(move || Ok(work(&inner))).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Failure::Problem(problem))) => {
                Err(QueueError::new(problem, self.inner.folder.display()))
            }
            Ok(Err(Failure::Io(error))) | Err(error) => Err(error_of(&self.inner.folder, error)),
        }
    }
}

impl fmt::Display for DirectoryQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.folder.display())
    }
}

/// What keeps a blocking call from being done.
enum Failure {
    Problem(QueueProblem),
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<QueueProblem> for Failure {
    fn from(problem: QueueProblem) -> Self {
        Self::Problem(problem)
    }
}

/// What an error of the file system means for whoever uses a queue.
fn error_of(folder: &Path, error: io::Error) -> QueueError {
    let problem = match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => QueueProblem::Denied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => QueueProblem::Full,
        ErrorKind::NotFound => QueueProblem::Missing,
        _ => QueueProblem::Unavailable,
    };
    QueueError::new(problem, folder.display()).because(error)
}

/// Check that `folder` is of a format that can be read, or make it so if it is
/// new.
fn check_format(folder: &Path) -> Result<(), QueueError> {
    let path = folder.join("format");
    let unusable = |why: String| QueueError::new(QueueProblem::Unusable(why), folder.display());
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let line = format!("thimble-queue {FORMAT}\n");
            let written = files::HalfWritten::write(folder, line.as_bytes(), true)
                .and_then(|file| file.rename(&path));
            return written.map_err(|error| error_of(folder, error));
        }
        Err(error) => return Err(error_of(folder, error)),
    };
    let number = text
        .trim()
        .strip_prefix("thimble-queue ")
        .and_then(|text| text.parse::<u32>().ok());
    match number {
        Some(FORMAT) => Ok(()),
        Some(newer) if newer > FORMAT => Err(unusable(format!(
            "a newer version of Thimble wrote it (format {newer}, and this one reads {FORMAT}); \
             use that version, or empty the queue with it"
        ))),
        _ => Err(unusable(
            "its file `format` does not say that it is a queue of Thimble".into(),
        )),
    }
}

/// Become the one process that receives from the queue in `folder`.
fn lock(folder: &Path) -> Result<File, QueueError> {
    let open = || {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("owner"))
    };
    let file = open().map_err(|error| error_of(folder, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            let why = "another process works on it; stop that one first".to_owned();
            Err(QueueError::new(
                QueueProblem::Unusable(why),
                folder.display(),
            ))
        }
        Err(fs::TryLockError::Error(error)) => Err(error_of(folder, error)),
    }
}

impl Inner {
    /// No call leaves the state torn, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_owner(&self) -> bool {
        self.owner.is_some()
    }

    /// Learn what there is. What an earlier owner had in hand was interrupted.
    fn begin(&self) -> io::Result<()> {
        let mut state = self.lock();
        state.refresh(&self.messages, self.is_owner())?;
        if !self.is_owner() {
            return Ok(());
        }
        files::sweep(&self.new, Duration::from_secs(3_600))?;
        for name in state
            .names()
            .filter(|name| name.phase == Phase::Taken)
            .cloned()
            .collect::<Vec<_>>()
        {
            self.rename(&mut state, &name, name.interrupted())?;
        }
        Ok(())
    }

    /// Give the file of a message another name.
    fn rename(&self, state: &mut State, from: &Name, to: Name) -> io::Result<()> {
        fs::rename(
            self.messages.join(from.to_string()),
            self.messages.join(to.to_string()),
        )?;
        state.replace(from, to);
        Ok(())
    }

    fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, Failure>> {
        let mut state = self.lock();
        if !self.is_owner()
            && let Err(error) = state.refresh(&self.messages, false)
        {
            tracing::warn!(error = %error, "a queue could not be looked at");
        }
        let results: Vec<Result<String, Failure>> = messages
            .into_iter()
            .map(|outgoing| self.accept(&mut state, outgoing))
            .collect();
        match files::sync_folder(&self.messages) {
            Ok(()) => results,
            Err(error) => results
                .iter()
                .map(|_| Err(Failure::Io(error.kind().into())))
                .collect(),
        }
    }

    /// Write one message. If another of its token waits and says the same, that
    /// is enough; if it says something else, it is replaced.
    fn accept(&self, state: &mut State, outgoing: Outgoing) -> Result<String, Failure> {
        let token = outgoing.token.as_deref().map(message::token);
        let waiting = token
            .as_deref()
            .and_then(|token| state.waiting(token))
            .cloned();
        let content = Content::from(outgoing);
        if let Some(name) = &waiting
            && self.content(name).is_ok_and(|known| known == content)
        {
            return Ok(name.id.clone());
        }
        let name = Name::new(SystemTime::now(), token);
        let bytes = serde_json::to_vec(&content).map_err(io::Error::from)?;
        files::HalfWritten::write(&self.new, &bytes, true)?
            .rename(&self.messages.join(name.to_string()))?;
        let id = name.id.clone();
        state.insert(name);
        if let Some(name) = waiting {
            self.remove(state, &name)?;
        }
        Ok(id)
    }

    fn remove(&self, state: &mut State, name: &Name) -> io::Result<()> {
        match fs::remove_file(self.messages.join(name.to_string())) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => state.remove(name),
        }
        Ok(())
    }

    fn content(&self, name: &Name) -> io::Result<Content> {
        let bytes = fs::read(self.messages.join(name.to_string()))?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn take(&self, max: usize, visibility: Duration) -> Result<Vec<Message>, Failure> {
        if !self.is_owner() {
            let why = "it was opened to look at, not to receive from".to_owned();
            return Err(QueueProblem::Unusable(why).into());
        }
        let mut state = self.lock();
        if state.is_stale() {
            state.refresh(&self.messages, true)?;
        }
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(name) = state.next_visible(Instant::now()).cloned() else {
                break;
            };
            match self.take_one(&mut state, &name, visibility) {
                Ok(message) => taken.extend(message),
                // Who has something in hand already gets it.
                Err(_) if !taken.is_empty() => break,
                Err(failure) => return Err(failure),
            }
        }
        Ok(taken)
    }

    /// Take one message; nothing if it was taken away instead.
    fn take_one(
        &self,
        state: &mut State,
        name: &Name,
        visibility: Duration,
    ) -> Result<Option<Message>, Failure> {
        let content = match self.content(name) {
            Ok(content) => content,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                state.remove(name);
                return Ok(None);
            }
            // It cannot be read, and is not worth more: that it is there may be
            // all that is known. It becomes a dead letter below, as it is.
            Err(error) if error.kind() == ErrorKind::InvalidData || is_syntax(&error) => {
                return self.set_aside(state, name).map(|()| None);
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(policy) = &self.redrive
            && (name.received >= policy.max_receive_count || name.interruptions >= INTERRUPTIONS)
        {
            let count = name.received.max(name.interruptions);
            let letter = Outgoing {
                attributes: letter::exhausted(content.attributes, &name.id, count),
                body: content.body,
                token: Some(name.id.clone()),
            };
            for sent in policy.dead_letters.inner.send(vec![letter]) {
                sent?;
            }
            self.remove(state, name)?;
            return Ok(None);
        }
        let taken = name.taken();
        self.rename(state, name, taken.clone())?;
        state.hide(&taken, Instant::now() + visibility);
        Ok(Some(content.message(&taken)))
    }

    /// Put a file that is no message where it disturbs nobody.
    fn set_aside(&self, state: &mut State, name: &Name) -> Result<(), Failure> {
        let aside = self.folder.join("unreadable");
        fs::create_dir_all(&aside)?;
        fs::rename(
            self.messages.join(name.to_string()),
            aside.join(name.to_string()),
        )?;
        tracing::error!(message.id = name.id, folder = %aside.display(), "a message could not be read and was set aside");
        state.remove(name);
        Ok(())
    }

    fn delete(&self, receipt: &Receipt) -> Result<(), Failure> {
        let mut state = self.lock();
        let name = state.of_receipt(receipt)?.clone();
        Ok(self.remove(&mut state, &name)?)
    }

    fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), Failure> {
        let mut state = self.lock();
        let name = state.of_receipt(receipt)?.clone();
        if timeout.is_zero() {
            self.rename(&mut state, &name, name.given_back())?;
        } else {
            state.hide(&name, Instant::now() + timeout);
        }
        Ok(())
    }

    fn peek(&self, most: usize) -> Result<Vec<Message>, Failure> {
        let mut state = self.lock();
        if !self.is_owner() {
            state.refresh(&self.messages, false)?;
        }
        let mut messages = Vec::new();
        for name in state.names() {
            if messages.len() == most {
                break;
            }
            // It may be gone, or have another name, by now.
            if let Ok(content) = self.content(name) {
                messages.push(content.message(name));
            }
        }
        Ok(messages)
    }

    fn depth(&self) -> Result<Depth, Failure> {
        let mut state = self.lock();
        state.refresh(&self.messages, self.is_owner())?;
        let now = Instant::now();
        let visible = state.held().filter(|held| held.is_visible(now)).count() as u64;
        Ok(Depth {
            visible,
            in_flight: state.held().count() as u64 - visible,
        })
    }
}

/// Whether what was read is no JSON, rather than not read at all.
fn is_syntax(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<serde_json::Error>())
}

#[async_trait]
impl Queue for DirectoryQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let count = messages.len();
        let sent = self.blocking(move |inner| Ok(inner.send(messages))).await;
        let result = |result: Result<String, Failure>| match result {
            Ok(id) => Ok(id),
            Err(Failure::Problem(problem)) => {
                Err(QueueError::new(problem, self.inner.folder.display()))
            }
            Err(Failure::Io(error)) => Err(error_of(&self.inner.folder, error)),
        };
        match sent {
            Ok(results) => results.into_iter().map(result).collect(),
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
}
