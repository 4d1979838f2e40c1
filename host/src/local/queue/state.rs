//! A process's knowledge of the files of a queue.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::message::{Name, Phase};
use crate::ports::{QueueProblem, Receipt};

/// Age of that knowledge at which a receiver looks at the folder again, for
/// messages that other processes sent.
const STALE: Duration = Duration::from_millis(500);

/// Messages are handed out in the order they were sent, but those that were
/// interrupted come last: should one of them be at fault, the others are done
/// before it is met again.
type Place = (u32, String);

/// A message and for how long it is hidden.
#[derive(Debug)]
pub(super) struct Held {
    name: Name,
    hidden_until: Option<Instant>,
    /// Another process may have it: then only its name tells.
    ours: bool,
}

impl Held {
    pub(super) fn is_visible(&self, now: Instant) -> bool {
        match self.hidden_until {
            Some(until) => until <= now,
            None => self.ours || self.name.phase == Phase::Ready,
        }
    }
}

/// About 200 bytes a message, and no bodies.
#[derive(Debug, Default)]
pub(super) struct State {
    held: BTreeMap<Place, Held>,
    places: HashMap<String, Place>,
    tokens: HashMap<String, String>,
    looked: Option<Instant>,
    /// Files that are no messages, as of the last look.
    odd: Vec<OsString>,
}

impl State {
    /// Look at the folder. An owner learns what others have sent; any other
    /// process learns all anew, because the owner changes names all the time.
    pub(super) fn refresh(&mut self, folder: &Path, owner: bool) -> io::Result<()> {
        if !owner {
            *self = Self::default();
        }
        self.looked = Some(Instant::now());
        self.odd.clear();
        let mut seen = HashSet::new();
        for entry in fs::read_dir(folder)? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            let file = entry.file_name();
            let name = file.to_str().and_then(|text| text.parse::<Name>().ok());
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            let name = match name {
                Some(name) if is_file && file == *name.to_string() => name,
                // A file of that name would not be found again by it, a folder is no
                // message, and a pipe would be read for ever.
                Some(_) => {
                    self.odd.push(file);
                    continue;
                }
                None if !is_file => {
                    self.odd.push(file);
                    continue;
                }
                // What has another kind of name is none of ours.
                None => continue,
            };
            seen.insert(name.id.clone());
            if !self.places.contains_key(&name.id) {
                self.insert_held(Held {
                    name,
                    hidden_until: None,
                    ours: owner,
                });
            }
        }
        let gone: Vec<Name> = self
            .names()
            .filter(|name| !seen.contains(&name.id))
            .cloned()
            .collect();
        for name in gone {
            self.remove(&name);
        }
        Ok(())
    }

    /// Take the names of what is no message although it is among them.
    pub(super) fn take_odd(&mut self) -> Vec<OsString> {
        std::mem::take(&mut self.odd)
    }

    pub(super) fn is_stale(&self) -> bool {
        self.looked.is_none_or(|looked| looked.elapsed() > STALE)
    }

    /// The names of all messages, in the order they are handed out.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.held.values().map(|held| &held.name)
    }

    pub(super) fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.values()
    }

    pub(super) fn insert(&mut self, name: Name) {
        self.insert_held(Held {
            name,
            hidden_until: None,
            ours: true,
        });
    }

    fn insert_held(&mut self, held: Held) {
        let place = (held.name.interruptions, held.name.id.clone());
        if let Some(token) = &held.name.token {
            self.tokens.insert(token.clone(), held.name.id.clone());
        }
        self.places.insert(held.name.id.clone(), place.clone());
        self.held.insert(place, held);
    }

    pub(super) fn remove(&mut self, name: &Name) {
        if let Some(place) = self.places.remove(&name.id) {
            self.held.remove(&place);
        }
        if let Some(token) = &name.token
            && self.tokens.get(token) == Some(&name.id)
        {
            self.tokens.remove(token);
        }
    }

    /// A message has another name now, and is visible.
    pub(super) fn replace(&mut self, from: &Name, to: Name) {
        self.remove(from);
        self.insert(to);
    }

    pub(super) fn hide(&mut self, name: &Name, until: Instant) {
        let place = self.places.get(&name.id);
        if let Some(held) = place.and_then(|place| self.held.get_mut(place)) {
            held.hidden_until = Some(until);
        }
    }

    pub(super) fn next_visible(&self, now: Instant) -> Option<&Name> {
        self.held()
            .find(|held| held.is_visible(now))
            .map(|held| &held.name)
    }

    /// The message of this token that waits and was not received, if there is
    /// one: who has received one may not see what this one is about.
    pub(super) fn waiting(&self, token: &str) -> Option<&Name> {
        let place = self.places.get(self.tokens.get(token)?)?;
        let held = self.held.get(place)?;
        (held.name.phase == Phase::Ready && held.hidden_until.is_none()).then_some(&held.name)
    }

    /// The message that a receipt still stands for.
    pub(super) fn of_receipt(&self, receipt: &Receipt) -> Result<&Name, QueueProblem> {
        let id = receipt.0.rsplit_once('.').map_or("", |(id, _)| id);
        let held = self.places.get(id).and_then(|place| self.held.get(place));
        match held {
            Some(held) if held.name.receipt() == *receipt => Ok(&held.name),
            _ => Err(QueueProblem::StaleReceipt),
        }
    }
}
