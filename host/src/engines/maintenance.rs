//! Maintenance of an engine store: a check of all that it holds, and the removal
//! of garbage.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::channel::ChannelName;
use super::error::EngineStoreError;
use super::store::{
    CHANNELS, COMPILED, CONFIGURATIONS, ChannelFetch, ENGINES, EngineStore, RELEASES, code_key,
    release_key, wasm_key,
};
use crate::trust::{Digest, DocumentError, Release, Trust};

/// Something in a store that is not as it should be.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The object that was checked.
    pub what: String,
    /// The problem.
    pub problem: EngineStoreError,
}

/// An object that nothing refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Garbage {
    /// Its key in the store.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

/// Objects that are kept although no channel refers to them.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// So many of the newest releases.
    pub releases: usize,
    /// Grace period: everything younger is kept, because it may be about to be
    /// published.
    pub age: Duration,
}

impl EngineStore {
    /// The names of all channels.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn channels(&self) -> Result<Vec<ChannelName>, EngineStoreError> {
        let name = |key: &str| {
            let name = key.strip_prefix(CHANNELS)?.strip_suffix(".json")?;
            name.parse().ok()
        };
        let listed = self.list(CHANNELS).await?;
        Ok(listed
            .iter()
            .filter_map(|listed| name(&listed.key))
            .collect())
    }

    /// Read everything, and say what is wrong with it.
    ///
    /// # Errors
    /// If the store does not even list what it holds.
    pub async fn check(&self, trust: &Trust) -> Result<Vec<Finding>, EngineStoreError> {
        let mut findings = Vec::new();
        let mut note = |what: String, result: Result<(), EngineStoreError>| {
            findings.extend(result.err().map(|problem| Finding { what, problem }));
        };
        for name in self.channels().await? {
            let checked = self.check_channel(&name, trust).await;
            note(format!("channel {name}"), checked);
        }
        for listed in self.list(CONFIGURATIONS).await? {
            let checked = self.check_configuration(&listed.key, trust).await;
            note(listed.key, checked);
        }
        for digest in self.release_digests().await? {
            let checked = self.check_release(digest, trust).await;
            note(release_key(digest), checked);
        }
        Ok(findings)
    }

    async fn check_channel(
        &self,
        name: &ChannelName,
        trust: &Trust,
    ) -> Result<(), EngineStoreError> {
        if let ChannelFetch::Read(read) = self.fetch_channel(name, trust, None).await? {
            for reference in read.channel.references() {
                let release = self.release(reference, trust).await?;
                self.require(release.get()).await?;
            }
        }
        Ok(())
    }

    async fn check_configuration(&self, key: &str, trust: &Trust) -> Result<(), EngineStoreError> {
        let name = key.strip_prefix(CONFIGURATIONS);
        let name = name.and_then(|name| name.strip_suffix(".json")?.parse().ok());
        match name {
            Some(name) => self.configuration(&name, trust, None).await.map(drop),
            // Whatever it is, no host reads it.
            None => Ok(()),
        }
    }

    async fn check_release(&self, digest: Digest, trust: &Trust) -> Result<(), EngineStoreError> {
        let release = self.release_called(digest, trust).await?;
        let release = release.get();
        self.wasm(&release.wasm).await?;
        for form in &release.compiled {
            self.code(&form.code).await?;
        }
        Ok(())
    }

    /// Objects that no channel or recent release refers to and that are older
    /// than the grace period; releases before what they refer to.
    ///
    /// # Errors
    /// If a channel cannot be read, or a release was written by a later version:
    /// what such a one refers to is not known.
    pub async fn garbage(
        &self,
        retention: Retention,
        now: SystemTime,
    ) -> Result<Vec<Garbage>, EngineStoreError> {
        let needed = self.needed(retention, now).await?;
        let is_recent = |modified: Option<SystemTime>| {
            modified.is_none_or(|modified| {
                now.duration_since(modified).unwrap_or_default() < retention.age
            })
        };
        let mut garbage = Vec::new();
        for prefix in [RELEASES, COMPILED, ENGINES] {
            let listed = self.list(prefix).await?;
            let unneeded = listed
                .into_iter()
                .filter(|listed| !needed.contains(&listed.key) && !is_recent(listed.modified));
            garbage.extend(unneeded.map(|listed| Garbage {
                key: listed.key,
                bytes: listed.size,
            }));
        }
        Ok(garbage)
    }

    /// Remove garbage, unless something has come to refer to it since it was
    /// found. Returns what was removed.
    ///
    /// # Errors
    /// Those of [`garbage`](Self::garbage), and if something cannot be removed.
    pub async fn collect(
        &self,
        garbage: Vec<Garbage>,
        retention: Retention,
        now: SystemTime,
    ) -> Result<Vec<Garbage>, EngineStoreError> {
        let needed = self.needed(retention, now).await?;
        let mut removed = Vec::new();
        for found in garbage
            .into_iter()
            .filter(|found| !needed.contains(&found.key))
        {
            self.remove(&found.key).await?;
            removed.push(found);
        }
        Ok(removed)
    }

    /// The keys of all that is referred to. No key has to be trusted for this:
    /// what a document names is kept, whoever wrote it.
    async fn needed(
        &self,
        retention: Retention,
        now: SystemTime,
    ) -> Result<BTreeSet<String>, EngineStoreError> {
        let anybody = Trust::default();
        let mut live = BTreeSet::new();
        for name in self.channels().await? {
            if let ChannelFetch::Read(read) = self.fetch_channel(&name, &anybody, None).await? {
                live.extend(read.channel.references().map(|reference| reference.release));
            }
        }
        let mut releases: Vec<(Digest, Release)> = Vec::new();
        for digest in self.release_digests().await? {
            match self.release_called(digest, &anybody).await {
                Ok(release) => releases.push((digest, release.into_inner())),
                Err(error) if live.contains(&digest) || is_beyond_us(&error) => return Err(error),
                Err(_) => {}
            }
        }
        releases.sort_by_key(|(_, release)| std::cmp::Reverse(release.published));
        let mut needed = BTreeSet::new();
        for (index, (digest, release)) in releases.iter().enumerate() {
            let published = SystemTime::UNIX_EPOCH + Duration::from_secs(release.published);
            let age = now.duration_since(published).unwrap_or_default();
            if index < retention.releases || live.contains(digest) || age < retention.age {
                needed.insert(release_key(*digest));
                needed.insert(wasm_key(release.wasm.sha256));
                let forms = release.compiled.iter();
                needed.extend(forms.map(|form| code_key(form.code.sha256)));
            }
        }
        Ok(needed)
    }
}

/// True if a document could not be read for lack of knowledge.
fn is_beyond_us(error: &EngineStoreError) -> bool {
    matches!(
        error,
        EngineStoreError::Store(_)
            | EngineStoreError::Document {
                cause: DocumentError::Format(_),
                ..
            }
    )
}
