//! The manifest of a source: removed before its thumbnails change, and written when they
//! are there; and the result, told after it.
//!
//! So at no time does a manifest name a thumbnail of another version than its own, as long
//! as one worker at a time has the source in hand. Where two have different versions of it,
//! the older one finds out when it looks at the source again, and does the work anew.

use futures_util::future::try_join_all;

use super::thumbnails::{MANIFEST, SOURCE_ETAG, Written};
use super::{Pipeline, Task, Version};
use crate::error::{Error, with_causes};
use crate::manifest::{Image, Thumbnail};
use crate::manifest::{MAX_BYTES, Maker, Manifest, Reason, StandIn, State};
use crate::object::{ETag, Location};
use crate::ports::{GetOptions, Made, NewObject, PutOptions, Storage, StoreError, StoreProblem};
use crate::preset::Preset;
use crate::results::{Outcome, ResultError};
use crate::text::printable;

/// Caches ask each time: a manifest is news.
const CACHE_CONTROL: &str = "no-cache";

impl Pipeline {
    /// Make ready to write thumbnails of the version `etag`: the manifest of those that are
    /// there is removed. False if the source is another one by now.
    pub(super) async fn begin(&self, task: &Task<'_>, etag: &ETag) -> Result<bool, Error> {
        if task.manifest().is_none() {
            return Ok(true);
        }
        let (removed, current) =
            futures_util::future::join(self.remove_manifest(task), self.current(task.location))
                .await;
        removed?;
        Ok(current?.as_ref() == Some(etag))
    }

    /// Remove the manifest of the source.
    pub(super) async fn remove_manifest(&self, task: &Task<'_>) -> Result<(), Error> {
        match task.manifest() {
            Some(target) => match self.store.delete(&target).await {
                Err(error) if !is_no_name(&error.problem) => Err(error.into()),
                _ => Ok(()),
            },
            None => Ok(()),
        }
    }

    /// Write the manifest of thumbnails that are there. Returns a warning if it can have no
    /// name: thumbnails with shorter ones are no worse for that.
    pub(super) async fn write_manifest(
        &self,
        task: &Task<'_>,
        version: Version,
        made: &Made,
        written: &Written,
    ) -> Result<Option<String>, Error> {
        let Some(target) = task.manifest() else {
            return Ok(None);
        };
        if written.keys.contains(&target.key) {
            return Err(Error::Unnameable(format!(
                "a thumbnail has the name of the manifest: {}",
                printable(&target.key)
            )));
        }
        let mut manifest = Manifest::new(State::Done, task.location, &version.etag);
        let about = &made.output.source;
        manifest.source.version = version.id;
        manifest.source.bytes = Some(version.bytes);
        manifest.source.image = Some(Image {
            media_type: about.media_type.clone(),
            width: about.dimensions.width,
            height: about.dimensions.height,
            frames: about.frames,
        });
        let presets = task.recipe.presets.iter();
        let files = written.keys.iter().zip(&written.etags);
        let each = presets.zip(files).zip(&made.output.thumbnails);
        manifest.thumbnails = each
            .map(|((preset, (key, etag)), made)| {
                let target = task.recipe.at(key);
                Thumbnail::new(preset, &target, etag.as_ref(), made)
            })
            .collect();
        manifest.placeholder = StandIn::of(&made.placeholder);
        manifest.engine = Some(Maker::from(&*made.engine));
        manifest.warnings.clone_from(&made.output.warnings);
        let unnamed = match self.put_manifest(task, &target, &manifest).await {
            Err(Error::Unnameable(why)) => Some(format!("there is no manifest: {why}")),
            written => written.map(|()| None)?,
        };
        let whole = Some(&target).filter(|_| unnamed.is_none());
        self.tell(task, &manifest, whole).await?;
        Ok(unnamed)
    }

    /// True if something is said of a source that is rejected.
    pub(super) fn tells_rejections(&self, task: &Task<'_>) -> bool {
        self.results.is_some() || task.describes_rejections()
    }

    /// Write the manifest of a version of a source that trying again cannot help, if such
    /// a source is to have one, and tell its result.
    pub(super) async fn write_rejection(
        &self,
        task: &Task<'_>,
        etag: &ETag,
        error: &Error,
    ) -> Result<(), Error> {
        if !self.tells_rejections(task) {
            return Ok(());
        }
        let verdict = error.verdict();
        let mut manifest = Manifest::new(State::Rejected, task.location, etag);
        manifest.reason = Some(Reason {
            kind: verdict.kind.to_owned(),
            message: with_causes(error),
            blame: verdict.blame.as_str().to_owned(),
        });
        manifest.engine = error.engine().map(Maker::from);
        let mut target = task.manifest().filter(|_| task.describes_rejections());
        if let Some(wanted) = &target {
            match self.put_manifest(task, wanted, &manifest).await {
                Ok(()) => {}
                // The message says why there are none; nothing more can be said here.
                Err(Error::Unnameable(_)) => target = None,
                Err(error) => return Err(error),
            }
        }
        self.tell(task, &manifest, target.as_ref()).await
    }

    /// Tell the result that `manifest` is, if anybody waits for results. It is `written` there.
    async fn tell(
        &self,
        task: &Task<'_>,
        manifest: &Manifest,
        written: Option<&Location>,
    ) -> Result<(), Error> {
        let Some(results) = &self.results else {
            return Ok(());
        };
        let result = Outcome::new(manifest, &task.recipe.presets, written)
            .map_err(|error| ResultError::Refused(error.to_string()))?;
        Ok(results.tell(&result).await?)
    }

