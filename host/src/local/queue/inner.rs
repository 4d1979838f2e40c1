//! Blocking work on the files of a queue.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::RedrivePolicy;
use super::message::{Content, Name, Phase};
use super::state::State;
use crate::letter;
use crate::local::disk::Disk;
use crate::local::files::{self, nonce};
use crate::ports::{Depth, Message, Outgoing, QueueProblem, Receipt};
use crate::text::printable;

/// Interruptions after which a message counts as one that kills its process. Many
/// times more than a person interrupts a program, because the engine's sandbox
/// leaves an image few ways to do that.
const INTERRUPTIONS: u32 = 250;

/// Attempts to remove a message whose name its owner changes at the same time.
const WITHDRAWALS: usize = 4;

/// A queue, as its process knows it.
#[derive(Debug)]
pub(super) struct Inner {
    pub(super) folder: PathBuf,
    pub(super) messages: PathBuf,
    pub(super) new: PathBuf,
    pub(super) redrive: Option<RedrivePolicy>,
    /// The file whose lock says who receives. `None` if that is not us.
    pub(super) owner: Option<File>,
    pub(super) state: Mutex<State>,
    pub(super) disk: Disk,
}

pub(super) type Failure = files::Failure<QueueProblem>;

/// Result of a look at a queue.
#[derive(Debug)]
pub(in crate::local) struct Listed {
    /// The ids of all messages.
    pub(in crate::local) ids: HashSet<String>,
    /// The messages that were not known before, as far as they could be read.
    pub(in crate::local) unknown: Vec<Message>,
    /// False if another look may read more of them.
    pub(in crate::local) are_all_read: bool,
}

impl From<QueueProblem> for Failure {
    fn from(problem: QueueProblem) -> Self {
        Self::Problem(problem)
    }
}

