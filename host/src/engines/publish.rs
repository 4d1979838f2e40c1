//! Publishing: first the engine, then its release, and last, by another command,
//! the channel that makes it live. An interruption leaves nothing that refers to
//! what is not there, and publishing again goes on where it stopped.

use bytes::Bytes;

use super::channel::{Channel, ChannelName, NoChange, Reference};
use super::error::EngineStoreError;
use super::store::{
    ChannelFetch, EngineStore, RELEASES, channel_key, code_key, release_key, wasm_key,
};
use crate::ports::Condition;
use crate::trust::{
    Blob, Digest, Document, Form, PublicKey, Release, SecretKey, Target, Trust, seal,
};

/// The author of changes to a store: the key that signs, and the keys that are
/// believed.
#[derive(Clone, Debug, Default)]
pub struct Author {
    key: Option<SecretKey>,
    trust: Trust,
}

/// An engine that is to be published. Whether it is any good is the caller's to
/// find out.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Name that the engine gives itself.
    pub name: String,
    /// The version it gives itself.
    pub version: String,
    /// The interface that it exports.
    pub contract: String,
    /// The portable component.
    pub wasm: Bytes,
    /// Compiled forms.
    pub compiled: Vec<(Target, Bytes)>,
}

/// A change of a channel that is not made yet.
#[derive(Clone, Debug)]
pub struct Change {
    /// The document that the channel will have.
    pub channel: Channel,
    condition: Condition,
}

impl Author {
    /// Signs with `key`, if there is one, and believes it and `others`.
    pub fn new(key: Option<SecretKey>, others: Vec<PublicKey>) -> Self {
        let own = key.as_ref().map(SecretKey::public);
        let trust = Trust::new(own.into_iter().chain(others).collect());
        Self { key, trust }
    }

    /// The keys that are believed.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    pub(super) fn seal<T: Document>(
        &self,
        key: &str,
        document: &T,
    ) -> Result<Bytes, EngineStoreError> {
        let sealed = seal(document, self.key.as_ref());
        sealed
            .map(Bytes::from)
            .map_err(|cause| EngineStoreError::Document {
                key: key.to_owned(),
                cause,
            })
    }
}

impl EngineStore {
    /// Write an engine, its compiled forms and its release, in this order.
    ///
    /// Publishing the same again changes nothing and gives the same release.
    ///
    /// # Errors
    /// If the store does not take them. What was written stays and does no harm.
    pub async fn publish(
        &self,
        draft: &Draft,
        author: &Author,
        now: u64,
    ) -> Result<Reference, EngineStoreError> {
        let release = draft.release(now);
        self.put_if_absent(
            &wasm_key(release.wasm.sha256),
            draft.wasm.clone(),
            "application/wasm",
        )
        .await?;
        for (_, code) in &draft.compiled {
            self.put_if_absent(
                &code_key(Digest::of(code)),
                code.clone(),
                "application/octet-stream",
            )
            .await?;
        }
        if let Some(known) = self.published(&release, author).await? {
            return Ok(known);
        }
        let sealed = author.seal(RELEASES, &release)?;
        let digest = Digest::of(&sealed);
        self.put_if_absent(&release_key(digest), sealed, "application/json")
            .await?;
        Ok(release.reference(digest))
    }

