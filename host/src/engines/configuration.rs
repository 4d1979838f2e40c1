//! The configuration file of a channel, beside its engine and signed like it.

use serde::{Deserialize, Serialize};

use super::channel::ChannelName;
use super::error::EngineStoreError;
use super::publish::Author;
use super::store::{EngineStore, Fetched, configuration_key, of_channel};
use crate::object::ETag;
use crate::ports::Condition;
use crate::trust::{Document, DocumentError, MAX_DOCUMENT, Trust};

/// A configuration file, as hosts that follow the channel read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// The channel, so that it cannot be passed off as that of another.
    pub channel: ChannelName,
    /// Goes up with each change and never down, so that an old file cannot be passed off
    /// as news.
    pub serial: u64,
    /// Time of the change, in seconds since 1970.
    pub changed: u64,
    /// The file.
    pub text: String,
}

impl Document for Configuration {
    const KIND: &'static str = "configuration";
}

impl EngineStore {
    /// Conditional get of the configuration of a channel, and the version of its object;
    /// `None` if that still is the one that is `known`.
    ///
    /// # Errors
    /// If there is none, it is not believed, or the store does not answer.
    pub async fn configuration(
        &self,
        name: &ChannelName,
        trust: &Trust,
        known: Option<&ETag>,
    ) -> Result<Option<(Configuration, ETag)>, EngineStoreError> {
        let fetched = self.fetch(&configuration_key(name), trust, known).await?;
        let (found, etag): (Configuration, _) = match fetched {
            Fetched::NotModified => return Ok(None),
            Fetched::NotFound => return Err(EngineStoreError::NoConfiguration(name.clone())),
            Fetched::Read(found, etag) => (found, etag),
        };
        of_channel(name, &found.channel)?;
        Ok(Some((found, etag)))
    }

    /// Make `text` the configuration of a channel, at the time `now`: one write, which
    /// happens only if no other was faster. Whether it is any good is the caller's to find
    /// out.
    ///
    /// # Errors
    /// [`EngineStoreError::Changed`] if somebody was; if it is too long, or the one before
    /// is not believed; or if the store does not answer, and then the change may have been
    /// made all the same.
    pub async fn configure(
        &self,
        name: &ChannelName,
        text: &str,
        author: &Author,
        now: u64,
    ) -> Result<Configuration, EngineStoreError> {
        let (serial, condition) = match self.configuration(name, author.trust(), None).await {
            Ok(Some((before, etag))) => (before.serial, Condition::IfMatch(etag)),
            Ok(None) | Err(EngineStoreError::NoConfiguration(_)) => (0, Condition::IfAbsent),
            Err(error) => return Err(error),
        };
        let configuration = Configuration {
            channel: name.clone(),
            serial: serial.saturating_add(1),
            changed: now,
            text: text.to_owned(),
        };
        let key = configuration_key(name);
        let sealed = author.seal(&key, &configuration)?;
        if sealed.len() as u64 > MAX_DOCUMENT {
            let cause = DocumentError::TooLarge;
            return Err(EngineStoreError::Document { key, cause });
        }
        self.require_conditions(&condition).await?;
        self.replace(&key, name, sealed, condition).await?;
        Ok(configuration)
    }
}
