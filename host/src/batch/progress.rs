//! The objects of a message that are done, while others of it are not.
//!
//! A message of many objects may need more time than it is given. When it is
//! handed out again, the work goes on where it ended instead of beginning anew.
//! The memory saves work and no more: in another process, or after
//! many other messages, the work is done twice and comes to the same.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::object::Location;
use crate::report::{MessageReport, ObjectReport};

/// The most messages that are remembered: more than a process has in hand at
/// one time, and little memory even if each is as long as a queue allows.
const MESSAGES: usize = 64;

/// The done objects of messages that are not done, the oldest message first.
#[derive(Debug, Default)]
pub(super) struct Progress {
    messages: Mutex<VecDeque<(String, HashSet<Location>)>>,
}

impl Progress {
    /// The objects of the message `id` that were done before.
    pub(super) fn of(&self, id: &str) -> HashSet<Location> {
        let messages = self.all();
        let found = messages.iter().find(|(known, _)| known == id);
        found.map(|(_, done)| done.clone()).unwrap_or_default()
    }

    /// Note what is done of a message, or forget one that may leave its queue.
    pub(super) fn note(&self, report: &MessageReport) {
        let mut messages = self.all();
        messages.retain(|(known, _)| *known != report.id);
        if report.may_leave() || report.objects.len() < 2 {
            return;
        }
        let done =
            |object: &ObjectReport| object.location.clone().filter(|_| object.result.is_ok());
        let done: HashSet<Location> = report.objects.iter().filter_map(done).collect();
        if done.is_empty() {
            return;
        }
        while messages.len() >= MESSAGES {
            messages.pop_front();
        }
        messages.push_back((report.id.clone(), done));
    }

    fn all(&self) -> MutexGuard<'_, VecDeque<(String, HashSet<Location>)>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ports::Message;
    use crate::report::Outcome;

    fn report(id: &str, results: [Result<Outcome, Error>; 2]) -> MessageReport {
        let objects = results
            .into_iter()
            .enumerate()
            .map(|(key, result)| ObjectReport {
                location: Some(Location::new("images", key.to_string())),
                result,
                took: Default::default(),
            });
        MessageReport::new(&Message::direct(id, ""), objects.collect())
    }

    #[test]
    fn only_a_bounded_number_of_messages_is_remembered_and_none_that_is_done() {
        let progress = Progress::default();
        for id in 0..MESSAGES + 10 {
            let half = [Ok(Outcome::default()), Err(Error::OutOfTime)];
            progress.note(&report(&id.to_string(), half));
        }
        assert_eq!(progress.all().len(), MESSAGES);
        let (last, none) = ((MESSAGES + 9).to_string(), HashSet::new());
        assert_eq!(progress.of(&last), [Location::new("images", "0")].into());
        assert_eq!(progress.of("0"), none);
        let whole = [Ok(Outcome::default()), Ok(Outcome::default())];
        progress.note(&report(&last, whole));
        assert_eq!(progress.of(&last), none);
    }
}
