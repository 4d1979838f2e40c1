//! Engines and what is said of them, as objects.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::channel::{Channel, ChannelName, Reference};
use super::error::EngineStoreError;
use crate::object::{ETag, Location};
use crate::ports::{
    Condition, GetOptions, Listed, NewObject, Object, ObjectStore, PutOptions, StoreError,
    StoreProblem, pages,
};
use crate::text::printable;
use crate::trust::{Blob, Digest, Document, MAX_DOCUMENT, Opened, Release, Trust};

/// A place in an object store where engines are kept.
///
/// An object that is named by its digest is written before anything refers to it,
/// and never changed. So everything that a channel leads to is there.
#[derive(Clone, Debug)]
pub struct EngineStore {
    objects: Arc<dyn ObjectStore>,
    bucket: String,
    prefix: String,
}

/// A channel, and the version of the object that it was read from.
#[derive(Clone, Debug)]
pub struct ReadChannel {
    /// The document.
    pub channel: Channel,
    /// The version that a change replaces.
    pub etag: ETag,
}

/// Answer to a conditional get of a channel.
#[derive(Clone, Debug)]
pub enum ChannelFetch {
    /// It still is the version that is known.
    NotModified,
    /// There is no such channel.
    NotFound,
    /// Its document.
    Read(Box<ReadChannel>),
}

/// Answer to a conditional get of a document.
pub(super) enum Fetched<T> {
    NotModified,
    NotFound,
    Read(T, ETag),
}

