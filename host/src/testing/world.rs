//! A world in memory: two buckets, an engine, and a pipeline between them.
#![expect(
    clippy::unwrap_used,
    reason = "a world that cannot be made is a broken test"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{MeddledStore, Meddler, StampEngine};
use crate::batch::{Batch, PermanentFailures};
use crate::contract::Limits;
use crate::event::{Change, ObjectEvent, notification};
use crate::manifest::{Manifest, ManifestName, Manifests};
use crate::memory::MemoryStore;
use crate::object::{ETag, Location};
use crate::pipeline::{Filter, Pipeline, Settings};
use crate::ports::{GetOptions, Listing, Message, NewObject, ObjectStore};
use crate::recipe::{Recipe, Recipes};
use crate::report::MessageReport;
use crate::trust::Digest;

/// The bucket of the sources.
pub const IMAGES: &str = "images";
/// The bucket of the thumbnails.
pub const THUMBNAILS: &str = "thumbnails";

/// A message that says that a source was written.
pub fn written(key: &str) -> String {
    notification(Change::Written, &Location::new(IMAGES, key), None, None)
}

/// Settings of two presets, one in the format of the source and one fixed.
pub fn settings() -> Settings {
    Settings {
        recipes: Recipes {
            rules: Vec::new(),
            default: Recipe {
                bucket: THUMBNAILS.to_owned(),
                cache_control: Some("no-cache".to_owned()),
                ..Recipe::of(vec![
                    "small=75x75".parse().unwrap(),
                    "web=200x,webp".parse().unwrap(),
                ])
            },
        },
        limits: Limits::default(),
        max_source: 1 << 20,
        sources: Filter::default(),
        skip_existing: false,
        propagate_deletes: true,
        memory: 4 << 20,
        in_memory: usize::MAX,
        engines: 2,
    }
}

/// Two buckets in memory, and an engine.
#[derive(Clone, Debug)]
pub struct World {
    /// The store of the buckets.
    pub store: Arc<MemoryStore>,
    /// The engine.
    pub engine: Arc<StampEngine>,
    /// Settings of the pipelines of this world.
    pub settings: Settings,
}

impl World {
    /// An empty world with [`settings`].
    pub fn new() -> Self {
        let store = Arc::new(MemoryStore::new([IMAGES, THUMBNAILS]));
        Self {
            store,
            engine: Arc::default(),
            settings: settings(),
        }
    }

    /// The same, with these sources and their bodies.
    pub async fn holding(sources: &[(&str, &str)]) -> Self {
        let world = Self::new();
        for (key, body) in sources {
            world.write(key, body).await;
        }
        world
    }

    /// A pipeline of this world.
    pub fn pipeline(&self) -> Pipeline {
        Pipeline::new(
            self.store.clone(),
            self.engine.clone(),
            self.settings.clone(),
        )
    }

    /// A pipeline of this world, with `meddler` between it and the store.
    pub fn meddled(&self, meddler: Meddler) -> Pipeline {
        let store = MeddledStore::new(self.store.clone(), meddler);
        Pipeline::new(Arc::new(store), self.engine.clone(), self.settings.clone())
    }

    /// Write a source, and say so.
    pub async fn write(&self, key: &str, body: &str) -> ObjectEvent {
        let location = Location::new(IMAGES, key);
        let bytes = Bytes::from(body.to_owned());
        let etag = self
            .store
            .put(&location, NewObject::new(bytes))
            .await
            .unwrap();
        let size = Some(body.len() as u64);
        ObjectEvent {
            etag,
            size,
            ..ObjectEvent::written(location)
        }
    }

    /// The work on new sources with these bodies, each in a message of its own.
    pub async fn worked_on(&self, bodies: &[&str]) -> Vec<MessageReport> {
        let batch = Batch::new(Arc::new(self.pipeline()), PermanentFailures::Retry, 4);
        let mut reports = Vec::with_capacity(bodies.len());
        for (number, body) in bodies.iter().enumerate() {
            let key = number.to_string();
            self.write(&key, body).await;
            let message = Message::direct(key.as_str(), written(&key));
            reports.push(batch.one(&message, None).await);
        }
        reports
    }

    /// Remove a source, and say so.
    pub async fn remove(&self, key: &str) -> ObjectEvent {
        let location = Location::new(IMAGES, key);
        self.store.delete(&location).await.unwrap();
        ObjectEvent {
            change: Change::Removed,
            ..ObjectEvent::written(location)
        }
    }

    /// This world, with manifests, of rejected sources as well.
    pub fn with_manifests(mut self) -> Self {
        let recipes = self.settings.recipes.all_mut();
        for recipe in recipes.filter(|recipe| !recipe.presets.is_empty()) {
            recipe.manifests = Some(Manifests {
                name: ManifestName::beside(&recipe.naming),
                of_rejected: true,
            });
        }
        self
    }

