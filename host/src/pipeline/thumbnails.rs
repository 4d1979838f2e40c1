//! The thumbnails of a source: writing them, knowing whether they are up to
//! date, and removing those that no source has any more.

use futures_util::future::try_join_all;

use super::Pipeline;
use crate::error::Error;
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, EngineError, EngineFailure, EngineIdentity, Made, NewObject, PutOptions,
    StoreProblem, pages,
};
use crate::preset::Preset;

/// Metadata of a thumbnail: the ETag of the source it was made of.
pub(super) const SOURCE_ETAG: &str = "source-etag";
/// Metadata of a thumbnail: the preset it was made for, as it is written.
const PRESET: &str = "preset";
/// Metadata of a thumbnail: the digest of the engine that made it.
const ENGINE: &str = "engine";
/// Metadata of a thumbnail: the name and version of that engine, for people.
const ENGINE_VERSION: &str = "engine-version";

/// Metadata of a manifest: what it says of its source, in a word.
pub(super) const MANIFEST: &str = "manifest";

/// Thumbnails that were written for one source.
pub(super) struct Written {
    pub(super) keys: Vec<String>,
    pub(super) etags: Vec<Option<ETag>>,
    pub(super) bytes: u64,
}

impl Pipeline {
    /// Write what was made of the version `etag` of the source at `location`.
    pub(super) async fn write(
        &self,
        location: &Location,
        etag: &ETag,
        made: &Made,
    ) -> Result<Written, Error> {
        let presets = &self.settings.presets;
        let thumbnails = &made.output.thumbnails;
        if thumbnails.len() != presets.len() {
            let what = format!("{} thumbnails for {}", thumbnails.len(), presets.len());
            let failure = EngineFailure::InvalidOutput(what);
            return Err(EngineError::new(failure, Some(made.engine.clone())).into());
        }
        let puts = presets
            .iter()
            .zip(thumbnails)
            .map(|(preset, thumbnail)| async move {
                let naming = &self.settings.naming;
                let key = naming.key(&location.key, preset.name(), &thumbnail.media_type);
                let options = PutOptions {
                    content_type: Some(thumbnail.media_type.clone()),
                    cache_control: self.settings.cache_control.clone(),
                    metadata: metadata(etag, preset, &made.engine),
                    condition: None,
                };
                let target = Location::new(&self.settings.bucket, &key);
                let new = NewObject::new(thumbnail.data.clone()).with(options);
                match self.store.put(&target, new).await {
                    Ok(etag) => Ok((key, etag)),
                    Err(error) if error.problem == StoreProblem::InvalidKey => {
                        Err(Error::Unnameable(error.to_string()))
                    }
                    Err(error) => Err(Error::from(error)),
                }
            });
        let bytes = thumbnails
            .iter()
            .map(|thumbnail| thumbnail.data.len() as u64)
            .sum();
        let (keys, etags) = try_join_all(puts).await?.into_iter().unzip();
        Ok(Written { keys, etags, bytes })
    }