impl EngineStore {
    /// The engines under `prefix` in `bucket`.
    pub fn new(objects: Arc<dyn ObjectStore>, bucket: &str, prefix: &str) -> Self {
        let prefix = prefix.trim_matches('/');
        Self {
            objects,
            bucket: bucket.to_owned(),
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            },
        }
    }

    /// Conditional get of a channel: its document, unless that still is the version
    /// that is `known`.
    ///
    /// # Errors
    /// If the store does not answer or the document is not believed.
    pub async fn fetch_channel(
        &self,
        name: &ChannelName,
        trust: &Trust,
        known: Option<&ETag>,
    ) -> Result<ChannelFetch, EngineStoreError> {
        let (channel, etag): (Channel, _) =
            match self.fetch(&channel_key(name), trust, known).await? {
                Fetched::NotModified => return Ok(ChannelFetch::NotModified),
                Fetched::NotFound => return Ok(ChannelFetch::NotFound),
                Fetched::Read(channel, etag) => (channel, etag),
            };
        of_channel(name, &channel.channel)?;
        Ok(ChannelFetch::Read(Box::new(ReadChannel { channel, etag })))
    }

    /// Conditional get of a document that is replaced now and then.
    pub(super) async fn fetch<T: Document>(
        &self,
        key: &str,
        trust: &Trust,
        known: Option<&ETag>,
    ) -> Result<Fetched<T>, EngineStoreError> {
        match self.get(key, MAX_DOCUMENT, known.cloned()).await {
            Ok(object) => {
                let document = opened(trust, key, &object.body)?.into_inner();
                Ok(Fetched::Read(document, object.info.etag))
            }
            Err(error) => match error.problem {
                StoreProblem::NotModified => Ok(Fetched::NotModified),
                StoreProblem::NotFound => Ok(Fetched::NotFound),
                _ => Err(error.into()),
            },
        }
    }

    /// Release of the engine that a channel names.
    ///
    /// # Errors
    /// If it is missing, damaged, not believed, or about another engine.
    pub async fn release(
        &self,
        reference: &Reference,
        trust: &Trust,
    ) -> Result<Opened<Release>, EngineStoreError> {
        let release = self.release_called(reference.release, trust).await?;
        if release.get().wasm.sha256 != reference.engine {
            let key = release_key(reference.release);
            return Err(EngineStoreError::OtherEngine { key });
        }
        Ok(release)
    }

    /// The release of this digest.
    ///
    /// # Errors
    /// If it is missing, damaged or not believed.
    pub async fn release_called(
        &self,
        digest: Digest,
        trust: &Trust,
    ) -> Result<Opened<Release>, EngineStoreError> {
        let key = release_key(digest);
        let body = self.immutable(&key, digest, MAX_DOCUMENT).await?;
        opened(trust, &key, &body)
    }

    /// A portable engine.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub async fn wasm(&self, blob: &Blob) -> Result<Bytes, EngineStoreError> {
        self.immutable(&wasm_key(blob.sha256), blob.sha256, blob.bytes)
            .await
    }

    /// A compiled engine.
    ///
    /// # Errors
    /// If it is missing or damaged.
    pub async fn code(&self, blob: &Blob) -> Result<Bytes, EngineStoreError> {
        self.immutable(&code_key(blob.sha256), blob.sha256, blob.bytes)
            .await
    }

    /// Check that all of a release is there, without reading it.
    pub(super) async fn require(&self, release: &Release) -> Result<(), EngineStoreError> {
        let wasm = [(wasm_key(release.wasm.sha256), release.wasm.bytes)];
        let forms = release.compiled.iter();
        let code = forms.map(|form| (code_key(form.code.sha256), form.code.bytes));
        for (key, bytes) in wasm.into_iter().chain(code) {
            match self.objects.head(&self.at(&key)).await {
                Ok(info) if info.size.is_none_or(|size| size == bytes) => {}
                Ok(_) => return Err(EngineStoreError::Damaged { key }),
                Err(error) => return Err(missing(key, error)),
            }
        }
        Ok(())
    }

    /// Write bytes that are named by their digest. What lies there already is
    /// looked at: if it was damaged, it is replaced by what belongs there.
    pub(super) async fn put_if_absent(
        &self,
        key: &str,
        body: Bytes,
        media_type: &str,
    ) -> Result<(), EngineStoreError> {
        let options = PutOptions {
            content_type: Some(media_type.to_owned()),
            condition: Some(Condition::IfAbsent),
            ..PutOptions::default()
        };
        let mut new = NewObject::new(body.clone()).with(options);
        let at = self.at(key);
        match self.objects.put(&at, new.clone()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.problem == StoreProblem::ConditionFailed => {}
            Err(error) => return Err(error.into()),
        }
        if matches!(self.get(key, body.len() as u64, None).await, Ok(there) if there.body == body) {
            return Ok(());
        }
        new.options.condition = None;
        self.objects.put(&at, new).await?;
        Ok(())
    }

    /// Replace a document of the channel `name`, unless somebody else was faster.
    pub(super) async fn replace(
        &self,
        key: &str,
        name: &ChannelName,
        body: Bytes,
        condition: Condition,
    ) -> Result<(), EngineStoreError> {
        let options = PutOptions {
            content_type: Some("application/json".to_owned()),
            cache_control: Some("no-cache".to_owned()),
            condition: Some(condition),
            ..PutOptions::default()
        };
        let at = self.at(key);
        match self
            .objects
            .put(&at, NewObject::new(body).with(options))
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if error.problem == StoreProblem::ConditionFailed => {
                Err(EngineStoreError::Changed(name.clone()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Check that the store refuses a write whose condition does not hold, before
    /// one is relied on. A store that ignores conditions would let two promotions
    /// win, and neither would know of the other.
    pub(super) async fn require_conditions(
        &self,
        condition: &Condition,
    ) -> Result<(), EngineStoreError> {
        // The first write of an object that is to be absent may go well.
        let (condition, header, attempts) = match condition {
            Condition::IfMatch(_) => (Condition::IfMatch(ETag::new("of-no-object")), "If-Match", 1),
            Condition::IfAbsent => (Condition::IfAbsent, "If-None-Match", 2),
        };
        let at = self.at(PROBE);
        let options = PutOptions {
            condition: Some(condition),
            ..PutOptions::default()
        };
        let probe = NewObject::default().with(options);
        for _ in 0..attempts {
            match self.objects.put(&at, probe.clone()).await {
                Err(error) if error.problem == StoreProblem::ConditionFailed => return Ok(()),
                Err(error) => return Err(error.into()),
                Ok(_) => {}
            }
        }
        let what = format!("writes under a condition (it ignores the header {header})");
        Err(StoreError::new(StoreProblem::Unsupported(what), &at).into())
    }

    pub(super) async fn remove(&self, key: &str) -> Result<(), EngineStoreError> {
        Ok(self.objects.delete(&self.at(key)).await?)
    }

    /// Everything under `prefix` of this store, by its key in it.
    pub(super) async fn list(&self, prefix: &str) -> Result<Vec<Listed>, EngineStoreError> {
        let begin = format!("{}{prefix}", self.prefix);
        let objects = pages(&*self.objects, &self.bucket, &begin).all().await?;
        let inside = objects.into_iter().filter_map(|listed| {
            let key = listed.key.strip_prefix(&self.prefix)?.to_owned();
            Some(Listed { key, ..listed })
        });
        Ok(inside.collect())
    }

    async fn immutable(
        &self,
        key: &str,
        digest: Digest,
        limit: u64,
    ) -> Result<Bytes, EngineStoreError> {
        let damaged = || EngineStoreError::Damaged {
            key: key.to_owned(),
        };
        match self.get(key, limit, None).await {
            Ok(object) if Digest::of(&object.body) == digest => Ok(object.body),
            Ok(_) => Err(damaged()),
            Err(StoreError {
                problem: StoreProblem::TooLarge { .. },
                ..
            }) => Err(damaged()),
            Err(error) => Err(missing(key.to_owned(), error)),
        }
    }

    async fn get(
        &self,
        key: &str,
        limit: u64,
        if_none_match: Option<ETag>,
    ) -> Result<Object, StoreError> {
        let options = GetOptions {
            max_bytes: Some(limit),
            if_none_match,
        };
        self.objects.get(&self.at(key), &options).await
    }

    fn at(&self, key: &str) -> Location {
        Location::new(&self.bucket, format!("{}{key}", self.prefix))
    }
}

impl fmt::Display for EngineStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", printable(&self.bucket), printable(&self.prefix))
    }
}

fn missing(key: String, error: StoreError) -> EngineStoreError {
    match error.problem {
        StoreProblem::NotFound => EngineStoreError::Missing { key },
        _ => error.into(),
    }
}

/// Check that a document is of the channel that was asked for.
pub(super) fn of_channel(
    expected: &ChannelName,
    found: &ChannelName,
) -> Result<(), EngineStoreError> {
    if expected == found {
        return Ok(());
    }
    Err(EngineStoreError::OtherChannel {
        expected: expected.clone(),
        found: found.clone(),
    })
}

fn opened<T: Document>(
    trust: &Trust,
    key: &str,
    body: &[u8],
) -> Result<Opened<T>, EngineStoreError> {
    trust
        .open(body)
        .map_err(|cause| EngineStoreError::Document {
            key: key.to_owned(),
            cause,
        })
}

/// The key of an object of no bytes, which is written to learn whether the store
/// heeds conditions.
const PROBE: &str = "conditions";

pub(super) const CHANNELS: &str = "channels/";
pub(super) const CONFIGURATIONS: &str = "configurations/";
pub(super) const RELEASES: &str = "releases/";
pub(super) const ENGINES: &str = "engines/";
pub(super) const COMPILED: &str = "compiled/";

pub(super) fn channel_key(name: &ChannelName) -> String {
    format!("{CHANNELS}{name}.json")
}

pub(super) fn configuration_key(name: &ChannelName) -> String {
    format!("{CONFIGURATIONS}{name}.json")
}

pub(super) fn release_key(digest: Digest) -> String {
    format!("{RELEASES}{digest}.json")
}

pub(super) fn wasm_key(digest: Digest) -> String {
    format!("{ENGINES}{digest}.wasm")
}

pub(super) fn code_key(digest: Digest) -> String {
    format!("{COMPILED}{digest}.cwasm")
}