    /// Manifests of what has thumbnails only, without those of sources that are refused.
    pub fn without_manifests_of_rejected(mut self) -> Self {
        for recipe in self.settings.recipes.all_mut() {
            if let Some(manifests) = &mut recipe.manifests {
                manifests.of_rejected = false;
            }
        }
        self
    }

    /// True if all that a source has is of its newest version.
    pub async fn is_up_to_date(&self, source: &Location) -> bool {
        self.pipeline().is_up_to_date(source).await.unwrap()
    }

    /// Every thumbnail there is, by its key.
    pub async fn thumbnails(&self) -> BTreeMap<String, Vec<u8>> {
        let mut thumbnails = self.bodies(THUMBNAILS).await;
        thumbnails.retain(|key, _| self.described(key).is_none());
        thumbnails
    }

    /// Every manifest there is, by the key of its source.
    pub async fn manifests(&self) -> BTreeMap<String, Manifest> {
        let bodies = self.bodies(THUMBNAILS).await.into_iter();
        bodies
            .filter_map(|(key, body)| {
                Some((
                    self.described(&key)?.to_owned(),
                    Manifest::read(&body).unwrap(),
                ))
            })
            .collect()
    }

    /// The source that the manifest called `key` is about, if it is one.
    fn described<'a>(&self, key: &'a str) -> Option<&'a str> {
        let recipes = &self.settings.recipes;
        let mut all = recipes.all().filter_map(|recipe| recipe.manifests.as_ref());
        all.find(|manifests| manifests.name.source(key).is_some())?;
        recipes.source_of(IMAGES, key)
    }

    /// Every manifest there is, whatever recipes gave it its name, by its key.
    pub async fn all_manifests(&self) -> BTreeMap<String, Manifest> {
        let bodies = self.bodies(THUMBNAILS).await.into_iter();
        bodies
            .filter_map(|(key, body)| Some((key, Manifest::read(&body)?)))
            .collect()
    }

    /// Every lie of a manifest: a thumbnail that is not there, or other bytes, or of
    /// another version than the manifest's.
    pub async fn lies(&self) -> Vec<String> {
        let mut lies = Vec::new();
        for (source, manifest) in self.manifests().await {
            if manifest.source.key != source {
                lies.push(format!(
                    "the manifest of {source} is about {}",
                    manifest.source.key
                ));
            }
            lies.extend(self.lies_of(&manifest, true).await);
        }
        lies
    }

    /// The lies of a manifest, about the bytes of thumbnails too if those have to be `the_same`.
    pub async fn lies_of(&self, manifest: &Manifest, the_same: bool) -> Vec<String> {
        let mut lies = Vec::new();
        for thumbnail in &manifest.thumbnails {
            let location = Location::new(&thumbnail.bucket, &thumbnail.key);
            let options = GetOptions::default();
            let Ok(there) = self.store.get(&location, &options).await else {
                lies.push(format!("{} is not there", thumbnail.key));
                continue;
            };
            let is_it = thumbnail.sha256 == Digest::of(&there.body)
                && thumbnail.etag.as_deref() == Some(there.info.etag.as_str());
            let version = there.info.metadata.get("source-etag");
            if version != Some(&manifest.source.etag) || (the_same && !is_it) {
                lies.push(format!("{} is not as its manifest says", thumbnail.key));
            }
        }
        lies
    }

    /// Every thumbnail that there should be, if each source that can have some
    /// has its own, and only those of the newest version.
    pub async fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let mut expected = BTreeMap::new();
        for (key, body) in self.bodies(IMAGES).await {
            let word = body.split(|byte| *byte == b' ').next().unwrap_or_default();
            let of_source = match word {
                b"png" => "image/png",
                b"jpeg" => "image/jpeg",
                _ => continue,
            };
            let location = Location::new(IMAGES, &key);
            let Some(recipe) = self.settings.recipes.of(&location) else {
                continue;
            };
            for preset in &recipe.presets {
                let media_type = preset
                    .spec()
                    .encoding
                    .media_type
                    .as_deref()
                    .unwrap_or(of_source);
                let name = recipe.naming.key(&key, preset.name(), media_type);
                expected.insert(name, self.engine.stamp(preset.spec(), &body));
            }
        }
        expected
    }

    /// Every source there is, by its key.
    pub async fn sources(&self) -> BTreeMap<String, String> {
        let text = |body: Vec<u8>| String::from_utf8_lossy(&body).into_owned();
        let bodies = self.bodies(IMAGES).await.into_iter();
        bodies.map(|(key, body)| (key, text(body))).collect()
    }

    async fn bodies(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let mut bodies = BTreeMap::new();
        for listed in self
            .store
            .list(&Listing::new(bucket, ""))
            .await
            .unwrap()
            .objects
        {
            let location = Location::new(bucket, &listed.key);
            let object = self
                .store
                .get(&location, &GetOptions::default())
                .await
                .unwrap();
            bodies.insert(listed.key, object.body.to_vec());
        }
        bodies
    }

    /// The ETag of a source that reads `body`.
    pub fn etag(body: &str) -> ETag {
        ETag::of(body.as_bytes())
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
