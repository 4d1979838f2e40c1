//! Channels: documents that name the live engine. Nothing else in an engine store
//! ever changes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::text::printable;
use crate::trust::{Digest, Document};

/// Weight of a canary that serves all objects.
pub const WHOLE: u16 = 1_000;

/// Names the engines that are live for the hosts that follow it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Channel {
    /// Its own name, so that it cannot be passed off as another.
    pub channel: ChannelName,
    /// Goes up with each change and never down, so that an old document cannot
    /// be passed off as news.
    pub serial: u64,
    /// Time of the change, in seconds since 1970.
    pub changed: u64,
    /// The engine that is live.
    pub current: Reference,
    /// The one before, which a roll back brings back.
    #[serde(default)]
    pub previous: Option<Reference>,
    /// The one that is tried.
    #[serde(default)]
    pub canary: Option<Canary>,
}

/// Names a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The digest of the release's envelope.
    pub release: Digest,
    /// The digest of the portable component: the name it goes by in thumbnails.
    pub engine: Digest,
    /// Name that the engine gives itself, for people.
    pub name: String,
    /// Version that the engine gives itself, for people.
    pub version: String,
}

/// An engine that serves a share of the objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canary {
    /// The engine.
    #[serde(flatten)]
    pub engine: Reference,
    /// Number of objects that it serves, of [`WHOLE`].
    pub weight: u16,
    /// Seed of the choice: another salt chooses other objects of the same share.
    pub salt: String,
}

/// The name of a channel.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelName(String);

/// A text cannot be the name of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name of a channel has 1 to 64 letters, digits, `-`, `_` and begins with a letter")]
pub struct NotAChannelName;

/// Reason why a channel cannot be changed in this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoChange {
    /// The engine is live already.
    #[error("that engine is live already")]
    Live,
    /// There is no channel to be changed.
    #[error("there is no such channel; promote an engine first")]
    NoChannel,
    /// There is nothing to go back to.
    #[error("there is no engine before this one; promote another instead")]
    NoPrevious,
    /// There is no canary to take away.
    #[error("there is no canary")]
    NoCanary,
    /// The share makes no sense.
    #[error("the weight of a canary is from 1 to {WHOLE}")]
    Weight,
}

impl Document for Channel {
    const KIND: &'static str = "channel";
}

impl Channel {
    /// A channel whose first engine this is.
    pub fn begin(channel: ChannelName, current: Reference, now: u64) -> Self {
        Self {
            channel,
            serial: 1,
            changed: now,
            current,
            previous: None,
            canary: None,
        }
    }

    /// Make `engine` the one that is live. What was tried is not any more.
    ///
    /// # Errors
    /// If it is live already.
    pub fn promote(&self, engine: Reference, now: u64) -> Result<Self, NoChange> {
        if engine.release == self.current.release {
            return Err(NoChange::Live);
        }
        Ok(Self {
            previous: Some(self.current.clone()),
            current: engine,
            canary: None,
            ..self.next(now)
        })
    }

    /// Go back to the engine before. What was tried is not any more.
    ///
    /// # Errors
    /// If there is none.
    pub fn roll_back(&self, now: u64) -> Result<Self, NoChange> {
        let previous = self.previous.clone().ok_or(NoChange::NoPrevious)?;
        Ok(Self {
            previous: Some(self.current.clone()),
            current: previous,
            canary: None,
            ..self.next(now)
        })
    }

    /// Try `engine` on `weight` of [`WHOLE`] objects.
    ///
    /// # Errors
    /// If it is live already, or the weight makes no sense.
    pub fn try_out(&self, engine: Reference, weight: u16, now: u64) -> Result<Self, NoChange> {
        if engine.release == self.current.release {
            return Err(NoChange::Live);
        }
        if !(1..=WHOLE).contains(&weight) {
            return Err(NoChange::Weight);
        }
        let next = self.next(now);
        // A larger share of the same engine contains the smaller one.
        let same = self
            .canary
            .as_ref()
            .filter(|canary| canary.engine.release == engine.release);
        let salt = same.map_or_else(|| next.serial.to_string(), |canary| canary.salt.clone());
        Ok(Self {
            canary: Some(Canary {
                engine,
                weight,
                salt,
            }),
            ..next
        })
    }

    /// Try nothing.
    ///
    /// # Errors
    /// If nothing is tried.
    pub fn end_trial(&self, now: u64) -> Result<Self, NoChange> {
        self.canary.as_ref().ok_or(NoChange::NoCanary)?;
        Ok(Self {
            canary: None,
            ..self.next(now)
        })
    }

    /// Every release that it names.
    pub fn references(&self) -> impl Iterator<Item = &Reference> {
        let canary = self.canary.as_ref().map(|canary| &canary.engine);
        [&self.current]
            .into_iter()
            .chain(&self.previous)
            .chain(canary)
    }

    fn next(&self, now: u64) -> Self {
        Self {
            serial: self.serial.saturating_add(1),
            changed: now,
            ..self.clone()
        }
    }
}

impl Canary {
    /// True if it serves the object of this key. Always the same answer, so that
    /// a retry meets the engine that failed.
    pub fn serves(&self, key: &str) -> bool {
        let mut hash = Sha256::new();
        hash.update(self.salt.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        let digest: [u8; 32] = hash.finalize().into();
        let [a, b, c, d, ..] = digest;
        u32::from_be_bytes([a, b, c, d]) % u32::from(WHOLE) < u32::from(self.weight)
    }
}

impl ChannelName {
    /// The name of the channel that hosts follow unless they are told of another.
    pub const DEFAULT: &str = "stable";
}

impl Default for ChannelName {
    fn default() -> Self {
        Self(Self::DEFAULT.to_owned())
    }
}

impl FromStr for ChannelName {
    type Err = NotAChannelName;

    fn from_str(text: &str) -> Result<Self, NotAChannelName> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for ChannelName {
    type Error = NotAChannelName;

    fn try_from(text: String) -> Result<Self, NotAChannelName> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let begins = text.starts_with(|first: char| first.is_ascii_alphabetic());
        if begins && text.len() <= 64 && text.bytes().all(plain) {
            Ok(Self(text))
        } else {
            Err(NotAChannelName)
        }
    }
}

impl From<ChannelName> for String {
    fn from(name: ChannelName) -> Self {
        name.0
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = self.engine.to_string();
        let short = digest.get(..12).unwrap_or(&digest);
        let (name, version) = (printable(&self.name), printable(&self.version));
        write!(f, "{name} {version} ({short})")
    }
}