    /// True if every preset has a thumbnail of the version `etag` of the source
    /// at `location`, made by the engine that would make it now.
    pub(super) async fn up_to_date(&self, location: &Location, etag: &ETag) -> Result<bool, Error> {
        if let Some(is_told) = self.is_told(location, etag).await? {
            return Ok(is_told);
        }
        let engine = self.engine.identity(&location.key);
        for preset in &self.settings.presets {
            let there = self.thumbnails(location, preset).await?;
            let [key] = there.as_slice() else {
                return Ok(false);
            };
            if !self.is_made(key, etag, preset, &engine).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// True if the object called `key` where thumbnails are written was made of the
    /// version `etag` for `preset` by `engine`.
    pub(super) async fn is_made(
        &self,
        key: &str,
        etag: &ETag,
        preset: &Preset,
        engine: &EngineIdentity,
    ) -> Result<bool, Error> {
        let target = Location::new(&self.settings.bucket, key);
        match self.store.head(&target).await {
            Ok(info) => Ok(info.metadata == metadata(etag, preset, engine)),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// True if every preset has a thumbnail, of any version: cheaper to know than
    /// the ETag of a source that has none.
    pub(super) async fn has_thumbnails(&self, location: &Location) -> Result<bool, Error> {
        if let Some(has_manifest) = self.has_manifest(location).await? {
            return Ok(has_manifest);
        }
        for preset in &self.settings.presets {
            let there = self.thumbnails(location, preset).await?;
            let [key] = there.as_slice() else {
                return Ok(false);
            };
            if self
                .current(&Location::new(&self.settings.bucket, key))
                .await?
                .is_none()
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Remove the thumbnails of the source at `location` other than `kept`, if
    /// thumbnails are to follow their source.
    pub(super) async fn tidy(
        &self,
        location: &Location,
        kept: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut removed = Vec::new();
        if !self.settings.propagate_deletes {
            return Ok(removed);
        }
        if kept.is_empty() {
            removed = self.tidy_others(location).await?;
        }
        for preset in &self.settings.presets {
            if !kept.is_empty() && preset.spec().encoding.media_type.is_some() {
                // A preset of a fixed format has one name, and it was written.
                continue;
            }
            for key in self.thumbnails(location, preset).await? {
                if kept.contains(&key) {
                    continue;
                }
                let target = Location::new(&self.settings.bucket, &key);
                if self.current(&target).await?.is_some() {
                    self.store.delete(&target).await?;
                    removed.push(key);
                }
            }
        }
        Ok(removed)
    }

    /// Remove the thumbnails of the source at `location` that were made for presets
    /// of an earlier configuration, as far as their keys begin with that of the
    /// source.
    async fn tidy_others(&self, location: &Location) -> Result<Vec<String>, Error> {
        let mut removed = Vec::new();
        let naming = &self.settings.naming;
        let Some(stem) = naming.stem_of_all(&location.key) else {
            return Ok(removed);
        };
        let mut pages = pages(&*self.store, &self.settings.bucket, &stem);
        while let Some(page) = pages.next().await? {
            for listed in page {
                let of = naming.source(&listed.key).map(|(key, _)| key);
                if of == Some(location.key.as_str()) && self.is_ours(&listed.key).await? {
                    let target = Location::new(&self.settings.bucket, &listed.key);
                    self.store.delete(&target).await?;
                    removed.push(listed.key);
                }
            }
        }
        Ok(removed)
    }

    /// True if the object called `key` where thumbnails are written is one: it has
    /// the name of one that would be made now, or says that it was made.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn is_ours(&self, key: &str) -> Result<bool, Error> {
        let manifests = self.settings.manifests.as_ref();
        if manifests.is_some_and(|manifests| manifests.name.source(key).is_some()) {
            return Ok(true);
        }
        let Some((_, preset)) = self.settings.naming.source(key) else {
            return Ok(false);
        };
        let mut presets = self.settings.presets.iter();
        if presets.any(|known| known.name() == preset) {
            return Ok(true);
        }
        let target = Location::new(&self.settings.bucket, key);
        match self.store.head(&target).await {
            Ok(info) => {
                let has =
                    |names: &[&str]| names.iter().all(|name| info.metadata.contains_key(*name));
                // Manifests are left over where there were some once.
                Ok(has(&[SOURCE_ETAG, PRESET, ENGINE]) || has(&[SOURCE_ETAG, MANIFEST]))
            }
            Err(error) if error.problem == StoreProblem::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The keys under which thumbnails of `location` for `preset` may be: one if
    /// the preset fixes the format, and otherwise those that there are.
    async fn thumbnails(&self, location: &Location, preset: &Preset) -> Result<Vec<String>, Error> {
        let naming = &self.settings.naming;
        if let Some(media_type) = &preset.spec().encoding.media_type {
            return Ok(vec![naming.key(&location.key, preset.name(), media_type)]);
        }
        let stem = naming.stem(&location.key, preset.name());
        let found = pages(&*self.store, &self.settings.bucket, &stem)
            .all()
            .await?;
        let own = |key: &String| naming.source(key) == Some((&location.key, preset.name()));
        Ok(found
            .into_iter()
            .map(|listed| listed.key)
            .filter(own)
            .collect())
    }
}

/// Metadata of a thumbnail. Same source, same preset, same engine: the same
/// bytes.
fn metadata(etag: &ETag, preset: &Preset, engine: &EngineIdentity) -> Attributes {
    [
        (SOURCE_ETAG, etag.to_string()),
        (PRESET, preset.to_string()),
        (ENGINE, engine.digest.clone()),
        (
            ENGINE_VERSION,
            format!("{} {}", engine.name, engine.version),
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}
