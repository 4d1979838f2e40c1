//! The thumbnails of a source: writing them, knowing whether they are up to
//! date, and removing those that no source has any more.

use futures_util::future::try_join_all;

use super::{Pipeline, Task, Version};
use crate::error::Error;
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, EngineError, EngineFailure, EngineIdentity, Made, NewObject, ObjectInfo,
    PutOptions, StoreProblem, pages,
};
use crate::preset::Preset;
use crate::recipe::Recipe;

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
    /// Write what was made of a version of a source.
    pub(super) async fn write(
        &self,
        task: &Task<'_>,
        version: &Version,
        made: &Made,
    ) -> Result<Written, Error> {
        let Task { location, recipe } = task;
        let Version { etag, carried, .. } = version;
        let presets = &recipe.presets;
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
                let naming = &recipe.naming;
                let key = naming.key(&location.key, preset.name(), &thumbnail.media_type);
                let options = PutOptions {
                    content_type: Some(thumbnail.media_type.clone()),
                    cache_control: carried
                        .cache_control
                        .clone()
                        .or_else(|| recipe.cache_control.clone()),
                    content_disposition: carried.content_disposition.clone(),
                    content_language: carried.content_language.clone(),
                    metadata: carried
                        .metadata
                        .clone()
                        .into_iter()
                        .chain(metadata(etag, preset, recipe, &made.engine))
                        .collect(),
                    tags: carried.tags.clone(),
                    storage: recipe.storage.clone(),
                    condition: None,
                };
                let target = recipe.at(&key);
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

    /// True if every preset has a thumbnail of the version `etag` of the source, made by
    /// the engine that would make it now.
    pub(super) async fn up_to_date(&self, task: &Task<'_>, etag: &ETag) -> Result<bool, Error> {
        if let Some(is_told) = self.is_told(task, etag).await? {
            return Ok(is_told);
        }
        let engine = self.maker(&task.location.key);
        for preset in &task.recipe.presets {
            let there = self.thumbnails(task, preset).await?;
            let [key] = there.as_slice() else {
                return Ok(false);
            };
            let is_made = self.is_made(key, etag, preset, task.recipe, engine.as_deref());
            if !is_made.await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// True if the object called `key` where thumbnails are written was made of the
    /// version `etag` for `preset` by `engine`, or else by any, as it would be now.
    pub(super) async fn is_made(
        &self,
        key: &str,
        etag: &ETag,
        preset: &Preset,
        recipe: &Recipe,
        engine: Option<&EngineIdentity>,
    ) -> Result<bool, Error> {
        match self.store.head(&recipe.at(key)).await {
            Ok(info) => Ok(match engine {
                Some(engine) => has(&info, metadata(etag, preset, recipe, engine), recipe),
                None => is_by_recipe(&info, etag, preset, recipe),
            }),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// True if every preset has a thumbnail, of any version: cheaper to know than
    /// the ETag of a source that has none.
    pub(super) async fn has_thumbnails(&self, task: &Task<'_>) -> Result<bool, Error> {
        if let Some(has_manifest) = self.has_manifest(task).await? {
            return Ok(has_manifest);
        }
        for preset in &task.recipe.presets {
            let there = self.thumbnails(task, preset).await?;
            let [key] = there.as_slice() else {
                return Ok(false);
            };
            if self.current(&task.recipe.at(key)).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Remove thumbnails of the source.
    pub(super) async fn delete(&self, task: &Task<'_>, keys: &[String]) -> Result<(), Error> {
        for key in keys {
            self.store.delete(&task.recipe.at(key)).await?;
        }
        Ok(())
    }

    /// Thumbnails of the source other than `kept`. Those of presets of an earlier
    /// configuration are among them only where nothing is kept.
    pub(super) async fn others(
        &self,
        task: &Task<'_>,
        kept: &[String],
    ) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        if kept.is_empty() {
            found = self.of_any_preset(task).await?;
        }
        for preset in &task.recipe.presets {
            if !kept.is_empty() && preset.spec().encoding.media_type.is_some() {
                // A preset of a fixed format has one name, and it was written.
                continue;
            }
            for key in self.thumbnails(task, preset).await? {
                if kept.contains(&key) || found.contains(&key) {
                    continue;
                }
                if self.current(&task.recipe.at(&key)).await?.is_some() {
                    found.push(key);
                }
            }
        }
        Ok(found)
    }

    /// Thumbnails of the source for presets of this and of earlier configurations, as far
    /// as their keys begin with that of the source.
    async fn of_any_preset(&self, task: &Task<'_>) -> Result<Vec<String>, Error> {
        let mut found = Vec::new();
        let Task { location, recipe } = task;
        let Some(stem) = recipe.naming.stem_of_all(&location.key) else {
            return Ok(found);
        };
        let mut pages = pages(&*self.store, &recipe.bucket, &stem);
        while let Some(page) = pages.next().await? {
            for listed in page {
                let of = recipe.naming.source(&listed.key).map(|(key, _)| key);
                let is_of = of == Some(location.key.as_str());
                if is_of && self.is_made_by(recipe, &listed.key).await? {
                    found.push(listed.key);
                }
            }
        }
        Ok(found)
    }

    /// True if the object called `key` where thumbnails are written is one: it has
    /// the name of one that would be made now, or says that it was made.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn is_ours(&self, key: &str) -> Result<bool, Error> {
        for recipe in self.recipes.now().all() {
            if self.is_made_by(recipe, key).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn is_made_by(&self, recipe: &Recipe, key: &str) -> Result<bool, Error> {
        let preset = match recipe.source(key) {
            Some((_, Some(preset))) => preset,
            Some((_, None)) => return Ok(true),
            None => return Ok(false),
        };
        let mut presets = recipe.presets.iter();
        if presets.any(|known| known.name() == preset) {
            return Ok(true);
        }
        self.says_it_was_made(recipe, key).await
    }

    /// True if the thumbnail called `key`, of the source at `location`, is none that would
    /// be made of it now: its preset is in use no more, or writes another format. That it is
    /// a thumbnail at all, is seen from the metadata that `said` knows of it.
    pub fn is_outdated(
        &self,
        location: &Location,
        key: &str,
        said: impl FnOnce(&Location) -> Option<Attributes>,
    ) -> bool {
        let recipes = self.recipes.now();
        let Some(recipe) = recipes.of(location) else {
            return false;
        };
        let Some((_, Some(name))) = recipe.source(key) else {
            return false;
        };
        let would_be = |preset: &Preset| {
            let media_type = preset.spec().encoding.media_type.as_deref();
            let is_its_name =
                |media_type| recipe.naming.key(&location.key, name, media_type) == key;
            preset.name() == name && media_type.is_none_or(is_its_name)
        };
        let is_in_use = recipe.presets.iter().any(would_be);
        !is_in_use && said(&recipe.at(key)).is_some_and(|said| says_it_was_made(&said))
    }

    /// True if the metadata of the object called `key` says that it was made of a source.
    async fn says_it_was_made(&self, recipe: &Recipe, key: &str) -> Result<bool, Error> {
        match self.store.head(&recipe.at(key)).await {
            Ok(info) => Ok(says_it_was_made(&info.metadata)),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The keys under which thumbnails of the source for `preset` may be: one if
    /// the preset fixes the format, and otherwise those that there are.
    async fn thumbnails(&self, task: &Task<'_>, preset: &Preset) -> Result<Vec<String>, Error> {
        let Task { location, recipe } = task;
        let naming = &recipe.naming;
        if let Some(media_type) = &preset.spec().encoding.media_type {
            return Ok(vec![naming.key(&location.key, preset.name(), media_type)]);
        }
        let stem = naming.stem(&location.key, preset.name());
        let found = pages(&*self.store, &recipe.bucket, &stem).all().await?;
        let own = |key: &String| naming.source(key) == Some((&location.key, preset.name()));
        Ok(found
            .into_iter()
            .map(|listed| listed.key)
            .filter(own)
            .collect())
    }
}

/// True if the metadata of an object says that it was made of a source.
fn says_it_was_made(metadata: &Attributes) -> bool {
    let has = |names: &[&str]| names.iter().all(|name| metadata.contains_key(*name));
    // Manifests are left over where there were some once.
    has(&[SOURCE_ETAG, PRESET, ENGINE]) || has(&[SOURCE_ETAG, MANIFEST])
}

/// True if a thumbnail was made of the version `etag` for `preset` by `recipe`, whichever
/// engine made it.
fn is_by_recipe(info: &ObjectInfo, etag: &ETag, preset: &Preset, recipe: &Recipe) -> bool {
    let named = |name: &str| info.metadata.get(name).cloned().unwrap_or_default();
    let engine = EngineIdentity {
        digest: named(ENGINE),
        name: String::new(),
        version: String::new(),
    };
    let mut expected = metadata(etag, preset, recipe, &engine);
    expected.insert(ENGINE_VERSION.to_owned(), named(ENGINE_VERSION));
    let copies_header = !recipe.copies.headers.is_empty();
    has(info, expected, recipe) && (copies_header || info.cache_control == recipe.cache_control)
}

/// True if a thumbnail has the metadata that is `expected`, and no other but that of its
/// source.
fn has(info: &ObjectInfo, expected: Attributes, recipe: &Recipe) -> bool {
    let mut found = info.metadata.clone();
    found.retain(|name, _| expected.contains_key(name) || !recipe.copies.takes_metadata(name));
    found == expected
}

/// Metadata of a thumbnail. Same source, same preset, same engine: the same
/// bytes.
fn metadata(etag: &ETag, preset: &Preset, recipe: &Recipe, engine: &EngineIdentity) -> Attributes {
    let own = [
        (SOURCE_ETAG, etag.to_string()),
        (PRESET, preset.to_string()),
        (ENGINE, engine.digest.clone()),
        (
            ENGINE_VERSION,
            format!("{} {}", engine.name, engine.version),
        ),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    recipe.metadata.clone().into_iter().chain(own).collect()
}