    /// Every release whose document is believed, by its digest, newest first.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn releases(
        &self,
        trust: &Trust,
    ) -> Result<Vec<(Digest, Release)>, EngineStoreError> {
        let mut found = Vec::new();
        for digest in self.release_digests().await? {
            match self.release_called(digest, trust).await {
                Ok(release) => found.push((digest, release.into_inner())),
                // Whoever asks for what is good does not want the rest; `check`
                // tells of it.
                Err(EngineStoreError::Store(error)) => return Err(error.into()),
                Err(_) => {}
            }
        }
        found.sort_by_key(|(digest, release)| (std::cmp::Reverse(release.published), *digest));
        Ok(found)
    }

    /// The one release that is meant by the beginning of a digest of engine or
    /// release, by `name@version`, or by `latest`.
    ///
    /// # Errors
    /// If there is none or several.
    pub async fn find(&self, words: &str, trust: &Trust) -> Result<Reference, EngineStoreError> {
        let releases = self.releases(trust).await?;
        let named = |digest: &Digest, release: &Release| {
            words == format!("{}@{}", release.name, release.version)
                || (words.len() >= 4
                    && (digest.to_string().starts_with(words)
                        || release.wasm.sha256.to_string().starts_with(words)))
        };
        if words == "latest" {
            let newest = releases.first();
            let newest = newest.map(|(digest, release)| release.reference(*digest));
            return newest.ok_or_else(|| EngineStoreError::NoRelease(words.to_owned()));
        }
        let mut meant = releases
            .iter()
            .filter(|(digest, release)| named(digest, release));
        let Some((digest, release)) = meant.next() else {
            return Err(EngineStoreError::NoRelease(words.to_owned()));
        };
        // The newest of several releases of one engine has the newest forms.
        if meant.any(|(_, other)| other.wasm != release.wasm) {
            return Err(EngineStoreError::Ambiguous(words.to_owned()));
        }
        Ok(release.reference(*digest))
    }

    /// The document of a channel after `change`, which is given the present one.
    ///
    /// # Errors
    /// If the channel is not believed, cannot be changed in this way, or would
    /// name what is not there.
    pub async fn plan(
        &self,
        name: &ChannelName,
        author: &Author,
        change: impl FnOnce(Option<&Channel>) -> Result<Channel, NoChange>,
    ) -> Result<Change, EngineStoreError> {
        let (channel, condition) = match self.fetch_channel(name, author.trust(), None).await? {
            ChannelFetch::Read(read) => (Some(read.channel), Condition::IfMatch(read.etag)),
            ChannelFetch::NotFound | ChannelFetch::NotModified => (None, Condition::IfAbsent),
        };
        let channel = change(channel.as_ref())?;
        let canary = channel.canary.as_ref().map(|canary| &canary.engine);
        for reference in [&channel.current].into_iter().chain(canary) {
            let release = self.release(reference, author.trust()).await?;
            self.require(release.get()).await?;
        }
        Ok(Change { channel, condition })
    }

    /// Make a change: one write, which happens only if no other was faster.
    ///
    /// # Errors
    /// [`EngineStoreError::Changed`] if somebody was; if the store cannot tell who
    /// was faster; or if it does not answer, and then the change may have been made
    /// all the same.
    pub async fn commit(&self, change: &Change, author: &Author) -> Result<(), EngineStoreError> {
        let name = &change.channel.channel;
        let sealed = author.seal("channel", &change.channel)?;
        self.require_conditions(&change.condition).await?;
        self.replace(&channel_key(name), name, sealed, change.condition.clone())
            .await
    }

    /// The release that says the same, if there is one already.
    async fn published(
        &self,
        release: &Release,
        author: &Author,
    ) -> Result<Option<Reference>, EngineStoreError> {
        let own = Trust::new(author.key.iter().map(SecretKey::public).collect());
        let same = |known: &Release| {
            *release
                == Release {
                    published: release.published,
                    ..known.clone()
                }
        };
        let known = self.releases(&own).await?;
        let known = known.iter().find(|(_, known)| same(known));
        Ok(known.map(|(digest, release)| release.reference(*digest)))
    }

    pub(super) async fn release_digests(&self) -> Result<Vec<Digest>, EngineStoreError> {
        let listed = self.list(RELEASES).await?;
        let digest = |key: &str| {
            let name = key.strip_prefix(RELEASES)?.strip_suffix(".json")?;
            name.parse().ok()
        };
        Ok(listed
            .iter()
            .filter_map(|listed| digest(&listed.key))
            .collect())
    }
}

impl Draft {
    fn release(&self, now: u64) -> Release {
        let form = |(target, code): &(Target, Bytes)| Form::new(*target, code);
        Release {
            name: self.name.clone(),
            version: self.version.clone(),
            contract: self.contract.clone(),
            published: now,
            wasm: Blob::of(&self.wasm),
            compiled: self.compiled.iter().map(form).collect(),
        }
    }
}

impl Release {
    /// Reference to this release, whose envelope has this digest.
    pub fn reference(&self, release: Digest) -> Reference {
        Reference {
            release,
            engine: self.wasm.sha256,
            name: self.name.clone(),
            version: self.version.clone(),
        }
    }
}