    /// Tell the result of a source whose thumbnails are there once more: who wrote its
    /// manifest may not have come to tell it.
    pub(super) async fn tell_again(&self, task: &Task<'_>, etag: &ETag) -> Result<(), Error> {
        let Some(target) = task.manifest().filter(|_| self.results.is_some()) else {
            return Ok(());
        };
        let found = match self.read_manifest(&target).await {
            Err(error) if is_no_name(&error.problem) => None,
            found => found?,
        };
        match found {
            Some(manifest) if manifest.source.etag == etag.as_str() => {
                self.tell(task, &manifest, Some(&target)).await
            }
            _ => Ok(()),
        }
    }

    /// The manifest at `target`, if there is one that can be read.
    async fn read_manifest(&self, target: &Location) -> Result<Option<Manifest>, StoreError> {
        let options = GetOptions {
            max_bytes: Some(MAX_BYTES),
            if_none_match: None,
        };
        match self.store.get(target, &options).await {
            Ok(object) => Ok(Manifest::read(&object.body)),
            Err(error) => match error.problem {
                StoreProblem::NotFound | StoreProblem::TooLarge { .. } => Ok(None),
                _ => Err(error),
            },
        }
    }

    async fn put_manifest(
        &self,
        task: &Task<'_>,
        target: &Location,
        manifest: &Manifest,
    ) -> Result<(), Error> {
        let body = serde_json::to_vec_pretty(manifest)
            .map_err(|error| StoreError::new(StoreProblem::Unknown, target).because(error))?;
        let metadata = [
            (SOURCE_ETAG, manifest.source.etag.as_str()),
            (MANIFEST, manifest.state.as_str()),
        ];
        let options = PutOptions {
            content_type: Some("application/json".to_owned()),
            cache_control: Some(CACHE_CONTROL.to_owned()),
            metadata: metadata
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            // Whoever may read thumbnails may read it. It is small, and read often.
            storage: Storage {
                class: None,
                ..task.recipe.storage.clone()
            },
            ..PutOptions::default()
        };
        match self
            .store
            .put(target, NewObject::new(body).with(options))
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if is_no_name(&error.problem) => Err(Error::Unnameable(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// True if there is a manifest of the version `etag`, of what would be made now, and
    /// the thumbnails that it names are there: it spares listing them. `None` if the source
    /// has no manifest by which that could be told.
    pub(super) async fn is_told(
        &self,
        task: &Task<'_>,
        etag: &ETag,
    ) -> Result<Option<bool>, Error> {
        let Some(target) = task.manifest() else {
            return Ok(None);
        };
        let found = match self.read_manifest(&target).await {
            Err(error) if is_no_name(&error.problem) => return Ok(None),
            found => found?,
        };
        let engine = self.maker(&task.location.key);
        let presets = &task.recipe.presets;
        let Some(manifest) = found.filter(|found| found.holds(etag, presets, engine.as_deref()))
        else {
            return Ok(Some(false));
        };
        // Names, or the bucket, may have been others when it was written.
        let is_named = |(thumbnail, preset): (&Thumbnail, &Preset)| {
            let (key, media_type) = (&task.location.key, &thumbnail.media_type);
            let now = task.recipe.naming.key(key, preset.name(), media_type);
            thumbnail.bucket == task.recipe.bucket && thumbnail.key == now
        };
        if !manifest.thumbnails.iter().zip(presets).all(is_named) {
            return Ok(Some(false));
        }
        let looks = manifest
            .thumbnails
            .iter()
            .zip(presets)
            .map(|(thumbnail, preset)| {
                self.is_made(&thumbnail.key, etag, preset, task.recipe, engine.as_deref())
            });
        let all = try_join_all(looks).await?;
        Ok(Some(all.into_iter().all(|is_made| is_made)))
    }

    /// True if the source has a manifest of any version; `None` if it is to
    /// have none.
    pub(super) async fn has_manifest(&self, task: &Task<'_>) -> Result<Option<bool>, Error> {
        let Some(target) = task.manifest() else {
            return Ok(None);
        };
        match self.store.head(&target).await {
            Ok(_) => Ok(Some(true)),
            Err(error) => match error.problem {
                StoreProblem::NotFound => Ok(Some(false)),
                problem if is_no_name(&problem) => Ok(None),
                _ => Err(error.into()),
            },
        }
    }

    /// See [`Recipes::source_of`](crate::recipe::Recipes::source_of).
    pub fn source_of<'a>(&self, bucket: &str, key: &'a str) -> Option<&'a str> {
        self.recipes.now().source_of(bucket, key)
    }
}

impl Task<'_> {
    /// Location of the manifest, if the source is to have one.
    pub(super) fn manifest(&self) -> Option<Location> {
        self.recipe.manifest(&self.location.key)
    }

    /// True if a source that is rejected has a manifest as well.
    fn describes_rejections(&self) -> bool {
        let manifests = self.recipe.manifests.as_ref();
        manifests.is_some_and(|manifests| manifests.of_rejected)
    }
}

/// True if no object can have the name.
fn is_no_name(problem: &StoreProblem) -> bool {
    matches!(
        problem,
        StoreProblem::InvalidKey | StoreProblem::LongKey { .. }
    )
}