impl Inner {
    /// No call leaves the state torn, so a panic elsewhere spoils nothing.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_owner(&self) -> bool {
        self.owner.is_some()
    }

    /// Learn what there is. What an earlier owner had in hand was interrupted.
    pub(super) fn begin(&self) -> io::Result<()> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
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

    /// Look at the folder. Its owner puts away what is no message.
    fn refresh(&self, state: &mut State) -> io::Result<()> {
        state.refresh(&self.messages, self.is_owner())?;
        if self.is_owner() {
            for file in state.take_odd() {
                self.put_away(&file)?;
            }
        }
        Ok(())
    }

    /// Give the file of a message another name. False if it is gone: others withdraw what
    /// nobody has to work on any more.
    fn rename(&self, state: &mut State, from: &Name, to: Name) -> io::Result<bool> {
        let renamed = files::rename(
            &self.messages.join(from.to_string()),
            &self.messages.join(to.to_string()),
        );
        match renamed {
            Err(error) if error.kind() == ErrorKind::NotFound && self.messages.is_dir() => {
                state.remove(from);
                Ok(false)
            }
            renamed => {
                renamed?;
                state.replace(from, to);
                Ok(true)
            }
        }
    }

    /// Remove the file of a message. False if there is none of that name any more.
    pub(super) fn remove(&self, state: &mut State, name: &Name) -> io::Result<bool> {
        let removed = files::remove(&self.messages.join(name.to_string()));
        match &removed {
            Err(error) if error.kind() != ErrorKind::NotFound => removed.map(|()| true),
            _ => {
                state.remove(name);
                Ok(removed.is_ok())
            }
        }
    }

    pub(super) fn content(&self, name: &Name) -> io::Result<Content> {
        let bytes = fs::read(self.messages.join(name.to_string()))?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    pub(super) fn take(&self, max: usize, visibility: Duration) -> Result<Vec<Message>, Failure> {
        if !self.is_owner() {
            let why = "it was opened to look at, not to receive from".to_owned();
            return Err(QueueProblem::Unusable(why).into());
        }
        let mut state = self.lock();
        if state.is_stale() {
            self.refresh(&mut state)?;
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
            Err(error) if is_unreadable(&error) => {
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
                ..Outgoing::default()
            };
            policy.dead_letters.inner.send_now(letter)?;
            self.remove(state, name)?;
            return Ok(None);
        }
        let taken = name.taken();
        if !self.rename(state, name, taken.clone())? {
            return Ok(None);
        }
        state.hide(&taken, Instant::now() + visibility);
        Ok(Some(content.message(&taken)))
    }

    /// Put a file that is no message out of the way.
    fn set_aside(&self, state: &mut State, name: &Name) -> Result<(), Failure> {
        self.put_away(name.to_string().as_ref())?;
        state.remove(name);
        Ok(())
    }

    /// Move something out of the folder of the messages, and tell of it.
    fn put_away(&self, file: &OsStr) -> io::Result<()> {
        let aside = self.folder.join("unreadable");
        files::make_folders(&aside)?;
        // Under its own name, unless that is taken.
        let mut place = aside.join(file);
        if fs::symlink_metadata(&place).is_ok() {
            place = aside.join(format!("{:016x}-{}", nonce(), file.to_string_lossy()));
        }
        match files::rename(&self.messages.join(file), &place) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        tracing::error!(file = %printable(place.display()), "what could not be read as a message was set aside");
        Ok(())
    }

    pub(super) fn delete(&self, receipt: &Receipt) -> Result<(), Failure> {
        let mut state = self.lock();
        let name = state.of_receipt(receipt)?.clone();
        self.remove(&mut state, &name)?;
        Ok(())
    }

    pub(super) fn set_visibility(
        &self,
        receipt: &Receipt,
        timeout: Duration,
    ) -> Result<(), Failure> {
        let mut state = self.lock();
        let name = state.of_receipt(receipt)?.clone();
        if timeout.is_zero() {
            self.rename(&mut state, &name, name.given_back())?;
        } else {
            state.hide(&name, Instant::now() + timeout);
        }
        Ok(())
    }

    pub(super) fn peek(&self, skipped: usize, most: usize) -> Result<Vec<Message>, Failure> {
        let mut state = self.lock();
        if !self.is_owner() {
            state.refresh(&self.messages, false)?;
        }
        let mut messages = Vec::new();
        for name in state.names().skip(skipped) {
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

    /// The `most` messages that come first by what `order` says of them.
    #[cfg(feature = "cli")]
    pub(super) fn peek_first<K: Ord>(
        &self,
        most: usize,
        order: impl Fn(&Message) -> K,
    ) -> Result<Vec<Message>, Failure> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        let mut first = std::collections::BTreeMap::new();
        for name in state.names() {
            // It may be gone, or have another name, by now.
            let Ok(content) = self.content(name) else {
                continue;
            };
            let message = content.message(name);
            first.insert((order(&message), name.id.clone()), message);
            if first.len() > most {
                first.pop_last();
            }
        }
        Ok(first.into_values().collect())
    }

    /// The messages whose ids are not `known`, and the ids of all.
    pub(super) fn unknown(&self, known: &HashSet<String>) -> Result<Listed, Failure> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        let mut listed = Listed {
            ids: state.names().map(|name| name.id.clone()).collect(),
            unknown: Vec::new(),
            are_all_read: true,
        };
        let unknown = state.names().filter(|name| !known.contains(&name.id));
        let unknown: Vec<Name> = unknown.cloned().collect();
        // Nobody has to wait for them to be read.
        drop(state);
        for name in &unknown {
            match self.content(name) {
                Ok(content) => listed.unknown.push(content.message(name)),
                // It is no message, and nothing makes it one.
                Err(error) if is_unreadable(&error) => {}
                // It is gone, or has another name by now, or the disk fails.
                Err(_) => listed.are_all_read = false,
            }
        }
        Ok(listed)
    }

    /// Remove the messages called `ids`, whoever has them in hand. Returns the ids of those
    /// that were, and whether all are gone: false if some of them are there still, under
    /// other names than a moment ago.
    pub(super) fn withdraw(
        &self,
        ids: &HashSet<String>,
    ) -> (HashSet<String>, Result<bool, Failure>) {
        let mut removed = HashSet::new();
        let are_gone = self.withdraw_all(ids, &mut removed);
        (removed, are_gone.map_err(Failure::Io))
    }

    fn withdraw_all(
        &self,
        ids: &HashSet<String>,
        removed: &mut HashSet<String>,
    ) -> io::Result<bool> {
        let mut state = self.lock();
        for _ in 0..WITHDRAWALS {
            self.refresh(&mut state)?;
            let names = state.names().filter(|name| ids.contains(&name.id));
            let names: Vec<Name> = names.cloned().collect();
            if names.is_empty() {
                return Ok(true);
            }
            for name in names {
                if self.remove(&mut state, &name)? {
                    removed.insert(name.id);
                }
            }
        }
        Ok(false)
    }

    pub(super) fn depth(&self) -> Result<Depth, Failure> {
        let mut state = self.lock();
        self.refresh(&mut state)?;
        let now = Instant::now();
        let visible = state.held().filter(|held| held.is_visible(now)).count() as u64;
        Ok(Depth {
            visible,
            in_flight: state.held().count() as u64 - visible,
        })
    }

    /// Send time of the oldest of the messages that the last look found.
    pub(super) fn oldest(&self) -> Result<Option<SystemTime>, Failure> {
        let state = self.lock();
        Ok(state.names().filter_map(Name::sent).min())
    }
}

/// True if nothing but another file would help: it is no text, no JSON, or not for this
/// user to read.
fn is_unreadable(error: &io::Error) -> bool {
    let is_syntax = error
        .get_ref()
        .is_some_and(|inner| inner.is::<serde_json::Error>());
    let kinds = [ErrorKind::InvalidData, ErrorKind::PermissionDenied];
    is_syntax || kinds.contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_this_user_may_not_read_is_put_away_and_a_failing_disk_is_not() {
        let syntax = serde_json::from_str::<u8>("{").unwrap_err();
        assert!(is_unreadable(&syntax.into()));
        assert!(is_unreadable(&ErrorKind::PermissionDenied.into()));
        assert!(is_unreadable(&ErrorKind::InvalidData.into()));
        for kind in [
            ErrorKind::Other,
            ErrorKind::TimedOut,
            ErrorKind::StorageFull,
        ] {
            assert!(!is_unreadable(&kind.into()), "{kind}");
        }
    }
}
