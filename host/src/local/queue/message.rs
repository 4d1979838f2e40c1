//! A message as a file: what it says inside, what becomes of it in its name.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::local::nonce;
use crate::object::ETag;
use crate::ports::{Attributes, Message, Outgoing, Receipt};

/// Content of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) body: String,
    #[serde(default)]
    pub(super) attributes: Attributes,
}

impl From<Outgoing> for Content {
    fn from(outgoing: Outgoing) -> Self {
        Self {
            body: outgoing.body,
            attributes: outgoing.attributes,
        }
    }
}

impl Content {
    /// The message of this content and name.
    pub(super) fn message(self, name: &Name) -> Message {
        Message {
            id: name.id.clone(),
            receipt: name.receipt(),
            body: self.body,
            attributes: self.attributes,
            receive_count: name.received,
            sent: name.sent(),
        }
    }
}

/// State of a message: in hand or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It waits to be received.
    Ready,
    /// It was received and not given back. It may be visible again.
    Taken,
}

/// The name of the file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Send time, a number of the sender's own and its sequence number; sorts by time.
    pub(super) id: String,
    /// The digest of its token.
    pub(super) token: Option<String>,
    /// Receive count.
    pub(super) received: u32,
    /// Number of times that the process that had it ended.
    pub(super) interruptions: u32,
    pub(super) phase: Phase,
}

/// A token as it stands in a name.
pub(super) fn token(token: &str) -> String {
    ETag::of(token.as_bytes())
        .as_str()
        .chars()
        .take(16)
        .collect()
}

impl Name {
    /// The name of a message that is sent now.
    pub(super) fn new(now: SystemTime, token: Option<String>) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let milliseconds = now
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let (process, count) = (nonce() >> 32, COUNT.fetch_add(1, Ordering::Relaxed));
        let id = format!("{milliseconds:012x}-{process:08x}-{count:08x}");
        Self {
            id,
            token,
            received: 0,
            interruptions: 0,
            phase: Phase::Ready,
        }
    }

    pub(super) fn taken(&self) -> Self {
        let received = self.received.saturating_add(1);
        Self {
            received,
            phase: Phase::Taken,
            ..self.clone()
        }
    }

    pub(super) fn given_back(&self) -> Self {
        Self {
            phase: Phase::Ready,
            ..self.clone()
        }
    }

    /// The name after its process ended, which is not the fault of the message.
    pub(super) fn interrupted(&self) -> Self {
        Self {
            received: self.received.saturating_sub(1),
            interruptions: self.interruptions.saturating_add(1),
            ..self.given_back()
        }
    }

    /// Receipt for the reception that this name tells of.
    pub(super) fn receipt(&self) -> Receipt {
        Receipt(format!("{}.{}", self.id, self.received))
    }

    pub(super) fn sent(&self) -> Option<SystemTime> {
        let milliseconds = u64::from_str_radix(self.id.split('-').next()?, 16).ok()?;
        UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, received, interruptions) = (&self.id, self.received, self.interruptions);
        let token = self.token.as_deref().unwrap_or("-");
        let phase = match self.phase {
            Phase::Ready => "ready",
            Phase::Taken => "taken",
        };
        write!(f, "{id}.{token}.{received}.{interruptions}.{phase}")
    }
}

/// The name is that of no message.
#[derive(Debug)]
pub(super) struct NoName;

impl FromStr for Name {
    type Err = NoName;

    fn from_str(text: &str) -> Result<Self, NoName> {
        let parts: Vec<&str> = text.split('.').collect();
        let [id, token, received, interruptions, phase] = parts.as_slice() else {
            return Err(NoName);
        };
        Ok(Self {
            id: (*id).to_owned(),
            token: (*token != "-").then(|| (*token).to_owned()),
            received: received.parse().map_err(|_| NoName)?,
            interruptions: interruptions.parse().map_err(|_| NoName)?,
            phase: match *phase {
                "ready" => Phase::Ready,
                "taken" => Phase::Taken,
                _ => return Err(NoName),
            },
        })
    }
}
